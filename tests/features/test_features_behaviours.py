"""Which records count on a day: windows, clocks, knowledge, roles, and what is missing; one behaviour a test."""

from __future__ import annotations

from math import isnan

import pytest

from benchmarks.oracle.by_hand import Records, T, ago


@pytest.fixture
def records() -> Records:
    return Records()


# ---- windows, days and what was known


def test_an_incident_of_the_day_itself_counts(records: Records) -> None:
    assert records.incident(0).tells("domestic_incidents_365") == 1


def test_an_incident_as_old_as_the_window_is_long_does_not_count(records: Records) -> None:
    assert records.incident(364).incident(365).tells("domestic_incidents_365") == 1


def test_the_half_year_before_starts_where_the_last_half_year_ends(records: Records) -> None:
    assert records.incident(179).incident(180).tells("escalation_share_180") == 0.5
    assert records.incident(359).incident(360).tells("escalation_share_180") == pytest.approx(1 / 3)


def test_a_record_counts_from_the_day_it_was_known(records: Records) -> None:
    assert records.incident(10, told=0).incident(10, told=-1).tells("domestic_incidents_365") == 1


def test_a_record_withdrawn_on_the_day_no_longer_counts(records: Records) -> None:
    assert records.incident(10, known_to=0).incident(10, known_to=-1).tells("domestic_incidents_365") == 1


def test_conduct_that_ends_after_the_day_is_not_counted_yet(records: Records) -> None:
    records.incident(10, occurred_to=ago(-5), reported_on=None)
    told = records.table(["domestic_incidents_365", "domestic_incidents_ever"], [("ann", T), ("ann", ago(-5))])
    assert told.iloc[:, 2:].to_numpy().tolist() == [[0, 0], [1, 1]]


def test_conduct_counts_on_its_last_day(records: Records) -> None:
    assert records.incident(900, occurred_to=ago(20), told=20).tells("days_since_last_domestic") == 20


def test_conduct_never_ends_after_its_report(records: Records) -> None:
    assert records.incident(900, occurred_to=ago(20), told=50).tells("days_since_last_domestic") == 50


def test_conduct_is_never_older_than_its_first_day(records: Records) -> None:
    assert records.incident(20, occurred_to=ago(30)).tells("days_since_last_domestic") == 20


def test_the_report_clock_counts_by_the_day_of_the_report(records: Records) -> None:
    assert records.incident(800, told=100).incident(800).tells("harm_reported_365") == 1
    assert records.tells("harm_730") == 0


def test_without_a_day_of_report_the_day_of_conduct_stands_in(records: Records) -> None:
    assert records.incident(100, reported_on=None).tells("harm_reported_365") == 1


def test_the_clock_of_occurrence_does_not_look_at_the_report(records: Records) -> None:
    assert records.incident(800, told=100).incident(100).tells("domestic_incidents_365") == 1


def test_a_report_after_the_day_is_not_reported_yet(records: Records) -> None:
    records.incident(10, reported_on=ago(-5)).incident(20)
    assert records.tells("harm_reported_365") == 1
    assert records.tells("harm_730") == 2


def test_a_window_holds_every_younger_one(records: Records) -> None:
    records.incident(10).incident(100).incident(200).incident(500)
    told = records.table([f"domestic_incidents_{days}" for days in (90, 365, 730, "ever")], [("ann", T)])
    assert told.iloc[0, 2:].tolist() == [1, 3, 4, 4]


def test_the_last_incident_is_the_most_recent(records: Records) -> None:
    records.incident(800).incident(10).incident(300).incident(11)
    names = ["days_since_last_domestic", "days_since_first_domestic", "domestic_incidents_365"]
    assert records.table(names, [("ann", T)]).iloc[0, 2:].tolist() == [10, 800, 3]


def test_dates_and_people_asked_together_tell_what_each_tells_alone(records: Records) -> None:
    for days in range(5, 11):
        records.incident(days, f"victim {days}")
    for days in (5, 6, 7):
        records.incident(days, "zu", suspects=("bo",))
    asked = [(person, ago(days)) for person in ("ann", "bo") for days in range(5)]
    told = records.table(["victims_ever", "same_victim_most_730"], asked)
    assert told["victims_ever"].tolist() == [6] * 5 + [1] * 5
    assert told["same_victim_most_730"].tolist() == [1] * 5 + [3] * 5


# ---- roles and kinds of record


def test_only_incidents_as_suspect_are_counted(records: Records) -> None:
    assert records.incident(1, "ann", suspects=("bo",)).incident(2, "bo").tells("domestic_incidents_ever") == 1


def test_victim_incidents_are_those_as_victim(records: Records) -> None:
    records.incident(1, "ann", suspects=("bo",)).incident(2, "ann", suspects=("bo",)).incident(3, "bo")
    assert records.tells("victim_incidents_730") == 2


def test_an_unknown_role_is_nobodys_part(records: Records) -> None:
    records.incident(1)
    records.rows["involvements"][0]["role"] = "no_such"
    assert records.tells("domestic_incidents_ever") == 0


def test_incidents_that_are_not_domestic_are_counted_apart(records: Records) -> None:
    records.incident(1).incident(2, domestic=False)
    assert (records.tells("domestic_incidents_ever"), records.tells("incidents_any_ever")) == (1, 2)


def test_crimes_are_counted_apart_from_incidents(records: Records) -> None:
    assert records.incident(1).incident(2, is_crime=False).tells("domestic_crimes_365") == 1


def test_who_reported_is_kept_apart(records: Records) -> None:
    for who, times in (("victim", 1), ("third_party", 2), ("police", 3), ("no_such", 4)):
        for _ in range(times):
            records.incident(5, reported_by=who)
    names = ("victim_reported_730", "third_party_reported_730", "police_generated_730")
    assert [records.tells(name) for name in names] == [1, 2, 3]


# ---- what is missing


def test_a_table_that_was_not_delivered_is_not_zero(records: Records) -> None:
    assert isnan(records.incident(1).tells("marac_hearings_ever"))


def test_a_column_nobody_filled_in_is_not_zero(records: Records) -> None:
    assert isnan(records.incident(1).tells("alcohol_730"))
    assert records.incident(900, alcohol=False).tells("alcohol_730") == 0


def test_a_column_counts_as_recorded_only_while_a_value_is_known(records: Records) -> None:
    records.incident(1).incident(900, alcohol=False, known_to=0)
    assert records.tells("alcohol_730", day=ago(1)) == 0
    assert isnan(records.tells("alcohol_730"))


def test_incidents_without_a_known_victim_are_not_zero_victims(records: Records) -> None:
    records.incident(1, "vi", suspects=("bo",)).incident(2)
    assert isnan(records.tells("victims_ever"))
    assert records.tells("victim_unknown_share_730") == 1


def test_a_share_of_nothing_is_missing(records: Records) -> None:
    assert isnan(records.incident(900).tells("escalation_share_180"))


def test_the_share_without_a_victim_is_what_is_left(records: Records) -> None:
    records.incident(1, "vi").incident(2).incident(3).incident(4)
    assert records.tells("victim_unknown_share_730") == 0.75


def test_a_report_more_than_a_year_late_is_newly_reported(records: Records) -> None:
    records.incident(366, told=0).incident(365, told=0).incident(800, told=90)
    assert records.tells("newly_reported_non_recent_90") == 1
