"""The event stream: everything known about everyone, one sorted set of arrays.

A row is one person's part in one event, in one version of what was known about it. Rows are sorted by person,
day, event and then every other column, so the stream does not depend on the order of rows in the tables.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.knowledge import Days, holds_at
from values import AsOf

Ints = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

ROW_COLUMNS = (
    "person",
    "occurred",
    "event_id",
    "kind",
    "role",
    "counterpart",
    "known_from",
    "known_to",
    "reported",
    "family",
    "harm",
    "flags",
    "area",
    "stated",
)
ROW_TYPES: Mapping[str, type[np.generic]] = {
    **dict.fromkeys(ROW_COLUMNS, np.int32),
    "kind": np.int8,
    "role": np.int8,
    "family": np.int8,
    "harm": np.int64,
    "area": np.int16,
}


@dataclass(frozen=True, eq=False)
class Homes:
    """Where people lived and from when to when that was known; day numbers, sorted by person."""

    person: Ints
    area: npt.NDArray[np.int16]
    starts: Ints
    ends: Ints
    known_from: Ints
    known_to: Ints

    def people_in(self, area: int, as_of: AsOf) -> Ints:
        """Return the persons known at T to live in `area` at T."""
        day = as_of.number
        known = (self.known_from <= day) & (day < self.known_to)
        lives = (self.starts <= day) & (day < self.ends) & (self.area == area)
        return np.unique(self.person[known & lives])


@dataclass(frozen=True, eq=False)
class EventStream:
    """One long table of events as read-only arrays of equal length.

    Attributes
    ----------
    person, counterpart
        Index into `person_ids`; counterpart is -1 where there is none or it is unknown.
    occurred
        Day number of the last day of the conduct: ``occurred_to``, but not after the report; else
        ``occurred_from``. For a hearing the day it was heard, for orders and custody the day they start, for a
        breach the day of the breach.
    reported
        Day number of the report (of the MARAC referral for a hearing); `occurred` where not recorded.
    known_from, known_to
        Day numbers; the row exists as of T if ``known_from <= T < known_to``. ``2**31 - 1`` while current.
    event_id
        Index into `event_refs`, such as ``"incident:INC001"``.
    kind, role, family, flags
        Codes of `features.kinds`; family is negative for rows that are no incident (`SORT_CODE`).
    harm
        Hundredths of harm days; -1 where unknown.
    area
        Index into `areas`; -1 where not recorded.
    stated
        Day number from which the row's `OVERWRITTEN` flags are known, not before `known_from`. As of an earlier day
        the row counts as if none of them were set.
    available
        Tables that were delivered.
    recorded
        For each optional column, the days on which at least one value of it was known, as half-open spans
        (``dyads.victim_id``: any pair, derived ones too; ``involvements.role``: anybody as victim). A column that
        is overwritten without a date counts from the day it was stated.
    """

    person: Ints
    occurred: Ints
    event_id: Ints
    kind: npt.NDArray[np.int8]
    role: npt.NDArray[np.int8]
    counterpart: Ints
    known_from: Ints
    known_to: Ints
    reported: Ints
    family: npt.NDArray[np.int8]
    harm: npt.NDArray[np.int64]
    flags: Ints
    area: npt.NDArray[np.int16]
    stated: Ints
    person_ids: npt.NDArray[np.str_]
    event_refs: npt.NDArray[np.str_]
    areas: npt.NDArray[np.str_]
    homes: Homes
    available: frozenset[str]
    recorded: Mapping[str, npt.NDArray[np.int32]]

    def __post_init__(self) -> None:
        for name in ROW_COLUMNS:
            getattr(self, name).flags.writeable = False

    def __len__(self) -> int:
        return len(self.person)

    def __repr__(self) -> str:
        return f"EventStream({len(self)} rows, {len(self.person_ids)} people, {len(self.event_refs)} events)"

    @cached_property
    def offsets(self) -> npt.NDArray[np.int64]:
        """First row of each person, and one past the last: ``len(person_ids) + 1`` numbers."""
        people = np.arange(len(self.person_ids) + 1)
        return np.asarray(np.searchsorted(self.person, people), dtype=np.int64)

    @cached_property
    def _person_index(self) -> pd.Index:
        return pd.Index(self.person_ids)

    @cached_property
    def _event_index(self) -> pd.Index:
        return pd.Index(self.event_refs)

    def persons(self, person_ids: Iterable[str]) -> npt.NDArray[np.int64]:
        """Return the index of each person; -1 for people of whom no event is known."""
        return np.asarray(self._person_index.get_indexer(pd.Index(person_ids)), dtype=np.int64)

    def events(self, event_refs: Iterable[str]) -> npt.NDArray[np.int64]:
        """Return the index of each event reference; -1 where there is no such event."""
        return np.asarray(self._event_index.get_indexer(pd.Index(list(event_refs), dtype="str")), np.int64)

    def area_index(self, area: str) -> int:
        """Return the index of `area`; -1 where nothing is recorded in it."""
        found = np.flatnonzero(self.areas == area)
        return int(found[0]) if len(found) else -1

    def known_at(self, as_of: AsOf) -> Mask:
        """Say for each row whether it exists as of T and had occurred by then."""
        day = as_of.number
        return (self.known_from <= day) & (day < self.known_to) & (self.occurred <= day)

    def is_recorded(self, column: str, days: Days) -> Mask:
        """Say for each day whether any value of an optional column was known."""
        return holds_at(self.recorded.get(column, np.empty((0, 2), dtype=np.int32)), days)

    def take(self, rows: Mask | npt.NDArray[np.int64]) -> EventStream:
        """Return the stream with these rows only (ascending); people, references and availability stay."""
        return dataclasses.replace(self, **{name: getattr(self, name)[rows] for name in ROW_COLUMNS})

    def subset(self, person_ids: Iterable[str]) -> EventStream:
        """Return the rows of these people only."""
        return self.take(np.isin(self.person, self.persons(person_ids)))

    def without(self, event_refs: Collection[str]) -> EventStream:
        """Return the stream as if these events had never been recorded."""
        return self.take(~np.isin(self.event_id, self.events(event_refs)))
