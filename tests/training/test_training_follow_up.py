from __future__ import annotations

import numpy as np
import pytest

from training.follow_up import effective_size, observation_weights


def test_nobody_in_custody_leaves_everybody_at_one():
    weights = observation_weights(np.array([10, 366, 366]), np.zeros(3, dtype=bool), 365, 0.2)
    assert weights.tolist() == [1.0, 1.0, 1.0]


def test_weights_follow_the_kaplan_meier_estimate_by_hand():
    end = np.array([5, 10, 10, 20, 366])
    censored = np.array([True, False, True, False, False])
    # Day 5: 1 of 5 leaves. Day 10: the outcome comes first, so 1 of the remaining 3 leaves.
    expected = [0.0, 1 / 0.8, 0.0, 1 / (0.8 * 2 / 3), 1 / (0.8 * 2 / 3)]
    assert observation_weights(end, censored, 365, 0.01).tolist() == pytest.approx(expected)


def test_weights_are_truncated():
    end = np.concatenate([np.full(99, 5), [366]])
    censored = np.concatenate([np.ones(99, dtype=bool), [False]])
    assert observation_weights(end, censored, 365, 0.2)[-1] == 5.0


def test_custody_on_the_last_day_of_the_horizon_censors_those_followed_to_its_end():
    weights = observation_weights(np.array([365, 366, 366]), np.array([True, False, False]), 365, 0.2)
    assert weights.tolist() == pytest.approx([0.0, 1.5, 1.5])


def test_weighted_rate_recovers_the_truth_that_censoring_hides():
    """People at high risk go into custody early and often; risk and custody are independent given the world."""
    rng = np.random.default_rng(1)
    n = 20_000
    event = np.where(rng.random(n) < 0.5, rng.integers(1, 366, n), 366)
    custody = np.where(rng.random(n) < 0.6, rng.integers(1, 366, n), 999)
    censored = custody < np.minimum(event, 366)
    weights = observation_weights(np.minimum(event, custody), censored, 365, 0.05)
    truth = (event <= 365).mean()
    naive = ((event <= 365) & ~censored)[~censored].mean()
    estimated = np.average(event <= 365, weights=weights)
    assert abs(estimated - truth) < 0.015
    assert abs(naive - truth) > 0.05


def test_effective_size_falls_with_unequal_weights():
    assert effective_size(np.ones(50)) == 50.0
    assert effective_size(np.array([3.0, 1.0])) == pytest.approx(16 / 10)
    assert effective_size(np.zeros(4)) == 0.0
