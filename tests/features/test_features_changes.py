"""What changed between two indicator snapshots: each reason planted alone, then together, then on random histories."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features import CATALOGUE, Catalogue, EventStream, build_stream, compute
from features.changes import Counts, DatePair, Records, compare, date_pairs, declared_change
from features.changes.comparison import NOT_DECLARED, REDECLARED
from features.changes.pairing import paired
from features.changes.reading import EventReading
from features.changes.reasons import CORRECTED, NEW, NOT_REPRODUCED, RECORDING, SEVERAL, TIME, WITHDRAWN
from features.changes.states import frozen, pooled, two_states
from features.engines import Asked, compute_locally
from features.errors import DatesUnmatched
from features.indicator import Indicator
from features.kinds import OVERWRITTEN, Kind
from features.lineage import Lineage
from features.measures import Count
from features.places import Place
from features.snapshots import IndicatorSnapshot
from features.stored import Parting
from values import AsOf, Window, bucket, number_day

T = AsOf.parse("2023-06-30")
LATER = AsOf.parse("2023-07-31")
SAME = [DatePair(T, T)]


@pytest.fixture
def world_of(source_of: Any, an_incident: Any, an_involvement: Any) -> Any:
    """Make a stream of incidents: each a key, a day and what else is recorded; everybody has the same old incident."""

    def make(*rows: tuple[str, str, Mapping[str, Any]], suspect: str = "ann") -> EventStream:
        incidents = [an_incident(key, day, **other) for key, day, other in rows]
        keys = {str(row["incident_id"]): str(row["known_from"]) for row in reversed(incidents)}
        involved = [an_involvement(key, suspect, "suspect", known) for key, known in keys.items()]
        involved += [an_involvement(key, f"victim-{key}", "victim", known) for key, known in keys.items()]
        return build_stream(source_of({"incidents": incidents, "involvements": involved}))

    return make


BASE: tuple[str, str, Mapping[str, Any]] = ("I0", "2023-01-10", {"alcohol": True})


def written(stream: EventStream, out: Path, *dates: AsOf, catalogue: Catalogue = CATALOGUE) -> IndicatorSnapshot:
    compute_locally(Parting(stream), Asked(dates or (T,)), Place.of(out), Lineage("a" * 64, True, T.day), catalogue)
    return IndicatorSnapshot(out)


def records_of(before: EventStream, after: EventStream) -> Records:
    parts = Parting(before, 40)
    return Records(parts, parts if after is before else Parting(after, 60))


def compared(
    before: EventStream, after: EventStream, tmp_path: Path, dates: list[DatePair] | None = None
) -> tuple[Counts, pd.DataFrame]:
    dates = dates or SAME
    one = written(before, tmp_path / "one.parquet", *sorted({pair.before for pair in dates}))
    two = written(after, tmp_path / "two.parquet", *sorted({pair.after for pair in dates}))
    parts: list[pd.DataFrame] = []
    declared = declared_change(one.declarations, two.declarations)
    counts = compare(one, two, dates, declared, records_of(before, after), CATALOGUE, parts.append)
    return counts, pd.concat(parts, ignore_index=True)


def reasons_of(listed: pd.DataFrame, indicator: str) -> str:
    (reasons,) = listed.loc[listed["indicator"] == indicator, "reasons"]
    return str(reasons)


def test_the_same_records_on_the_same_date_change_nothing(world_of: Any, tmp_path: Path) -> None:
    counts, listed = compared(world_of(BASE), world_of(BASE), tmp_path)
    assert (counts.both, counts.changed, counts.left, counts.entered) == (1, 0, 0, 0)
    assert listed.empty


def test_a_new_incident_is_a_new_event_and_touches_what_counts_it_only(world_of: Any, tmp_path: Path) -> None:
    counts, listed = compared(world_of(BASE), world_of(BASE, ("I1", "2023-06-01", {})), tmp_path)
    assert reasons_of(listed, "domestic_incidents_365") == NEW
    assert reasons_of(listed, "days_since_last_domestic") == NEW
    assert set(listed["reasons"]) == {NEW}
    assert "alcohol_730" not in set(listed["indicator"])
    assert (counts.changed, dict(counts.rows_by_reason)[NEW]) == (1, 1)


def test_a_corrected_offence_is_a_correction(world_of: Any, tmp_path: Path) -> None:
    old, new = BASE, ("I0", "2023-01-10", {"alcohol": True, "offence_code": "00806"})
    _, listed = compared(world_of(old), world_of(new), tmp_path)
    assert reasons_of(listed, "harm_730") == CORRECTED
    (row,) = listed[listed["indicator"] == "harm_730"].to_dict("records")
    assert (row["before"], row["after"], row["person_id"], row["as_of"]) == (1.0, 19.5, "ann", "2023-06-30")
    assert set(listed["reasons"]) == {CORRECTED}


def test_a_correction_within_one_snapshot_of_records_is_told_between_two_dates(world_of: Any, tmp_path: Path) -> None:
    """The version that was known on the first date ended, and another began, before the second."""
    stream = world_of(
        ("I0", "2023-01-10", {"known_to": "2023-07-10"}),
        ("I0", "2023-01-10", {"known_from": "2023-07-10", "offence_code": "00806"}),
    )
    _, listed = compared(stream, stream, tmp_path, [DatePair(T, LATER)])
    assert reasons_of(listed, "harm_730") == CORRECTED
    assert reasons_of(listed, "days_since_last_domestic") == TIME


def test_a_withdrawn_incident_is_a_withdrawal(world_of: Any, tmp_path: Path) -> None:
    _, listed = compared(world_of(BASE, ("I1", "2023-06-01", {})), world_of(BASE), tmp_path)
    assert set(listed["reasons"]) == {WITHDRAWN}
    assert reasons_of(listed, "domestic_incidents_90") == WITHDRAWN


def test_a_window_that_moved_is_time_and_nothing_else(world_of: Any, tmp_path: Path) -> None:
    stream = world_of(BASE, ("I1", "2023-04-15", {}))  # 76 days before the first date, 107 before the second
    counts, listed = compared(stream, stream, tmp_path, [DatePair(T, LATER)])
    assert reasons_of(listed, "domestic_incidents_90") == TIME
    assert set(listed["reasons"]) == {TIME}
    assert "domestic_incidents_365" not in set(listed["indicator"])
    assert counts.both == 1


def test_a_window_moving_backwards_is_time_too(world_of: Any, tmp_path: Path) -> None:
    stream = world_of(BASE, ("I1", "2023-04-15", {}))
    _, listed = compared(stream, stream, tmp_path, [DatePair(LATER, T)])
    assert set(listed["reasons"]) == {TIME}


def test_an_event_known_beforehand_counts_by_time_alone(
    source_of: Any, an_incident: Any, an_involvement: Any, tmp_path: Path
) -> None:
    """A hearing that was set down for July was known in June."""
    hearing = {"hearing_id": "H1", "perpetrator_id": "ann", "victim_id": "vic", "heard_at": "2023-07-10"}
    stream = build_stream(
        source_of(
            {
                "incidents": [an_incident("I0", "2023-01-10")],
                "involvements": [an_involvement("I0", "ann", "suspect", "2023-01-10")],
                "marac_hearings": [{**hearing, "known_from": "2023-06-01"}],
            }
        )
    )
    _, listed = compared(stream, stream, tmp_path, [DatePair(T, LATER)])
    assert reasons_of(listed, "marac_hearings_365") == TIME


def test_the_breach_of_a_known_order_is_a_new_event(
    source_of: Any, an_incident: Any, an_involvement: Any, tmp_path: Path
) -> None:
    order = {"order_id": "O1", "person_id": "ann", "kind": "non_molestation", "starts_on": "2023-02-01"}
    sides = [
        build_stream(
            source_of(
                {
                    "incidents": [an_incident("I0", "2023-01-10"), an_incident("I9", "2023-01-10")],
                    "involvements": [
                        an_involvement("I0", "ann", "suspect", "2023-01-10"),
                        an_involvement("I9", "zoe", "suspect", "2023-01-10"),
                    ],
                    "orders": [
                        {**order, "breached_at": breached, "known_from": "2023-02-01"},
                        {
                            **order,
                            "order_id": "O9",
                            "person_id": "zoe",
                            "breached_at": "2023-03-03",
                            "known_from": "2023-02-01",
                        },
                    ],
                }
            )
        )
        for breached in (None, "2023-05-05")
    ]
    _, listed = compared(*sides, tmp_path)
    assert reasons_of(listed, "order_breaches_730") == NEW


def test_a_column_that_came_to_be_recorded_is_recording(world_of: Any, tmp_path: Path) -> None:
    """Nobody's drugs were recorded before; another person's are now, so that nobody's number is unknown any more."""
    old, other = world_of(BASE), world_of(("I9", "2023-01-10", {"drugs": True}), suspect="zoe")
    recorded = dataclasses.replace(old, recorded={**old.recorded, "incidents.drugs": other.recorded["incidents.drugs"]})
    _, listed = compared(old, recorded, tmp_path)
    assert listed["indicator"].tolist() == ["drugs_730"]
    assert set(listed["reasons"]) == {RECORDING}
    assert np.isnan(listed["before"]).all()


