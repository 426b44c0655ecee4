"""What each number means, one behaviour a test, on a handful of records counted by hand."""

from __future__ import annotations

from datetime import timedelta
from math import isnan

import pytest

from benchmarks.oracle.by_hand import EXTRACT, Records, T, ago
from features import CATALOGUE, events_behind
from values import AsOf


@pytest.fixture
def records() -> Records:
    return Records()


# ---- harm


def test_harm_is_told_in_days(records: Records) -> None:
    assert records.incident(1, offence_code="00872").incident(1, offence_code="00806").tells("harm_730") == 33.51


def test_the_worst_crime_is_the_one_with_most_harm(records: Records) -> None:
    assert records.incident(1).incident(2, offence_code="19C").incident(3).tells("harm_max_ever") == 1825


def test_the_worst_crime_may_lie_in_any_window(records: Records) -> None:
    records.incident(1, offence_code="00867").incident(500, offence_code="19C").incident(900)
    told = records.table([f"harm_max_{days}" for days in (365, 730, "ever")], [("ann", T)])
    assert told.iloc[0, 2:].tolist() == [365, 1825, 1825]
    assert records.table(["harm_max_365", "harm_max_ever"], [("ann", ago(-400))]).iloc[0, 2:].tolist() == [0, 1825]


def test_an_unknown_weight_is_not_zero(records: Records) -> None:
    assert isnan(records.incident(1, offence_code="99000").tells("harm_730"))


def test_an_unknown_code_has_no_weight(records: Records) -> None:
    assert isnan(records.incident(1, offence_code="no_such").tells("harm_730"))


def test_an_unknown_weight_takes_nothing_from_the_sum(records: Records) -> None:
    assert records.incident(1, offence_code="99000").incident(1).tells("harm_730") == 1


def test_an_incident_that_is_no_crime_has_no_harm_whatever_its_code(records: Records) -> None:
    records.incident(1, is_crime=False, offence_code="19C")
    assert records.tells("harm_max_ever") == 0
    assert records.tells("sexual_730") == 0


def test_an_offence_of_unknown_weight_is_told_from_one_of_its_family(records: Records) -> None:
    records.incident(1, offence_code="99000").incident(2, offence_code="99001").incident(3, offence_code="99000")
    assert records.tells("harm_unknown_share_730") == pytest.approx(2 / 3)
    assert records.tells("harm_730") == 0


def test_concentration_is_the_worst_of_the_whole(records: Records) -> None:
    records.incident(1, offence_code="00301").incident(2, offence_code="00301")
    assert records.tells("harm_concentration_ever") == 0.5
    assert records.incident(3, offence_code="00506").tells("harm_concentration_ever") == pytest.approx(1460 / 1480)


# ---- gaps and slopes


def test_gaps_lie_between_neighbours(records: Records) -> None:
    records.incident(100).incident(90).incident(60)
    assert [records.tells(f"gap_{how}_1095") for how in ("mean", "min", "std")] == [20, 10, 10]


def test_two_incidents_on_a_day_lie_zero_days_apart(records: Records) -> None:
    records.incident(100).incident(100).incident(60)
    assert [records.tells(f"gap_{how}_1095") for how in ("mean", "min")] == [20, 0]


def test_a_gap_lies_wholly_in_the_window(records: Records) -> None:
    records.incident(1100).incident(1090).incident(500)
    assert [records.tells(f"gap_{how}_1095") for how in ("mean", "min", "std")] == [590, 590, 0]


def test_one_incident_has_no_gap(records: Records) -> None:
    assert isnan(records.incident(100).tells("gap_min_1095"))


def test_harm_that_grows_has_a_rising_slope(records: Records) -> None:
    records.incident(365, offence_code="00301").incident(0, offence_code="00867")
    assert records.tells("harm_slope_1095") == pytest.approx(355 / 365 * 365.25)


def test_crimes_without_a_weight_bend_no_slope(records: Records) -> None:
    records.incident(365, offence_code="00301").incident(0, offence_code="00867").incident(0, offence_code="99000")
    assert records.tells("harm_slope_1095") == pytest.approx(355 / 365 * 365.25)


