"""Odds of the decision, by adding up, against drawing."""

from __future__ import annotations

import numpy as np
import pytest

from fairness.power import (
    decision_odds,
    largest_ratio,
    minimum_detectable_ratio,
    outcomes_needed,
    rates_at,
)
from fairness.verdict import inside, outside_p_value

MARGIN = (0.8, 1.25)


def test_odds_agree_with_ten_thousand_drawn_lists():
    rng = np.random.default_rng(7)
    x1, x2 = rng.binomial(250, 0.6, 10_000), rng.binomial(2900, 0.45, 10_000)
    odds = decision_odds(250, 2900, 0.6, 0.45, margin=MARGIN, alpha=0.05, cells=3)
    assert odds.passes == pytest.approx(inside(x1, 250, x2, 2900, MARGIN, 0.05).mean(), abs=0.01)
    drawn = (outside_p_value(x1, 250, x2, 2900, MARGIN) <= 0.05 / 3).mean()
    assert odds.refuses == pytest.approx(drawn, abs=0.015)


def test_a_larger_group_passes_more_often_without_a_gap_and_refuses_more_often_with_one():
    sizes = (60, 120, 250, 1000)
    null = [decision_odds(n, 3000, 0.5, 0.5, margin=MARGIN, alpha=0.05).passes for n in sizes]
    gap = [decision_odds(n, 3000, 0.72, 0.48, margin=MARGIN, alpha=0.05).refuses for n in sizes]
    assert null == sorted(null)
    assert gap == sorted(gap)
    assert null[0] < 0.1 < 0.9 < null[-1]


@pytest.mark.parametrize("share", [0.04, 0.3, 0.8])
@pytest.mark.parametrize("ratio", [0.5, 1.0, 1.2])
def test_a_gap_leaves_the_overall_rate_where_it_is(share, ratio):
    group, other = rates_at(0.5, share, ratio)
    assert share * group + (1 - share) * other == pytest.approx(0.5)
    assert group / other == pytest.approx(ratio)


def test_a_gap_that_cannot_exist_is_replaced_by_the_largest_that_can():
    assert float(largest_ratio(0.5, 0.04)) == pytest.approx(1 / (0.46 / 0.96))
    group, other = rates_at(0.5, 0.04, 3.0)
    assert float(group) == 1.0
    assert float(group / other) == pytest.approx(float(largest_ratio(0.5, 0.04)))


@pytest.mark.parametrize(("n1", "n2"), [(120, 3000), (350, 2800), (900, 900)])
def test_the_minimum_detectable_ratio_is_refused_four_times_in_five(n1, n2):
    ratio = minimum_detectable_ratio(n1, n2, 0.5, margin=MARGIN, alpha=0.05, cells=5)
    p1, p2 = rates_at(0.5, n1 / (n1 + n2), ratio)
    odds = decision_odds(n1, n2, float(p1), float(p2), margin=MARGIN, alpha=0.05, cells=5)
    assert odds.refuses == pytest.approx(0.8, abs=0.04)


def test_nothing_is_detectable_where_no_gap_can_reach_the_margin():
    # With 95 % missed everywhere no group can be missed 1.25 times as often.
    assert np.isnan(minimum_detectable_ratio(500, 5000, 0.95, margin=MARGIN, alpha=0.05))
    assert np.isnan(minimum_detectable_ratio(0, 5000, 0.5, margin=MARGIN, alpha=0.05))


def test_the_outcomes_needed_let_a_list_without_a_gap_pass_four_times_in_five():
    needed = int(outcomes_needed(50, 1000, 0.5, margin=MARGIN, alpha=0.05))
    odds = decision_odds(needed, needed * 20, 0.5, 0.5, margin=MARGIN, alpha=0.05)
    assert odds.passes == pytest.approx(0.8, abs=0.03)