def test_two_reasons_that_each_move_a_number_are_both_told(world_of: Any, tmp_path: Path) -> None:
    old = world_of(BASE)
    new = world_of(("I0", "2023-01-10", {"alcohol": True, "offence_code": "00806"}), ("I1", "2023-06-01", {}))
    _, listed = compared(old, new, tmp_path)
    assert set(reasons_of(listed, "harm_730").split("; ")) == {NEW, CORRECTED}
    assert reasons_of(listed, "domestic_incidents_365") == NEW


def test_of_two_changes_that_are_each_enough_neither_counts_alone(world_of: Any, tmp_path: Path) -> None:
    old = world_of(BASE)
    moved = {"alcohol": True, "occurred_from": "2023-06-01"}
    new = world_of(("I0", "2023-01-10", moved), ("I1", "2023-06-01", {}))
    _, listed = compared(old, new, tmp_path)
    assert reasons_of(listed, "days_since_last_domestic") == SEVERAL


def test_who_left_and_who_entered_are_told_with_what_changed(world_of: Any, tmp_path: Path) -> None:
    old, new = world_of(BASE), world_of(BASE, suspect="zoe")
    counts, listed = compared(old, new, tmp_path)
    assert (counts.both, counts.left, counts.entered) == (0, 1, 1)
    told = {row["indicator"]: (row["person_id"], row["reasons"]) for row in listed.to_dict("records")}
    assert told == {"left": ("ann", WITHDRAWN), "entered": ("zoe", NEW)}


