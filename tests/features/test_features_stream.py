"""The event stream: what is known together, which victim, in which order."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from features import EventStream, build_stream, compute
from features.errors import SpineError
from features.events import ROW_COLUMNS
from features.kinds import FOREVER, Flag, Kind, Role
from features.knowledge import holds_at, union_of_intervals
from values import AsOf, day_number


def days(*texts: str) -> list[int]:
    return [day_number(date.fromisoformat(text)) for text in texts]


def rows(stream: EventStream, kind: Kind, role: Role = Role.SUSPECT) -> EventStream:
    return stream.take((stream.kind == kind) & (stream.role == role))


@pytest.fixture
def two_by_two(source_of: Any, an_incident: Any, an_involvement: Any) -> dict[str, Any]:
    return {
        "incidents": [an_incident("I1", "2024-01-01")],
        "involvements": [
            an_involvement("I1", "ann", "suspect", "2024-01-01"),
            an_involvement("I1", "bo", "suspect", "2024-03-01"),
            an_involvement("I1", "cy", "victim", "2024-02-01", "2024-06-01"),
        ],
    }


def test_a_version_exists_only_while_incident_and_involvement_are_both_known(
    source_of: Any, an_incident: Any, an_involvement: Any
) -> None:
    stream = build_stream(
        source_of(
            {
                "incidents": [
                    an_incident("I1", "2024-01-01", known_from="2024-01-05", known_to="2024-02-01"),
                    an_incident("I1", "2024-01-01", known_from="2024-02-01", offence_code="00877"),
                ],
                "involvements": [an_involvement("I1", "ann", "suspect", "2024-01-10", "2024-03-01")],
            }
        )
    )
    assert stream.known_from.tolist() == days("2024-01-10", "2024-02-01")
    assert stream.known_to.tolist() == days("2024-02-01", "2024-03-01")
    assert stream.harm.tolist() == [100, 36500]


def test_a_pair_is_derived_only_while_one_suspect_and_one_victim_are_known(source_of: Any, two_by_two: Any) -> None:
    pairs = rows(build_stream(source_of(two_by_two)), Kind.DYAD)
    assert pairs.person_ids[pairs.person].tolist() == ["ann"]
    assert pairs.known_from.tolist() == days("2024-02-01")
    assert pairs.known_to.tolist() == days("2024-03-01")
    assert (pairs.flags & int(Flag.DERIVED)).all()


def test_a_recorded_pair_replaces_the_derived_one_from_the_day_it_is_known(
    source_of: Any, an_incident: Any, an_involvement: Any
) -> None:
    tables = {
        "incidents": [an_incident("I1", "2024-01-01")],
        "involvements": [
            an_involvement("I1", "ann", "suspect", "2024-01-01"),
            an_involvement("I1", "cy", "victim", "2024-01-01"),
        ],
        "dyads": [
            {"incident_id": "I1", "suspect_id": "ann", "victim_id": "di", "known_from": "2024-05-01"},
        ],
    }
    pairs = rows(build_stream(source_of(tables)), Kind.DYAD)
    assert pairs.person_ids[pairs.counterpart].tolist() == ["cy", "di"]
    assert pairs.known_to.tolist() == [*days("2024-05-01"), FOREVER]


def test_a_withdrawn_suspect_takes_the_recorded_pair_along(
    source_of: Any, an_incident: Any, an_involvement: Any
) -> None:
    tables = {
        "incidents": [an_incident("I1", "2024-01-01")],
        "involvements": [an_involvement("I1", "ann", "suspect", "2024-01-01", "2024-04-01")],
        "dyads": [{"incident_id": "I1", "suspect_id": "ann", "victim_id": "cy", "known_from": "2024-01-01"}],
    }
    pairs = rows(build_stream(source_of(tables)), Kind.DYAD)
    assert pairs.known_to.tolist() == days("2024-04-01")


def test_each_pair_has_a_mirror_for_its_victim(source_of: Any, two_by_two: Any) -> None:
    mirror = rows(build_stream(source_of(two_by_two)), Kind.DYAD, Role.VICTIM)
    assert mirror.person_ids[mirror.person].tolist() == ["cy"]
    assert mirror.person_ids[mirror.counterpart].tolist() == ["ann"]


@pytest.mark.parametrize(
    ("occurred_to", "reported_on", "last_day"),
    [
        (None, "2024-01-09", "2024-01-01"),
        ("2024-01-05", "2024-01-09", "2024-01-05"),
        ("2024-02-05", "2024-01-09", "2024-01-09"),
        ("2024-02-05", None, "2024-02-05"),
    ],
)
def test_an_incident_counts_on_its_last_day_but_not_after_the_report(
    source_of: Any,
    an_incident: Any,
    an_involvement: Any,
    occurred_to: str | None,
    reported_on: str | None,
    last_day: str,
) -> None:
    incident = an_incident("I1", "2024-01-01", occurred_to=occurred_to, reported_on=reported_on)
    stream = build_stream(
        source_of({"incidents": [incident], "involvements": [an_involvement("I1", "ann", "suspect", "2024-01-01")]})
    )
    assert stream.occurred.tolist() == days(last_day)


def test_the_stream_does_not_depend_on_the_order_of_rows(source_of: Any, world: Any) -> None:
    one, two = build_stream(world), build_stream(world.shuffled(3))
    for name in ROW_COLUMNS:
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes(), name
    assert one.person_ids.tolist() == two.person_ids.tolist()
    assert one.event_refs.tolist() == two.event_refs.tolist()


def test_shuffled_tables_and_spine_give_the_same_bits(world: Any, spine_of: Any) -> None:
    stream = build_stream(world)
    spine = spine_of(stream)
    told = compute(stream, spine)
    mixed = spine.sample(frac=1, random_state=5)
    again = compute(build_stream(world.shuffled(8)), mixed).set_axis(mixed.index).sort_index()
    assert told.to_numpy()[:, 2:].astype(float).tobytes() == again.to_numpy()[:, 2:].astype(float).tobytes()


def test_the_stream_is_read_only(world: Any) -> None:
    with pytest.raises(ValueError, match="read-only"):
        build_stream(world).occurred[0] = 0


def test_leaving_out_an_event_leaves_out_all_of_its_rows(world: Any) -> None:
    stream = build_stream(world)
    ref = str(stream.event_refs[0])
    less = stream.without({ref})
    assert len(less) == len(stream) - int((stream.event_id == 0).sum())
    assert not (less.event_id == 0).any()


def test_a_subset_keeps_the_rows_of_these_people_only(world: Any) -> None:
    stream = build_stream(world)
    chosen = stream.person_ids[[0, 2]].tolist()
    less = stream.subset([*chosen, "nobody"])
    assert sorted(set(less.person_ids[less.person].tolist())) == chosen


def test_an_unknown_offence_code_has_unknown_harm_and_a_non_crime_has_none(
    source_of: Any, an_incident: Any, an_involvement: Any
) -> None:
    tables = {
        "incidents": [
            an_incident("I1", "2024-01-01", offence_code="77777"),
            an_incident("I2", "2024-01-02", offence_code=None),
            an_incident("I3", "2024-01-03", offence_code="00877", is_crime=False),
        ],
        "involvements": [an_involvement(f"I{n}", "ann", "suspect", "2024-01-03") for n in (1, 2, 3)],
    }
    assert build_stream(source_of(tables)).harm.tolist() == [-1, -1, 0]


def test_days_of_knowledge_are_the_union_of_overlapping_spans() -> None:
    starts, ends = np.array([10, 1, 5, 30], np.int32), np.array([20, 6, 8, 30], np.int32)
    spans = union_of_intervals(starts, ends)
    assert spans.tolist() == [[1, 8], [10, 20]]
    asked = np.array([0, 1, 7, 8, 9, 10, 19, 20], np.int32)
    assert holds_at(spans, asked).tolist() == [False, True, True, False, False, True, True, False]


def test_known_at_needs_the_version_and_the_event_by_then(source_of: Any, two_by_two: Any) -> None:
    stream = build_stream(source_of(two_by_two))
    known = stream.take(stream.known_at(AsOf.parse("2024-01-31")))
    assert known.person_ids[known.person].tolist() == ["ann"]


def test_a_spine_without_a_date_is_refused(world: Any, spine_of: Any) -> None:
    stream = build_stream(world)
    with pytest.raises(SpineError, match="no column as_of"):
        compute(stream, spine_of(stream)[["person_id"]])
    broken = spine_of(stream)
    broken.loc[2, "as_of"] = None
    with pytest.raises(SpineError, match=r"Row 2 .* has no as_of"):
        compute(stream, broken)
