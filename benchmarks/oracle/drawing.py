"""The rows of a made-up delivery, table by table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from benchmarks.oracle.moments import Moments, Row
from benchmarks.oracle.source import OFFENCES
from records import codes

PEOPLE = ("ann", "bo", "cy", "di", "ed")
CODES = (*OFFENCES["offence_code"], *("00867", "00866", "00877") * 6, "no_such", None)
OPTIONAL = (
    *("risk_grade", "risk_tool", "weapon", "injury", "strangulation", "children_present", "alcohol", "drugs"),
    *("reported_by", "offence_code", "reported_on", "relationship", "breached_at", "repeat", "referred_at"),
    *("criterion", "referring_agency", "kind"),
)
VICTIMS = "victims"


class Drawing:
    """Adds rows to tables.

    Parameters
    ----------
    rng
        What draws.
    moments
        Draws the days.
    tables
        The delivered tables, to be filled; nothing is added to others.
    blank
        Columns that the whole delivery leaves empty; `VICTIMS` where nobody is recorded as one.
    """

    def __init__(
        self, rng: Random, moments: Moments, tables: dict[str, list[Row]], blank: Collection[str] = ()
    ) -> None:
        self._rng = rng
        self._moments = moments
        self.tables = tables
        self._blank = blank

    def _some(self, column: str, values: Sequence[Any], unknown: float = 0.25) -> Any:
        """Return a value of an optional column: missing now and then, or throughout the delivery."""
        if column in self._blank or self._rng.random() < unknown:
            return None
        return self._rng.choice(values)

    def _add(self, table: str, row: Row, since: date, versions: int = 2) -> None:
        self.tables[table] += [{**row, **span} for span in self._moments.spans(since, versions)]

    def add_incident(self, key: str) -> None:
        """Add an incident with its versions, the people involved and its pairs."""
        rng = self._rng
        began = self._moments.day()
        spans = self._moments.spans(began, versions=3)
        told = spans[0]["known_from"]
        self.tables["incidents"] += [{"incident_id": key, **self.incident(began, told), **span} for span in spans]
        people = rng.sample(PEOPLE, len(PEOPLE)) if rng.random() < 0.6 else list(PEOPLE)
        suspects = people[: rng.choice([1, 1, 1, 2])]
        victims = [] if VICTIMS in self._blank or rng.random() < 0.1 else people[-rng.choice([1, 1, 1, 2]) :]
        if victims and rng.random() < 0.1:
            victims = [*victims, suspects[0]]
        parties = [("suspect", one) for one in suspects] + [("victim", one) for one in victims]
        for role, person in [*parties, (rng.choice(["witness", "other"]), people[2])]:
            self._add("involvements", {"incident_id": key, "person_id": person, "role": role}, told)
        if "dyads" in self.tables and VICTIMS not in self._blank and rng.random() < 0.6:
            self._add_pairs(key, suspects, victims, told)

    def incident(self, began: date, told: date) -> Row:
        """Return what one version of an incident says."""
        rng = self._rng
        lasted = rng.choice([None, None, None, 0, 40, 800])
        reported = [told, told, told, began, told + timedelta(days=20), began + timedelta(days=500)]
        return {
            "force": "made up",
            "area": "castlebridge",
            "occurred_from": began,
            "occurred_to": None if lasted is None else began + timedelta(days=lasted),
            "reported_on": self._some("reported_on", reported, 0.2),
            "offence_code": self._some("offence_code", CODES, 0.1),
            "is_crime": rng.random() < 0.75,
            "domestic": rng.random() < 0.8,
            "risk_tool": self._some("risk_tool", sorted(codes.RISK_TOOLS)),
            "risk_grade": self._some("risk_grade", [*sorted(codes.RISK_GRADES), "high", "no_such"]),
            "reported_by": self._some("reported_by", [*sorted(codes.REPORTERS), "no_such"]),
            **{
                name: self._some(name, [True, False])
                for name in ("weapon", "injury", "strangulation", "children_present", "alcohol", "drugs")
            },
        }

    def _add_pairs(self, key: str, suspects: list[str], victims: list[str], told: date) -> None:
        rng = self._rng
        pairs = {(rng.choice(suspects), rng.choice(victims or PEOPLE)) for _ in range(rng.choice([1, 1, 2]))}
        if rng.random() < 0.1:
            pairs.add((rng.choice(PEOPLE), rng.choice(PEOPLE)))
        for suspect, victim in sorted(pairs):
            for span in self._moments.spans(told):
                pair = {"incident_id": key, "suspect_id": suspect, "victim_id": victim}
                self.tables["dyads"].append({**pair, **self._relationship(), **span})

    def _relationship(self) -> Row:
        sources = ["recorded", "recorded", *sorted(codes.RELATIONSHIP_SOURCES), None]
        related = ["partner", "ex_partner", *sorted(codes.RELATIONSHIPS), "no_such"]
        return {
            "relationship": self._some("relationship", related, 0.1),
            "relationship_source": self._rng.choice(sources),
        }

    def add_hearing(self, key: str) -> None:
        """Add a hearing of one victim and one or two people."""
        if "marac_hearings" not in self.tables:
            return
        rng = self._rng
        heard = self._moments.day()
        waited = self._some("referred_at", [0, 14, 20, 60])
        hearing = {
            "hearing_id": key,
            "victim_id": rng.choice(PEOPLE),
            "referred_at": None if waited is None else heard - timedelta(days=waited),
            "heard_at": heard,
            "repeat": self._some("repeat", [True, False]),
            "criterion": self._some("criterion", [*sorted(codes.CRITERIA), "no_such"]),
            "referring_agency": self._some("referring_agency", ["police", "police", "idva", "housing", "no_such"]),
        }
        for perpetrator in rng.sample(PEOPLE, rng.choice([1, 1, 1, 2])):
            self._add("marac_hearings", {**hearing, "perpetrator_id": perpetrator}, heard - self._moments.lag())

    def add_order(self, key: str) -> None:
        """Add an order, at times with a breach."""
        if "orders" not in self.tables:
            return
        rng = self._rng
        starts = self._moments.day()
        breached = self._some("breached_at", [0, 50, 500], 0.4)
        order = {
            "order_id": key,
            "person_id": rng.choice(PEOPLE),
            "kind": rng.choice([*sorted(codes.ORDERS), "no_such"]),
            "starts_on": starts,
            "ends_on": rng.choice([None, starts + timedelta(days=365)]),
            "breached_at": None if breached is None else starts + timedelta(days=breached),
        }
        self._add("orders", order, starts)

    def add_spell(self) -> None:
        """Add a spell in custody."""
        if "custody" not in self.tables:
            return
        rng = self._rng
        starts = self._moments.day()
        spell = {
            "person_id": rng.choice(PEOPLE),
            "starts_on": starts,
            "ends_on": rng.choice([None, starts + timedelta(days=100)]),
            "kind": self._some("kind", [*sorted(codes.CUSTODIES), "no_such"]),
        }
        key = ("person_id", "starts_on", "kind")
        if not any(all(row[name] == spell[name] for name in key) for row in self.tables["custody"]):
            self._add("custody", spell, starts)