def test_numbers_that_the_records_do_not_give_are_not_explained(world_of: Any, tmp_path: Path) -> None:
    old, new = world_of(BASE), world_of(BASE, ("I1", "2023-06-01", {}))
    one, two = written(old, tmp_path / "1.parquet"), written(new, tmp_path / "2.parquet")
    parts: list[pd.DataFrame] = []
    declared = declared_change(one.declarations, two.declarations)
    compare(one, two, SAME, declared, records_of(old, old), CATALOGUE, parts.append)  # not what the second came from
    assert set(pd.concat(parts)["reasons"]) == {NOT_REPRODUCED}


def test_without_the_records_no_reason_is_given(world_of: Any, tmp_path: Path) -> None:
    one = written(world_of(BASE), tmp_path / "1.parquet")
    two = written(world_of(BASE, ("I1", "2023-06-01", {})), tmp_path / "2.parquet")
    declared = declared_change(one.declarations, two.declarations)
    counts = compare(one, two, SAME, declared, Records(None, None, "not known: gone"), CATALOGUE)
    assert counts.rows_by_reason["not known: gone"] == 1
    assert {reason for _, reason in counts.reasons} == {"not known: gone"}


def other_window(name: str, days: int) -> Indicator:
    measure = CATALOGUE[name].measure
    assert isinstance(measure, Count)
    return dataclasses.replace(CATALOGUE[name], measure=dataclasses.replace(measure, window=Window(days)))


