"""Nothing known after T moves an indicator as of T, and a leak is named."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from features import CATALOGUE, build_stream, compute, prove_time_travel
from features.errors import FeaturesError
from features.events import EventStream
from features.kinds import Flag, Kind
from features.source import RecordSource
from features.timetravel import ALL_AREAS, remove_unknown, scramble_unknown
from values import AsOf

T = AsOf.parse("2023-06-30")


@pytest.mark.parametrize("day", ["2021-03-31", "2023-06-30", "2024-02-29"])
def test_no_indicator_moves(world: Any, day: str) -> None:
    report = prove_time_travel(world, AsOf.parse(day), seed=11)
    assert report.holds
    assert report.moved == []
    assert report.checked == len(CATALOGUE)
    assert report.rows == len(build_stream(world).person_ids)


def test_the_world_of_the_proof_moves_every_indicator(world: Any, spine_of: Any) -> None:
    stream = build_stream(world)
    told = compute(stream, spine_of(stream, ["2021-03-31", "2023-06-30", "2024-02-29"]))
    still = [name for name in CATALOGUE.names if told[name].nunique() < 2]
    assert still == [], "one number only: a leak into these would not be seen"


def test_no_indicator_moves_on_a_stream(world: Any) -> None:
    assert prove_time_travel(build_stream(world), T, seed=4).moved == []


def test_the_proof_compares_only_the_people_asked(world: Any) -> None:
    assert prove_time_travel(world, T, person_ids=["P01", "P02"]).rows == 2


def test_scrambling_changes_what_is_not_known_and_nothing_else(world: Any) -> None:
    table = world.table("incidents")
    told = scramble_unknown("incidents", table, T, np.random.default_rng(1), world.extract_date)
    known = remove_unknown("incidents", table, T, world.extract_date)
    assert 0 < len(known) < len(table)
    again = remove_unknown("incidents", told, T, world.extract_date)
    assert again.equals(known)
    assert not told.equals(table)


def test_scrambling_replaces_what_is_not_known(world: Any) -> None:
    table = world.table("incidents")
    told = scramble_unknown("incidents", table, T, np.random.default_rng(1), world.extract_date)
    unknown = table["known_from"] > np.datetime64(T.day)
    assert unknown.sum() > 20
    assert (told.loc[unknown, "occurred_from"] != table.loc[unknown, "occurred_from"]).mean() > 0.9


def with_flag_from_the_future(source: RecordSource) -> EventStream:
    """Drugs are set on every incident of people who come to notice again: a column overwritten in place."""
    stream = build_stream(source)
    last = np.full(len(stream.person_ids), -1)
    np.maximum.at(last, stream.person, stream.known_from)
    leaking = (last[stream.person] > T.number) & (stream.kind == int(Kind.INCIDENT))
    return dataclasses.replace(stream, flags=stream.flags | np.where(leaking, np.int32(Flag.DRUGS), np.int32(0)))


def with_harm_of_the_last_version(source: RecordSource) -> EventStream:
    """Harm is taken from the latest version of the incident, not from the one known then."""
    stream = build_stream(source)
    order = np.lexsort([stream.known_from, stream.event_id])
    latest = dict(zip(stream.event_id[order].tolist(), stream.harm[order].tolist(), strict=True))
    harm = np.array([latest[event] for event in stream.event_id.tolist()], dtype=np.int64)
    return dataclasses.replace(stream, harm=harm)


def with_knowledge_from_the_day_it_happened(source: RecordSource) -> EventStream:
    stream = build_stream(source)
    return dataclasses.replace(stream, known_from=np.minimum(stream.known_from, stream.occurred))


def with_addresses_known_from_the_day_they_began(source: RecordSource) -> EventStream:
    stream = build_stream(source)
    homes = dataclasses.replace(stream.homes, known_from=np.minimum(stream.homes.known_from, stream.homes.starts))
    return dataclasses.replace(stream, homes=homes)


def with_areas_of_the_last_version(source: RecordSource) -> EventStream:
    """An incident lies in the area that its latest version names, not in the one known then."""
    stream = build_stream(source)
    order = np.lexsort([stream.known_from, stream.event_id])
    latest = dict(zip(stream.event_id[order].tolist(), stream.area[order].tolist(), strict=True))
    return dataclasses.replace(stream, area=np.array([latest[event] for event in stream.event_id], dtype=np.int16))


def test_a_leaking_flag_is_named_and_nothing_else(world: Any) -> None:
    report = prove_time_travel(world, T, build=with_flag_from_the_future)
    assert report.moved == ["drugs_730"]
    assert report.cells["drugs_730"] > 0
    assert report.cohorts_moved == {}
    assert report.leaks == ["drugs_730"]


def test_harm_from_a_later_version_is_named(world: Any) -> None:
    moved = prove_time_travel(world, T, build=with_harm_of_the_last_version).moved
    assert {"harm_730", "harm_max_ever"} <= set(moved)
    assert "domestic_incidents_365" not in moved


def test_ignoring_the_day_of_recording_is_named(world: Any) -> None:
    moved = prove_time_travel(world, T, build=with_knowledge_from_the_day_it_happened).moved
    assert {"domestic_incidents_ever", "days_since_last_domestic"} <= set(moved)


@pytest.fixture(scope="module")
def moving(source_of: Any, an_incident: Any, an_involvement: Any) -> Any:
    """Ann moved to Eastmere in May and it was recorded in August; Bob's incident was put into Eastmere in September."""
    known = {"known_from": "2023-05-01", "reported_on": "2023-05-01"}
    return source_of(
        {
            "incidents": [
                an_incident("I1", "2023-05-01", **known),
                an_incident("I2", "2023-05-01", **known, known_to="2023-09-01"),
                an_incident("I2", "2023-05-01", **known | {"known_from": "2023-09-01"}, area="eastmere"),
            ],
            "involvements": [
                an_involvement("I1", "ann", "suspect", "2023-05-01"),
                an_involvement("I2", "bob", "suspect", "2023-05-01"),
            ],
            "addresses": [
                {"person_id": "ann", "area": "eastmere", "from": "2023-05-15", "known_from": "2023-08-01"},
                {"person_id": "cat", "area": "eastmere", "from": "2020-05-15", "known_from": "2020-05-15"},
            ],
        }
    )


