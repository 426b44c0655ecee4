"""Two states of knowledge about the same people: what was known as of T in one snapshot of records, and in another.

Events are compared by what they say, not by when it was recorded. A person's event is *new* if only the later state
has it, *withdrawn* if only the earlier one does, and *corrected* if both have it and it says something else. The breach
of an order is an event of its own; a victim who was identified later corrects the incident.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.events import ROW_COLUMNS, ROW_TYPES, EventStream, Homes
from features.kinds import FOREVER, OVERWRITTEN, Kind
from features.ordering import row_order
from values import AsOf

Change = Literal["new", "corrected", "withdrawn", "same"]
Changes = npt.NDArray[np.str_]

_LONG_AGO = -(2**31) + 1
_ALWAYS = np.array([[_LONG_AGO, FOREVER]], dtype=np.int32)
_NEVER = np.empty((0, 2), dtype=np.int32)
_SAYS = [name for name in ROW_COLUMNS if name != "area"]  # which no indicator reads


def frozen(stream: EventStream, as_of: AsOf) -> EventStream:
    """Return what was known as of T as if it had always been known and would stay so.

    Events that were known of beforehand, such as a hearing to come, are kept: on a later date they count.
    """
    day = as_of.number
    known = stream.take((stream.known_from <= day) & (day < stream.known_to))
    told = known.stated <= day
    columns: dict[str, Any] = {
        "flags": np.where(told, known.flags, known.flags & np.int32(~int(OVERWRITTEN))),
        "known_from": np.full(len(known), _LONG_AGO, dtype=np.int32),
        "known_to": np.full(len(known), FOREVER, dtype=np.int32),
        "stated": np.full(len(known), _LONG_AGO, dtype=np.int32),
    }
    days = np.array([day], dtype=np.int32)
    recorded = {name: _ALWAYS if stream.is_recorded(name, days)[0] else _NEVER for name in stream.recorded}
    return dataclasses.replace(known, **columns, recorded=recorded)


@dataclass(frozen=True, eq=False)
class TwoStates:
    """The same people's events in two states of knowledge, frozen, over one list of people and of events.

    Attributes
    ----------
    before, after
        The two; build them with `two_states`.
    """

    before: EventStream
    after: EventStream

    @cached_property
    def changes(self) -> tuple[Changes, Changes]:
        """For each row of the earlier and of the later state what became of its event."""
        sides = [_said(side) for side in (self.before, self.after)]
        both = pd.concat(sides, keys=["before", "after"], names=["side"]).reset_index("side")
        on = both.groupby(_SAYS, sort=False)["side"]
        both["alike"] = on.transform("nunique") == 2
        both["breach"] = both["kind"] == Kind.BREACH
        event = both.groupby(["person", "event_id", "breach"], sort=False)
        sides_of = event["side"].transform("nunique")
        same = event["alike"].transform("all")
        alone = np.where(both["side"] == "after", "new", "withdrawn")
        told = np.where(sides_of == 1, alone, np.where(same, "same", "corrected"))
        return told[: len(self.before)], told[len(self.before) :]

    def without_new(self) -> EventStream:
        """Return the later state as if its new events were not known."""
        return self.after.take(self.changes[1] != "new")

    def with_withdrawn(self) -> EventStream:
        """Return the later state as if nothing had been withdrawn."""
        return _joined(self.after, self.before.take(self.changes[0] == "withdrawn"))

    def uncorrected(self) -> EventStream:
        """Return the later state as if no event had been corrected."""
        kept = self.after.take(self.changes[1] != "corrected")
        return _joined(kept, self.before.take(self.changes[0] == "corrected"))

    def recorded_as_before(self) -> EventStream:
        """Return the later state with the tables and columns that the earlier one had."""
        return dataclasses.replace(self.after, available=self.before.available, recorded=self.before.recorded)

    @property
    def recording_changed(self) -> bool:
        """Whether the two had different tables, or different columns recorded."""
        names = self.before.recorded.keys() | self.after.recorded.keys()
        sides = [[len(side.recorded.get(name, ())) for name in sorted(names)] for side in (self.before, self.after)]
        return self.before.available != self.after.available or sides[0] != sides[1]

    def changes_of(self, people: npt.NDArray[np.str_]) -> Mapping[str, set[str]]:
        """Return for each person which changes there are among their events."""
        found: dict[str, set[str]] = {str(person): set() for person in people}
        for stream, changes in zip((self.before, self.after), self.changes, strict=True):
            rows = np.flatnonzero(changes != "same")
            for person, change in zip(stream.person_ids[stream.person[rows]], changes[rows], strict=True):
                if str(person) in found:
                    found[str(person)].add(str(change))
        return found


def two_states(before: EventStream, after: EventStream) -> TwoStates:
    """Return two frozen streams with people and events numbered alike."""
    return TwoStates(*numbered_alike([before, after]))


def numbered_alike(streams: Sequence[EventStream]) -> list[EventStream]:
    """Return the streams over one list of the people and events that they name."""
    people = [_used(each.person_ids, each.person, each.counterpart) for each in streams]
    events = [_used(each.event_refs, each.event_id) for each in streams]
    together = np.unique(np.concatenate(people)), np.unique(np.concatenate(events))
    return [_renumbered(each, *together) for each in streams]


def pooled(streams: Sequence[EventStream]) -> EventStream:
    """Return one stream with the rows of all, each of which holds other people."""
    first, *others = numbered_alike(streams)
    for each in others:
        first = _joined(first, each)
    return first


def _used(names: npt.NDArray[np.str_], *numbers: npt.NDArray[np.int32]) -> npt.NDArray[np.str_]:
    used = np.unique(np.concatenate(numbers))
    return np.asarray(names[used[used >= 0]], dtype=np.str_)


def _renumbered(stream: EventStream, people: npt.NDArray[np.str_], events: npt.NDArray[np.str_]) -> EventStream:
    person = np.searchsorted(people, stream.person_ids).astype(np.int32)
    event = np.searchsorted(events, stream.event_refs).astype(np.int32)
    unknown = stream.counterpart < 0
    columns: dict[str, Any] = {
        "person": person[stream.person],
        "counterpart": np.where(unknown, np.int32(-1), person[np.where(unknown, 0, stream.counterpart)]),
        "event_id": event[stream.event_id],
    }
    return _sorted(
        dataclasses.replace(stream, **columns, person_ids=people, event_refs=events, homes=_nowhere(stream.homes))
    )


def _nowhere(homes: Homes) -> Homes:
    """Return no addresses: indicators do not read them, and people are numbered otherwise."""
    return Homes(**{each.name: getattr(homes, each.name)[:0] for each in dataclasses.fields(homes)})


def _joined(stream: EventStream, more: EventStream) -> EventStream:
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(stream, name), getattr(more, name)]) for name in ROW_COLUMNS
    }
    return _sorted(dataclasses.replace(stream, **columns))


def _sorted(stream: EventStream) -> EventStream:
    return stream.take(row_order({name: getattr(stream, name) for name in ROW_COLUMNS}))


def _said(stream: EventStream) -> pd.DataFrame:
    return pd.DataFrame({name: getattr(stream, name).astype(ROW_TYPES[name]) for name in _SAYS})