def test_what_was_declared_anew_is_named_by_its_fields(world_of: Any, tmp_path: Path) -> None:
    wider = other_window("domestic_incidents_90", 500)
    reworded = dataclasses.replace(CATALOGUE["domestic_incidents_365"], question="How many, in other words?")
    kept = [CATALOGUE["harm_730"], CATALOGUE["alcohol_730"]]
    old = Catalogue([*kept, CATALOGUE["domestic_incidents_90"], CATALOGUE["domestic_incidents_365"]])
    new = Catalogue([kept[0], wider, reworded, CATALOGUE["drugs_730"]])
    stream = world_of(BASE)
    one = written(stream, tmp_path / "1.parquet", catalogue=old)
    two = written(stream, tmp_path / "2.parquet", catalogue=new)
    declared = declared_change(one.declarations, two.declarations)
    assert (declared.added, declared.removed) == (("drugs_730",), ("alcohol_730",))
    (field,) = declared.redeclared["domestic_incidents_90"]
    assert (field.name, field.before, field.after) == ("measure.window.days", 90, 500)
    assert [each.name for each in declared.redeclared["domestic_incidents_365"]] == ["question"]
    assert declared.measured_anew == {"domestic_incidents_90"}
    parts: list[pd.DataFrame] = []
    compare(one, two, SAME, declared, records_of(stream, stream), CATALOGUE, parts.append)
    told = pd.concat(parts)
    assert told["indicator"].tolist() == ["domestic_incidents_90"]
    assert told["reasons"].tolist() == [REDECLARED]


def test_an_indicator_that_this_catalogue_measures_otherwise_is_not_explained(world_of: Any, tmp_path: Path) -> None:
    both = Catalogue([other_window("domestic_incidents_90", 500)])
    old, new = world_of(BASE), world_of(BASE, ("I1", "2023-06-01", {}))
    one = written(old, tmp_path / "1.parquet", catalogue=both)
    two = written(new, tmp_path / "2.parquet", catalogue=both)
    declared = declared_change(one.declarations, two.declarations)
    assert not declared
    counts = compare(one, two, SAME, declared, records_of(old, new), CATALOGUE.only(["harm_730"]))
    assert dict(counts.reasons) == {("domestic_incidents_90", NOT_DECLARED): 1}


def test_dates_that_both_files_have_are_compared_with_themselves() -> None:
    days = [AsOf.parse(f"2023-0{month}-01") for month in (1, 2, 3, 4)]
    assert date_pairs(days[:3], days[1:]) == [DatePair(days[1], days[1]), DatePair(days[2], days[2])]
    assert date_pairs(days[:2], days[2:]) == [DatePair(days[1], days[3])]
    assert date_pairs(days, days, days[0], days[3]) == [DatePair(days[0], days[3])]
    assert date_pairs(days[:2], days[2:], first=days[0]) == [DatePair(days[0], days[3])]
    with pytest.raises(DatesUnmatched, match="The second file has no indicators as of 2023-01-01") as caught:
        date_pairs(days, days[1:], second=days[0])
    assert caught.value.remedy == "It has: 2023-02-01, 2023-03-01, 2023-04-01."


def test_frozen_knowledge_gives_the_numbers_of_its_day_for_ever(world: Any) -> None:
    stream = build_stream(world)
    people = pd.DataFrame({"person_id": pd.Series(stream.person_ids, dtype="str"), "as_of": pd.Timestamp(T.day)})
    pd.testing.assert_frame_equal(compute(frozen(stream, T), people), compute(stream, people), check_exact=True)