def test_a_slope_needs_ninety_days(records: Records) -> None:
    assert isnan(Records().incident(89).incident(0).tells("harm_slope_1095"))
    assert records.incident(90).incident(0).tells("harm_slope_1095") == 0


def test_the_last_break_is_the_latest_not_the_shortest(records: Records) -> None:
    records.incident(1000).incident(990).incident(10)
    assert [records.tells(f"gap_{how}_1095") for how in ("last", "max", "min")] == [980, 980, 10]
    records.incident(5)
    assert [records.tells(f"gap_{how}_1095") for how in ("last", "max", "min")] == [5, 980, 5]


def test_the_worst_of_two_years_is_told_with_its_sign(records: Records) -> None:
    records.incident(10, offence_code="00867").incident(364).incident(365, offence_code="19C")
    assert records.tells("harm_max_change_365") == 365 - 1825
    assert records.tells("harm_escalation_share_365") == pytest.approx(366 / 2191)


def test_a_delay_runs_from_the_last_day_of_conduct_to_a_recorded_report(records: Records) -> None:
    records.incident(100, told=90).incident(50).incident(20, reported_on=None).incident(800, told=700)
    assert records.tells("report_delay_mean_730") == 5
    assert records.tells("report_delay_max_ever") == 100
    assert records.tells("report_day_unknown_share_730") == pytest.approx(1 / 3)


# ---- victims


def test_a_victim_met_twice_is_one_victim(records: Records) -> None:
    assert records.incident(1, "vi").incident(2, "vi").incident(3, "wu").tells("victims_ever") == 2


def test_a_victim_met_in_two_windows_is_one_victim(records: Records) -> None:
    records.incident(1000, "vi").incident(500, "vi").incident(1, "vi")
    assert [records.tells(name) for name in ("victims_ever", "victims_1095", "new_victims_365")] == [1, 1, 0]


def test_victims_are_told_apart_however_many_people_lie_between(records: Records) -> None:
    for number in range(40):
        records.incident(number, f"vi {number:02}", suspects=("bo",))
    for other in (1, 4, 8, 16, 32):
        both = Records()
        both.rows = {name: list(rows) for name, rows in records.rows.items()}
        assert both.incident(1, "vi 00").incident(2, f"vi {other:02}").tells("victims_ever") == 2, other


def test_an_incident_with_two_victims_is_one_incident(records: Records) -> None:
    records.incident(1, "vi", "wu").pair("ann", "vi").pair("ann", "wu")
    assert (records.tells("domestic_incidents_ever"), records.tells("crimes_reported_365")) == (1, 1)
    assert records.tells("victims_ever") == 2


def test_a_victim_from_before_the_window_is_not_new(records: Records) -> None:
    records.incident(400, "vi").incident(10, "vi").incident(20, "wu").incident(400, "xe")
    assert records.tells("new_victims_365") == 1


def test_the_same_victim_is_counted_by_the_victim_met_most(records: Records) -> None:
    records.incident(1, "vi").incident(2, "vi").incident(3, "vi").incident(4, "wu").incident(5, "wu")
    assert records.tells("same_victim_most_730") == 3


def test_a_repeat_victim_has_two_incidents(records: Records) -> None:
    records.incident(1, "vi").incident(2, "wu").incident(3, "vi").incident(4, "xe").incident(5, "xe").incident(6, "xe")
    assert records.tells("repeat_victims_ever") == 2
    assert records.tells("one_victim_share_730") == 0.5


def test_three_incidents_with_one_victim_are_potential_escalation_and_two_are_a_repeat(records: Records) -> None:
    records.incident(1, "vi").incident(2, "vi").incident(3, "wu")
    assert (records.tells("repeat_bristol"), records.tells("potential_escalation")) == (1, 0)
    assert records.incident(4, "vi").tells("potential_escalation") == 1


