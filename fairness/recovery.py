"""An attack on what has left: which withheld counts can be worked out from everything that was published.

It shares nothing with what withholds. It sees exports as an outsider does, assumes the worst of them (any rate, ratio
or interval gives its counts away; every export whose people lie inside another's is known to), writes down every
relation between the counts, and asks an integer program how far each small count can move (the audit of a suppression
pattern as in Fischetti and Salazar, Management Science 47, 2001, by bounds over non-negative integers).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from fairness.groups import Characteristic, is_stated, is_unrecorded, regroup
from fairness.metrics import METRICS
from fairness.reference_tables import code_groups
from fairness.tables import SUBJECTS

Cell = Mapping[str, Any]
Coefficients = Mapping[int, int]
STATES, PEOPLE, HARMED, WIDTH = 6, 6, 7, 8
SUMS: Mapping[str, tuple[int, ...]] = {
    "rows": (0, 1, 2, 3, 4, 5),
    "selected": (1, 3, 5),
    "not selected": (0, 2, 4),
    "outcome known": (0, 1, 2, 3),
    "without outcome": (0, 1),
    "with outcome": (2, 3),
    "missed": (2,),
    "found": (3,),
    "selected and known": (1, 3),
    "selected without outcome": (1,),
    "neither": (0,),
}
"""Every sum of states that some figure of a group tells, or that two of them tell together."""
_OWN = ("events", "value", "low", "high", "pooled", "p_value", "p_holm", "ratio", "ratio_low", "ratio_high",
        "difference", "difference_low", "difference_high", "minimum_detectable_ratio", "outcomes_to_settle",
        "design_effect", "least", "most", "expected")  # fmt: skip
_OTHERS = ("others_events", "others_value", *_OWN[4:13])
_ROUNDS = 6


class Place(NamedTuple):
    """A group of an axis of a table of an export; the empty axis is the table's totals."""

    export: int
    table: str
    axis: tuple[str, ...]
    group: tuple[str, ...]


@dataclass(frozen=True)
class Export:
    """What left once, and what is true.

    Parameters
    ----------
    shown, exact
        ``cells`` and, of an audit, ``tables``, ``characteristics``, ``elsewhere`` (cells that other figures, like
        those of a diagnosis or of a page, tell) and ``missingness`` (how many subjects are unrecorded): as published
        (a figure withheld is None or not there) and as measured.
    """

    shown: Mapping[str, Any]
    exact: Mapping[str, Any]


@dataclass(frozen=True)
class Reread:
    """Exports that count the people of another again, by another outcome or another line.

    Parameters
    ----------
    readings, audit
        Numbers of exports. Nobody is counted by two of several readings.
    same
        Sums of states of which each group has as many in a reading as in the audit.
    fewer
        Sums of which the readings have together no more than the audit; how many more it has is a count of people.
    """

    readings: tuple[int, ...]
    audit: int
    same: tuple[tuple[int, ...], ...] = ()
    fewer: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Divided:
    """An export and others inside it, of which no two hold the same person, as the lists of areas.

    Parameters
    ----------
    whole, parts
        Numbers of exports.
    all_of_it
        Whether everybody of the whole is in one of the parts.
    """

    whole: int
    parts: tuple[int, ...]
    all_of_it: bool = False


@dataclass(frozen=True)
class Recovered:
    """A small count of which fewer than `smallest` values remain possible: `low` to `high`.

    `inside` is what was subtracted, an export or several, where the count is of those whom one export adds to others.
    """

    place: Place
    count: str
    truth: int
    low: int
    high: int
    inside: int | tuple[int, ...] | None = None


def recover(
    exports: Sequence[Export],
    smallest: int,
    *,
    inside: Collection[tuple[int, int]] = (),
    groupings: Mapping[str, tuple[str, str]] | None = None,
    readings: Sequence[Reread] = (),
    divided: Sequence[Divided] = (),
) -> list[Recovered]:
    """Return every count from 1 to `smallest` - 1 that fewer than `smallest` values remain possible for.

    Parameters
    ----------
    inside
        Pairs (i, j) where everybody of export i is in export j. Both ways round they are the same people.
    groupings
        Derived characteristic -> (what it is made of, reference table), which anybody can look up.
    readings
        Which exports are readings of which.
    divided
        Which exports are, together, some or all of the people of which.
    """
    tables = {cell["table"] for export in exports for cell in export.exact["cells"]}
    return [
        found
        for table in sorted(tables)
        for found in _Attack(exports, table, frozenset(inside), groupings or {}, readings, divided).all_below(smallest)
    ]


