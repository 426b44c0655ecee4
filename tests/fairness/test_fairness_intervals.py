"""Intervals against published values, against inversion by other means, and by exact coverage."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from fairness.intervals import (
    difference_interval,
    difference_score,
    exact_rate,
    ratio_interval,
    ratio_score,
    score_rate,
)


def test_four_of_four_is_far_from_certain():
    low, high = exact_rate(4, 4)
    assert float(low) == pytest.approx(0.3976, abs=1e-4)
    assert float(high) == 1.0


@pytest.mark.parametrize(("x", "n"), [(0, 1), (0, 30), (1, 7), (15, 30), (29, 30), (30, 30), (400, 5000)])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_exact_interval_agrees_with_scipy(x, n, level):
    expected = stats.binomtest(x, n).proportion_ci(level, method="exact")
    assert [float(v) for v in exact_rate(x, n, level)] == pytest.approx([expected.low, expected.high], abs=1e-9)


@pytest.mark.parametrize(("x", "n"), [(0, 10), (3, 10), (10, 10), (81, 263)])
def test_wilson_interval_agrees_with_scipy(x, n):
    expected = stats.binomtest(x, n).proportion_ci(0.95, method="wilson")
    assert [float(v) for v in score_rate(x, n)] == pytest.approx([expected.low, expected.high], abs=1e-9)


def test_no_trials_means_nothing_is_known():
    assert [float(v) for v in exact_rate(0, 0)] == [0.0, 1.0]
    assert [float(v) for v in score_rate(0, 0)] == [0.0, 1.0]
    assert [float(v) for v in ratio_interval(0, 0, 3, 9)] == [0.0, math.inf]
    assert [float(v) for v in difference_interval(0, 0, 3, 9)] == [-1.0, 1.0]


@pytest.mark.parametrize(
    ("x1", "n1", "x2", "n2", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), table II, method 6 (Miettinen and Nurminen).
        (56, 70, 48, 80, 0.0528, 0.3382),
        (9, 10, 3, 10, 0.1700, 0.8406),
        (6, 7, 2, 7, 0.0342, 0.8534),
        (5, 56, 0, 29, -0.0326, 0.1933),
        (0, 10, 0, 20, -0.1658, 0.2844),
        (10, 10, 0, 20, 0.7156, 1.0),
        (10, 10, 0, 10, 0.6636, 1.0),
    ],
)
def test_difference_interval_has_the_published_ends(x1, n1, x2, n2, low, high):
    ends = difference_interval(x1, n1, x2, n2, correction=0.0)
    assert [float(v) for v in ends] == pytest.approx([low, high], abs=6e-5)


def test_ratio_interval_is_koopmans_without_the_small_sample_factor():
    # Koopman (1984): 36/40 against 16/80 has the 95 % interval 2.94 to 7.15. Miettinen and Nurminen divide the
    # squared score by N/(N-1); a level lower by that factor undoes it.
    z = stats.norm.ppf(0.975) * math.sqrt(119 / 120)
    low, high = ratio_interval(36, 40, 16, 80, 2 * stats.norm.cdf(z) - 1, 0.0)
    assert [float(low), float(high)] == pytest.approx([2.94, 7.15], abs=0.005)


def _score_by_search(x1: int, n1: int, x2: int, n2: int, theta: float) -> float:
    """The same score with the restricted likelihood maximised by a general search."""

    def cost(p2: float) -> float:
        p1 = theta * p2
        return -(x1 * math.log(p1) + (n1 - x1) * math.log1p(-p1) + x2 * math.log(p2) + (n2 - x2) * math.log1p(-p2))

    top = min(1.0, 1 / theta)
    p2 = optimize.minimize_scalar(cost, bounds=(1e-9, top - 1e-9), method="bounded", options={"xatol": 1e-12}).x
    p1 = theta * p2
    n = n1 + n2
    variance = (p1 * (1 - p1) / n1 + theta**2 * p2 * (1 - p2) / n2) * n / (n - 1)
    return (x1 / n1 - theta * x2 / n2) / math.sqrt(variance)


@pytest.mark.parametrize(
    ("x1", "n1", "x2", "n2"), [(3, 20, 9, 41), (36, 40, 16, 80), (1, 12, 30, 60), (150, 300, 1400, 3000)]
)
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_ratio_interval_agrees_with_inversion_by_search(x1, n1, x2, n2, level):
    z = stats.norm.ppf(0.5 + level / 2)
    estimate = math.log((x1 / n1) / (x2 / n2))
    ends = [
        math.exp(optimize.brentq(lambda t, s=s: _score_by_search(x1, n1, x2, n2, math.exp(t)) - s * z, *bracket))
        for s, bracket in ((1, (estimate - 4, estimate)), (-1, (estimate, estimate + 4)))
    ]
    assert [float(v) for v in ratio_interval(x1, n1, x2, n2, level, 0.0)] == pytest.approx(ends, rel=1e-4)


@pytest.mark.parametrize(
    ("x1", "n1", "x2", "n2"), [(0, 20, 9, 41), (20, 20, 9, 41), (9, 41, 0, 20), (9, 41, 20, 20), (0, 9, 0, 9)]
)
def test_extreme_counts_give_an_open_but_ordered_interval(x1, n1, x2, n2):
    low, high = (float(v) for v in ratio_interval(x1, n1, x2, n2))
    assert 0 <= low < high
    assert (low == 0) == (x1 == 0)
    assert math.isinf(high) == (x2 == 0)


@pytest.mark.parametrize(("n", "p"), [(4, 0.5), (12, 0.03), (40, 0.4), (40, 0.97)])
def test_exact_interval_never_covers_less_than_its_level(n, p):
    x = np.arange(n + 1)
    low, high = exact_rate(x, n)
    assert stats.binom.pmf(x, n, p)[(low <= p) & (p <= high)].sum() >= 0.95


SIZES, RATES = (25, 100, 1000), (0.02, 0.1, 0.5)


@pytest.mark.parametrize("n1", SIZES)
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_ratio_and_difference_intervals_keep_their_level_at_every_size_and_rate(n1, level):
    z = stats.norm.ppf(0.5 + level / 2)
    for n2, p1, p2 in itertools.product(SIZES, RATES, RATES):
        weight = stats.binom.pmf(np.arange(n1 + 1), n1, p1)[:, None] * stats.binom.pmf(np.arange(n2 + 1), n2, p2)
        likely = np.nonzero(weight > 1e-9)
        x1, x2 = (axis.astype(float) for axis in likely)
        for score in (ratio_score(x1, n1, x2, n2, p1 / p2), difference_score(x1, n1, x2, n2, p1 - p2)):
            covered = weight[likely][np.abs(score) <= z].sum()
            assert covered >= level, (n1, n2, p1, p2)


def test_without_the_correction_a_small_group_beside_a_large_one_is_covered_too_seldom():
    x = np.arange(26)
    weight = stats.binom.pmf(x, 25, 0.02)[:, None] * stats.binom.pmf(np.arange(1001), 1000, 0.5)
    score = ratio_score(x[:, None], 25, np.arange(1001), 1000, 0.04, 0.0)
    assert weight[np.abs(score) <= stats.norm.ppf(0.975)].sum() == pytest.approx(0.911, abs=0.001)


counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=50, deadline=None)
@given(a=counts, b=counts)
def test_ratio_interval_holds_the_estimate_and_mirrors_when_sides_swap(a, b):
    low, high = (float(v) for v in ratio_interval(*a, *b, 0.9))
    if b[0]:
        ratio = (a[0] / a[1]) / (b[0] / b[1])
        assert low <= ratio * (1 + 1e-9)
        assert ratio <= high * (1 + 1e-9)
    back_low, back_high = (float(v) for v in ratio_interval(*b, *a, 0.9))
    assert back_low == pytest.approx(0.0 if math.isinf(high) else 1 / high, rel=1e-6, abs=1e-8)
    assert low == pytest.approx(0.0 if math.isinf(back_high) else 1 / back_high, rel=1e-6, abs=1e-8)


@settings(max_examples=50, deadline=None)
@given(a=counts, b=counts)
def test_difference_interval_holds_the_estimate_and_mirrors_when_sides_swap(a, b):
    low, high = (float(v) for v in difference_interval(*a, *b, 0.9))
    gap = a[0] / a[1] - b[0] / b[1]
    assert -1 <= low <= gap + 1e-9
    assert gap - 1e-9 <= high <= 1
    back_low, back_high = (float(v) for v in difference_interval(*b, *a, 0.9))
    assert (back_low, back_high) == pytest.approx((-high, -low), abs=1e-7)


@settings(max_examples=50, deadline=None)
@given(a=counts, b=counts, theta=st.lists(st.floats(0.05, 20), min_size=2, max_size=2, unique=True))
def test_ratio_score_falls_as_the_hypothesis_rises(a, b, theta):
    low, high = sorted(theta)
    assert float(ratio_score(*a, *b, low)) >= float(ratio_score(*a, *b, high)) - 1e-9
