"""What was known at T about the people on a list, gathered once for rules that stand beside the score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from features import EventFact, EventStream, RecordSource
from features.kinds import FAMILIES, OVERWRITTEN, Flag, Kind, Role
from records.purposes import for_purpose
from values import AsOf, Window, number_day


@dataclass(frozen=True)
class KnownEvent:
    """One person's part in one event, as known at T.

    `harm` is in hundredths of days, -1 where unknown; `counterpart` the other person's id where recorded.
    """

    event_ref: str
    occurred: date
    reported: date
    kind: Kind
    role: Role
    family: str | None
    harm: int
    counterpart: str | None
    flags: Flag
    area: str | None

    def fact(self) -> EventFact:
        """Return the event as it is cited."""
        return EventFact(
            event_ref=self.event_ref,
            occurred=self.occurred,
            kind=self.kind.name.lower(),
            family=self.family,
            role=self.role.name.lower(),
            counterpart=self.counterpart,
            harm=self.harm / 100.0 if self.harm >= 0 else None,
        )

    @property
    def domestic(self) -> bool:
        """Say whether the event is flagged as domestic abuse."""
        return bool(self.flags & Flag.DOMESTIC)

    @property
    def crime(self) -> bool:
        """Say whether the event is a recorded crime."""
        return bool(self.flags & Flag.CRIME)


@dataclass(frozen=True)
class CustodySpell:
    """A spell in custody; `expected_release` and `ends_on` as recorded at the extract date."""

    starts_on: date
    ends_on: date | None
    expected_release: date | None
    kind: str | None


@dataclass(frozen=True)
class PersonRecord:
    """Everything that the suitability criteria of one person read.

    Attributes
    ----------
    adult
        ``yes``, ``no`` or ``unknown`` at T.
    events
        Known events in any role, latest first.
    relationships
        What the victim is to the person, by event, where recorded or inferred.
    high_grade
        Events with a risk grade of high; `graded` those with any grade.
    homes, victim_homes
        Areas where the person, and the people they are recorded as suspects against, are known to live.
    custody, schemes
        Spells in custody that include T, and schemes that manage the person at T.
    childrens_social_care
        Whether a referral by children's social care is known.
    available
        Tables that were delivered.
    extract_date
        Columns that record systems overwrite are as recorded on this day, even where T is earlier.
    """

    person_id: str
    as_of: AsOf
    adult: str
    events: tuple[KnownEvent, ...]
    relationships: Mapping[str, frozenset[str]]
    graded: frozenset[str]
    high_grade: frozenset[str]
    homes: frozenset[str]
    victim_homes: frozenset[str]
    custody: tuple[CustodySpell, ...]
    schemes: tuple[str, ...]
    childrens_social_care: bool
    available: frozenset[str]
    extract_date: date

    def domestic(self, kind: Kind, window: Window) -> tuple[KnownEvent, ...]:
        """Return domestic events of one kind as suspect that occurred in the window, latest first."""
        return tuple(
            e
            for e in self.events
            if e.kind is kind
            and e.role is Role.SUSPECT
            and e.domestic
            and window.holds((self.as_of.day - e.occurred).days)
        )

    def by_victim(self, window: Window) -> dict[str, tuple[KnownEvent, ...]]:
        """Return the same for suspect-victim pairs, by victim."""
        found: dict[str, tuple[KnownEvent, ...]] = {}
        for event in self.domestic(Kind.DYAD, window):
            if event.counterpart:
                found[event.counterpart] = (*found.get(event.counterpart, ()), event)
        return found


def known_events(stream: EventStream, person_ids: Iterable[str], as_of: AsOf) -> dict[str, tuple[KnownEvent, ...]]:
    """Return the events of each person known at T, latest first; none for people not in the stream."""
    names = list(person_ids)
    offsets, day = stream.offsets, as_of.number
    found = {}
    for name, person in zip(names, stream.persons(names), strict=True):
        rows = np.arange(offsets[person], offsets[person + 1]) if person >= 0 else np.arange(0)
        known = (stream.known_from[rows] <= day) & (day < stream.known_to[rows]) & (stream.occurred[rows] <= day)
        found[name] = tuple(_event(stream, int(row)) for row in rows[known][::-1])
    return found


def gather_records(
    stream: EventStream,
    source: RecordSource,
    person_ids: Iterable[str],
    as_of: AsOf,
    adult: Mapping[str, str],
) -> dict[str, PersonRecord]:
    """Return what the criteria read, for each person.

    Parameters
    ----------
    stream, source
        The event stream and the snapshot it was built from.
    person_ids
        The people on the list, referred people without any event included.
    as_of
        T.
    adult
        ``yes`` / ``no`` / ``unknown`` by person; people left out count as unknown.
    """
    people = sorted(set(person_ids))
    source = for_purpose(source, "display", "A criterion", _NEEDED)
    events = known_events(stream, people, as_of)
    tables = _Tables(source, as_of, people)
    homes = _homes(stream, as_of)
    return {
        person: PersonRecord(
            person_id=person,
            as_of=as_of,
            adult=adult.get(person, "unknown"),
            events=events[person],
            relationships=tables.relationships.get(person, {}),
            graded=frozenset(e.event_ref for e in events[person] if e.event_ref in tables.grades),
            high_grade=frozenset(e.event_ref for e in events[person] if tables.grades.get(e.event_ref) == "high"),
            homes=homes.get(person, frozenset()),
            victim_homes=frozenset().union(*(homes.get(v, frozenset()) for v in _victims(events[person]))),
            custody=tables.custody.get(person, ()),
            schemes=tables.schemes.get(person, ()),
            childrens_social_care=person in tables.childrens_social_care,
            available=frozenset(source.tables),
            extract_date=source.extract_date,
        )
        for person in people
    }


_NEEDED = {
    "incidents": ("incident_id",),
    "involvements": ("incident_id", "person_id"),
    "dyads": ("incident_id", "suspect_id"),
    "custody": ("person_id", "starts_on"),
    "management": ("person_id", "scheme", "starts_on"),
    "referrals": ("person_id", "route"),
}


class _Tables:
    """The rows of a few display tables that concern these people and are known at T."""

    def __init__(self, source: RecordSource, as_of: AsOf, people: list[str]) -> None:
        self._source, self._day, self._people = source, pd.Timestamp(as_of.day), people
        self.relationships = self._relationships()
        self.grades = self._grades()
        self.custody = self._custody()
        self.schemes = self._schemes()
        referrals = self.known("referrals", "person_id")
        by_care = referrals[referrals["route"] == "childrens_social_care"] if len(referrals) else referrals
        self.childrens_social_care = frozenset(by_care["person_id"]) if len(by_care) else frozenset()

    def known(self, name: str, person: str) -> pd.DataFrame:
        if not self._source.has(name):
            return pd.DataFrame()
        table = known_rows(self._source.table(name), self._day)
        return table[table[person].isin(self._people)]

    def _relationships(self) -> dict[str, dict[str, frozenset[str]]]:
        table = self.known("dyads", "suspect_id")
        if not len(table) or "relationship" not in table:
            return {}
        if "relationship_source" in table:
            table = table[table["relationship_source"] != "unknown"]
        found: dict[str, dict[str, frozenset[str]]] = {}
        rows = table.dropna(subset=["relationship"])[["suspect_id", "incident_id", "relationship"]]
        for person, incident, relationship in rows.itertuples(index=False):
            events = found.setdefault(person, {})
            ref = f"incident:{incident}"
            events[ref] = events.get(ref, frozenset()) | {relationship}
        return found

    def _grades(self) -> dict[str, str]:
        suspects = self.known("involvements", "person_id")
        incidents = known_rows(self._source.table("incidents"), self._day)
        if "risk_grade" not in incidents:
            return {}
        rows = incidents[incidents["incident_id"].isin(suspects["incident_id"])].dropna(subset=["risk_grade"])
        return dict(zip("incident:" + rows["incident_id"], rows["risk_grade"], strict=True))

    def _custody(self) -> dict[str, tuple[CustodySpell, ...]]:
        table = self.known("custody", "person_id")
        if not len(table):
            return {}
        found: dict[str, tuple[CustodySpell, ...]] = {}
        for row in _running(table, self._day).sort_values(["person_id", "starts_on"]).to_dict("records"):
            spell = CustodySpell(
                row["starts_on"].date(),
                _day(row.get("ends_on")),
                _day(row.get("expected_release")),
                _text(row.get("kind")),
            )
            found[row["person_id"]] = (*found.get(row["person_id"], ()), spell)
        return found

    def _schemes(self) -> dict[str, tuple[str, ...]]:
        table = self.known("management", "person_id")
        if not len(table):
            return {}
        running = _running(table, self._day)
        return {str(person): tuple(sorted(set(rows))) for person, rows in running.groupby("person_id")["scheme"]}


def known_rows(table: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return the row versions that exist at the end of `day`."""
    return table[(table["known_from"] <= day) & (table["known_to"].isna() | (table["known_to"] > day))]


