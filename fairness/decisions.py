"""What panels decided, by community: where the list put people, and what was decided given that.

The share of a group of whom the panel accepted someone differs from everyone else's for two reasons that call for
different remedies: its people stand elsewhere on the list (*placement*: the model, the criteria and the holds), or the
panel decides otherwise about people in the same place (*panel*). The difference is the sum of both, exactly: with p the
share of people in a band and a the share of them of whom it was decided,

    A1 - A2  =  sum (p1 - p2) (a1 + a2) / 2   +   sum (a1 - a2) (p1 + p2) / 2

(Kitagawa, JASA 50, 1955). Where a group has nobody in a band, nothing is known of what the panel would do there, and
everyone else's share stands for it, so that the whole of that band counts as placement.

Intervals are of the linearised parts, with the sum of a person's rows as one draw. Beside them stands the ratio within
bands and areas (Mantel and Haenszel, `fairness.stratified`): panels of different areas decide differently, and that is
no difference between communities.

No panel member is in any of these tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from fairness.cells import Cell, measure
from fairness.disclosure import Part, Register
from fairness.disclosure.counted import AxisKey
from fairness.papers.shown import shown
from fairness.policy_schema import Policy
from fairness.stratified import stratified_ratio
from fairness.tables import SUBJECTS, split_table

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
LEVEL = 0.95
FEWEST = 100
"""Persons on either side below which the parts have no interval that keeps its level (docs/fairness.md)."""
FEWEST_EVENTS = 10
"""Persons on either side of whom it was, and was not, decided, for the same reason."""


@dataclass(frozen=True)
class Parts:
    """A difference between a group and everyone else, and its two parts.

    Attributes
    ----------
    difference
        Share of the group less share of everyone else; `placement` + `panel`, exactly.
    placement, panel
        What is due to where people stand, and to what was decided given where they stand; each with its 95 % interval,
        None where too few people tell.
    """

    difference: float
    placement: float
    placement_low: float | None
    placement_high: float | None
    panel: float
    panel_low: float | None
    panel_high: float | None


def decompose(group: Bools, band: Ints, decided: Bools, person: Ints) -> Parts:
    """Return the difference in the share `decided` between `group` and everyone else, and its parts.

    Parameters
    ----------
    group, band, decided, person
        One entry a row: is the person of the group; number of the band, from 0; was it decided; number of the person.

    Raises
    ------
    ValueError
        If either side has no row.

    Examples
    --------
    The group stands lower, and the panel decides alike in each band: all of the difference is placement.

    >>> group = np.repeat([True, False], 20)
    >>> band = np.array([0] * 5 + [1] * 15 + [0] * 15 + [1] * 5)
    >>> found = decompose(group, band, band == 0, np.arange(40))
    >>> found.difference, found.placement, found.panel
    (-0.5, -0.5, 0.0)
    """
    if group.all() or not group.any():
        raise ValueError("Both sides need a row.")
    size = int(band.max()) + 1
    own, other = _side(group, band, decided, size), _side(~group, band, decided, size)
    a1 = np.where(own.n > 0, own.share, other.share)
    a2 = np.where(other.n > 0, other.share, own.share)
    placement = float(((own.p - other.p) * (a1 + a2) / 2).sum())
    panel = float(((a1 - a2) * (own.p + other.p) / 2).sum())
    if not _enough(group, decided, person):
        return Parts(placement + panel, placement, None, None, panel, None, None)
    mean, gap = (a1 + a2) / 2, (a1 - a2) / 2
    pull = np.zeros((2, group.size))
    for side, sign, mine, theirs in ((group, 1.0, own, other), (~group, -1.0, other, own)):
        rows = band[side]
        # Who helped to make a band's share lies too near to it (HC3: MacKinnon and White, J. Econometrics 29, 1985).
        off = (decided[side] - mine.share[rows]) * (mine.n / np.maximum(mine.n - 1, 0.5))[rows]
        both = (theirs.n > 0)[rows]  # else the band counts as placement, with this side's share for either
        half_gap, half_sum = ((mine.p + s * theirs.p)[rows] / (2 * mine.p[rows]) for s in (-1, 1))
        placed = mean[rows] - (mine.p * mean).sum() + off * np.where(both, half_gap, 2 * half_gap)
        given = sign * (gap[rows] - (mine.p * gap).sum()) + off * np.where(both, half_sum, 0.0)
        pull[:, side] = sign * np.vstack([placed, given]) / mine.total
    fewest = min(np.unique(person[side]).size for side in (group, ~group))
    reach = float(special.stdtrit(fewest - size, 0.5 + LEVEL / 2))
    moved, dealt = (reach * _spread(each, person) for each in pull)
    return Parts(
        placement + panel, placement, placement - moved, placement + moved, panel, panel - dealt, panel + dealt
    )


@dataclass(frozen=True)
class _Side:
    """One side of a comparison: rows by band, their share of the side, the share of them decided."""

    n: Floats
    p: Floats
    share: Floats
    total: int


def _side(rows: Bools, band: Ints, decided: Bools, size: int) -> _Side:
    n = np.bincount(band[rows], minlength=size).astype(np.float64)
    events = np.bincount(band[rows], weights=decided[rows].astype(np.float64), minlength=size)
    return _Side(n, n / n.sum(), events / np.maximum(n, 1.0), int(n.sum()))


def _enough(group: Bools, decided: Bools, person: Ints) -> bool:
    sides = [np.unique(person[side & event]).size for side in (group, ~group) for event in (decided, ~decided)]
    people = [np.unique(person[side]).size for side in (group, ~group)]
    return min(people) >= FEWEST and min(sides) >= FEWEST_EVENTS


def _spread(pull: Floats, person: Ints) -> float:
    by_person = np.bincount(person, weights=pull)
    persons = np.unique(person).size
    return float(np.sqrt((by_person**2).sum() * persons / max(persons - 1, 1)))


def by_community(
    table: pd.DataFrame,
    policy: Policy,
    families: Sequence[Sequence[str]],
    given: str | None = None,
    register: Register | None = None,
) -> dict[str, Any]:
    """Return how often each thing happened to people of each community, as plain JSON values without small numbers.

    Parameters
    ----------
    table
        One row a person and list: `person_id`, `area`, `split` (the list), the subjects' communities, and one column of
        0/1 for each thing that may have happened.
    families
        The names of those columns. Things that add up, or lie within each other, belong to one family: a group hidden
        for one of them is hidden for all, or the others would tell it.
    given
        A column that says where the list put the person. With it each row is told apart by `decompose`, and the ratio
        within areas and places is added.
    register
        What left before; each thing is added to it. None if they are looked at alone.

    Returns
    -------
    dict
        ``rows``, one a characteristic, group and kind: ``n``, ``events``, ``value`` with its interval, ``ratio`` with
        its interval; with `given` also ``parts`` and ``within``. A suppressed row holds no figure. ``left_out``:
        characteristics shown in groups only.
    """
    kinds = [kind for family in families for kind in family]
    dropped = [*kinds, *([given] if given else [])]
    plain = table.drop(columns=dropped).assign(outcome=pd.array([pd.NA] * len(table), dtype="Int8"))
    bands = None if given is None else _Bands(table, given, policy)
    rows: list[dict[str, Any]] = []
    left_out: set[str] = set()
    for family in families:
        measured_of = {kind: _cells(plain.assign(selected=table[kind]), policy) for kind in family}
        cells = [(kind, cell) for kind, of in measured_of.items() for cell in of if cell.metric == "selection"]
        told_before = set() if register is None else _told_before(measured_of.values(), register, policy)
        stored = [{**asdict(cell), "metric": kind, "verdict": cell.verdict.value} for kind, cell in cells]
        safe = shown({"cells": stored, "tables": [], "characteristics": []})
        measured = {(kind, *cell.key[1:3]): cell for kind, cell in cells}
        rows += [
            _row(
                {**each, "suppressed": True} if (each["characteristic"], each["group"]) in told_before else each,
                measured[each["metric"], each["characteristic"], each["group"]],
                bands,
            )
            for each in safe["cells"]
        ]
        left_out |= {" and ".join(each[1:]) for each in safe["left_out"]}
    return {"rows": rows, "left_out": sorted(left_out)}


def _cells(table: pd.DataFrame, policy: Policy) -> list[Cell]:
    """Return every rate of the subjects of each group of the binding characteristics."""
    bound = {each.characteristic for each in policy.binding if each.table == SUBJECTS}
    cells = measure(list(split_table(table, policy.grouping_pairs).values()), policy)
    return [cell for cell in cells if cell.table == SUBJECTS and cell.characteristic in bound]


def _told_before(family: Iterable[list[Cell]], register: Register, policy: Policy) -> set[tuple[str, str]]:
    """Return the groups of which a figure, beside what left before, would tell of a few people."""
    found = set()
    for cells in family:
        pattern = register.pattern([asdict(cell) for cell in cells], policy.disclosure.smallest)
        axes = {(AxisKey(cell.table, (cell.characteristic,)), cell.group) for cell in cells}
        found |= {(axis.names[0], group) for axis, group in axes if pattern.withholds(axis, (group,), tuple(Part))}
    return found


_TOLD = ("n", "events", "value", "low", "high", "others_value", "ratio", "ratio_low", "ratio_high")


def _row(cell: Mapping[str, Any], measured: Cell, bands: _Bands | None) -> dict[str, Any]:
    named = {"characteristic": cell["characteristic"], "group": cell["group"], "kind": cell["metric"]}
    if cell.get("suppressed"):
        return named | {"suppressed": True}
    row = named | {name: _rounded(cell[name]) for name in _TOLD}
    return row if bands is None else row | bands.of(measured, str(cell["metric"]))


class _Bands:
    """The rows of a table by community and by where the list put them."""

    def __init__(self, table: pd.DataFrame, given: str, policy: Policy) -> None:
        people = table.assign(selected=0, outcome=pd.array([pd.NA] * len(table), dtype="Int8"))
        self._table = table.reset_index(drop=True)
        self._subjects = split_table(people, policy.grouping_pairs)[SUBJECTS]
        self._band = pd.factorize(self._table[given])[0].astype(np.int64)
        self._stratum = pd.factorize(self._table[given].astype(str) + "\x1f" + self._table["area"].astype(str))[0]

    def of(self, cell: Cell, kind: str) -> dict[str, Any]:
        """Return the parts of a group's difference, and the ratio within areas and places."""
        characteristic = self._subjects.characteristics[cell.characteristic]
        group = characteristic.codes == characteristic.groups.index(cell.group)
        decided = self._table[kind].to_numpy() == 1
        if group.all():
            return {"parts": None, "within": None}
        parts = decompose(group, self._band, decided, self._subjects.person)
        size = int(self._stratum.max()) + 1
        x1, n1, x2, n2 = (
            np.bincount(self._stratum[side], weights=weights[side], minlength=size)[None, :] / cell.design_effect
            for side in (group, ~group)
            for weights in (decided.astype(np.float64), np.ones(decided.size))
        )
        ratio, low, high = (float(v[0]) for v in stratified_ratio(x1, n1, x2, n2, LEVEL))
        within = {"ratio": _rounded(ratio), "low": _rounded(low), "high": _rounded(high)}
        return {"parts": {name: _rounded(value) for name, value in asdict(parts).items()}, "within": within}


def _rounded(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return float(f"{value:.6g}") if np.isfinite(value) else None