def small_counts(
    exports: Sequence[Export],
    smallest: int,
    *,
    inside: Collection[tuple[int, int]] = (),
    readings: Sequence[Reread] = (),
    divided: Sequence[Divided] = (),
) -> int:
    """Return how many counts from 1 to `smallest` - 1 `recover` goes for, those of differences among them."""
    tables = {cell["table"] for export in exports for cell in export.exact["cells"]}
    attacks = (_Attack(exports, table, frozenset(inside), {}, readings, divided) for table in tables)
    return sum(sum(1 for _ in attack.small(smallest)) for attack in attacks)


@dataclass
class _Relations:
    """Rows of a linear program: coefficients, and the least and largest value of their sum."""

    rows: list[Coefficients] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def between(self, coefficients: Coefficients, low: float, high: float) -> None:
        self.rows.append(coefficients)
        self.low.append(low)
        self.high.append(high)

    def equal(self, coefficients: Coefficients, value: float) -> None:
        self.between(coefficients, value, value)

    def constraint(self, size: int) -> LinearConstraint:
        at = [(row, column, factor) for row, each in enumerate(self.rows) for column, factor in each.items()]
        rows, columns, factors = np.array(at, dtype=np.int64).reshape(-1, 3).T
        matrix = csr_array((factors.astype(float), (rows, columns)), shape=(len(self.rows), size))
        return LinearConstraint(matrix, self.low, self.high)


