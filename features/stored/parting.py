"""Cut an event stream into parts of whole people, each a smaller stream that gives the same numbers."""

from __future__ import annotations

import dataclasses
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from features.events import ROW_COLUMNS, EventStream, Homes
from values import BUCKETS, bucket

PART_ROWS = 150_000  # rows of the stream in a part: tens of megabytes while it is computed

Indexes = npt.NDArray[np.int64]


class Parts(Protocol):
    """An event stream in parts: in memory, or stored."""

    def __len__(self) -> int:
        """Return how many parts there are."""

    def part(self, number: int) -> EventStream:
        """Return one part; its people are in no other."""


class Parting:
    """An event stream in memory, read as parts of whole buckets of people.

    Parameters
    ----------
    stream
        The whole stream.
    rows
        How many rows a part should have; a bucket is never cut.
    """

    def __init__(self, stream: EventStream, rows: int = PART_ROWS) -> None:
        self._stream = stream
        buckets = buckets_of(stream.person_ids)
        self._people = np.argsort(buckets, kind="stable")
        held = np.bincount(buckets[stream.person], minlength=BUCKETS)
        self.bounds = _bounds(held, rows)
        self._first = np.searchsorted(buckets[self._people], self.bounds)

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def part(self, number: int) -> EventStream:
        """Return the stream of some buckets' people: their rows, whom they met, and where all of these lived."""
        own = np.sort(self._people[self._first[number] : self._first[number + 1]])
        offsets = self._stream.offsets
        return _compacted(self._stream, own, ranges(offsets[own], offsets[own + 1]))


def buckets_of(person_ids: npt.NDArray[np.str_]) -> npt.NDArray[np.int16]:
    """Return the bucket of each person."""
    return np.fromiter((bucket(person) for person in person_ids.tolist()), dtype=np.int16, count=len(person_ids))


def ranges(first: Indexes, last: Indexes) -> Indexes:
    """Return the numbers ``first[i] ... last[i] - 1`` of every i, one range after another."""
    length = last - first
    before = np.cumsum(length) - length
    return np.asarray(np.repeat(first - before, length) + np.arange(length.sum()), dtype=np.int64)


def _bounds(held: npt.NDArray[np.int64], rows: int) -> Indexes:
    """Return where parts begin, in buckets, and one past the last: as many buckets a part as hold `rows` rows."""
    bounds, full = [0], 0
    for number, count in enumerate(held):
        if full and full + count > rows:
            bounds.append(number)
            full = 0
        full += int(count)
    return np.array([*bounds, BUCKETS])


def _compacted(stream: EventStream, own: Indexes, rows: Indexes) -> EventStream:
    """Return these rows as a stream that holds only the people and events they name, in the same order."""
    columns: dict[str, Any] = {name: getattr(stream, name)[rows] for name in ROW_COLUMNS}
    met = columns["counterpart"]
    people = np.unique(np.concatenate([own, met[met >= 0]]))
    events = np.unique(columns["event_id"])
    columns["person"] = _place(people, columns["person"])
    columns["counterpart"] = np.where(met >= 0, _place(people, met), np.int32(-1))
    columns["event_id"] = _place(events, columns["event_id"])
    return EventStream(
        **columns,
        person_ids=stream.person_ids[people],
        event_refs=stream.event_refs[events],
        areas=stream.areas,
        homes=_homes_of(stream.homes, people),
        available=stream.available,
        recorded=stream.recorded,
    )


def _place(sorted_values: Indexes, values: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    return np.searchsorted(sorted_values, values).astype(np.int32)


def _homes_of(homes: Homes, people: Indexes) -> Homes:
    first = np.searchsorted(homes.person, people, side="left")
    rows = ranges(first, np.searchsorted(homes.person, people, side="right"))
    chosen = {field.name: getattr(homes, field.name)[rows] for field in dataclasses.fields(homes)}
    return Homes(**{**chosen, "person": _place(people, chosen["person"])})
