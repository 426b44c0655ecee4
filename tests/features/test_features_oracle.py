"""Every indicator against a slow and obvious second reading of its question.

The oracle below looks at the tables as they were known at T, with Python lists and loops, and knows nothing of
selections, slots or streams. Histories are generated around the edges of every window.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from itertools import pairwise
from statistics import mean, pstdev
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features import CATALOGUE, build_stream, compute

T0 = date(2024, 2, 29)
PEOPLE = ["ann", "bo", "cy", "di"]
CODES = ["10501", "00806", "00877", "00866", "00867", "06639", "00301", "19C", "99000", "no_such", None]
EDGES = [0, 0, 1, 30, 89, 90, 91, 179, 180, 181, 359, 360, 364, 365, 366, 400, 729, 730, 731, 1094, 1095, 1461, 2500]
NAN = math.nan


class World:
    """The tables at T."""

    def __init__(self, tables: dict[str, list[dict[str, Any]]], offences: pd.DataFrame, day: date):
        self.day = day
        self.has = set(tables)
        at = {name: [row for row in rows if self._known(row)] for name, rows in tables.items()}
        self.offences = {row.offence_code: (row.family, row.harm_days) for row in offences.itertuples()}
        self.versions = {row["incident_id"]: self._read(row) for row in at["incidents"]}
        self.columns = {name for row in at["incidents"] for name, value in row.items() if value is not None}
        self.roles = {(row["incident_id"], row["person_id"], row["role"]) for row in at["involvements"]}
        recorded = {(row["incident_id"], row["suspect_id"], row["victim_id"]) for row in at.get("dyads", [])}
        self.pairs = {key: self._pairs(key, recorded) for key in self.versions}
        self.incidents = {key: row for key, row in self.versions.items() if row["on"] <= day}
        self.hearings = [row for row in at.get("marac_hearings", []) if row["heard_at"] <= day]
        self.breaches = [row for row in at.get("orders", []) if row["breached_at"] and row["breached_at"] <= day]

    @property
    def anybody_is_victim(self) -> bool:
        return any(role == "victim" and key in self.versions for key, _, role in self.roles)

    def _known(self, row: dict[str, Any]) -> bool:
        return row["known_from"] <= self.day and (row["known_to"] is None or self.day < row["known_to"])

    def _read(self, row: dict[str, Any]) -> dict[str, Any]:
        family, harm = self.offences.get(row["offence_code"], ("unmapped", NAN))
        if not row["is_crime"]:
            family, harm = "non_crime", 0.0
        on = row["occurred_from"]
        if row["occurred_to"]:
            last = row["occurred_to"]
            if row["reported_on"] and row["reported_on"] < last:
                last = row["reported_on"]
            on = max(on, last)
        return {**row, "on": on, "told": row["reported_on"] or on, "family": family, "harm": harm}

    def _pairs(self, key: str, recorded: set[tuple[str, str, str]]) -> set[tuple[str, str]]:
        suspects = {person for incident, person, role in self.roles if (incident, role) == (key, "suspect")}
        victims = {person for incident, person, role in self.roles if (incident, role) == (key, "victim")}
        named = {(s, v) for incident, s, v in recorded if incident == key and s in suspects and s != v}
        if not named and len(suspects) == 1 and len(victims) == 1 and suspects != victims:
            return {(min(suspects), min(victims))}
        return named

    def of(self, person: str, role: str = "suspect", **wanted: Any) -> list[dict[str, Any]]:
        mine = [row for key, row in self.incidents.items() if (key, person, role) in self.roles]
        return [row for row in mine if all(row[name] == value for name, value in wanted.items())]

    def age(self, row: dict[str, Any], clock: str = "on") -> int:
        return (self.day - row[clock]).days

    def within(self, rows: list[dict[str, Any]], days: int, clock: str = "on") -> list[dict[str, Any]]:
        return [row for row in rows if 0 <= self.age(row, clock) < days]

    def victims(self, person: str, rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
        keys = {row["incident_id"] for row in rows}
        return [(key, v) for key in sorted(keys) for s, v in sorted(self.pairs[key]) if s == person]


def harm_of(rows: list[dict[str, Any]], fold: Any) -> float:
    known = [row["harm"] for row in rows if not math.isnan(row["harm"])]
    if rows and not known:
        return NAN
    return fold(known) if known else 0.0


def unless_unknown(rows: list[Any], pairs: list[Any], value: float) -> float:
    return NAN if rows and not pairs else value


def share(part: float, whole: float) -> float:
    return NAN if math.isnan(part) or math.isnan(whole) or whole == 0 else part / whole


def gaps_of(rows: list[dict[str, Any]]) -> list[int]:
    days = sorted(row["on"] for row in rows)
    return [(later - earlier).days for earlier, later in pairwise(days)]


def slope_of(world: World, rows: list[dict[str, Any]]) -> float:
    points = [(-world.age(row), row["harm"]) for row in rows if not math.isnan(row["harm"])]
    days = [day for day, _ in points]
    if not days or max(days) - min(days) < 90:
        return NAN
    x, y = np.array(points, dtype=float).T
    return float(np.polyfit(x, y, 1)[0] * 365.25)


def followed(world: World, person: str, rows: list[dict[str, Any]]) -> float:
    pairs = world.victims(person, rows)
    day = {row["incident_id"]: row["on"] for row in rows}
    count = 0
    for key, victim in pairs:
        referred = [
            hearing["referred_at"] or hearing["heard_at"]
            for hearing in world.hearings
            if (hearing["perpetrator_id"], hearing["victim_id"]) == (person, victim)
        ]
        count += any(referral < day[key] <= referral + timedelta(days=365) for referral in referred)
    return unless_unknown(rows, pairs, count)


def answers(world: World, person: str) -> dict[str, float]:
    day = world.day
    dv = world.of(person, domestic=True)
    crimes = [row for row in dv if row["is_crime"]]
    any_role = world.of(person)
    reported = world.within(crimes, 365, "told")
    two_years = world.within(dv, 730)
    three_years = world.within(dv, 1095)
    spread = gaps_of(three_years)
    heard = [row for row in world.hearings if row["perpetrator_id"] == person]
    pairs_3y, pairs_ever = world.victims(person, three_years), world.victims(person, dv)
    crime_pairs_3y = world.victims(person, [row for row in three_years if row["is_crime"]])
    old = {victim for _, victim in world.victims(person, [row for row in dv if world.age(row) >= 365])}
    recent_pairs = world.victims(person, world.within(dv, 365))
    same = [victim for _, victim in world.victims(person, two_years)]
    against = {victim for _, victim in pairs_ever}
    opposed = [key for key, row in world.incidents.items() if row["domestic"]
               for s, v in world.pairs[key] if v == person and s in against]  # fmt: skip
    crimes_2y = [row for row in two_years if row["is_crime"]]

    def serial(rows: list[dict[str, Any]], pairs: list[tuple[str, str]], events: int) -> float:
        if rows and not pairs:
            return NAN
        return float(len({v for _, v in pairs}) >= 2 and len({key for key, _ in pairs}) >= events)

    def families(*names: str) -> float:
        return len([row for row in two_years if row["family"] in names])

    def flagged(column: str, value: Any, days: int) -> float:
        return len([row for row in world.within(dv, days) if row[column] == value])

    def ago(days: list[date], pick: Any) -> float:
        return (day - pick(days)).days if days else NAN

    return {
        "days_since_last_domestic": ago([row["on"] for row in dv], max),
        "days_since_last_domestic_crime": ago([row["on"] for row in crimes], max),
        "days_since_first_domestic": ago([row["on"] for row in dv], min),
        "domestic_incidents_90": len(world.within(dv, 90)),
        "domestic_incidents_365": len(world.within(dv, 365)),
        "domestic_incidents_730": len(two_years),
        "domestic_incidents_ever": len(dv),
        "domestic_crimes_365": len(world.within(crimes, 365)),
        "incidents_any_365": len(world.within(any_role, 365)),
        "incidents_any_ever": len(any_role),
        "escalation_share_180": share(len(world.within(dv, 180)), len(world.within(dv, 360))),
        "harm_slope_1095": slope_of(world, world.within(crimes, 1095)),
        "gap_mean_1095": mean(spread) if spread else NAN,
        "gap_min_1095": min(spread) if spread else NAN,
        "gap_std_1095": pstdev(spread) if spread else NAN,
        "harm_reported_365": harm_of(reported, sum),
        "crimes_reported_365": unless_unknown(
            reported,
            world.victims(person, reported),
            len({key for key, _ in world.victims(person, reported)}),
        ),
        "harm_730": harm_of(crimes_2y, sum),
        "harm_max_ever": harm_of(crimes, max),
        "harm_concentration_ever": share(harm_of(crimes, max), harm_of(crimes, sum)),
        "victims_1095": unless_unknown(three_years, pairs_3y, len({v for _, v in pairs_3y})),
        "serial_northumbria": serial(three_years, pairs_3y, 2),
        "serial_college": serial([row for row in three_years if row["is_crime"]], crime_pairs_3y, 1),
        "victims_ever": unless_unknown(dv, pairs_ever, len(against)),
        "new_victims_365": unless_unknown(world.within(dv, 365), recent_pairs, len({v for _, v in recent_pairs} - old)),
        "same_victim_most_730": unless_unknown(two_years, same, max(map(same.count, same), default=0)),
        "counter_allegations_ever": unless_unknown(dv, pairs_ever, len(opposed)),
        "counter_allegation_share": share(len(opposed), len(opposed) + len(pairs_ever)),
        "victim_incidents_730": len(world.within(world.of(person, "victim", domestic=True), 730)),
        "coercive_control_730": families("coercive_control"),
        "stalking_harassment_730": families("stalking", "stalking_fear", "harassment"),
        "strangulation_730": len(
            [row for row in two_years if row["strangulation"] or row["family"] == "strangulation"]
        ),
        "sexual_730": families("rape", "sexual"),
        "threats_730": families("threats"),
        "breach_offences_730": families("breach"),
        "order_breaches_730": len(
            [r for r in world.breaches if r["person_id"] == person and (day - r["breached_at"]).days < 730]
        ),
        "days_since_last_marac": ago([row["heard_at"] for row in heard], max),
        "marac_hearings_365": len([row for row in heard if (day - row["heard_at"]).days < 365]),
        "marac_hearings_ever": len(heard),
        "marac_victims_ever": len({row["victim_id"] for row in heard}),
        "marac_repeat_current_730": followed(world, person, two_years),
        "marac_repeat_older_730": followed(world, person, crimes_2y),
        "children_present_365": flagged("children_present", True, 365),
        "victim_reported_730": flagged("reported_by", "victim", 730),
        "third_party_reported_730": flagged("reported_by", "third_party", 730),
        "police_generated_730": flagged("reported_by", "police", 730),
        "alcohol_730": flagged("alcohol", True, 730),
        "drugs_730": flagged("drugs", True, 730),
        "newly_reported_non_recent_90": len(
            [row for row in world.within(dv, 90, "told") if (row["told"] - row["on"]).days > 365]
        ),
        "harm_unknown_share_730": share(len([r for r in crimes_2y if math.isnan(r["harm"])]), len(crimes_2y)),
        "victim_unknown_share_730": share(
            len(two_years) - len({key for key, _ in world.victims(person, two_years)}), len(two_years)
        ),
    }


NEEDS_VICTIM = {
    *("victims_1095", "serial_northumbria", "serial_college", "victims_ever", "new_victims_365"),
    *("same_victim_most_730", "counter_allegations_ever", "counter_allegation_share", "crimes_reported_365"),
    *("marac_repeat_current_730", "marac_repeat_older_730", "victim_unknown_share_730"),
}
NEEDS_CODES = {
    *("coercive_control_730", "stalking_harassment_730", "sexual_730", "threats_730", "breach_offences_730"),
    *("harm_reported_365", "harm_730", "harm_max_ever", "harm_concentration_ever", "harm_slope_1095"),
    "harm_unknown_share_730",
}
NEEDS_COLUMN = {
    "children_present_365": "children_present",
    "victim_reported_730": "reported_by",
    "third_party_reported_730": "reported_by",
    "police_generated_730": "reported_by",
    "alcohol_730": "alcohol",
    "drugs_730": "drugs",
    "newly_reported_non_recent_90": "reported_on",
    **dict.fromkeys(NEEDS_CODES, "offence_code"),
}


def oracle(world: World, person: str) -> dict[str, float]:
    told = answers(world, person)
    for name in told:
        missing = (
            (name in NEEDS_VICTIM and not any(world.pairs.values()))
            or (name in NEEDS_COLUMN and NEEDS_COLUMN[name] not in world.columns)
            or ("marac" in name and "marac_hearings" not in world.has)
            or (name == "strangulation_730" and not {"strangulation", "offence_code"} & world.columns)
            or (name == "victim_incidents_730" and not world.anybody_is_victim)
            or (name == "order_breaches_730" and not world.breaches)
        )
        if missing:
            told[name] = NAN
    return told


# ---- generated histories


def days_before(draw: Any) -> date:
    return T0 - timedelta(days=draw(st.sampled_from(EDGES)))


def flag(draw: Any) -> bool | None:
    return draw(st.sampled_from([True, False, None]))


@st.composite
def incident_rows(draw: Any, key: str) -> list[dict[str, Any]]:
    """One to two versions: on the day, late, corrected, withdrawn."""
    began = days_before(draw)
    known = began + timedelta(days=draw(st.sampled_from([0, 0, 0, 5, 400])))
    ends = [known + timedelta(days=n) for n in draw(st.lists(st.sampled_from([30, 90, 365]), max_size=1))]
    withdrawn = draw(st.sampled_from([None, None, None, 60]))
    starts = [known, *ends]
    last = None if withdrawn is None else starts[-1] + timedelta(days=withdrawn)
    rows = []
    for known_from, known_to in zip(starts, [*starts[1:], last], strict=True):
        lasted = draw(st.sampled_from([None, None, 0, 40, 800]))
        rows.append(
            {
                "incident_id": key,
                "area": "castlebridge",
                "occurred_from": began,
                "occurred_to": None if lasted is None else began + timedelta(days=lasted),
                "reported_on": draw(st.sampled_from([known, known, began, None])),
                "offence_code": draw(st.sampled_from(CODES)),
                "is_crime": draw(st.sampled_from([True, True, False])),
                "domestic": draw(st.sampled_from([True, True, True, False])),
                "strangulation": flag(draw),
                "children_present": flag(draw),
                "alcohol": flag(draw),
                "drugs": flag(draw),
                "reported_by": draw(st.sampled_from(["victim", "third_party", "police", None])),
                "known_from": known_from,
                "known_to": known_to,
            }
        )
    return rows


def knowledge(draw: Any, since: date) -> dict[str, Any]:
    known = since + timedelta(days=draw(st.sampled_from([0, 0, 0, 10, 200])))
    lasts = draw(st.sampled_from([None, None, None, 1, 100]))
    return {"known_from": known, "known_to": None if lasts is None else known + timedelta(days=lasts)}


@st.composite
def histories(draw: Any) -> dict[str, list[dict[str, Any]]]:
    tables: dict[str, list[dict[str, Any]]] = {"incidents": [], "involvements": []}
    for name in draw(st.sets(st.sampled_from(["dyads", "marac_hearings", "orders"]))):
        tables[name] = []
    person = st.sampled_from(PEOPLE)
    for number in range(draw(st.integers(1, 9))):
        key = f"I{number}"
        rows = draw(incident_rows(key))
        tables["incidents"] += rows
        since = rows[0]["known_from"]
        suspects = draw(st.lists(person, min_size=1, max_size=2, unique=True))
        victims = draw(st.lists(person, max_size=2, unique=True))
        parties = {"suspect": suspects, "victim": victims, "witness": draw(st.lists(person, max_size=1))}
        for role, people in parties.items():
            tables["involvements"] += [
                {"incident_id": key, "person_id": one, "role": role, **knowledge(draw, since)} for one in sorted(people)
            ]
        if "dyads" in tables and draw(st.booleans()):
            pairs = draw(st.sets(st.tuples(person, person), max_size=2))
            tables["dyads"] += [
                {"incident_id": key, "suspect_id": s, "victim_id": v, **knowledge(draw, since)}
                for s, v in sorted(pairs)
            ]
    for number in range(draw(st.integers(0, 3)) if "marac_hearings" in tables else 0):
        heard = days_before(draw)
        referred = draw(st.sampled_from([None, 0, 20]))
        tables["marac_hearings"].append(
            {
                "hearing_id": f"H{number}",
                "perpetrator_id": draw(person),
                "victim_id": draw(person),
                "heard_at": heard,
                "referred_at": None if referred is None else heard - timedelta(days=referred),
                **knowledge(draw, heard),
            }
        )
    for number in range(draw(st.integers(0, 2)) if "orders" in tables else 0):
        starts = days_before(draw)
        breached = draw(st.sampled_from([None, 0, 50, 500]))
        tables["orders"].append(
            {
                "order_id": f"O{number}",
                "person_id": draw(person),
                "starts_on": starts,
                "breached_at": None if breached is None else starts + timedelta(days=breached),
                **knowledge(draw, starts),
            }
        )
    return tables


ASKED = [T0, T0 - timedelta(days=1), T0 - timedelta(days=365), T0 + timedelta(days=400), date(2026, 3, 31)]


@pytest.fixture(scope="session")
def offences(source_of: Any) -> pd.DataFrame:
    return source_of({}).offences


def agree(source: Any, tables: Any, offences: pd.DataFrame, people: list[str], asked: list[date]) -> pd.DataFrame:
    spine = pd.DataFrame([(person, day) for person in people for day in asked], columns=["person_id", "as_of"])
    told = compute(build_stream(source), spine)
    for row in told.itertuples():
        wanted = oracle(World(tables, offences, row.as_of.date()), row.person_id)
        for name in CATALOGUE.names:
            value = getattr(row, name)
            assert value == pytest.approx(wanted[name], abs=1e-9, rel=1e-9, nan_ok=True), (
                f"{name} of {row.person_id} as of {row.as_of.date()}: {value}, not {wanted[name]}"
            )
    return told


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(tables=histories())
def test_every_cell_equals_the_oracle(tables: Any, source_of: Any, offences: pd.DataFrame) -> None:
    agree(source_of(tables), tables, offences, [*PEOPLE, "nobody"], ASKED)


def test_crowded_histories_equal_the_oracle_and_move_every_indicator(world: Any, offences: pd.DataFrame) -> None:
    people = build_stream(world).person_ids.tolist()
    asked = [date(2021, 12, 31), date(2023, 6, 30), T0, date(2025, 5, 31)]
    told = agree(world, world.rows(), offences, people, asked)
    for name in CATALOGUE.names:
        assert told[name].nunique() > 1, f"{name} has one value only: the test would not see an error in it"


def test_the_oracle_answers_every_indicator(source_of: Any, offences: pd.DataFrame) -> None:
    empty = World({"incidents": [], "involvements": []}, offences, T0)
    assert set(oracle(empty, "ann")) == set(CATALOGUE.names)
