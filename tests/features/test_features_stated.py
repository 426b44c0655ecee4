"""Relationship and risk grade, which record systems overwrite without a date, count from the day they were stated."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features import Catalogue, EventStream, Indicator, build_stream, compute, events_behind, prove_time_travel
from features.kinds import OVERWRITTEN, Flag, Kind
from features.measures import Count, DaysSince, Distinct, Measure
from features.selection import Selection
from features.source import RecordSource
from values import AsOf, Window

EVER = Window(None)
HIGH = Count(Selection(Kind.INCIDENT, flags=Flag.DOMESTIC | Flag.HIGH), EVER)
DASH_HIGH = Count(Selection(Kind.INCIDENT, flags=Flag.DOMESTIC | Flag.HIGH | Flag.DASH), EVER)
PARTNERS = Distinct(Selection(Kind.DYAD, flags=Flag.DOMESTIC | Flag.IPV), EVER)
FAMILY = Distinct(Selection(Kind.DYAD, flags=Flag.DOMESTIC | Flag.FAMILIAL), EVER)
SINCE_HIGH = DaysSince(Selection(Kind.INCIDENT, flags=Flag.DOMESTIC | Flag.HIGH), EVER)


def planted(**measures: Measure) -> Catalogue:
    return Catalogue(
        Indicator(name, "What?", "n", "context", measure, "none", "A test.", "A test", "Not stated.")
        for name, measure in measures.items()
    )


STATED = planted(high=HIGH, dash_high=DASH_HIGH, partners=PARTNERS, family=FAMILY, since_high=SINCE_HIGH)


@pytest.fixture
def two(source_of: Any, an_incident: Any, an_involvement: Any) -> RecordSource:
    """One incident of assumed date, and one whose record says since when it was so; the extract is of 2026-03-31."""
    dyads = [
        {"incident_id": "I1", "suspect_id": "ann", "victim_id": "vi", "relationship": "partner"},
        {"incident_id": "I2", "suspect_id": "ann", "victim_id": "wu", "relationship": "parent"},
    ]
    return source_of(
        {
            "incidents": [
                an_incident("I1", "2024-01-01", risk_grade="high", risk_tool="dash", known_from_assumed=True),
                an_incident("I2", "2024-02-01", risk_grade="high", risk_tool="dara", known_from="2024-02-05"),
            ],
            "involvements": [
                an_involvement(key, person, role, day)
                for key, victim, day in (("I1", "vi", "2024-01-01"), ("I2", "wu", "2024-02-01"))
                for person, role in (("ann", "suspect"), (victim, "victim"))
            ],
            "dyads": [
                {**dyads[0], "known_from": "2024-01-01", "known_from_assumed": True},
                {**dyads[1], "known_from": "2024-02-01"},
            ],
        }
    )


def told(source: RecordSource | EventStream, days: Sequence[str], catalogue: Catalogue = STATED) -> pd.DataFrame:
    stream = source if isinstance(source, EventStream) else build_stream(source)
    spine = pd.DataFrame({"person_id": "ann", "as_of": pd.to_datetime(list(days))})
    return compute(stream, spine, catalogue)


def test_an_assumed_value_counts_from_the_extract_and_a_dated_one_from_its_own_day(two: RecordSource) -> None:
    values = told(two, ["2024-02-04", "2024-02-05", "2026-03-30", "2026-03-31"])
    np.testing.assert_array_equal(values["high"], [np.nan, 1, 1, 2])
    np.testing.assert_array_equal(values["dash_high"], [np.nan, 0, 0, 1])
    np.testing.assert_array_equal(values["family"], [np.nan, 1, 1, 1])
    np.testing.assert_array_equal(values["partners"], [np.nan, 0, 0, 1])
    np.testing.assert_array_equal(values["since_high"], [np.nan, 4, 788, 789])


def test_before_anything_was_stated_it_is_not_available(two: RecordSource) -> None:
    values = told(two, ["2024-01-15"])
    assert values[["high", "dash_high", "partners", "family"]].isna().all(axis=None)


def test_a_value_is_not_known_where_none_is_stated_for_the_persons_own_events(
    source_of: Any, an_incident: Any, an_involvement: Any
) -> None:
    source = source_of(
        {
            "incidents": [an_incident("I1", "2024-01-01"), an_incident("I2", "2024-01-01", risk_grade="high")],
            "involvements": [
                an_involvement("I1", "ann", "suspect", "2024-01-01"),
                an_involvement("I2", "bo", "suspect", "2024-01-01"),
            ],
        }
    )
    assert np.isnan(told(source, ["2024-03-01"])["high"].item())
    nobody = compute(build_stream(source), pd.DataFrame({"person_id": ["zoe"], "as_of": ["2024-03-01"]}), STATED)
    assert nobody["high"].item() == 0


def test_a_relationship_of_unknown_source_is_not_recorded(two: Any) -> None:
    frame = two.table("dyads").assign(relationship_source="unknown")
    two._frames["dyads"] = frame
    assert np.isnan(told(two, ["2026-03-31"])["partners"].item())


def test_before_the_day_a_row_counts_as_if_the_flags_were_unset(two: RecordSource) -> None:
    stream = build_stream(two)
    selection = Selection(Kind.INCIDENT, flags=Flag.DOMESTIC | Flag.HIGH)
    assert selection.rows(stream).sum() == 2
    assert selection.rows(stream, stated=False).sum() == 0
    assert selection.whatever_is_stated.rows(stream, stated=False).sum() == 2


def test_only_stated_events_are_cited(two: RecordSource) -> None:
    stream, high = build_stream(two), STATED["high"]
    before = events_behind(stream, high, "ann", AsOf.parse("2026-03-30"))
    assert [fact.event_ref for fact in before] == ["incident:I2"]
    assert len(events_behind(stream, high, "ann", AsOf.parse("2026-03-31"))) == 2


def test_an_overwritten_value_counts_from_the_delivery_that_told_it(
    source_of: Any, an_incident: Any, an_involvement: Any
) -> None:
    """Deliveries are folded so that the version is split on the day of the extract that first told it."""
    told_by = {"risk_grade": "high", "risk_tool": "dash"}
    source = source_of(
        {
            "incidents": [
                an_incident("I1", "2024-01-01", known_to="2025-01-31", known_from_assumed=True, **told_by),
                an_incident("I1", "2024-01-01", known_from="2025-01-31", **told_by),
            ],
            "involvements": [an_involvement("I1", "ann", "suspect", "2024-01-01")],
        }
    )
    np.testing.assert_array_equal(told(source, ["2025-01-30", "2025-01-31"])["high"], [np.nan, 1])


@pytest.mark.parametrize("day", ["2023-06-30", "2024-02-29", "2026-03-30", "2026-03-31"])
def test_nothing_told_later_moves_an_indicator(world: Any, day: str) -> None:
    assert prove_time_travel(world, AsOf.parse(day), STATED, seed=3).moved == []
    assert prove_time_travel(build_stream(world), AsOf.parse(day), STATED, seed=3).moved == []


def counted_from_the_row(source: RecordSource) -> EventStream:
    """The extract is trusted for the past."""
    stream = build_stream(source)
    return dataclasses.replace(stream, stated=stream.known_from)


def test_values_of_the_extract_that_count_before_it_are_named(world: Any) -> None:
    report = prove_time_travel(world, AsOf.parse("2023-06-30"), STATED, build=counted_from_the_row)
    assert {"high", "dash_high", "partners", "family"} <= set(report.moved)


def test_rows_without_such_a_value_are_stated_when_they_are_known(world: Any) -> None:
    stream = build_stream(world)
    plain = (stream.flags & int(OVERWRITTEN)) == 0
    assert plain.any()
    assert not plain.all()
    assert (stream.stated[plain] == stream.known_from[plain]).all()
    assert (stream.stated >= stream.known_from).all()
    assert (stream.stated > stream.known_from).any()
