"""The proof that nothing known after T moves an indicator as of T, or who is considered then.

It works on the tables, so that a leak in building the stream is caught as well: once with every row version
that did not exist at T removed, once with the content of these versions replaced at random. In both worlds
every indicator as of T must be the same bit for bit, and every cohort must hold the same people.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.building import NEEDED, PERSON_COLUMNS, TABLES_READ, build_stream
from features.catalogue import CATALOGUE, Catalogue
from features.cohort import select_cohort
from features.errors import NothingKnown
from features.events import EventStream
from features.indicators import compute
from features.kinds import FAMILIES, FOREVER, NO_FLAG, OVERWRITTEN, Flag, Role
from features.source import RecordSource
from records import contract
from records.purposes import for_purpose
from values import AsOf, Progress, silent
from values.as_of import number_day

_KNOWLEDGE = frozenset({"known_from", "known_to", contract.ASSUMED})
_SCRAMBLED_YEARS = 3
ALL_AREAS = "all areas"

Build = Callable[[RecordSource], EventStream]


@dataclass(frozen=True)
class TimeTravelReport:
    """What the proof found.

    Attributes
    ----------
    as_of
        T.
    checked
        How many indicators were compared.
    rows
        For how many people.
    moved
        Names of indicators that differ in at least one person, in the catalogue's order; empty if the proof
        holds.
    cells
        For each of them the number of people in whom it differs.
    cohorts
        How many cohorts were compared: that of all areas, and that of each area asked for.
    cohorts_moved
        For each cohort that differs (an area, or "all areas") the number of people who enter or leave it.
    """

    as_of: AsOf
    checked: int
    rows: int
    moved: list[str]
    cells: Mapping[str, int]
    cohorts: int
    cohorts_moved: Mapping[str, int]

    @property
    def holds(self) -> bool:
        """Whether no indicator and no cohort moved."""
        return not self.moved and not self.cohorts_moved

    @property
    def leaks(self) -> list[str]:
        """What moved, in words: indicators by name, then cohorts."""
        return [*self.moved, *(f"the cohort of {area}" for area in self.cohorts_moved)]


@dataclass(frozen=True)
class _Tables:
    """Tables with other content than the snapshot they come from."""

    frames: Mapping[str, pd.DataFrame]
    extract_date: date
    offences: pd.DataFrame

    @property
    def tables(self) -> frozenset[str]:
        return frozenset(self.frames)

    def has(self, name: str) -> bool:
        return name in self.frames

    def table(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        return self.frames[name] if columns is None else self.frames[name][list(columns)]


def prove_time_travel(
    source: RecordSource | EventStream,
    as_of: AsOf,
    catalogue: Catalogue = CATALOGUE,
    person_ids: Iterable[str] | None = None,
    area: str | None = None,
    seed: int = 0,
    build: Build = build_stream,
    progress: Progress = silent,
) -> TimeTravelReport:
    """Compare all indicators and cohorts as of T with those of worlds in which the future is missing or different.

    Parameters
    ----------
    source
        A snapshot; or an event stream, which leaves the building of the stream unproved.
    as_of
        T.
    catalogue
        The indicators.
    person_ids
        For whom; everybody in the stream where None. From a snapshot only their incidents, hearings, orders and
        custody are then read, which makes a sample of a large force a matter of a second. Cohorts are compared
        for everybody who appears in what was read.
    area
        The area whose cohort is compared, beside that of all areas; every area where None.
    seed
        Of the random content.
    build
        How a stream is made from tables.
    progress
        Told after each of the three worlds.

    Raises
    ------
    NothingKnown
        If no event of these people is known as of T.
    """
    rng = np.random.default_rng(seed)
    person_ids = None if person_ids is None else set(person_ids)
    worlds: list[Callable[[], EventStream]]
    if isinstance(source, EventStream):
        stream = source
        worlds = [lambda: _without_future(stream, as_of), lambda: _with_other_future(stream, as_of, rng)]
    else:
        tables, told = _held(source, person_ids), source.extract_date
        stream = build(tables)
        worlds = [
            lambda: build(_rewritten(tables, lambda name, table: remove_unknown(name, table, as_of, told))),
            lambda: build(_rewritten(tables, lambda name, table: scramble_unknown(name, table, as_of, rng, told))),
        ]
    _require_knowledge(stream, as_of)
    people = sorted(stream.person_ids.tolist() if person_ids is None else person_ids)
    spine = pd.DataFrame({"person_id": pd.Series(people, dtype="str"), "as_of": pd.Timestamp(as_of.day)})
    answers = compute(stream, spine, catalogue)
    progress("time travel", 1, 3)
    differs = np.zeros((len(spine), len(catalogue)), dtype=np.bool_)
    cohorts = _cohorts(stream, as_of, [None, *(stream.areas.tolist() if area is None else [area])])
    moving: dict[str | None, set[str]] = {place: set() for place in cohorts}
    for number, world in enumerate(worlds):
        other = world()
        differs |= _differs(answers, compute(other, spine, catalogue), catalogue)
        for place, others in _cohorts(other, as_of, cohorts).items():
            moving[place] |= cohorts[place] ^ others
        progress("time travel", number + 2, 3)
    cells = {name: int(n) for name, n in zip(catalogue.names, differs.sum(axis=0), strict=True) if n}
    moved = {place or ALL_AREAS: len(people) for place, people in moving.items() if people}
    return TimeTravelReport(as_of, len(catalogue), len(spine), list(cells), cells, len(cohorts), moved)


def _cohorts(stream: EventStream, as_of: AsOf, areas: Iterable[str | None]) -> dict[str | None, set[str]]:
    """Return the people of each area's cohort; None is all areas."""
    return {area: set(select_cohort(stream, as_of, area)["person_id"]) for area in areas}