def test_two_crimes_with_a_victim_in_a_year_of_reports_are_named_twice(records: Records) -> None:
    assert records.incident(800, "vi", told=10).incident(20).incident(400, "vi").tells("named_twice_v100") == 0
    assert records.incident(500, "vi", told=364).tells("named_twice_v100") == 1


def test_the_same_victim_is_counted_within_the_window(records: Records) -> None:
    records.incident(800, "vi").incident(731, "vi").incident(730, "vi").incident(729, "vi").incident(5, "wu")
    assert records.tells("same_victim_most_730") == 1


def test_two_victims_in_one_incident_are_not_two_incidents(records: Records) -> None:
    records.incident(1, "vi", "wu").pair("ann", "vi").pair("ann", "wu")
    assert records.tells("serial_northumbria") == 0
    assert records.incident(2, "vi").tells("serial_northumbria") == 1


def test_one_victim_is_not_serial(records: Records) -> None:
    assert records.incident(1, "vi").incident(2, "vi").tells("serial_college") == 0
    assert records.incident(3, "wu").tells("serial_college") == 1


def test_a_pair_follows_from_one_suspect_and_one_victim(records: Records) -> None:
    assert records.incident(1, "vi").tells("victims_ever") == 1


def test_with_two_suspects_the_victim_is_unknown(records: Records) -> None:
    records.incident(1, "vi", suspects=("ann", "bo")).incident(2, "wu").incident(3, "wu", suspects=("bo",))
    assert [records.tells("victims_ever", person) for person in ("ann", "bo")] == [1, 1]


def test_a_recorded_pair_stands_for_the_incident(records: Records) -> None:
    assert records.incident(1, "vi").pair("ann", "wu").tells("victims_ever") == 1
    assert records.tells("domestic_incidents_ever", "wu") == 0


def test_nobody_is_a_victim_of_themselves(records: Records) -> None:
    assert records.incident(1, "vi").incident(2).pair("ann", "ann").tells("victims_ever") == 1


def test_a_pair_ends_with_the_suspects_part(records: Records) -> None:
    records.incident(1, "vi").incident(2, "wu").pair("ann", "wu")
    records.rows["involvements"][2]["known_to"] = T
    assert records.tells("victims_ever") == 1


def test_counter_allegations_are_by_people_ann_is_suspected_of_abusing(records: Records) -> None:
    records.incident(1, "bo").incident(2, "bo").incident(3, "cy")
    records.incident(4, "ann", suspects=("bo",)).incident(5, "ann", suspects=("di",))
    assert records.tells("counter_allegations_ever") == 1
    assert records.tells("counter_allegation_share") == 0.25


def test_counter_allegations_count_before_and_after_the_persons_own(records: Records) -> None:
    records.incident(10, "bo").incident(20, "ann", suspects=("bo",))
    assert records.tells("counter_allegations_ever") == 1
    assert records.incident(5, "ann", suspects=("bo",)).tells("counter_allegations_ever") == 2


def test_balance_looks_only_at_pairs_recorded_both_ways(records: Records) -> None:
    records.incident(1, "bo").incident(2, "bo").incident(3, "bo").incident(4, "cy")
    records.incident(5, "ann", suspects=("bo",)).incident(6, "ann", suspects=("di",))
    assert records.tells("counter_allegation_share") == pytest.approx(1 / 5)
    assert records.tells("counter_allegation_balance") == pytest.approx(1 / 4)


def test_partners_former_partners_and_family_are_told_apart(records: Records) -> None:
    for victim, related in (("vi", "partner"), ("wu", "ex_partner"), ("xe", "parent"), ("yo", None)):
        records.incident(5, victim).pair("ann", victim, relationship=related, relationship_source="recorded")
    names = ("ipv_incidents_730", "ex_partner_incidents_730", "familial_incidents_730")
    assert [records.tells(name) for name in names] == [2, 1, 1]
    assert records.tells("ipv_share_730") == pytest.approx(2 / 3)
    assert records.tells("relationship_unknown_share_730") == 0.25