@pytest.mark.parametrize("edge", ["known_from", "known_to"])
def test_knowledge_is_frozen_at_the_end_of_the_day_on_which_a_version_begins_or_ends(world: Any, edge: str) -> None:
    stream = build_stream(world)
    day = AsOf(number_day(int(np.sort(getattr(stream, edge))[len(stream) // 40])))
    spine = pd.DataFrame({"person_id": pd.Series(stream.person_ids, dtype="str"), "as_of": pd.Timestamp(day.day)})
    pd.testing.assert_frame_equal(compute(frozen(stream, day), spine), compute(stream, spine), check_exact=True)


def test_what_was_stated_later_is_not_part_of_frozen_knowledge(world_of: Any) -> None:
    stream = world_of(("I0", "2023-01-10", {"risk_grade": "high", "risk_tool": "dara", "known_from_assumed": True}))
    told = stream.flags[stream.kind == int(Kind.INCIDENT)] & int(OVERWRITTEN)
    assert told.any()
    assert (stream.stated > T.number).any()  # known from the extract on
    assert not (frozen(stream, T).flags & int(OVERWRITTEN)).any()
    assert (frozen(stream, AsOf.parse("2026-03-31")).flags & int(OVERWRITTEN)).any()


def test_two_states_of_one_stream_hold_nothing_new_before_it_was_known(world: Any) -> None:
    stream = build_stream(world)
    states = two_states(frozen(stream, T), frozen(stream, T))
    assert set(states.changes[0]) == set(states.changes[1]) == {"same"}
    states = two_states(frozen(stream, T), frozen(stream, LATER))
    assert {"same", "new"} <= set(states.changes[1])
    assert "new" not in set(states.changes[0])


@pytest.mark.parametrize(
    "days", [("2022-12-31", "2023-06-30"), ("2023-06-30", "2025-01-01"), ("2025-01-01", "2023-06-30")]
)
def test_on_crowded_histories_every_change_has_a_reason_and_every_number_is_reproduced(
    world: Any, tmp_path: Path, days: tuple[str, str]
) -> None:
    stream = build_stream(world)
    pair = DatePair(*(AsOf.parse(day) for day in days))
    counts, listed = compared(stream, stream, tmp_path, [pair])
    moved = listed[~listed["indicator"].isin(["left", "entered"])]
    assert len(moved) > 100
    assert (moved["reasons"] != "").all()
    assert counts.rows_by_reason[NOT_REPRODUCED] == 0
    assert sum(counts.numbers.values()) == len(moved)
    told = moved.assign(reason=moved["reasons"].str.split("; ")).explode("reason")
    again = told.groupby(["indicator", "reason"]).size().to_dict()
    assert {key: n for key, n in counts.reasons.items() if n} == again


def test_parts_of_any_size_hold_the_same_people_once(world: Any, tmp_path: Path) -> None:
    file = written(build_stream(world), tmp_path / "a.parquet", T, LATER)
    names = ["domestic_incidents_ever"]
    pairs = [DatePair(T, LATER)]
    told = [
        sorted(person for _, parts in paired(file, file, names, pairs, size) for person in parts[0].people)
        for size in (1, 3, 10_000)
    ]
    assert told[0] == told[1] == told[2]
    assert len(told[0]) == len(set(told[0])) > 5


@pytest.mark.parametrize("rows", [1, 25, 400, 100_000])
def test_events_are_given_out_bucket_by_bucket_each_once_whatever_the_parts(world: Any, rows: int) -> None:
    stream = build_stream(world)
    reading = EventReading(Parting(stream, rows))
    bounds = (1, 300, 301, 700, 1024)
    told = [reading.below(bound) for bound in bounds]
    assert reading.below(1024) is told[-1]
    assert sum(len(each) for each in told) == len(stream)
    for low, high, part in zip((0, *bounds), bounds, told, strict=False):
        people = set(part.person_ids[np.unique(part.person)].tolist())
        assert people == {person for person in stream.person_ids.tolist() if low <= bucket(person) < high}
    whole = pooled(told)
    refs = [sorted(each.event_refs[each.event_id].tolist()) for each in (whole, stream)]
    assert refs[0] == refs[1]
    spine = pd.DataFrame({"person_id": pd.Series(stream.person_ids, dtype="str"), "as_of": pd.Timestamp(T.day)})
    pd.testing.assert_frame_equal(compute(whole, spine), compute(stream, spine), check_exact=True)
