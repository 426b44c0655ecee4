"""Every indicator against the oracle of `benchmarks.oracle`, cell by cell, on histories around every edge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from math import isnan
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.oracle.answers import answers
from benchmarks.oracle.compare import cells
from benchmarks.oracle.drawing import PEOPLE
from benchmarks.oracle.histories import NOBODY, History, crowded, history
from benchmarks.oracle.moments import LEAP_DAY
from benchmarks.oracle.source import OFFENCES
from benchmarks.oracle.world import Incident, World
from features import CATALOGUE

SEEDS = range(100)


def wrong(made: History) -> list[str]:
    return [str(cell) for cell in cells(made) if cell.differs]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(rng=st.randoms(use_true_random=False))
def test_every_cell_equals_the_oracle(rng: Random) -> None:
    assert wrong(history(rng)) == []


def test_the_same_histories_always_move_every_indicator_and_equal_the_oracle() -> None:
    numbers: dict[str, set[float]] = defaultdict(set)
    for seed in SEEDS:
        for cell in cells(history(Random(seed))):
            assert not cell.differs, f"history {seed}: {cell}"
            if not isnan(cell.computed):
                numbers[cell.indicator].add(cell.computed)
    still = [name for name in CATALOGUE.names if len(numbers[name]) < 2]
    assert still == [], "one number only: an error in these would not be seen"


def test_ten_thousand_events_of_one_person_equal_the_oracle() -> None:
    made = crowded(Random(10_000), events=10_000)
    assert len(made.rows["incidents"]) == 10_000
    assert wrong(made) == []


def test_the_oracle_answers_exactly_the_catalogue() -> None:
    empty = World({"incidents": [], "involvements": []}, OFFENCES, LEAP_DAY, LEAP_DAY)
    assert set(answers(empty, "ann")) == set(CATALOGUE.names)


# ---- the histories reach what they are made to reach

Seen = Callable[[History, World], bool]


def any_incident(test: Callable[[Incident], bool]) -> Seen:
    return lambda made, world: any(test(each) for each in world.versions)


def of_one_person(test: Callable[[list[Incident]], bool]) -> Seen:
    return lambda made, world: any(test(world.incidents(person)) for person in PEOPLE)


def recorded_late(each: Incident) -> bool:
    return (each.row["known_from"] - each.on).days > 30


def withdrawn(made: History, world: World) -> bool:
    there = {each.key for each in world.versions}
    gone = [row for row in made.rows["incidents"] if row["known_to"] and row["known_to"] <= world.day]
    return any(row["incident_id"] not in there for row in gone)


def corrected(made: History, world: World) -> bool:
    first = {row["incident_id"]: row for row in reversed(made.rows["incidents"])}
    return any(each.crime != first[each.key]["is_crime"] for each in world.versions)


def overwritten_later(made: History, world: World) -> bool:
    told = {row["incident_id"] for row in made.rows["incidents"] if row["risk_grade"] and world.known(row)}
    return any(each.row["risk_grade"] is None and each.key in told for each in world.versions)


EDGES: dict[str, Seen] = {
    "a leap day as event": any_incident(lambda each: each.on == LEAP_DAY),
    "a leap day as T": lambda made, world: world.day == LEAP_DAY and bool(world.versions),
    "both roles in one incident": any_incident(lambda each: bool(each.suspects & each.victims)),
    "two suspects": any_incident(lambda each: len(each.suspects) == 2),
    "two victims": any_incident(lambda each: len(each.victims) == 2),
    "an unknown counterpart": any_incident(lambda each: bool(each.suspects) and not each.pairs),
    "a pair of several suspects": any_incident(lambda each: len(each.suspects) == 2 and bool(each.pairs)),
    "a day of conduct after T": lambda made, world: any(each.on > world.day for each in world.versions),
    "one event only": of_one_person(lambda mine: len(mine) == 1),
    "two events on a day": of_one_person(lambda mine: len({each.on for each in mine}) < len(mine) - 1),
    "a person without events": lambda made, world: not world.incidents(NOBODY) and bool(world.versions),
    "a day before anything was known": lambda made, world: not world.versions and bool(made.rows["incidents"]),
    "a late record": any_incident(recorded_late),
    "a withdrawn record": withdrawn,
    "a corrected record": corrected,
    "a grade that counts from the extract date only": overwritten_later,
    "a hearing with two people": lambda made, world: (
        len({row["hearing_id"] for row in world.hearings}) < len(world.hearings)
    ),
    "orders, a breach and custody": lambda made, world: bool(world.orders and world.breaches and world.custody),
    "no table of hearings": lambda made, world: "marac_hearings" not in world.has and bool(world.versions),
}


@pytest.mark.parametrize("edge", sorted(EDGES))
def test_the_histories_hold(edge: str) -> None:
    made = (history(Random(seed)) for seed in SEEDS)
    worlds = ((each, World(each.rows, OFFENCES, day, each.extract_date)) for each in made for day in each.asked)
    assert any(EDGES[edge](each, world) for each, world in worlds)