class _Attack:
    """Everything that is known of one table over all exports."""

    def __init__(
        self,
        exports: Sequence[Export],
        table: str,
        inside: frozenset[tuple[int, int]],
        groupings: Mapping[str, tuple[str, str]],
        readings: Sequence[Reread] = (),
        divided: Sequence[Divided] = (),
    ) -> None:
        self._table, self._inside, self._readings, self._divided = table, inside, readings, divided
        self._first: dict[Place, int] = {}
        self._truth: list[int] = []
        self._known = _Relations()
        for number, export in enumerate(exports):
            self._lay_out(number, export)
        for number, export in enumerate(exports):
            self._add_up(number, groupings)
            self._read(number, export)
        self._nest(exports)
        self._reread()
        self._divide()
        self._program = self._known.constraint(len(self._truth))

    # What there is to know.

    def _lay_out(self, number: int, export: Export) -> None:
        """Give every group of the table its counts: six states, people, and people with the outcome."""
        by_group: dict[Place, dict[str, Cell]] = defaultdict(dict)
        for cell in self._cells(export.exact):
            by_group[_place(number, cell)][cell["metric"]] = cell
        axes = defaultdict(list)
        for place, cells in by_group.items():
            self._first[place] = len(self._truth)
            any_cell = cells["selection"]
            self._truth += [*_states(cells), any_cell["people"], any_cell["outcomes"]]
            axes[place.axis].append(self._first[place])
        for place in _perhaps(number, list(self._cells(export.shown)), by_group):
            self._first[place] = len(self._truth)
            self._truth += [0] * WIDTH
        totals = Place(number, self._table, (), ())
        of_one = next(iter(axes.values()), [])
        sums = [sum(self._truth[first + state] for first in of_one) for state in range(STATES)]
        summary = self._summary(export.exact)
        self._first[totals] = len(self._truth)
        self._truth += [*sums, summary.get("people", 0), 0]

    def _cells(self, document: Mapping[str, Any]) -> Iterator[Cell]:
        return (cell for cell in document["cells"] if cell["table"] == self._table)

    def _summary(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        found = (each for each in document.get("tables", ()) if each["table"] == self._table)
        return next(found, {})

    def _axes(self, number: int) -> dict[tuple[str, ...], list[Place]]:
        axes: dict[tuple[str, ...], list[Place]] = defaultdict(list)
        for place in self._first:
            if place.export == number:
                axes[place.axis].append(place)
        return axes

    # How counts hang together, whatever was published.

    def _add_up(self, number: int, groupings: Mapping[str, tuple[str, str]]) -> None:
        axes = self._axes(number)
        (totals,) = axes.pop(())
        for axis, places in axes.items():
            self._sums_to(places, totals)
            if len(axis) == 2:
                for side in (0, 1):
                    for whole in axes.get((axis[side],), ()):
                        self._sums_to([p for p in places if p.group[side] == whole.group[0]], whole)
            for place in places:
                first = self._first[place]
                self._known.between({first + PEOPLE: 1, **_minus(first, SUMS["rows"])}, -np.inf, 0)
                self._known.between({first + HARMED: 1, **_minus(first, SUMS["with outcome"])}, -np.inf, 0)
                self._known.between({first + HARMED: 1, first + PEOPLE: -1}, -np.inf, 0)
            if len(axis) == 1:
                people = {self._first[place] + PEOPLE: 1 for place in places}
                self._known.between({**people, self._first[totals] + PEOPLE: -1}, 0, np.inf)
        for name, (source, reference) in groupings.items():
            details = axes.get((source,), [])
            codes = tuple(place.group[0] for place in details)
            made = regroup(Characteristic(source, codes, np.arange(len(codes))), name, code_groups(reference))
            for whole in axes.get((name,), ()) if codes else ():
                part = [p for p, code in zip(details, made.codes, strict=True) if made.groups[code] == whole.group[0]]
                self._sums_to(part, whole)

    def _sums_to(self, parts: Iterable[Place], whole: Place) -> None:
        parts = list(parts)
        for state in range(STATES):
            added = {self._first[part] + state: 1 for part in parts}
            self._known.equal({**added, self._first[whole] + state: -1}, 0)

    # What was published.

    def _read(self, number: int, export: Export) -> None:
        totals = Place(number, self._table, (), ())
        told = self._summary(export.shown)
        for name, count in (("rows", "rows"), ("selected", "selected"), ("outcomes", "with outcome")):
            if told.get(name) is not None:
                self._is_known(totals, SUMS[count])
        if told.get("outcomes_unknown") is not None:
            self._is_known(totals, (4, 5))
        if told.get("people") is not None:
            self._is_known(totals, (PEOPLE,))
        one_row_a_person = all(cell["people"] == cell["rows"] for cell in self._cells(export.exact))
        elsewhere = (cell for cell in export.shown.get("elsewhere", ()) if cell["table"] == self._table)
        for cell in (*self._cells(export.shown), *elsewhere):
            self._read_cell(_place(number, cell), totals, cell)
        for place in [p for p in self._first if p.export == number and p.axis and one_row_a_person]:
            first = self._first[place]
            self._known.equal({first + PEOPLE: 1, **_minus(first, SUMS["rows"])}, 0)
            self._known.equal({first + HARMED: 1, **_minus(first, SUMS["with outcome"])}, 0)
        self._read_shares(number, export)
        self._read_missingness(number, export)

    def _read_cell(self, place: Place, totals: Place, cell: Cell) -> None:
        if place not in self._first:
            return
        self._known.between({self._first[place] + state: 1 for state in SUMS["rows"]}, 1, np.inf)  # it is named
        for name, columns in (("rows", SUMS["rows"]), ("people", (PEOPLE,)), ("outcomes", (HARMED,))):
            if _told(cell, name):
                self._is_known(place, columns)
        metric = METRICS.get(cell["metric"] if cell["metric"] != "calibration" else "outcome")
        if metric is None:
            if any(_told(cell, name) for name in ("n", *_OWN)):  # of the order: it counts the selected, or those near
                self._is_known(place, SUMS["selected"])
            return
        trials, events = tuple(sorted(metric.trials)), tuple(sorted(metric.events))
        own, others = (any(_told(cell, name) for name in names) for names in (_OWN, _OTHERS))
        if own or _told(cell, "n"):
            self._is_known(place, trials)
        if own:
            self._is_known(place, events)
        if others or _told(cell, "others_n"):
            self._is_known(totals, trials, less=place)
        if others:
            self._is_known(totals, events, less=place)

    def _read_shares(self, number: int, export: Export) -> None:
        """Take a share of unstated cases to give their number away."""
        for each in export.shown.get("characteristics", ()):
            if each["table"] == self._table and each["unrecorded"] is not None:
                places = self._axes(number).get((each["characteristic"],), [])
                firsts = [self._first[place] for place in places if not is_stated(place.group[0])]
                self._exactly({first + state: 1 for first in firsts for state in SUMS["rows"]})
                self._is_known(Place(number, self._table, (), ()), SUMS["rows"])

    def _read_missingness(self, number: int, export: Export) -> None:
        """Take a share of subjects who are unrecorded, or only observed, to give their number away."""
        for each in export.shown.get("missingness", ()):
            if self._table == SUBJECTS and each["unrecorded"] is not None:
                places = self._axes(number).get((each["characteristic"],), [])
                blank = [place for place in places if is_unrecorded(place.group[0])]
                self._exactly({self._first[place] + PEOPLE: 1 for place in blank})

    def _is_known(self, place: Place, columns: Iterable[int], less: Place | None = None) -> None:
        columns = tuple(columns)
        first = self._first[place]
        taken = {} if less is None else _minus(self._first[less], columns)
        self._exactly({**{first + column: 1 for column in columns}, **taken})

    def _exactly(self, coefficients: Coefficients) -> None:
        self._known.equal(coefficients, self._value(coefficients))

    def _value(self, coefficients: Coefficients) -> int:
        return sum(factor * self._truth[column] for column, factor in coefficients.items())

    def _nest(self, exports: Sequence[Export]) -> None:
        """No group of an export has more than the same group of one that holds all its people."""
        for inner, outer in self._inside:
            for place in [p for p in self._first if p.export == inner]:
                larger = place._replace(export=outer)
                for state in range(STATES):
                    if larger in self._first:
                        row = {self._first[place] + state: 1, self._first[larger] + state: -1}
                        self._known.between(row, -np.inf, 0)

    def _reread(self) -> None:
        """Hold each group of a reading beside the same group of the audit."""
        for each in self._readings:
            for place, of_readings in self._beside(each):
                for sums in each.same:
                    self._known.equal(self._beyond(place, of_readings, sums), 0)
                for sums in each.fewer:
                    self._known.between(self._beyond(place, of_readings, sums), 0, np.inf)

    def _beside(self, reread: Reread) -> Iterator[tuple[Place, list[Place]]]:
        """Return each group of an audit with the same group in the readings."""
        for place in [p for p in self._first if p.export == reread.audit]:
            again = [place._replace(export=number) for number in reread.readings]
            if all(each in self._first for each in again):
                yield place, again

    def _beyond(self, place: Place, readings: Iterable[Place], columns: Iterable[int]) -> dict[int, int]:
        """Return what the audit has beyond its readings."""
        columns = tuple(columns)
        of_readings = [_minus(self._first[each], columns) for each in readings]
        return {self._first[place] + column: 1 for column in columns} | {
            k: v for r in of_readings for k, v in r.items()
        }

    def _divide(self) -> None:
        """Let no group of a whole have fewer than its parts together, nor more where they are all of it."""
        for each in self._divided:
            for place in [p for p in self._first if p.export == each.whole]:
                for state in range(STATES):
                    beyond = self._less(place, each.parts, (state,))
                    self._known.between(beyond, 0, 0 if each.all_of_it else np.inf)

    def _less(self, place: Place, parts: Iterable[int], columns: Iterable[int]) -> dict[int, int]:
        """Return what a group of a whole has beyond the same group of some parts; one that is not there has nobody."""
        columns = tuple(columns)
        same = (self._first.get(place._replace(export=part)) for part in parts)
        taken = {k: v for first in same if first is not None for k, v in _minus(first, columns).items()}
        return {self._first[place] + column: 1 for column in columns} | taken

    # The attack.

    def all_below(self, smallest: int) -> list[Recovered]:
        """Return what the exports give away."""
        asked = list(self.small(smallest))
        if not asked:
            return []
        objectives = np.zeros((len(asked), len(self._truth)))
        for row, (_, coefficients) in enumerate(asked):
            objectives[row, list(coefficients)] = list(coefficients.values())
        truth = np.array(self._truth, dtype=float)
        low = high = np.rint(objectives @ truth)
        low, high = low.copy(), high.copy()

        def see(objective: npt.NDArray[np.float64]) -> None:
            found = np.rint(objectives @ self._furthest(objective))
            np.minimum(low, found, out=low)
            np.maximum(high, found, out=high)

        rng = np.random.default_rng(len(asked))
        for _ in range(_ROUNDS):  # one program moves many counts at once
            near = high - low < smallest - 1
            if near.any():
                see((rng.choice([-1.0, 1.0], len(asked)) * near) @ objectives)
        for row in range(len(asked)):
            for sign in (1.0, -1.0):
                if high[row] - low[row] < smallest - 1:
                    see(sign * objectives[row])
        return [
            Recovered(place, count, self._value(coefficients), int(low[row]), int(high[row]), subtracted)
            for row, ((place, count, subtracted), coefficients) in enumerate(asked)
            if high[row] - low[row] < smallest - 1
        ]

    def small(self, smallest: int) -> Iterator[tuple[tuple[Place, str, int | tuple[int, ...] | None], Coefficients]]:
        """Return every count of some but few, and of some but few whom one export adds to another or to several."""
        yield from self._small_beyond(smallest)
        outer = defaultdict(list)
        for inner, larger in sorted(self._inside):
            outer[inner].append(larger)
        for each in self._readings:
            for place, of_readings in self._beside(each):
                for columns in each.fewer:
                    more = self._beyond(place, of_readings, columns)
                    if 0 < self._value(more) < smallest:
                        name = next(name for name, states in SUMS.items() if states == columns)
                        yield (place, f"{name}, not read", each.readings[0]), more
        for place, first in self._first.items():
            sums = {**SUMS, "outcome not known": (4, 5)}
            if place.axis:
                sums |= {"people": (PEOPLE,), "people with outcome": (HARMED,)}
            for name, columns in sums.items():
                coefficients = {first + column: 1 for column in columns}
                if 0 < self._value(coefficients) < smallest:
                    yield (place, name, None), coefficients
            for larger in outer[place.export]:
                whole = self._first.get(place._replace(export=larger))
                if whole is None:
                    continue
                for name, columns in SUMS.items():
                    added = {**{whole + column: 1 for column in columns}, **_minus(first, columns)}
                    if 0 < self._value(added) < smallest:
                        yield (place._replace(export=larger), name, place.export), added

    def _small_beyond(self, smallest: int) -> Iterator[tuple[tuple[Place, str, tuple[int, ...]], Coefficients]]:
        """Return what a whole has beyond any two or more of its parts, where it is of some but few."""
        for each in self._divided:
            sets = (some for count in range(2, len(each.parts) + 1) for some in combinations(each.parts, count))
            for some, place in product(sets, [p for p in self._first if p.export == each.whole]):
                for name, columns in SUMS.items():
                    beyond = self._less(place, some, columns)
                    if 0 < self._value(beyond) < smallest:
                        yield (place, name, some), beyond

    def _furthest(self, objective: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the possible counts at which `objective` is largest."""
        size = len(self._truth)
        most = 4 * max(self._truth) + 100  # no bound that matters; without one a program may have no end
        found = milp(-objective, integrality=np.ones(size), bounds=Bounds(0, most), constraints=self._program)
        if found.x is None:
            raise RuntimeError(f"The relations have no solution: {found.message}")
        return np.asarray(np.rint(found.x))


def _place(number: int, cell: Cell) -> Place:
    second = cell.get("and_characteristic") or ""
    axis = (cell["characteristic"], second) if second else (cell["characteristic"],)
    group = (cell["group"], cell["and_group"]) if second else (cell["group"],)
    return Place(number, cell["table"], axis, group)


def _perhaps(number: int, shown: Sequence[Cell], there: Collection[Place]) -> Iterator[Place]:
    """Return intersections in which nobody is, as an outsider cannot tell: one side withholds a figure of its own."""
    hidden, listed = set(), set()
    groups: dict[str, set[str]] = defaultdict(set)
    for cell in shown:
        place = _place(number, cell)
        listed.add(place.axis)
        if len(place.axis) == 1:
            groups[place.axis[0]].add(place.group[0])
            if cell["metric"] in METRICS and not _told(cell, "events"):
                hidden.add((place.axis[0], place.group[0]))
    for axis in sorted(each for each in listed if len(each) == 2):
        for pair in product(*(sorted(groups[name]) for name in axis)):
            place = Place(number, next(iter(there)).table, axis, pair)
            if place not in there and any(side in hidden for side in zip(axis, pair, strict=True)):
                yield place


def _told(cell: Cell, name: str) -> bool:
    value = cell.get(name)
    return value is not None and value == value  # NaN is nothing told


def _minus(first: int, columns: Iterable[int]) -> dict[int, int]:
    return {first + column: -1 for column in columns}


def _states(cells: Mapping[str, Cell]) -> list[int]:
    """Return the six states (outcome * 2 + selected) of a group from its rates' counts."""
    rows, selected = int(cells["selection"]["n"]), int(cells["selection"]["events"])
    known = int(cells["outcome"]["n"])
    missed, found = int(cells["missed_harm"]["events"]), int(cells["found"]["events"])
    false, without = int(cells["fpr"]["events"]), int(cells["fpr"]["n"])
    known_selected = int(cells["precision"]["n"])
    beyond = selected - known_selected
    return [without - false, false, missed, found, rows - known - beyond, beyond]
