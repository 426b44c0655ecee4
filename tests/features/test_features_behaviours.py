"""What each number means, one behaviour a test, on a handful of records counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import isnan
from typing import Any

import pandas as pd
import pytest

from benchmarks.oracle.source import PlainSource
from features import CATALOGUE, build_stream, compute

T = date(2024, 2, 29)
EXTRACT = date(2024, 12, 31)

Rows = list[dict[str, Any]]


def ago(days: int) -> date:
    return T - timedelta(days=days)


def known(since: date, to: date | None = None, assumed: bool = False) -> dict[str, Any]:
    return {"known_from": since, "known_to": to, "known_from_assumed": assumed}


class Records:
    """What is recorded; by default about ann, of the day it happened."""

    def __init__(self) -> None:
        self.rows: dict[str, Rows] = {"incidents": [], "involvements": []}

    def incident(
        self,
        days: int,
        *victims: str,
        suspects: Sequence[str] = ("ann",),
        told: int | None = None,
        known_to: int | None = None,
        **said: Any,
    ) -> Records:
        """Add an incident of so many days ago; reported and recorded `told` days ago."""
        key, recorded = f"I{len(self.rows['incidents'])}", ago(days if told is None else told)
        self.rows["incidents"].append(
            {
                "incident_id": key,
                "force": "made up",
                "area": "castlebridge",
                "occurred_from": ago(days),
                "occurred_to": None,
                "reported_on": recorded,
                "offence_code": "10501",
                "is_crime": True,
                "domestic": True,
                **known(recorded, None if known_to is None else ago(known_to)),
                **said,
            }
        )
        for role, people in (("suspect", suspects), ("victim", victims)):
            for person in people:
                self.rows["involvements"].append(
                    {"incident_id": key, "person_id": person, "role": role, **known(recorded)}
                )
        return self

    def pair(self, suspect: str, victim: str, **said: Any) -> Records:
        """Add a recorded pair to the incident added last."""
        last = self.rows["incidents"][-1]
        row = {"incident_id": last["incident_id"], "suspect_id": suspect, "victim_id": victim}
        self.rows.setdefault("dyads", []).append({**row, **known(last["known_from"]), **said})
        return self

    def hearing(self, days: int, victim: str = "vi", person: str = "ann", waited: int | None = 0) -> Records:
        """Add a hearing of so many days ago, referred `waited` days before."""
        rows = self.rows.setdefault("marac_hearings", [])
        referred = None if waited is None else ago(days + waited)
        row = {"hearing_id": f"H{len(rows)}", "victim_id": victim, "perpetrator_id": person}
        rows.append({**row, "referred_at": referred, "heard_at": ago(days), **known(ago(days))})
        return self

    def order(self, days: int, breached: int | None = None, kind: str = "restraining", **said: Any) -> Records:
        """Add an order of ann, breached so many days ago."""
        rows = self.rows.setdefault("orders", [])
        row = {"order_id": f"O{len(rows)}", "person_id": "ann", "kind": kind, "starts_on": ago(days)}
        rows.append({**row, "breached_at": None if breached is None else ago(breached), **known(ago(days)), **said})
        return self

    def tells(self, name: str, person: str = "ann", day: date = T) -> float:
        """Compute one indicator."""
        return float(self.table([name], [(person, day)])[name].iloc[0])

    def table(self, names: Sequence[str], asked: Sequence[tuple[str, date]]) -> pd.DataFrame:
        """Compute some indicators of people and days together."""
        spine = pd.DataFrame(list(asked), columns=["person_id", "as_of"])
        return compute(build_stream(PlainSource(self.rows, EXTRACT)), spine, CATALOGUE.only(names))


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
    asked = [(person, ago(days)) for person in ("ann", "bo") for days in (0, 1, 2)]
    told = records.table(["victims_ever", "same_victim_most_730"], asked)
    assert told["victims_ever"].tolist() == [6, 6, 6, 1, 1, 1]
    assert told["same_victim_most_730"].tolist() == [1, 1, 1, 3, 3, 3]


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


# ---- harm


def test_harm_is_told_in_days(records: Records) -> None:
    assert records.incident(1, offence_code="00872").incident(1, offence_code="00806").tells("harm_730") == 33.51


def test_the_worst_crime_is_the_one_with_most_harm(records: Records) -> None:
    assert records.incident(1).incident(2, offence_code="19C").incident(3).tells("harm_max_ever") == 1825


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


# ---- families


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
