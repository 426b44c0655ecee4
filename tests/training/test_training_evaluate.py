from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from training.compare import compare
from training.evaluate import Interval, auc, brier, draw_copies, found_at, log_loss, totals
from training.lists import Lists, selection_share, shortest_depth


def lists_of(margin, outcome, *, person=None, split=None, area=None, weight=None, harm=None):
    n = len(outcome)
    outcome = np.asarray(outcome, dtype=float)
    return Lists(
        person=np.arange(n) if person is None else np.asarray(person),
        split=np.zeros(n, dtype=np.int64) if split is None else np.asarray(split),
        area=np.zeros(n, dtype=np.int64) if area is None else np.asarray(area),
        outcome=outcome,
        weight=np.ones(n) if weight is None else np.asarray(weight, dtype=float),
        harm={"flat": outcome} if harm is None else harm,
        margins=margin if isinstance(margin, dict) else {"model": np.asarray(margin, dtype=float)},
    )


def column(lists):
    return (lists.harm["flat"] * lists.weight)[:, None]


def test_each_area_has_its_own_places():
    lists = lists_of([9, 8, 7, 1], [1, 1, 0, 1], area=[0, 0, 0, 1])
    found = found_at(lists, lists.margins["model"], column(lists), [1])
    assert found[0, 0, 0] == 2.0  # the first of each area, although area 1's person has the lowest margin


def test_people_who_tie_at_the_line_share_the_places_left():
    lists = lists_of([5, 2, 2, 2], [0, 1, 0, 0])
    assert found_at(lists, lists.margins["model"], column(lists), [2])[0, 0, 0] == pytest.approx(1 / 3)


def test_found_is_averaged_over_splits_and_lengths_are_separate():
    lists = lists_of([2, 1, 2, 1], [1, 1, 0, 1], split=[0, 0, 1, 1])
    assert found_at(lists, lists.margins["model"], column(lists), [1, 2])[0, :, 0].tolist() == [0.5, 1.5]


def test_censored_people_take_a_place_but_count_nothing():
    lists = lists_of([2, 1], [1, 1], weight=[0, 1])
    assert found_at(lists, lists.margins["model"], column(lists), [1])[0, 0, 0] == 0.0


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000))
def test_point_estimate_is_the_plain_sum_over_the_selection(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 60))
    lists = lists_of(
        rng.integers(0, 8, n), rng.integers(0, 2, n),
        split=np.arange(n) % 2, area=rng.integers(0, 3, n), weight=rng.random(n),
    )  # fmt: skip
    margin, k = lists.margins["model"], int(rng.integers(1, 12))
    share = selection_share(margin, lists.groups(), k)
    plain = (share * column(lists)[:, 0]).sum() / 2
    assert found_at(lists, margin, column(lists), [k])[0, 0, 0] == pytest.approx(plain)
    shuffled = rng.permutation(n)
    other = Lists(
        *(getattr(lists, name)[shuffled] for name in ("person", "split", "area", "outcome", "weight")),
        harm={"flat": lists.harm["flat"][shuffled]}, margins={"model": margin[shuffled]},
    )  # fmt: skip
    again = found_at(other, other.margins["model"], column(other), [k])[0, 0, 0]
    assert again == pytest.approx(plain)


