"""Calibration judged on made-up lists whose truth is known: borne out where nothing changed, and not where it did."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from training.reliability import POOLED, reliability
from training.schedule import known_before
from training.settings import LabelSettings
from training.splits import Split
from values import AsOf

LABEL = LabelSettings()
SPLITS = tuple(Split(AsOf(date(year, 12, 31)), (AsOf(date(year - 3, 12, 31)),)) for year in (2020, 2021, 2022, 2023))


@pytest.fixture
def judged(calibrated_lists):
    def judge(seed=1, draws=100, **changes):
        lists, y, kinds = calibrated_lists(seed, **changes)
        found = reliability(lists, y, kinds, SPLITS, LABEL, draws=draws)
        return {(each.group, each.curve, each.when): each for each in found}

    return judge


def test_a_split_is_judged_by_splits_whose_labels_were_known_at_its_test_date():
    assert known_before(SPLITS, LABEL) == {2: [0], 3: [0, 1]}
    assert known_before(SPLITS, LabelSettings(lag_days=0)) == {1: [0], 2: [0, 1], 3: [0, 1, 2]}


def test_where_nothing_changed_the_slope_holds_in_every_group(judged):
    found = judged()
    last = {key[:2]: each for key, each in found.items() if key[2] == "2023-12-31"}
    assert set(last) == {
        ("everybody", "common"), ("ipv", "common"), ("ipv", "own"), ("familial", "common"), ("familial", "own"),
    }  # fmt: skip
    for each in last.values():
        assert each.holds
        assert each.slope.low < each.slope.value < each.slope.high
    everybody = last["everybody", "common"]
    assert everybody.intercept.low < 0.0 < everybody.intercept.high
    assert everybody.level.low < 1.0 < everybody.level.high


def test_where_outcomes_no_longer_follow_the_margin_the_slope_says_so(judged):
    last = judged(slopes=(0.8, 0.8, 0.8, 0.3))["everybody", "common", "2023-12-31"]
    assert last.holds is False
    assert last.slope.high < 1.0
    assert last.slope.value == pytest.approx(0.3 / 0.8, abs=0.12)


def test_drift_in_one_kind_of_abuse_is_seen_there(judged):
    found = judged(familial_slope=0.2)
    assert found["familial", "common", "2023-12-31"].holds is False
    assert found["familial", "own", "2023-12-31"].holds is False


def test_where_more_follows_than_before_the_level_says_so_and_the_slope_does_not(judged):
    last = judged(shift=0.5)["everybody", "common", "2023-12-31"]
    assert last.level.low > 1.0
    assert last.intercept.low > 0.0
    assert last.holds


def test_the_interval_covers_a_true_slope_as_often_as_it_says(calibrated_lists):
    covered = 0
    for seed in range(60):
        lists, y, _ = calibrated_lists(seed, people=300)
        (last,) = [e for e in reliability(lists, y, {}, SPLITS, LABEL, draws=100) if e.when == str(SPLITS[-1].test)]
        covered += bool(last.holds)
    assert covered >= 53  # fewer of 60 have a probability of 0.01 at 95 %


def test_bins_hold_ten_people_or_more_and_rise(judged):
    found = judged(people=300)
    for each in found.values():
        assert len(each.bins) <= 10
        assert all(part.people >= 10 for part in each.bins)
        assert [part.expected for part in each.bins] == sorted(part.expected for part in each.bins)
    last = found["everybody", "common", "2023-12-31"]
    assert sum(part.people for part in last.bins) == last.people


def test_regimes_pool_their_splits_and_one_split_is_its_own_figure(judged):
    found = judged()
    assert {when for _, _, when in found} == {"2022-12-31", "2023-12-31", "across June 2023", "from June 2023", POOLED}
    one, same = found["ipv", "own", "2023-12-31"], found["ipv", "own", "from June 2023"]
    assert (one.slope, one.bins) == (same.slope, same.bins)
    pooled = found["everybody", "common", POOLED]
    assert pooled.people <= 2500
    assert pooled.slope.high - pooled.slope.low < one.slope.high - one.slope.low


def test_a_list_that_tells_nobody_apart_is_not_judged_and_few_people_get_no_interval(calibrated_lists):
    lists, y, kinds = calibrated_lists(1, people=60)
    found = reliability(lists, y, kinds, SPLITS, LABEL, draws=20)
    assert {each.ranker for each in found} == {"model"}
    assert all(each.holds is None for each in found)
    nobody = {"ipv": np.zeros(len(y), dtype=bool)}
    (none, *_) = [each for each in reliability(lists, y, nobody, SPLITS, LABEL, draws=20) if each.group == "ipv"]
    assert (none.people, none.bins, np.isnan(none.slope.value)) == (0, (), True)