def test_two_incidents_with_one_partner_are_two(records: Records) -> None:
    for days in (5, 6):
        records.incident(days, "vi").pair("ann", "vi", relationship="partner")
    assert (records.tells("ipv_incidents_730"), records.tells("ipv_victims_1095")) == (2, 1)


def test_incidents_of_which_no_relationship_is_stated_are_not_none_with_partners(records: Records) -> None:
    records.incident(5, "vi").incident(5, "wu", suspects=("bo",)).pair("bo", "wu", relationship="partner")
    assert isnan(records.tells("ipv_incidents_730"))
    assert records.tells("ipv_incidents_730", "bo") == 1


# ---- MARAC and orders


def test_a_hearing_belongs_to_the_person_causing_harm(records: Records) -> None:
    records.hearing(10).hearing(20).hearing(20, victim="ann", person="bo")
    assert records.incident(1).tells("marac_hearings_ever") == 2


def test_victims_heard_twice_are_one(records: Records) -> None:
    assert records.incident(1).hearing(10).hearing(20).hearing(30, "wu").tells("marac_victims_ever") == 2


@pytest.mark.parametrize(("days", "follows"), [(100, 0), (99, 1), (-265, 1), (-266, 0)])
def test_a_marac_repeat_comes_after_the_referral_and_within_a_year(records: Records, days: int, follows: int) -> None:
    records.hearing(90, waited=10).incident(days, "vi")
    assert records.tells("marac_repeat_current_730", day=ago(-300)) == follows


def test_a_marac_repeat_is_with_the_victim_who_was_referred(records: Records) -> None:
    assert records.hearing(90).incident(50, "wu").tells("marac_repeat_current_730") == 0


def test_a_hearing_without_a_referral_counts_from_the_hearing(records: Records) -> None:
    records.hearing(90, waited=None).incident(90, "vi").incident(89, "vi")
    assert records.tells("marac_repeat_current_730") == 1


def test_a_withdrawn_hearing_makes_no_repeat(records: Records) -> None:
    records.hearing(90).incident(50, "vi")
    records.rows["marac_hearings"][0]["known_to"] = ago(1)
    assert records.tells("marac_repeat_current_730", day=ago(2)) == 1
    assert records.tells("marac_repeat_current_730") == 0


def test_a_breach_counts_on_the_day_of_the_breach(records: Records) -> None:
    assert records.order(2000, breached=700).order(2000).order(2000, breached=730).tells("order_breaches_730") == 1


def test_a_breach_is_not_known_before_it_happened(records: Records) -> None:
    records.order(2000, breached=-10).order(2000, breached=50)
    assert records.tells("order_breaches_730") == 1


def test_breaches_count_as_recorded_from_the_first_one_that_happened(records: Records) -> None:
    records.order(2000, breached=-10)
    assert isnan(records.tells("order_breaches_730"))
    assert records.tells("order_breaches_730", day=ago(-10)) == 1


def test_hearings_are_counted_by_route_and_by_who_referred(records: Records) -> None:
    records.incident(1)
    for agency, route in (("police", "visible_high_risk"), ("idva", "potential_escalation"), (None, None)):
        records.hearing(10, criterion=route, referring_agency=agency, repeat=agency == "idva")
    names = ("by_police", "by_partners", "visible_high_risk", "professional_judgement", "repeat_marked")
    assert [records.tells(f"marac_{name}_730") for name in names] == [1, 1, 1, 0, 1]


def test_victims_heard_again_were_heard_twice(records: Records) -> None:
    records.incident(1).hearing(10).hearing(400).hearing(20, "wu")
    assert (records.tells("marac_victims_again_ever"), records.tells("marac_victims_ever")) == (1, 2)


def test_orders_are_counted_by_who_asked_for_them(records: Records) -> None:
    for kind in ("dvpo", "non_molestation", "stalking_protection", "bail_conditions", "other", "no_such"):
        records.order(20, kind=kind, breached=5 if kind == "dvpo" else None)
    names = ("orders_730", "police_orders_730", "court_orders_730", "bail_conditions_730")
    assert [records.tells(name) for name in names] == [6, 1, 2, 1]
    assert records.tells("order_breach_share_ever") == pytest.approx(1 / 6)