def _require_knowledge(stream: EventStream, as_of: AsOf) -> None:
    if stream.known_at(as_of).any():
        return
    remedy = "Ingest records of these people first."
    if len(stream):
        first = number_day(int(np.maximum(stream.known_from, stream.occurred).min()))
        remedy = f"Choose a date from {first} on, when the first event became known."
    raise NothingKnown(f"Nothing is known as of {as_of}, so there is nothing to prove.", remedy)


def _differs(told: pd.DataFrame, other: pd.DataFrame, catalogue: Catalogue) -> npt.NDArray[np.bool_]:
    """Compare bit by bit; all NaN are one."""
    names = list(catalogue.names)
    one, two = told[names].to_numpy(dtype=np.float64), other[names].to_numpy(dtype=np.float64)
    same = np.ascontiguousarray(one).view(np.int64) == np.ascontiguousarray(two).view(np.int64)
    return np.asarray(~(same | (np.isnan(one) & np.isnan(two))), dtype=np.bool_)


def _held(source: RecordSource, person_ids: set[str] | None) -> RecordSource:
    """Read the tables once; for chosen people only what they have a part in, with everyone else in it."""
    source = for_purpose(source, "rank", "The time-travel proof", NEEDED)
    frames = {name: source.table(name) for name in TABLES_READ if source.has(name)}
    if person_ids is not None:
        involved = frames["involvements"]
        incidents = involved.loc[involved["person_id"].isin(person_ids), "incident_id"].unique()
        for name, table in frames.items():
            if "incident_id" in table:
                frames[name] = table[table["incident_id"].isin(incidents)]
            elif name in PERSON_COLUMNS:
                parties = [table[column].isin(person_ids) for column in PERSON_COLUMNS[name]]
                frames[name] = table[np.logical_or.reduce(parties)]
    return _Tables(frames, source.extract_date, source.offences)


def _rewritten(source: RecordSource, rewrite: Callable[[str, pd.DataFrame], pd.DataFrame]) -> RecordSource:
    frames = {name: rewrite(name, source.table(name)) for name in sorted(source.tables)}
    return _Tables(frames, source.extract_date, source.offences)


def remove_unknown(name: str, table: pd.DataFrame, as_of: AsOf, extract_date: date) -> pd.DataFrame:
    """Return the row versions that existed at T, as they would have looked then.

    What ended their validity later is forgotten, and so are values that the contract dates after T, such as
    the day of a breach that was still to come, and values that an extract after T told without a date.
    """
    known = table[_exists(table, as_of)].copy()
    known["known_to"] = pd.Series(pd.NaT, index=known.index, dtype=table["known_to"].dtype)
    for column, later in (*_dated_later(name, known, as_of), *_told_later(name, known, as_of, extract_date)):
        known[column] = known[column].mask(later)
    return known.reset_index(drop=True)


