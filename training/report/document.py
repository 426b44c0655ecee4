"""The whole evaluation as one document of plain values, without a count so small that it shows a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from models import Bundle
from records.quality.suppression import hidden_sizes
from records.quality.words import day, words
from training.breakdowns import Breakdown
from training.card import SMALLEST_COUNT, model_card
from training.definitions import describe_label
from training.evaluate import Interval
from training.experiment import Experiment
from training.label_report import EVERY_DATE, OUTCOME, Followed, LabelCount
from training.regimes import regime_of, split_remarks
from training.reliability import Reliability
from training.report.beside import told_live
from training.report.findings import findings
from training.settings import LabelSettings
from training.splits import Split
from values import AsOf

VERSION = 2
_DIGITS = 6


def evaluation(
    experiment: Experiment,
    bundle: Bundle,
    *,
    synthetic: bool = False,
    snapshot: str | None = None,
    live: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the model card and evaluation of a run as plain values for JSON.

    Parameters
    ----------
    experiment, bundle
        The run with its final decision, and the bundle saved from it.
    synthetic, snapshot
        Whether everybody in the records is made up, and the hash of the records snapshot.
    live
        How the bundle compares with the one that scored (see `training.report.beside.told_live`); None where none did.

    Returns
    -------
    dict
        None is withheld or not known. Counts of people and of outcomes from 1 to 9 are withheld, and further ones
        until they cannot be worked out from totals.
    """
    settings = experiment.settings
    decision = experiment.decision
    document: dict[str, Any] = {
        "document": "evaluation report",
        "version": VERSION,
        "synthetic": synthetic,
        "snapshot": snapshot,
        "bundle": str(bundle.hash),
        "champion": decision.champion,
        "for_panel": settings.for_panel,
        "catalogue": str(experiment.catalogue.version),
        "indicators": len(bundle.indicators),
        **{key: value for key, value in model_card(experiment).items() if key not in ("splits", "limits")},
        "candidates": [ranker.name for ranker in settings.candidates],
        "incumbents": [ranker.name for ranker in settings.incumbents],
        "certificate": bundle.card["certificate"],
        "definitions": describe_label(settings.label),
        "splits": [_split(split, settings.label) for split in experiment.splits],
        "record": _record(experiment),
        "differences": [
            {"name": d.name, "other": d.other, "weights": d.weights, **_interval(d.interval)}
            for d in experiment.comparison.differences
        ],
        "labels": _labels(experiment.evidence.labels, _few_on_a_date(experiment)),
        "reliability": [_reliability(each) for each in experiment.evidence.reliability],
        "breakdowns": _breakdowns(experiment.evidence.breakdowns),
        "live": told_live(live),
        "shadow": [],
    }
    document |= {"title": _title(document), "summary": _summary(document)}
    document["findings"] = findings(document)
    return document


def _title(document: Mapping[str, Any]) -> str:
    return (
        f"{words(document['champion'])} ({'a promoted model' if document['decision']['promoted'] else 'a simple list'})"
    )


def _summary(document: Mapping[str, Any]) -> str:
    tests = [split["test"] for split in document["splits"]]
    return (
        f"What ranks people, on what evidence, and what is not known. {document['people_compared']:,} people were "
        f"compared at {len(tests)} test {'date' if len(tests) == 1 else 'dates'}, the last on {day(tests[-1])}."
    )


def _number(value: float) -> float | None:
    return float(f"{value:.{_DIGITS}g}") if np.isfinite(value) else None


def _interval(interval: Interval) -> dict[str, float | None]:
    return {"value": _number(interval.value), "low": _number(interval.low), "high": _number(interval.high)}


def _split(split: Split, label: LabelSettings) -> dict[str, Any]:
    last, horizon = max(split.train), timedelta(days=label.horizon_days)
    lag = timedelta(days=label.lag_days)
    trained, tested = last.day + horizon, split.test.day + horizon
    return {
        "test": str(split.test),
        "train": [str(day) for day in split.train],
        "train_until": trained.isoformat(),
        "train_known": (trained + lag).isoformat(),
        "gap_days": (split.test.day - trained - lag).days,
        "until": tested.isoformat(),
        "known": (tested + lag).isoformat(),
        "regime": regime_of(split.test, label.horizon_days),
        "remarks": list(split_remarks(split, label.horizon_days)),
    }


def _record(experiment: Experiment) -> dict[str, Any]:
    """Return how far back the record goes, and at which training dates the longest windows hold all there is."""
    longest = max((each.window.days for each in experiment.catalogue if each.window.days is not None), default=0)
    dates = sorted({day for split in experiment.splits for day in split.train})
    start = experiment.history_start.number
    return {
        "from": str(experiment.history_start),
        "longest_window": longest,
        "train": len(dates),
        "short": [str(day) for day in dates if day.number - start < longest],
    }