def test_a_draw_is_the_list_drawn_up_anew_from_the_people_drawn():
    rng = np.random.default_rng(3)
    n = 400
    lists = lists_of(rng.normal(size=n), rng.integers(0, 2, n), person=np.arange(n) // 2, split=np.arange(n) % 2)
    copies = draw_copies(200, 5, seed=1)
    drawn = found_at(lists, lists.margins["model"], column(lists), [30], copies)[:, 0, 0]
    for number, times in enumerate(copies):
        total = 0.0
        for split in (0, 1):
            rows = np.flatnonzero(lists.split == split)
            repeated = np.repeat(rows, times[lists.person[rows]])
            best = repeated[np.argsort(-lists.margins["model"][repeated], kind="stable")][:30]
            total += lists.outcome[best].sum()
        assert drawn[number] == pytest.approx(total / 2)


def test_every_draw_takes_as_many_people_as_there_are():
    copies = draw_copies(37, 20, seed=5)
    assert (copies.sum(axis=1) == 37).all()
    assert (copies == draw_copies(37, 20, seed=5)).all()
    assert (copies != draw_copies(37, 20, seed=6)).any()


def test_auc_equals_scikit_learn_with_ties_and_weights_averaged_over_splits():
    rng = np.random.default_rng(0)
    n = 500
    lists = lists_of(rng.integers(0, 9, n), rng.integers(0, 2, n), split=np.arange(n) % 2, weight=rng.random(n))
    expected = np.mean(
        [
            roc_auc_score(lists.outcome[rows], lists.margins["model"][rows], sample_weight=lists.weight[rows])
            for rows in lists.rows_of_splits()
        ]
    )
    assert auc(lists, lists.margins["model"])[0] == pytest.approx(expected)


def test_auc_of_a_bootstrap_draw_equals_that_of_the_repeated_rows():
    rng = np.random.default_rng(1)
    lists = lists_of(rng.integers(0, 9, 120), rng.integers(0, 2, 120))
    copies = draw_copies(120, 3, seed=2)
    repeated = np.repeat(np.arange(120), copies[1])
    expected = roc_auc_score(lists.outcome[repeated], lists.margins["model"][repeated])
    assert auc(lists, lists.margins["model"], copies)[1] == pytest.approx(expected)


def test_totals_are_those_of_everybody():
    lists = lists_of([3, 2, 1], [1, 0, 1], person=[0, 0, 1], weight=[2, 1, 1])
    assert totals(lists, column(lists))[0, 0] == 3.0
    assert totals(lists, column(lists), np.array([[2, 0]], dtype=np.uint8))[0, 0] == 4.0


def test_calibration_losses_by_hand():
    expected, outcome, weight = np.array([0.5, 0.2]), np.array([1.0, 0.0]), np.array([1.0, 3.0])
    assert brier(expected, outcome, weight) == pytest.approx((0.25 + 3 * 0.04) / 4)
    assert log_loss(expected, outcome, weight) == pytest.approx((-np.log(0.5) - 3 * np.log(0.8)) / 4)


def test_no_interval_is_stated_for_few_people():
    few = Interval.of(1.0, np.ones(400), people=99)
    assert np.isnan(few.low)
    assert not few.above_zero
    assert Interval.of(1.0, np.ones(400), people=100).low == 1.0


def test_interval_of_the_difference_covers_the_truth_about_as_often_as_it_says():
    truth = _expected_difference()
    covered = []
    for seed in range(60):
        interval = _difference(_world(np.random.default_rng(seed), 600))
        covered.append(interval.low <= truth <= interval.high)
    assert 0.85 <= np.mean(covered) <= 1.0


def _world(rng, n):
    """Two rankers that see the same risk through different noise; each person appears in two splits."""
    risk = rng.normal(size=n)
    rows = np.tile(np.arange(n), 2)
    outcome = (rng.random(2 * n) < 1 / (1 + np.exp(1.5 - 1.5 * risk[rows]))).astype(float)
    margins = {
        "sharp": risk[rows] + 0.3 * rng.normal(size=2 * n),
        "blunt": risk[rows] + 2.0 * rng.normal(size=2 * n),
    }
    return lists_of(margins, outcome, person=rows, split=np.repeat([0, 1], n))


def _difference(lists):
    return compare(lists, [40], 40, draws=100, seed=1).against("sharp", "blunt")[0].interval


def _expected_difference():
    values = [
        np.subtract(*(
            found_at(lists, lists.margins[name], column(lists), [40])[0, 0, 0] for name in ("sharp", "blunt")
        ))
        for lists in (_world(np.random.default_rng(10_000 + seed), 600) for seed in range(300))
    ]  # fmt: skip
    return float(np.mean(values))


def test_audit_depth_is_the_shortest_list_that_finds_half_of_all_outcomes():
    places = np.array([1, 2, 3, 4, 1, 2, 3, 4])
    outcome = np.array([1, 0, 0, 1, 0, 1, 1, 0.0])
    assert shortest_depth(places, outcome) == 2
    assert shortest_depth(places, np.zeros(8)) == 0


def test_the_comparison_lists_every_ranker_and_pairs_every_two():
    comparison = compare(_world(np.random.default_rng(0), 300), [10, 20], 10, draws=50, seed=0)
    metrics = {(measure.name, measure.metric) for measure in comparison.measures}
    expected = {"auc", "precision_at_k", "recall_at_k", "harm_found:flat", "harm_share:flat", "net_benefit_at_k"}
    assert metrics == {(name, metric) for name in ("sharp", "blunt") for metric in expected}
    assert comparison.beats("sharp", "blunt")
    assert not comparison.beats("blunt", "sharp")
    one, other = (comparison.against(*pair)[0].interval for pair in (("sharp", "blunt"), ("blunt", "sharp")))
    assert one.value == -other.value
    assert one.low == pytest.approx(-other.high)