def scramble_unknown(
    name: str, table: pd.DataFrame, as_of: AsOf, rng: np.random.Generator, extract_date: date
) -> pd.DataFrame:
    """Return the table with random content in every row version that did not exist at T.

    Each value is drawn from the same column of the whole table, so it is legal and often lies before T; the
    days on which these versions were known stay. Later ends of what was known at T are replaced too, and so are
    values that an extract after T told without a date.
    """
    told = table.copy()
    unknown = ~_exists(table, as_of)
    later_told = dict(_told_later(name, table, as_of, extract_date))
    for column in sorted(set(table.columns) - _KNOWLEDGE):
        present = np.flatnonzero(table[column].notna())
        replaced = np.flatnonzero(unknown | later_told[column] if column in later_told else unknown)
        if len(replaced) and len(present):
            drawn = table[column].iloc[rng.choice(present, len(replaced))]
            values = told[column].copy()
            values.iloc[replaced] = drawn.to_numpy()
            told[column] = values
    ending = (_exists(table, as_of) & table["known_to"].notna()).to_numpy()
    days = rng.integers(1, _SCRAMBLED_YEARS * 365, int(ending.sum()))
    later = pd.Series(pd.Timestamp(as_of.day) + pd.to_timedelta(days, unit="D"))
    told.loc[ending, "known_to"] = later.to_numpy(dtype="datetime64[s]")
    for column, shifted in _dated_later(name, told, as_of):
        if pd.api.types.is_datetime64_dtype(told[column]):
            told.loc[shifted, column] = told.loc[shifted, column] + pd.Timedelta(days=1)
    return told


def _exists(table: pd.DataFrame, as_of: AsOf) -> pd.Series[bool]:
    day = pd.Timestamp(as_of.day)
    return (table["known_from"] <= day) & (table["known_to"].isna() | (table["known_to"] > day))


def _dated_later(name: str, table: pd.DataFrame, as_of: AsOf) -> Iterable[tuple[str, pd.Series[bool]]]:
    """Yield each column that another one (or itself) dates, and the rows in which that day is after T."""
    day = pd.Timestamp(as_of.day)
    dated = [column for column in contract.TABLES[name].columns if column.dated_by in table]
    later = {column.name: table[column.dated_by] > day for column in dated}
    yield from later.items()


def _told_later(
    name: str, table: pd.DataFrame, as_of: AsOf, extract_date: date
) -> Iterable[tuple[str, pd.Series[bool]]]:
    """Yield each column that is overwritten without a date, and the rows whose value an extract after T told."""
    if as_of.day >= extract_date:
        return
    assumed = table[contract.ASSUMED] if contract.ASSUMED in table else pd.Series(True, index=table.index)
    for column in contract.TABLES[name].columns:
        if column.overwritten and column.dated_by is None and column.name in table:
            yield column.name, assumed


def _without_future(stream: EventStream, as_of: AsOf) -> EventStream:
    day = as_of.number
    known = stream.take((stream.known_from <= day) & (day < stream.known_to))
    told_later = np.where(known.stated > day, np.int32(OVERWRITTEN), np.int32(NO_FLAG))
    endless = np.full(len(known), FOREVER, dtype=np.int32)
    return dataclasses.replace(known, known_to=endless, flags=known.flags & ~told_later)


def _with_other_future(stream: EventStream, as_of: AsOf, rng: np.random.Generator) -> EventStream:
    """Replace what rows not known at T say, and what was stated after it.

    Order within a person is kept; the fold passes over rows that are not known.
    """
    day = as_of.number
    unknown = ~((stream.known_from <= day) & (day < stream.known_to))
    n = int(unknown.sum())
    content = {
        "occurred": day - rng.integers(0, _SCRAMBLED_YEARS * 365, n),
        "reported": day - rng.integers(0, _SCRAMBLED_YEARS * 365, n),
        "role": rng.integers(0, len(Role), n),
        "family": rng.integers(0, len(FAMILIES), n),
        "harm": rng.integers(-1, 500_000, n),
        "flags": rng.integers(0, 2 * max(Flag), n),
        "counterpart": rng.integers(-1, len(stream.person_ids), n),
    }
    changed = {}
    for name, values in content.items():
        column = getattr(stream, name).copy()
        column[unknown] = values
        changed[name] = column
    told_later = np.where(stream.stated > day, np.int32(OVERWRITTEN), np.int32(NO_FLAG))
    other = rng.integers(0, 2 * max(Flag), len(stream)).astype(np.int32)
    changed["flags"] = (changed["flags"] & ~told_later) | (other & told_later)
    return dataclasses.replace(stream, **changed)