def test_custody_is_counted_by_its_kind(records: Records) -> None:
    for kind in ("remand", "sentence", "recall", "police", "no_such"):
        records.custody(20, kind)
    assert [records.tells(name) for name in ("custody_730", "remands_730", "sentences_ever")] == [5, 1, 2]


# ---- grades and who reported


def test_grades_are_counted_with_their_tool(records: Records) -> None:
    for grade, tool in (("high", "dash"), ("high", "dara"), ("high", None), ("medium", "dash"), (None, "dash")):
        records.incident(5, risk_grade=grade, risk_tool=tool)
    names = ("high_grade_730", "medium_grade_730", "standard_grade_730", "dash_high_730", "dara_high_730")
    assert [records.tells(name) for name in names] == [3, 1, 0, 1, 1]
    assert records.tells("high_grade_share_730") == 0.75
    assert records.tells("grade_unknown_share_730") == pytest.approx(0.2)


def test_a_grade_of_an_assumed_day_counts_from_the_extract_that_told_it(records: Records) -> None:
    records.incident(5, risk_grade="high", known_from_assumed=True)
    records.incident(5, suspects=("bo",), risk_grade="high")
    assert isnan(records.tells("high_grade_ever"))
    assert isnan(records.tells("high_grade_ever", day=EXTRACT - timedelta(days=1)))
    assert records.tells("high_grade_ever", day=EXTRACT) == 1
    assert records.tells("high_grade_ever", "bo") == 1


def test_shares_of_reporters_leave_out_what_is_not_recorded(records: Records) -> None:
    for who in ("victim", "police", "police", None, "no_such"):
        records.incident(5, reported_by=who)
    assert records.tells("victim_reported_share_730") == pytest.approx(1 / 3)
    assert records.tells("police_generated_share_730") == pytest.approx(2 / 3)
    assert records.tells("reporter_unknown_share_730") == pytest.approx(0.4)


# ---- families


def test_offence_families_are_counted_once_each(records: Records) -> None:
    for code in ("00301", "00301", "00867", "no_such"):
        records.incident(5, offence_code=code)
    assert records.tells("offence_families_730") == 2
    assert records.tells("offence_unknown_share_730") == 0.25


def test_crimes_of_no_known_offence_have_no_number_of_families(records: Records) -> None:
    assert isnan(records.incident(5, offence_code="no_such").tells("offence_families_730"))


def test_each_family_is_its_own(records: Records) -> None:
    codes = {"00867": 1, "00866": 2, "00872": 3, "00802": 4, "19C": 5, "17A": 6, "00301": 7, "06639": 8, "00877": 9}
    for code, times in codes.items():
        for _ in range(times):
            records.incident(5, offence_code=code)
    names = ("coercive_control", "stalking_harassment", "sexual", "threats", "breach_offences", "strangulation")
    assert [records.tells(f"{name}_730") for name in names] == [1, 9, 11, 7, 8, 9]


def test_strangulation_is_the_flag_or_the_offence(records: Records) -> None:
    records.incident(1, strangulation=True).incident(2, offence_code="00877").incident(3)
    assert records.tells("strangulation_730") == 2


# ---- the events behind a number


@pytest.mark.parametrize(
    ("name", "ages"),
    [
        ("domestic_incidents_365", [0, 364]),
        ("marac_repeat_current_730", [364]),
        ("new_victims_365", [0]),
        ("same_victim_most_730", [364, 365, 400]),
        ("days_since_last_domestic", [0]),
        ("gap_mean_1095", [0, 364, 365, 400]),
    ],
)
def test_the_events_behind_a_number_are_those_it_counts(records: Records, name: str, ages: list[int]) -> None:
    records.incident(0, "wu").incident(364, "vi").incident(365, "vi").incident(400, "vi").hearing(365)
    facts = events_behind(records.stream, CATALOGUE[name], "ann", AsOf(T))
    assert sorted({(T - fact.occurred).days for fact in facts}) == ages
