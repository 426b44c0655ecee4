"""The first and the last day that counts, by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from features import CATALOGUE, build_stream, compute

T = date(2024, 2, 29)


@pytest.fixture
def number(source_of: Any, an_incident: Any, an_involvement: Any) -> Any:
    """Compute one indicator of ann, who is suspect against `victim` on each given day before T."""

    def number(name: str, *ages: int, victims: str = "c", hearings: tuple[int, ...] = (), **other: Any) -> float:
        days = [T - timedelta(days=age) for age in ages]
        keys = [f"I{n}" for n in range(len(days))]
        tables = {
            "incidents": [an_incident(key, day, **other) for key, day in zip(keys, days, strict=True)],
            "involvements": [
                row
                for n, (key, day) in enumerate(zip(keys, days, strict=True))
                for row in (
                    an_involvement(key, "ann", "suspect", day),
                    an_involvement(key, victims[n % len(victims)], "victim", day),
                )
            ],
            "marac_hearings": [
                {"hearing_id": f"H{age}", "perpetrator_id": "ann", "victim_id": "c"}
                | dict.fromkeys(("heard_at", "known_from", "referred_at"), T - timedelta(days=age))
                for age in hearings
            ],
        }
        spine = pd.DataFrame({"person_id": ["ann"], "as_of": [T]})
        return float(compute(build_stream(source_of(tables)), spine, CATALOGUE.only([name]))[name].iloc[0])

    return number


def test_a_window_holds_today_and_not_the_day_it_is_long(number: Any) -> None:
    assert number("domestic_incidents_365", 0, 364, 365) == 2
    assert number("domestic_incidents_90", 0, 89, 90) == 2


def test_the_half_year_before_begins_where_the_last_ends(number: Any) -> None:
    assert number("escalation_share_180", 179, 180, 359, 360) == pytest.approx(1 / 3)


def test_a_victim_is_new_if_never_met_before_the_window(number: Any) -> None:
    assert number("new_victims_365", 10, 364, victims="cd") == 2
    assert number("new_victims_365", 10, 364, 365, victims="cdc") == 1


def test_two_incidents_against_two_victims_are_serial_and_one_incident_is_not(number: Any) -> None:
    assert number("serial_northumbria", 10, 1094, victims="cd") == 1
    assert number("serial_northumbria", 10, 1095, victims="cd") == 0


def test_a_marac_repeat_follows_the_referral_within_a_year(number: Any) -> None:
    assert number("marac_repeat_current_730", 366, hearings=(366,)) == 0, "the day of the referral itself"
    assert number("marac_repeat_current_730", 365, hearings=(366,)) == 1
    assert number("marac_repeat_current_730", 1, hearings=(366,)) == 1
    assert number("marac_repeat_current_730", 0, hearings=(366,)) == 0, "more than a year after"
    assert number("marac_repeat_current_730", 365, victims="d", hearings=(366,)) == 0, "another victim"
    assert number("marac_repeat_older_730", 1, hearings=(366,), is_crime=False) == 0
    assert number("marac_repeat_current_730", 1, hearings=(366,), is_crime=False) == 1


def test_a_version_ends_on_the_day_the_next_begins(number: Any) -> None:
    assert number("domestic_incidents_365", 10, known_to=T) == 0
    assert number("domestic_incidents_365", 10, known_to=T + timedelta(days=1)) == 1
    assert number("domestic_incidents_365", 0, known_from=T + timedelta(days=1)) == 0


def test_a_trend_over_less_than_ninety_days_is_none(number: Any) -> None:
    assert pd.isna(number("harm_slope_1095", 10, 99))
    assert number("harm_slope_1095", 10, 100) == 0


def test_unknown_harm_is_neither_zero_nor_in_the_way(number: Any) -> None:
    assert pd.isna(number("harm_730", 10, offence_code="99000"))
    assert number("harm_730", 10, 20, offence_code="00877") == 730
    assert number("harm_unknown_share_730", 10, offence_code="99000") == 1


def test_counting_on_the_day_of_report(number: Any) -> None:
    late = T - timedelta(days=89)
    assert number("newly_reported_non_recent_90", 455, reported_on=late, known_from=late) == 1
    assert number("newly_reported_non_recent_90", 454, reported_on=late, known_from=late) == 0
    assert number("harm_reported_365", 455, reported_on=late, known_from=late) == 1
    assert number("domestic_incidents_365", 455, reported_on=late, known_from=late) == 0
