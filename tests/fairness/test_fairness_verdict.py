"""The decision: Holm, the two one-sided tests, and the roll-up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fairness.intervals import ratio_interval
from fairness.verdict import CellVerdict, Verdict, holm, inside, no_gap_p_value, outside_p_value, roll_up

MARGIN = (0.8, 1.25)
PASS, REFUSE, UNSETTLED, UNKNOWN = (
    CellVerdict.PASS,
    CellVerdict.REFUSE,
    CellVerdict.INSUFFICIENT,
    CellVerdict.NOT_ASSESSABLE,
)


def test_holm_on_a_worked_example():
    # Sorted: 0.005 x 4, 0.01 x 3, 0.03 x 2, 0.04 x 1 held up to 0.06.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]).tolist() == []
    assert holm([0.9, 0.8]).tolist() == [1.0, 1.0]
    assert holm([[0.01, 0.04], [0.04, 0.01]]) == pytest.approx(np.array([[0.02, 0.04], [0.04, 0.02]]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_never_lowers_a_p_value_and_keeps_their_order(p):
    adjusted = holm(p)
    assert all(a >= v for a, v in zip(adjusted, p, strict=True))
    assert all(a <= min(1.0, v * len(p)) + 1e-12 for a, v in zip(adjusted, p, strict=True))
    assert (np.diff(np.array(adjusted)[np.argsort(p, kind="stable")]) >= 0).all()


counts = st.integers(5, 800).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=60, deadline=None)
@given(a=counts, b=counts)
def test_the_tests_say_exactly_what_the_printed_interval_says(a, b):
    low, high = ratio_interval(*a, *b, 0.9)
    edges = np.array([low / 0.8, high / 1.25, low / 1.25, high / 0.8])
    if (np.abs(edges - 1) < 1e-6).any():
        return
    assert bool(inside(*a, *b, MARGIN, 0.05)) == bool(low >= 0.8 and high <= 1.25)
    assert bool(outside_p_value(*a, *b, MARGIN) <= 0.05) == bool(low > 1.25 or high < 0.8)


@pytest.mark.parametrize(("n1", "n2"), [(40, 3000), (250, 2900), (600, 600)])
@pytest.mark.parametrize("ratio", [0.8, 1.25])
def test_a_ratio_at_the_end_of_the_margin_is_refused_and_passed_at_most_at_alpha(n1, n2, ratio):
    p2 = 0.5
    p1 = p2 * ratio
    x1, x2 = np.arange(n1 + 1)[:, None], np.arange(n2 + 1)[None, :]
    weight = stats.binom.pmf(x1, n1, p1) * stats.binom.pmf(x2, n2, p2)
    assert weight[outside_p_value(x1, n1, x2, n2, MARGIN) <= 0.05].sum() <= 0.06
    assert weight[inside(x1, n1, x2, n2, MARGIN, 0.05)].sum() <= 0.06


@pytest.mark.parametrize(
    ("judged", "comparable", "verdict"),
    [
        ([PASS, PASS], True, Verdict.PASS),
        ([PASS, UNKNOWN], True, Verdict.PASS),
        ([PASS, REFUSE], True, Verdict.REFUSE),
        ([UNKNOWN, REFUSE], False, Verdict.REFUSE),
        ([PASS, UNSETTLED], True, Verdict.INSUFFICIENT),
        ([PASS, PASS], False, Verdict.INSUFFICIENT),
        ([UNKNOWN, UNKNOWN], False, Verdict.INSUFFICIENT),
        ([], False, Verdict.INSUFFICIENT),
    ],
)
def test_insufficient_and_not_assessable_never_count_as_passed(judged, comparable, verdict):
    assert roll_up(judged, comparable) == verdict


@settings(max_examples=60, deadline=None)
@given(a=counts, b=counts)
def test_no_gap_is_rejected_where_the_interval_of_the_ratio_shuts_out_one(a, b):
    (x1, n1), (x2, n2) = a, b
    low, high = ratio_interval(x1, n1, x2, n2, 0.9)
    if x1 + x2 == 0 or min(abs(float(low) - 1), abs(float(high) - 1)) < 1e-6:
        return
    assert bool(no_gap_p_value(x1, n1, x2, n2) < 0.1) == (not low <= 1 <= high)
