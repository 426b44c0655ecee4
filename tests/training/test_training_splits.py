from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.errors import NotEnoughHistory, SettingsError
from training.splits import declared_splits, last_mature, month_end, months_back, time_splits, training_dates
from values import AsOf

EXTRACT = AsOf(date(2026, 3, 31))
START = AsOf(date(2018, 3, 31))


def test_three_test_dates_a_year_apart_end_at_the_last_mature_month_end():
    splits = time_splits(EXTRACT, START)
    assert [str(split.test) for split in splits] == ["2022-12-31", "2023-12-31", "2024-12-31"]
    assert [str(day) for day in splits[0].train] == [
        "2019-03-31", "2019-09-30", "2020-03-31", "2020-09-30", "2021-03-31", "2021-09-30",
    ]  # fmt: skip


def test_short_history_gives_fewer_splits():
    assert len(time_splits(EXTRACT, AsOf(date(2021, 3, 31)))) == 2


def test_too_short_history_is_refused_with_the_days_needed():
    with pytest.raises(NotEnoughHistory, match="1275 days"):
        time_splits(EXTRACT, AsOf(date(2023, 6, 30)))


@pytest.mark.parametrize(
    ("day", "end"),
    [("2024-02-29", "2024-02-29"), ("2024-02-28", "2024-01-31"), ("2024-01-30", "2023-12-31")],
)
def test_month_end_on_or_before(day, end):
    assert month_end(date.fromisoformat(day)) == date.fromisoformat(end)


def test_months_back_crosses_years():
    assert months_back(date(2024, 1, 31), 13) == date(2022, 12, 31)


@settings(deadline=None)
@given(
    extract=st.dates(date(2015, 1, 1), date(2035, 1, 1)),
    years=st.integers(0, 12),
    horizon=st.integers(1, 730),
    lag=st.integers(0, 200),
    step=st.integers(1, 12),
    tests=st.integers(1, 5),
)
def test_no_training_label_reaches_past_its_test_date(extract, years, horizon, lag, step, tests):
    extract_date, start = AsOf(extract), AsOf(extract).plus(-365 * years)
    try:
        splits = time_splits(extract_date, start, tests=tests, horizon_days=horizon, lag_days=lag, step_months=step)
    except NotEnoughHistory:
        newest = last_mature(last_mature(extract_date, horizon, lag), horizon, lag)
        assert newest.number - start.number < 365
        return
    assert len(splits) <= tests
    for split in splits:
        assert split.test.number + horizon + lag <= extract_date.number
        assert list(split.train) == sorted(set(split.train))
        for day in split.train:
            assert day.number + horizon + lag <= split.test.number
            assert day.number - start.number >= 365


def test_training_dates_reach_back_no_more_than_the_years_asked_for():
    dates = training_dates(AsOf(date(2024, 12, 31)), AsOf(date(2000, 1, 1)), years=1)
    assert [str(day) for day in dates] == ["2022-09-30", "2023-03-31", "2023-09-30"]


def test_declared_dates_for_the_rehearsal_leave_exactly_one_year():
    splits = declared_splits(
        [AsOf(date(2021, 12, 31))],
        [AsOf(date(2020, 12, 31)), AsOf(date(2021, 6, 30))],
        AsOf(date(2023, 11, 30)),
        horizon_days=365,
        lag_days=0,
    )
    assert [str(day) for day in splits[0].train] == ["2020-12-31"]


def test_a_declared_test_date_without_known_labels_is_refused():
    with pytest.raises(SettingsError, match="test date 2025-12-31 are not known by the extract date 2026-03-31"):
        declared_splits([AsOf(date(2025, 12, 31))], [START], EXTRACT, horizon_days=365, lag_days=90)


def test_a_declared_training_date_whose_label_overlaps_the_test_is_refused():
    with pytest.raises(SettingsError, match="No training date lies 455 days before"):
        declared_splits([AsOf(date(2022, 12, 31))], [AsOf(date(2022, 1, 31))], EXTRACT, horizon_days=365, lag_days=90)