def _shown(count: int) -> int | None:
    return None if 0 < count < SMALLEST_COUNT else count


def _few_on_a_date(experiment: Experiment) -> set[tuple[str, str]]:
    """Return the regimes, with the figure, in which the count of some date is small: the other dates would tell it."""
    return {
        (regime_of(AsOf.parse(str(row["as_of"])), experiment.settings.label.horizon_days), figure)
        for row in experiment.report
        for figure, count in row.items()
        if isinstance(count, int) and _shown(count) is None
    }


def _labels(counts: Sequence[LabelCount], few: Collection[tuple[str, str]]) -> list[dict[str, Any]]:
    """Withhold small counts, and a total where what it is made of could be worked out: by dates, then by regimes."""
    told = [_label(count) for count in counts]
    for regime, figure in few:
        for each in told:
            if (each["when"], each["group"]) == (regime, "everybody"):
                if figure == "outcomes":
                    each["parts"][OUTCOME] = dict(_WITHHELD)
                elif figure in each:
                    each[figure] = None
                _without_what_tells(each)
    for total in (each for each in told if each["when"] == EVERY_DATE):
        regimes = [each for each in told if each["group"] == total["group"] and each is not total]
        for figure in ("rows", "people", "censored", "moved", "treated", "died", "truncated"):
            if any(each[figure] is None for each in regimes):
                total[figure] = None
        for part in total["parts"]:
            if any(each["parts"][part] == _WITHHELD for each in regimes):
                total["parts"][part] = _WITHHELD
        _without_what_tells(total)
    return told


_WITHHELD = {"rows": None, "value": None, "low": None, "high": None}


def _label(count: LabelCount) -> dict[str, Any]:
    parts = {name: _followed(part, count.weighted) for name, part in count.parts.items()}
    told = {
        "when": count.when,
        "group": count.group,
        "dates": count.dates,
        **{
            figure: _shown(getattr(count, figure))
            for figure in ("rows", "people", "censored", "moved", "treated", "died", "truncated")
        },
        "effective_size": _number(count.effective_size),
        "parts": parts,
        "treated_low": _number(count.treated_low),
        "treated_high": _number(count.treated_high),
    }
    return _without_what_tells(told)


def _without_what_tells(told: dict[str, Any]) -> dict[str, Any]:
    """Withhold the figures that, with the number of rows, say what a withheld count is."""
    if any(told[figure] is None for figure in ("rows", "censored", "moved", "treated", "died")):
        told["effective_size"] = None
    if told["rows"] is None or told["treated"] is None or told["parts"][OUTCOME] in (None, _WITHHELD):
        told["treated_low"] = told["treated_high"] = None
    return told


def _followed(part: Followed | None, weighted: int) -> dict[str, Any] | None:
    """Return a part's count and rate; withheld where few people had it, or few had it not. None: not available."""
    if part is None:
        return None
    if _shown(part.rows) is None or 0 < weighted - part.rows < SMALLEST_COUNT:
        return dict(_WITHHELD)
    return {"rows": part.rows, **_interval(part.rate)}


def _reliability(each: Reliability) -> dict[str, Any]:
    return {
        "ranker": each.ranker,
        "group": each.group,
        "when": each.when,
        "curve": each.curve,
        "people": _shown(each.people),
        "holds": each.holds,
        "slope": _interval(each.slope),
        "intercept": _interval(each.intercept),
        "level": _interval(each.level),
        "bins": [
            {
                "people": part.people,
                "expected": _number(part.expected),
                "observed": _number(part.observed.value),
                "low": _number(part.observed.low),
                "high": _number(part.observed.high),
            }
            for part in each.bins
        ],
    }


def _breakdowns(found: Iterable[Breakdown]) -> list[dict[str, Any]]:
    """Withhold what rests on few outcomes, and one group more where the total would tell them."""
    found = list(found)
    hidden: dict[str, frozenset[str] | None] = {}
    for kind in {each.kind for each in found}:
        sizes = {each.group: each.outcomes for each in found if each.kind == kind}
        hidden[kind] = hidden_sizes(sizes, SMALLEST_COUNT)
    return [_breakdown(each, hidden[each.kind]) for each in found]


def _breakdown(each: Breakdown, hidden: frozenset[str] | None) -> dict[str, Any]:
    small = hidden is None or each.group in hidden or _shown(each.people) is None
    figures: Mapping[str, Interval] = {
        "auc": each.auc, "precision": each.precision, "recall": each.recall, "mcc": each.mcc,
    }  # fmt: skip
    return {
        "ranker": each.ranker,
        "kind": each.kind,
        "group": each.group,
        "people": _shown(each.people),
        "outcomes": None if small else each.outcomes,
        **{name: None if small else _interval(interval) for name, interval in figures.items()},
    }
