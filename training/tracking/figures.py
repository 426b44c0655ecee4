"""What a run declared and measured, under names that MLflow accepts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from models import Bundle
from training.breakdowns import Breakdown, Grouped, breakdowns
from training.experiment import Experiment

_DRAWS = 100  # of an interval within one test date; the pooled ones rest on all that the settings ask for
_FEWEST = 10  # outcomes; figures of a date with fewer could be told back to single people
_LONGEST = 500  # letters of a value that MLflow takes, or a little less
_BATCH = 1_000  # metrics that MLflow takes at a time
_SPLIT = ("auc", "precision", "recall", "mcc")


def parameters(experiment: Experiment, bundle: Bundle) -> dict[str, str]:
    """Return what was declared, with the parameters that the search found."""
    settings = experiment.settings
    declared = {
        "champion": experiment.decision.champion,
        "candidates": ",".join(ranker.name for ranker in settings.candidates),
        "incumbents": ",".join(ranker.name for ranker in settings.incumbents),
        "label": settings.label.kind,
        "horizon_days": str(settings.label.horizon_days),
        "lag_days": str(settings.label.lag_days),
        "cohort_months": str(settings.cohort.months),
        "k": str(settings.capacity.k),
        "cost_ratio": str(settings.costs.ratio),
        "weight_sets": ",".join(weights.name for weights in settings.weight_sets),
        "tuning_trials": str(settings.tuning.trials),
        "draws": str(settings.draws),
        "seed": str(settings.seed),
        "extract_date": str(experiment.extract_date),
        "test_dates": ",".join(str(split.test) for split in experiment.splits),
        "indicators": str(len(bundle.indicators)),
        "bundle": str(bundle.hash),
        **{
            f"{ranker.name}.{name}": str(value)
            for ranker in settings.rankers
            for name, value in ranker.parameters.items()
        },
        **{f"{ranker.name}.target": ranker.target for ranker in settings.rankers},
        **{f"{each.name}.tuned": str(each.adopted).lower() for each in experiment.tuned},
    }
    return {name: value[:_LONGEST] for name, value in declared.items()}


def log_figures(client: Any, run: str, experiment: Experiment, at: int) -> None:
    """Log every measure with its bounds, and each ranker's figures at each test date (one step a date).

    Parameters
    ----------
    at
        Milliseconds; always the same for one run, so that a measure that is logged again is not there twice.
    """
    from mlflow.entities import Metric

    told = [Metric(name, value, at, step) for name, value, step in _figures(experiment) if math.isfinite(value)]
    for first in range(0, len(told), _BATCH):
        client.log_batch(run, metrics=told[first : first + _BATCH])


def _figures(experiment: Experiment) -> Iterator[tuple[str, float, int]]:
    for row in experiment.candidates:
        yield from _bounded(f"{row['name']}.{row['metric']}", row["value"], row["low"], row["high"])
    candidates = {ranker.name for ranker in experiment.settings.candidates}
    for each in experiment.comparison.differences:
        if each.name not in candidates:
            continue
        name = f"{each.name}.harm_found_beyond.{each.other}.{each.weights}"
        yield from _bounded(name, each.interval.value, each.interval.low, each.interval.high)
    for step, date in _by_split(experiment):
        for figure in _SPLIT:
            found = getattr(date, figure)
            yield from _bounded(f"{date.ranker}.split.{figure}", found.value, found.low, found.high, step)
    yield "alarms", float(len(experiment.alarms)), 0


def _by_split(experiment: Experiment) -> list[tuple[int, Breakdown]]:
    """Return each ranker's figures at each test date: the number of the date, and the figures."""
    lists, settings = experiment.lists, experiment.settings
    groups = [Grouped("split", str(number), lists.split == number) for number in range(lists.splits)]
    draws = min(_DRAWS, settings.draws)
    found = breakdowns(lists, groups, settings.capacity.k, draws=draws, seed=settings.seed)
    return [(int(each.group), each) for each in found if each.outcomes >= _FEWEST]


def _bounded(
    name: str, value: float | None, low: float | None, high: float | None, step: int = 0
) -> Iterator[tuple[str, float, int]]:
    name = name.replace(":", ".")
    for suffix, number in (("", value), (".low", low), (".high", high)):
        if number is not None:
            yield f"{name}{suffix}", float(number), step
