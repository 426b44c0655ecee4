"""The events behind a number, so that every reason can cite them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from features.events import EventStream
from features.indicator import Indicator
from features.kinds import FAMILIES, Kind, Role
from features.measures import Known
from values import AsOf, number_day


@dataclass(frozen=True)
class EventFact:
    """One event as it was known at T.

    Attributes
    ----------
    event_ref
        Such as ``"incident:INC001"``.
    occurred
        The last day of the conduct.
    kind, role, family
        Words of `features.kinds` in lower case; family is None for rows that are no incident.
    counterpart
        Person id of the other side; None where unknown.
    harm
        Harm days; None where unknown.
    """

    event_ref: str
    occurred: date
    kind: str
    family: str | None
    role: str
    counterpart: str | None
    harm: float | None


class PersonEvents:
    """What was known at T about one person.

    Parameters
    ----------
    stream
        The event stream.
    person_id
        The person; nobody of whom an event is known has none.
    as_of
        T.
    """

    def __init__(self, stream: EventStream, person_id: str, as_of: AsOf) -> None:
        person = stream.persons([person_id])[0]
        start, end = (0, 0) if person < 0 else stream.offsets[person : person + 2]
        own = stream.take(np.arange(start, end))
        self._known = Known(own.take(own.known_at(as_of)), as_of.number)

    def behind(self, indicator: Indicator) -> list[EventFact]:
        """Return the events that the indicator counts, earliest first; see `events_behind`."""
        counted = indicator.measure.counted(self._known)
        return list(dict.fromkeys(_fact(self._known.events, int(row)) for row in np.flatnonzero(counted)))


def events_behind(stream: EventStream, indicator: Indicator, person_id: str, as_of: AsOf) -> list[EventFact]:
    """Return the events known at T that the indicator counts for this person, earliest first.

    Of a share, the events of its whole; of a largest number, those that reach it; of "days since", the one on
    that day. An event with two victims appears once for each.
    """
    return PersonEvents(stream, person_id, as_of).behind(indicator)


def _fact(rows: EventStream, row: int) -> EventFact:
    family, counterpart, harm = int(rows.family[row]), int(rows.counterpart[row]), int(rows.harm[row])
    return EventFact(
        event_ref=str(rows.event_refs[rows.event_id[row]]),
        occurred=number_day(int(rows.occurred[row])),
        kind=Kind(rows.kind[row]).name.lower(),
        family=FAMILIES[family] if family >= 0 else None,
        role=Role(rows.role[row]).name.lower(),
        counterpart=str(rows.person_ids[counterpart]) if counterpart >= 0 else None,
        harm=harm / 100.0 if harm >= 0 else None,
    )