def test_no_cohort_moves_and_each_area_is_looked_at(moving: Any) -> None:
    report = prove_time_travel(moving, T)
    assert report.holds
    assert report.cohorts == 3


def test_an_address_known_before_it_was_recorded_moves_a_cohort_and_no_indicator(moving: Any) -> None:
    report = prove_time_travel(moving, T, build=with_addresses_known_from_the_day_they_began)
    assert report.moved == []
    assert report.cohorts_moved == {"eastmere": 1}
    assert not report.holds
    assert report.leaks == ["the cohort of eastmere"]


def test_an_incident_put_into_another_area_later_moves_two_cohorts(moving: Any) -> None:
    report = prove_time_travel(moving, T, build=with_areas_of_the_last_version)
    assert report.cohorts_moved == {"castlebridge": 1, "eastmere": 1}


def test_only_the_cohort_of_an_area_asked_for_is_looked_at(moving: Any) -> None:
    report = prove_time_travel(moving, T, area="castlebridge", build=with_addresses_known_from_the_day_they_began)
    assert report.cohorts == 2
    assert report.holds


def test_ignoring_the_day_of_recording_moves_the_cohort_of_everybody(world: Any) -> None:
    day = AsOf.parse("2020-01-31")  # early, when some people's first incident was not recorded yet
    report = prove_time_travel(world, day, build=with_knowledge_from_the_day_it_happened)
    assert report.cohorts_moved[ALL_AREAS] > 0


def test_backfilled_incident_is_invisible_before_it_was_recorded(
    source_of: Any, an_incident: Any, an_involvement: Any
) -> None:
    source = source_of(
        {
            "incidents": [
                an_incident("I1", "2022-05-01", reported_on=None, known_from="2023-07-01"),
                an_incident("I2", "2022-06-01", reported_on=None, known_from="2022-06-01"),
            ],
            "involvements": [
                an_involvement("I1", "ann", "suspect", "2023-07-01"),
                an_involvement("I2", "bob", "suspect", "2022-06-01"),
            ],
        }
    )
    assert prove_time_travel(source, T).moved == []
    stream = build_stream(source)
    assert stream.person_ids[stream.person[stream.known_at(T)]].tolist() == ["bob"]
    assert build_stream(source).known_at(T.plus(1)).all()


@pytest.mark.parametrize("of_stream", [False, True])
def test_where_nothing_is_known_there_is_no_proof(
    source_of: Any, an_incident: Any, an_involvement: Any, of_stream: bool
) -> None:
    source = source_of(
        {
            "incidents": [an_incident("I1", "2022-05-01", reported_on=None, known_from="2023-07-01")],
            "involvements": [an_involvement("I1", "ann", "suspect", "2023-07-01")],
        }
    )
    asked = build_stream(source) if of_stream else source
    with pytest.raises(FeaturesError, match="Nothing is known as of 2023-06-30") as caught:
        prove_time_travel(asked, T)
    assert caught.value.remedy == "Choose a date from 2023-07-01 on, when the first event became known."
    assert prove_time_travel(asked, T.plus(1)).holds


def test_people_of_whom_nothing_is_recorded_have_no_proof(world: Any) -> None:
    with pytest.raises(FeaturesError, match="nothing to prove"):
        prove_time_travel(world, T, person_ids=["NOBODY"])
