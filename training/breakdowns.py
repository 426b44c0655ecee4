"""Agreement of a list of k places with what followed, for everybody and within areas, regimes and kinds of abuse."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.compare import Measure
from training.evaluate import Copies, Interval, auc, draw_copies, found_at, totals
from training.follow_up import Bools
from training.lists import Floats, Lists
from values import Progress, silent

MCC = "mcc_at_k"
_DRAWS = 200


@dataclass(frozen=True)
class Breakdown:
    """One ranker's figures within one group; the list of k places an area is that of everybody.

    Parameters
    ----------
    ranker, kind, group
        The ranker; ``area``, ``regime`` or ``abuse``; and the group of that kind.
    people, outcomes
        Distinct people of the group with a known outcome, and their rows with the outcome.
    auc, precision, recall, mcc
        Area under the curve within the group; of the group's people on the list the share with the outcome, and of
        the group's outcomes the share on the list; the correlation of both (Matthews).
    """

    ranker: str
    kind: str
    group: str
    people: int
    outcomes: int
    auc: Interval
    precision: Interval
    recall: Interval
    mcc: Interval


@dataclass(frozen=True)
class Grouped:
    """A group that figures are told for: its kind, its name and its rows."""

    kind: str
    name: str
    rows: Bools


def mcc_measures(lists: Lists, k: int, *, draws: int, seed: int) -> tuple[Measure, ...]:
    """Return each ranker's Matthews correlation of the first k places in each area with the outcome."""
    copies = draw_copies(lists.people, draws, seed)
    everybody = np.ones(len(lists.person), dtype=np.bool_)
    return tuple(
        Measure(name, MCC, _agreement(lists, margin, everybody, k, copies, lists.people)["mcc"])
        for name, margin in lists.margins.items()
    )


def breakdowns(
    lists: Lists,
    groups: Sequence[Grouped],
    k: int,
    *,
    draws: int,
    seed: int,
    progress: Progress = silent,
) -> tuple[Breakdown, ...]:
    """Return every ranker's figures within every group in which anybody's outcome is known.

    Parameters
    ----------
    lists
        People, outcomes and margins of all splits.
    groups
        Rows of each group.
    k
        Places in each area's list.
    draws, seed
        Bootstrap draws of people (at most 200 are made), and their seed.
    """
    copies = draw_copies(lists.people, min(draws, _DRAWS), seed)
    found = []
    for done, (name, margin) in enumerate(lists.margins.items()):
        for group in groups:
            known = group.rows & (lists.weight > 0)
            if known.any():
                found.append(_within(lists, name, margin, group, known, k, copies))
        progress("breakdowns", done + 1, len(lists.margins))
    return tuple(found)


def _within(lists: Lists, name: str, margin: Floats, group: Grouped, known: Bools, k: int, copies: Copies) -> Breakdown:
    people = len(np.unique(lists.person[known]))
    part = dataclasses.replace(
        lists,
        **{column: getattr(lists, column)[known] for column in ("person", "split", "area", "outcome", "weight")},
        harm={},
        margins={},
    )
    area = Interval.of(auc(part, margin[known])[0], auc(part, margin[known], copies), people)
    outcomes = int(lists.outcome[known].sum())
    agreement = _agreement(lists, margin, group.rows, k, copies, people)
    return Breakdown(name, group.kind, group.name, people, outcomes, area, **agreement)


def _agreement(
    lists: Lists, margin: Floats, rows: Bools, k: int, copies: Copies, people: int
) -> Mapping[str, Interval]:
    """Return precision, recall and correlation of being on the list and having the outcome, among `rows`."""
    weight = np.where(rows, lists.weight, 0.0)
    values = np.stack([lists.outcome * weight, weight], axis=1)
    point = _figures(found_at(lists, margin, values, [k])[:, 0], totals(lists, values))
    drawn = _figures(found_at(lists, margin, values, [k], copies)[:, 0], totals(lists, values, copies))
    return {name: Interval.of(point[name][0], drawn[name], people) for name in point}


def _figures(on_list: Floats, all_rows: Floats) -> dict[str, Floats]:
    hits, listed = on_list[:, 0], on_list[:, 1]
    outcomes, people = all_rows[:, 0], all_rows[:, 1]
    scale = np.sqrt(np.maximum(listed * (people - listed) * outcomes * (people - outcomes), 0.0))
    return {
        "precision": _ratio(hits, listed),
        "recall": _ratio(hits, outcomes),
        "mcc": _ratio(hits * people - listed * outcomes, scale),
    }


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.asarray(np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0))
