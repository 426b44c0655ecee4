"""Every ranker on the same lists and the same bootstrap draws, so that differences are paired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from training.evaluate import Copies, Interval, auc, draw_copies, found_at, totals
from training.lists import Floats, Lists
from values import Progress, silent


@dataclass(frozen=True)
class Measure:
    """One figure of one ranker, such as harm found under one weight set."""

    name: str
    metric: str
    interval: Interval

    def to_dict(self) -> dict[str, str | float | None]:
        """Return name, metric, value, low and high; a bound that cannot be stated is None."""
        value, low, high = (
            None if not np.isfinite(number) else float(number)
            for number in (self.interval.value, self.interval.low, self.interval.high)
        )
        return {"name": self.name, "metric": self.metric, "value": value, "low": low, "high": high}


@dataclass(frozen=True)
class Difference:
    """Harm found by `name` less harm found by `other`, under one weight set (harm days a round of lists)."""

    name: str
    other: str
    weights: str
    interval: Interval


@dataclass(frozen=True)
class Comparison:
    """All measures and all paired differences; `draws` and `people` say what the intervals rest on."""

    measures: tuple[Measure, ...]
    differences: tuple[Difference, ...]
    people: int
    draws: int

    def value(self, name: str, metric: str) -> Interval:
        """Return one measure's interval."""
        return next(m.interval for m in self.measures if m.name == name and m.metric == metric)

    def against(self, name: str, other: str) -> tuple[Difference, ...]:
        """Return the differences of `name` less `other`, one a weight set."""
        return tuple(d for d in self.differences if d.name == name and d.other == other)

    def beats(self, name: str, other: str) -> bool:
        """Say whether `name` finds more harm than `other`, beyond chance, under every weight set."""
        differences = self.against(name, other)
        return bool(differences) and all(difference.interval.above_zero for difference in differences)


@dataclass(frozen=True)
class _Found:
    point: Mapping[str, float]
    draws: Mapping[str, Floats]


def compare(
    lists: Lists,
    places: Sequence[int],
    k: int,
    *,
    cost_ratio: float = 1.0,
    draws: int = 400,
    seed: int = 2026,
    progress: Progress = silent,
) -> Comparison:
    """Measure every ranker of `lists` and pair every two of them.

    Parameters
    ----------
    lists
        People, outcomes and margins of all splits.
    places, k
        The declared range of list lengths in each area over which harm found is averaged, and the single
        length for precision and recall.
    cost_ratio
        What one missed person with the outcome costs, in places given to somebody without it.
    draws, seed
        Bootstrap draws of people (not rows) and their seed.

    Returns
    -------
    Comparison
        For each ranker ``auc``, ``precision_at_k``, ``recall_at_k``, ``net_benefit_at_k`` (of one round of lists
        against no list, in places given in vain: `cost_ratio` for each person found less 1 for each place given to
        somebody without the outcome; Vickers and Elkin 2006 at a fixed capacity) and, by weight set, ``harm_found:SET``
        (harm days that followed in one round of lists, averaged over `places` and splits) and
        ``harm_share:SET`` (of all harm that followed in the cohort).
    """
    copies = draw_copies(lists.people, draws, seed)
    measures: list[Measure] = []
    found: dict[str, _Found] = {}
    for done, (name, margin) in enumerate(lists.margins.items()):
        ranker_measures, found[name] = _measure(lists, name, margin, places, k, cost_ratio, copies)
        measures += ranker_measures
        progress("compare", done + 1, len(lists.margins))
    differences = [
        Difference(name, other, weights, _paired(found[name], found[other], weights, lists.people))
        for name, other in permutations(found, 2)
        for weights in lists.harm
    ]
    return Comparison(tuple(measures), tuple(differences), lists.people, draws)


def _paired(found: _Found, other: _Found, weights: str, people: int) -> Interval:
    return Interval.of(found.point[weights] - other.point[weights], found.draws[weights] - other.draws[weights], people)


def _measure(
    lists: Lists, name: str, margin: Floats, places: Sequence[int], k: int, cost_ratio: float, copies: Copies
) -> tuple[list[Measure], _Found]:
    # Columns: harm by weight set, then outcomes, then people; each already weighted for censoring.
    columns = [harm * lists.weight for harm in lists.harm.values()]
    values = np.stack([*columns, lists.outcome * lists.weight, lists.weight], axis=1)
    lengths = [*places, k]
    point, draws = found_at(lists, margin, values, lengths), found_at(lists, margin, values, lengths, copies)
    everyone, everyone_draws = totals(lists, values), totals(lists, values, copies)

    def interval(top: Floats, bottom: Floats, top_draws: Floats, bottom_draws: Floats) -> Interval:
        return Interval.of(_ratio(top, bottom)[0], _ratio(top_draws, bottom_draws), lists.people)

    at_k, at_k_draws = point[:, -1], draws[:, -1]
    measures = [
        Measure(name, "auc", Interval.of(auc(lists, margin)[0], auc(lists, margin, copies), lists.people)),
        Measure(
            name,
            "precision_at_k",
            interval(at_k[:, -2], at_k[:, -1], at_k_draws[:, -2], at_k_draws[:, -1]),
        ),
        Measure(
            name,
            "recall_at_k",
            interval(at_k[:, -2], everyone[:, -2], at_k_draws[:, -2], everyone_draws[:, -2]),
        ),
        Measure(
            name,
            "net_benefit_at_k",
            Interval.of(_net_benefit(at_k, cost_ratio)[0], _net_benefit(at_k_draws, cost_ratio), lists.people),
        ),
    ]
    mean, mean_draws = point[:, :-1].mean(axis=1), draws[:, :-1].mean(axis=1)
    for column, weights in enumerate(lists.harm):
        harm, harm_draws = mean[:, column], mean_draws[:, column]
        measures.append(Measure(name, f"harm_found:{weights}", Interval.of(harm[0], harm_draws, lists.people)))
        measures.append(
            Measure(
                name,
                f"harm_share:{weights}",
                interval(harm, everyone[:, column], harm_draws, everyone_draws[:, column]),
            )
        )
    found = _Found(
        {weights: float(mean[0, column]) for column, weights in enumerate(lists.harm)},
        {weights: mean_draws[:, column] for column, weights in enumerate(lists.harm)},
    )
    return measures, found


def _net_benefit(at_k: Floats, cost_ratio: float) -> Floats:
    """Return, for each draw, what the people found are worth less the places given in vain."""
    found, placed = at_k[:, -2], at_k[:, -1]
    return np.asarray(cost_ratio * found - (placed - found))


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.asarray(np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0))
