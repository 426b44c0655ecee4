"""Why this ranker and not the others: one record, as data (`training.selection_words` has it in words).

`training.promotion` decides; this only tells. The fairness condition joins the decision when the backtest has been
audited, so that a record made before (the bundle's own) does not hold it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from training.compare import Comparison
from training.evaluate import Interval
from training.over_time import over_time, regrets
from training.promotion import PromotionDecision
from training.settings import CostSettings

if TYPE_CHECKING:
    from training.experiment import Experiment

_DIGITS = 6


def selection(experiment: Experiment) -> dict[str, Any]:
    """Return the record of a run's selection as plain JSON values: aggregates only.

    Returns
    -------
    dict
        ``champion``, ``why`` (sentences), ``why_not`` (of each other ranker, ``name`` and ``why``), ``regret``,
        ``over_time`` and ``costs``.
    """
    settings, decision, comparison = experiment.settings, experiment.decision, experiment.comparison
    k = settings.capacity.k
    record = {
        "champion": decision.champion,
        "why": _why(decision, comparison),
        "why_not": [
            {"name": name, "why": _why_not(name, decision, comparison, settings.weight_sets[0].name)}
            for name in experiment.lists.margins
            if name != decision.champion
        ],
        "regret": regrets(experiment.lists, settings.capacity.places),
        "over_time": over_time(experiment.lists, k, [str(split.test) for split in experiment.splits]),
        "costs": _costs(comparison, list(experiment.lists.margins), settings.costs, k),
    }
    plain: dict[str, Any] = rounded(record)
    return plain


def _costs(comparison: Comparison, names: Sequence[str], costs: CostSettings, k: int) -> dict[str, Any]:
    return {
        "place_in_vain": costs.place_in_vain,
        "missed": costs.missed,
        "decided_by": costs.decided_by,
        "k": k,
        "net_benefit": [_row(name, comparison.value(name, "net_benefit_at_k")) for name in names],
        "worth_it_from": [_row(name, _break_even(comparison.value(name, "precision_at_k"))) for name in names],
    }


def _break_even(precision: Interval) -> Interval:
    """Return the cost ratio from which a list is worth its places: places given in vain for each person found."""
    value, low, high = (
        (1.0 - share) / share if share > 0 else float("inf")
        for share in (precision.value, precision.high, precision.low)
    )
    return Interval(value, low if np.isfinite(precision.high) else float("nan"), high)


def _row(name: str, interval: Interval) -> dict[str, Any]:
    return {"name": name, "value": interval.value, "low": interval.low, "high": interval.high}


def _why(decision: PromotionDecision, comparison: Comparison) -> list[str]:
    name = decision.champion
    if decision.promoted:
        return [f"{name} is promoted: every condition holds.", *_told(decision, True)]
    others = [
        row.name for row in comparison.measures if row.metric == "auc" and row.name not in (name, decision.candidate)
    ]
    beaten = [other for other in others if comparison.beats(name, other)]
    clearly = f" It clearly finds more harm than {', '.join(beaten)}, under every weight set." if beaten else ""
    stays = (
        f"{name} stays: no model holds every condition, and no simple list declared after it clearly finds more harm."
    )
    return [stays + clearly]


def _why_not(name: str, decision: PromotionDecision, comparison: Comparison, primary: str) -> list[str]:
    if name == decision.candidate:
        return _told(decision, False)
    champion = decision.champion
    if comparison.beats(champion, name):
        return [f"{champion} clearly finds more harm, under every weight set: {_figures(comparison, champion, name)}."]
    if comparison.beats(name, champion):
        return [
            f"It finds more harm than {champion}, but was set aside: while an alarm sounds only lists that learn "
            "nothing can stay, and a model needs every condition."
        ]
    if decision.promoted:
        best = comparison.value(champion, f"harm_found:{primary}").value
        mine = comparison.value(name, f"harm_found:{primary}").value
        return [
            f"Another candidate was considered: {champion} finds {best:,.0f} harm days ({primary}), this {mine:,.0f}."
        ]
    return [
        f"It does not clearly differ from {champion}, and chance is not to change a list: "
        f"{_figures(comparison, name, champion)}."
    ]


def _told(decision: PromotionDecision, holds: bool) -> list[str]:
    verb = "Holds" if holds else "Does not hold"
    return [f"{verb}: {each.name} ({each.why})." for each in decision.conditions if each.holds == holds]


def _figures(comparison: Comparison, name: str, other: str) -> str:
    return "; ".join(
        f"{row.weights} {row.interval.value:+,.0f} harm days ({row.interval.low:+,.0f} to {row.interval.high:+,.0f})"
        for row in comparison.against(name, other)
    )


def rounded(value: Any) -> Any:
    """Return plain values with six significant digits; what is not finite is None."""
    if isinstance(value, Mapping):
        return {str(key): rounded(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(each) for each in value]
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}") if np.isfinite(value) else None
    return value
