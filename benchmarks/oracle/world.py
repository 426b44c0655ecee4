"""The tables as they were known at the end of one day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

Row = Mapping[str, Any]

RELATIONSHIPS = ("partner", "ex_partner", "parent", "child", "sibling", "other_family")
GRADES = ("standard", "medium", "high")
TOOLS = ("dash", "dara", "other")
OVERWRITTEN = {
    "incidents": ("risk_tool", "risk_tool_version", "risk_grade"),
    "dyads": ("relationship", "relationship_source", "cohabiting", "separated_on"),
    "orders": ("ends_on",),
    "custody": ("ends_on", "expected_release"),
}
"""Columns that record systems overwrite: where `known_from` is assumed they count from the extract date only."""


class Pair(NamedTuple):
    """Who acted against whom; the relationship is None where it is not stated by T."""

    suspect: str
    victim: str
    relationship: str | None
    derived: bool


@dataclass(frozen=True)
class Incident:
    """One incident as known at T.

    Attributes
    ----------
    on
        The last day of the conduct.
    told
        The day of the report; `on` where no report date is recorded.
    harm
        Harm days; None where the weight is not known.
    row
        The columns as delivered, without values that were learnt after T.
    suspects, victims
        Who is recorded in the role.
    pairs
        The recorded pairs, or the derived one.
    """

    key: str
    on: date
    told: date
    crime: bool
    domestic: bool
    family: str
    harm: float | None
    row: Row
    suspects: frozenset[str]
    victims: frozenset[str]
    pairs: frozenset[Pair]

    def victims_of(self, suspect: str) -> set[str]:
        """Return the identified victims of one suspect."""
        return {pair.victim for pair in self.pairs if pair.suspect == suspect}


class World:
    """Everything known at the end of `day`.

    Attributes
    ----------
    has
        Tables that were delivered.
    recorded
        "table.column" of every column with a value known at T.
    versions
        The incidents known, also those whose conduct ends after T.
    """

    def __init__(
        self, tables: Mapping[str, Sequence[Row]], offences: pd.DataFrame, day: date, extract_date: date
    ) -> None:
        self.day = day
        self.has = frozenset(tables)
        self._offences = _reference(offences)
        at: dict[str, list[Row]] = {}
        for name, rows in tables.items():
            at[name] = [self._as_known(name, row, extract_date) for row in rows if self.known(row)]
        self.recorded = {
            f"{name}.{column}"
            for name, rows in at.items()
            for row in rows
            for column, value in row.items()
            if value is not None
        }
        self._parties: dict[str, list[Row]] = _by("incident_id", at["involvements"])
        self._dyads = _by("incident_id", at.get("dyads", []))
        self.versions = [self._incident(row) for row in at["incidents"]]
        self.hearings = [row for row in at.get("marac_hearings", []) if row["heard_at"] <= day]
        self.orders = [row for row in at.get("orders", []) if row["starts_on"] <= day]
        self.breaches = [row for row in at.get("orders", []) if row["breached_at"] and row["breached_at"] <= day]
        self.custody = [row for row in at.get("custody", []) if row["starts_on"] <= day]

    def known(self, row: Row) -> bool:
        """Say whether a row version was known at T."""
        return row["known_from"] <= self.day and (row["known_to"] is None or self.day < row["known_to"])

    def _as_known(self, name: str, row: Row, extract_date: date) -> Row:
        """Return a row without what was learnt after T, codes outside their list, and a tool without a grade."""
        if row.get("known_from_assumed") and self.day < extract_date:
            return {**row, **dict.fromkeys(OVERWRITTEN.get(name, ()))}
        if name == "dyads":
            said = row.get("relationship") if row.get("relationship_source") != "unknown" else None
            return {**row, "relationship": said if said in RELATIONSHIPS else None}
        if name == "incidents":
            grade = row.get("risk_grade") if row.get("risk_grade") in GRADES else None
            tool = row.get("risk_tool") if grade and row.get("risk_tool") in TOOLS else None
            return {**row, "risk_grade": grade, "risk_tool": tool}
        return row

    def _incident(self, row: Row) -> Incident:
        family, harm = self._offences.get(row["offence_code"], ("unmapped", None))
        if not row["is_crime"]:
            family, harm = "non_crime", 0.0
        on = row["occurred_from"]
        if row["occurred_to"]:
            last = min(row["occurred_to"], row["reported_on"] or row["occurred_to"])
            on = max(on, last)
        parties = self._parties.get(row["incident_id"], [])
        suspects = frozenset(one["person_id"] for one in parties if one["role"] == "suspect")
        victims = frozenset(one["person_id"] for one in parties if one["role"] == "victim")
        return Incident(
            key=row["incident_id"],
            on=on,
            told=row["reported_on"] or on,
            crime=row["is_crime"],
            domestic=row["domestic"],
            family=family,
            harm=harm,
            row=row,
            suspects=suspects,
            victims=victims,
            pairs=self._pairs(row["incident_id"], suspects, victims),
        )

    def _pairs(self, key: str, suspects: frozenset[str], victims: frozenset[str]) -> frozenset[Pair]:
        """Return the recorded pairs of known suspects, else the pair that one suspect and one victim leave."""
        recorded = frozenset(
            Pair(row["suspect_id"], row["victim_id"], row.get("relationship"), derived=False)
            for row in self._dyads.get(key, [])
            if row["suspect_id"] in suspects and row["suspect_id"] != row["victim_id"]
        )
        if recorded or len(suspects) != 1 or len(victims) != 1 or suspects == victims:
            return recorded
        return frozenset(Pair(suspect, victim, None, derived=True) for suspect in suspects for victim in victims)

    @cached_property
    def _as(self) -> dict[tuple[str, str], list[Incident]]:
        found: dict[tuple[str, str], list[Incident]] = defaultdict(list)
        for incident in self.versions:
            if incident.on <= self.day:
                for person in incident.suspects:
                    found["suspect", person].append(incident)
                for person in incident.victims:
                    found["victim", person].append(incident)
        return found

    @cached_property
    def _named(self) -> dict[str, list[Incident]]:
        found: dict[str, list[Incident]] = defaultdict(list)
        for incident in self.versions:
            if incident.on <= self.day:
                for victim in {pair.victim for pair in incident.pairs}:
                    found[victim].append(incident)
        return found

    @cached_property
    def anybody_identified(self) -> bool:
        """Whether any pair of any incident is known."""
        return any(incident.pairs for incident in self.versions)

    @cached_property
    def anybody_victim(self) -> bool:
        """Whether anybody is recorded as a victim of an incident that is known."""
        return any(incident.victims for incident in self.versions)

    def incidents(self, person: str, role: str = "suspect") -> list[Incident]:
        """Return the incidents in which the person is recorded in the role, that had occurred by T."""
        return self._as.get((role, person), [])

    def naming(self, victim: str) -> list[Incident]:
        """Return the incidents one of whose pairs has the person as victim."""
        return self._named.get(victim, [])

    def age(self, day: date) -> int:
        """Return how many days ago it was."""
        return (self.day - day).days

    def last(self, days: int | None, incidents: Iterable[Incident], clock: str = "on") -> list[Incident]:
        """Return those of the last `days` days by day of conduct or of report, today included; None: all by T."""
        ages = [(each, self.age(getattr(each, clock))) for each in incidents]
        return [each for each, age in ages if age >= 0 and (days is None or age < days)]


def _reference(offences: pd.DataFrame) -> dict[str, tuple[str, float | None]]:
    """Return family and harm days of each offence code; None where the weight is not known."""
    columns = (offences[name].tolist() for name in ("offence_code", "family", "harm_days"))
    return {code: (family, None if pd.isna(days) else days) for code, family, days in zip(*columns, strict=True)}


def _by(column: str, rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found