def _running(table: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    open_ended = table["ends_on"].isna() | (table["ends_on"] > day) if "ends_on" in table else True
    return table[(table["starts_on"] <= day) & open_ended]


def _event(stream: EventStream, row: int) -> KnownEvent:
    family, counterpart, area = int(stream.family[row]), int(stream.counterpart[row]), int(stream.area[row])
    return KnownEvent(
        event_ref=str(stream.event_refs[stream.event_id[row]]),
        occurred=number_day(int(stream.occurred[row])),
        reported=number_day(int(stream.reported[row])),
        kind=Kind(int(stream.kind[row])),
        role=Role(int(stream.role[row])),
        family=FAMILIES[family] if family >= 0 else None,
        harm=int(stream.harm[row]),
        counterpart=str(stream.person_ids[counterpart]) if counterpart >= 0 else None,
        flags=Flag(int(stream.flags[row])) & ~OVERWRITTEN,  # these are read, with their dates, from the tables
        area=str(stream.areas[area]) if area >= 0 else None,
    )


def _victims(events: Iterable[KnownEvent]) -> set[str]:
    return {e.counterpart for e in events if e.counterpart and e.role is Role.SUSPECT}


def _homes(stream: EventStream, as_of: AsOf) -> dict[str, frozenset[str]]:
    homes, day = stream.homes, as_of.number
    now = (homes.known_from <= day) & (day < homes.known_to) & (homes.starts <= day) & (day < homes.ends)
    now &= homes.area >= 0
    found: dict[str, frozenset[str]] = {}
    for person, area in zip(stream.person_ids[homes.person[now]], stream.areas[homes.area[now]], strict=True):
        found[str(person)] = found.get(str(person), frozenset()) | {str(area)}
    return found


def _day(value: object) -> date | None:
    return value.date() if isinstance(value, pd.Timestamp) and not pd.isna(value) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
