"""How each ranker did from one test date to the next: harm it left to others, and how far its lists changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from training.evaluate import found_at
from training.lists import Floats, Ints, Lists, selection_share


def regrets(lists: Lists, places: Sequence[int]) -> list[dict[str, Any]]:
    """Return how much less harm each ranker found at each test date than the best ranker of that date.

    Returns
    -------
    list of dict
        One a ranker and weight set: name, weights, by_date (harm days a list length, averaged over `places`),
        largest, share (of the harm that always choosing the best of the date would have found).
    """
    columns = np.stack([harm * lists.weight for harm in lists.harm.values()], axis=1)
    found: dict[str, Floats] = {}
    for name, margin in lists.margins.items():
        by_date = [_found(lists, rows, margin, columns, places) for rows in lists.rows_of_splits()]
        found[name] = np.stack(by_date)
    best = np.max(np.stack(list(found.values())), axis=0)
    return [
        {
            "name": name,
            "weights": weights,
            "by_date": (best[:, column] - mine[:, column]).tolist(),
            "largest": float((best[:, column] - mine[:, column]).max()),
            "share": _over(float((best[:, column] - mine[:, column]).sum()), float(best[:, column].sum())),
        }
        for name, mine in found.items()
        for column, weights in enumerate(lists.harm)
    ]


def _found(lists: Lists, rows: Ints, margin: Floats, columns: Floats, places: Sequence[int]) -> Floats:
    """Return the harm found at one test date by weight set, averaged over list lengths."""
    date = dataclasses.replace(lists, person=np.arange(len(rows)), split=np.zeros(len(rows), np.int64), margins={})
    date = dataclasses.replace(date, area=lists.area[rows])
    return np.asarray(found_at(date, margin[rows], columns[rows], places)[0].mean(axis=0))


def over_time(lists: Lists, k: int, dates: Sequence[str]) -> list[dict[str, Any]]:
    """Return how alike each ranker's lists of `k` places an area are at consecutive test dates.

    People who tie at the line share its places. A list should change: people are new to it, others have long been
    quiet. What changes more than the lists beside it changes by chance.

    Returns
    -------
    list of dict
        One a ranker and pair of dates: name, earlier, later, kept (share of the earlier list's places that are the
        same people's in the later), jaccard, rank_correlation (Spearman, of the people at both dates; None if
        nobody's margin differs).
    """
    rows = []
    for name, margin in lists.margins.items():
        share = selection_share(margin, lists.groups(), k)
        for number, (earlier, later) in enumerate(
            zip(lists.rows_of_splits(), lists.rows_of_splits()[1:], strict=False)
        ):
            first, second = (np.bincount(lists.person[r], share[r], lists.people) for r in (earlier, later))
            same = float(np.minimum(first, second).sum())
            _, one, other = np.intersect1d(lists.person[earlier], lists.person[later], return_indices=True)
            rows.append(
                {
                    "name": name,
                    "earlier": dates[number],
                    "later": dates[number + 1],
                    "kept": _over(same, float(first.sum())),
                    "jaccard": _over(same, float(np.maximum(first, second).sum())),
                    "rank_correlation": rank_correlation(margin[earlier][one], margin[later][other]),
                }
            )
    return rows


def rank_correlation(first: Floats, second: Floats) -> float | None:
    """Return Spearman's correlation; None where one of the two does not vary.

    >>> rank_correlation(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 40.0]))
    1.0
    """
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    return float(spearmanr(first, second).statistic)


def _over(top: float, bottom: float) -> float | None:
    return top / bottom if bottom > 0 else None
