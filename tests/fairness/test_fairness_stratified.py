"""Ratios within strata, against the published formula, and how they keep their level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairness.intervals import ratio_interval
from fairness.pooling import partially_pooled
from fairness.stratified import stratified_ratio

counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=40, deadline=None)
@given(sides=st.lists(st.tuples(counts, counts), min_size=1, max_size=6))
def test_the_estimate_is_mantel_and_haenszels_and_lies_in_its_interval(sides):
    (x1, n1), (x2, n2) = np.array(sides, dtype=float).transpose(1, 2, 0)
    above, below = (x1 * n2 / (n1 + n2)).sum(), (x2 * n1 / (n1 + n2)).sum()
    ratio, low, high = (v[0] for v in stratified_ratio(x1[None], n1[None], x2[None], n2[None]))
    if below:
        assert ratio == pytest.approx(above / below)
        assert low <= ratio * (1 + 1e-9)
        assert ratio <= high * (1 + 1e-9)
    else:
        assert np.isnan(ratio)
        assert np.isinf(high)


@settings(max_examples=30, deadline=None)
@given(a=counts, b=counts, level=st.sampled_from([0.9, 0.95]))
def test_one_stratum_has_the_interval_of_the_plain_ratio(a, b, level):
    found = stratified_ratio([[a[0]]], [[a[1]]], [[b[0]]], [[b[1]]], level)
    low, high = ratio_interval(*a, *b, level)
    assert found.low[0] == pytest.approx(float(low), rel=1e-7)
    assert found.high[0] == pytest.approx(float(high), rel=1e-7)


def test_strata_with_one_side_alone_tell_nothing():
    one = stratified_ratio([[5, 3]], [[20, 9]], [[6, 0]], [[30, 0]])
    other = stratified_ratio([[5]], [[20]], [[6]], [[30]])
    assert [v[0] for v in one] == pytest.approx([v[0] for v in other])
    nothing = stratified_ratio([[3]], [[9]], [[0]], [[0]])
    assert (np.isnan(nothing.ratio[0]), nothing.low[0], nothing.high[0]) == (True, 0.0, np.inf)


def test_a_common_ratio_is_held_as_often_as_the_level_says():
    rng = np.random.default_rng(5)
    n1, n2 = np.array([8, 20, 40, 12]), np.array([60, 25, 300, 90])
    p2 = np.array([0.5, 0.1, 0.03, 0.2])
    x1, x2 = rng.binomial(n1, 1.4 * p2, (4000, 4)), rng.binomial(n2, p2, (4000, 4))
    _, low, high = stratified_ratio(x1, np.broadcast_to(n1, x1.shape), x2, np.broadcast_to(n2, x2.shape), 0.95)
    assert 0.945 <= ((low <= 1.4) & (high >= 1.4)).mean() <= 0.98


def test_groups_that_differ_only_by_chance_are_pooled_entirely():
    assert partially_pooled([10, 11, 9], [100, 100, 100]) == pytest.approx([0.1, 0.1, 0.1])


def test_a_small_group_is_drawn_further_than_a_large_one():
    small, large, other = partially_pooled([9, 900, 300], [10, 1000, 1000])
    assert 1 - (0.9 - small) == pytest.approx(1, abs=0.2)
    assert 0.9 - small > 5 * (0.9 - large) > 0
    assert other == pytest.approx(0.3, abs=0.01)


def test_nothing_known_stays_unknown():
    assert np.isnan(partially_pooled([0, 0], [0, 0])).all()
    assert partially_pooled([3, 0], [3, 0]).tolist() == [1.0, 1.0]
