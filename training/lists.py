"""The table on which rankers are compared, and how many places each person takes in a list of k places.

Everything here is free of row order: people who tie at the line share the places that are left, instead of the
table's order deciding between them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models import places

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lists:
    """People at the test dates of all splits, pooled; every array holds one value a row.

    Parameters
    ----------
    person
        Cluster of the row: 0 to the number of distinct people less one, the same person in every split alike.
    split
        Which split the row was tested in.
    area
        Which area's list the row competes for within its split.
    outcome
        1 where the outcome happened within the horizon, else 0.
    weight
        Inverse probability of staying observed; 0 for people whose outcome is not known.
    harm
        By weight set: harm days (as that set counts them) that followed within the horizon.
    margins
        By ranker: the margin, higher = earlier.
    """

    person: Ints
    split: Ints
    area: Ints
    outcome: Floats
    weight: Floats
    harm: Mapping[str, Floats]
    margins: Mapping[str, Floats]

    def take(self, rows: Ints) -> Lists:
        """Return some rows of the table, without margins."""
        return Lists(
            person=self.person[rows],
            split=self.split[rows],
            area=self.area[rows],
            outcome=self.outcome[rows],
            weight=self.weight[rows],
            harm={name: days[rows] for name, days in self.harm.items()},
            margins={},
        )

    @property
    def people(self) -> int:
        """Number of distinct people."""
        return int(self.person.max()) + 1 if len(self.person) else 0

    @property
    def splits(self) -> int:
        """Number of splits."""
        return int(self.split.max()) + 1 if len(self.split) else 0

    def groups(self) -> list[Ints]:
        """Return the row numbers of each list (one area within one split)."""
        return rows_by_value(self.split * (int(self.area.max()) + 1) + self.area)

    def rows_of_splits(self) -> list[Ints]:
        """Return the row numbers of each split."""
        return rows_by_value(self.split)


def rows_by_value(codes: Ints) -> list[Ints]:
    """Return, for each distinct code in ascending order, the numbers of the rows that hold it."""
    order = np.argsort(codes, kind="stable")
    borders = np.flatnonzero(np.diff(codes[order])) + 1
    return [np.asarray(part, dtype=np.int64) for part in np.split(order, borders)]


def ties(margin: Floats) -> tuple[Ints, Ints]:
    """Return the order of descending margin and where each run of equal margins starts in it.

    >>> order, starts = ties(np.array([1.0, 3.0, 1.0]))
    >>> order.tolist(), starts.tolist()
    ([1, 0, 2], [0, 1])
    """
    order = np.argsort(-margin, kind="stable")
    ranked = margin[order]
    starts = np.concatenate([[0], np.flatnonzero(ranked[1:] != ranked[:-1]) + 1])
    return order, np.asarray(starts, dtype=np.int64)


def selection_share(margin: Floats, groups: Sequence[Ints], places: int) -> Floats:
    """Return the share of a place that each row takes in a list of `places` places a group.

    1 above the line, 0 below it; people who tie at the line share what is left of it equally.

    >>> selection_share(np.array([5.0, 2.0, 2.0, 1.0]), [np.arange(4)], 2).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    share = np.zeros(len(margin))
    for rows in groups:
        order, starts = ties(margin[rows])
        sizes = np.diff(np.append(starts, len(rows)))
        taken = np.clip(places - starts, 0, sizes) / sizes
        share[rows[order]] = np.repeat(taken, sizes)
    return share


def shortest_depth(places: Ints, outcome: Floats, share: float = 0.5) -> int:
    """Return the shortest list length at which `share` of all outcomes stand at or above it.

    Parameters
    ----------
    places
        Each row's place within its split (all areas pooled).
    outcome
        1 where the outcome happened; rows of all splits are pooled, one length is found for all.

    Returns
    -------
    int
        A number of places; 0 if there is no outcome at all.
    """
    found = np.sort(places[outcome == 1])
    return int(found[int(np.ceil(share * len(found))) - 1]) if len(found) else 0


def places_within(margin: Floats, groups: list[Ints]) -> Ints:
    """Return each row's place in the list of its group; people who tie share one."""
    found = np.zeros(len(margin), dtype=np.int64)
    for rows in groups:
        found[rows] = places(margin[rows])
    return found


def lots(spine: pd.DataFrame, seed: int) -> npt.NDArray[np.uint64]:
    """Return a lot for each person and date, whatever the order of rows."""
    text = str(seed) + ":" + spine["as_of"].dt.strftime("%Y-%m-%d") + ":" + spine["person_id"]
    drawn = b"".join(hashlib.sha256(one.encode()).digest()[:8] for one in text.to_numpy(dtype=object))
    return np.frombuffer(drawn, dtype=">u8").astype(np.uint64)


def by_lot(margin: Floats, spine: pd.DataFrame, seed: int) -> Floats:
    """Return an order (higher = earlier) in which equal margins are drawn by lot, alike for any order of rows."""
    return in_order_of(lots(spine, seed), margin)


def in_order_of(drawn: npt.NDArray[np.uint64], margin: Floats) -> Floats:
    """Return an order (higher = earlier) in which equal margins stand in the order of their lots."""
    order = np.lexsort([drawn, margin])
    position = np.empty(len(margin))
    position[order] = np.arange(len(margin))
    return position
