from __future__ import annotations

import numpy as np
import pytest

from features.building import build_stream
from training.follow_up import LEAST_ALIKE, custody_strata, effective_size, observation_weights
from values import AsOf


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


def test_each_stratum_has_its_own_estimate():
    end = np.array([5, 366, 366, 366, 366, 366])
    censored = np.array([True, False, False, False, False, False])
    weights = observation_weights(end, censored, 365, 0.01, np.array([1, 1, 2, 2, -1, -1]))
    assert weights.tolist() == [0.0, 2.0, 1.0, 1.0, 1.0, 1.0]


def test_a_stratum_of_which_nobody_stays_at_large_leaves_the_others_as_they_are():
    weights = observation_weights(np.array([5, 9, 366]), np.array([True, True, False]), 365, 0.2, np.array([1, 1, 2]))
    assert weights.tolist() == [0.0, 0.0, 1.0]


def test_strata_are_recent_domestic_crimes_by_custody_as_known_at_the_date(tables):
    """Each group of a hundred has a history of its own; all that is unlike the stratum's meaning is left out."""
    groups = {
        "none": [],
        "one": [{}],
        "two": [{}, {}],
        "three": [{}] * 3,
        "five": [{}] * 5,
        "six": [{}] * 6,
        "other things": [{"domestic": False}, {"crime": False}],
        "long ago": [{"day": "2020-01-01"}],
        "told later": [{"known": "2023-03-01"}],
    }
    for name, crimes in groups.items():
        for number in range(LEAST_ALIKE):
            tables.incident("2022-05-01", f"{name} {number}", "V", crime=False)
            for options in crimes:
                tables.incident(**{"day": "2022-06-01", "suspect": f"{name} {number}", "victim": "V", **options})
    for number in range(LEAST_ALIKE):
        tables.incident("2022-05-01", f"jailed {number}", "V", crime=False)
        tables.add("custody", "2021-05-01", person_id=f"jailed {number}", starts_on="2021-05-01")
        tables.add("custody", "2023-03-01", person_id=f"none {number}", starts_on="2022-05-01")
    stream = build_stream(tables)

    def strata(name):
        people = [f"{group} {number}" for group in (*groups, "jailed") for number in range(LEAST_ALIKE)]
        found = custody_strata(stream, stream.persons(people), AsOf.parse("2023-01-31"))
        (stratum,) = set(found[[person.startswith(name) for person in people]])
        return stratum

    assert {name: strata(name) for name in (*groups, "jailed")} == {
        "none": 0, "other things": 0, "long ago": 0, "told later": 0, "jailed": 1,
        "one": 2, "two": 4, "three": 6, "five": 6, "six": 8,
    }  # fmt: skip


def test_strata_of_too_few_people_are_one_together(tables):
    for number in range(LEAST_ALIKE - 1):
        for _ in range(2):
            tables.incident("2022-06-01", f"P{number}", "V")
    tables.incident("2022-06-01", "Q", "V")
    stream = build_stream(tables)
    people = stream.persons([f"P{number}" for number in range(LEAST_ALIKE - 1)] + ["Q"])
    assert set(custody_strata(stream, people, AsOf.parse("2023-01-31"))) == {-1}
    assert custody_strata(stream, people[:0], AsOf.parse("2023-01-31")).tolist() == []


def test_those_who_stay_at_large_stand_for_people_with_as_much_on_record():
    """Where custody follows the record, one estimate for all leaves out too many of those who come to harm."""
    rng = np.random.default_rng(2)
    n = 20_000
    busy = rng.random(n) < 0.3
    event = np.ceil(365 * rng.exponential(1 / np.where(busy, 0.9, 0.15))).astype(int)
    custody = np.ceil(365 * rng.exponential(1 / np.where(busy, 1.4, 0.2))).astype(int)
    censored = custody < np.minimum(event, 366)
    end = np.minimum(event, custody)
    truth = (event <= 365).mean()

    def estimated(strata):
        return np.average(event <= 365, weights=observation_weights(end, censored, 365, 0.05, strata))

    assert abs(estimated(busy.astype(np.int64)) - truth) < 0.015
    assert abs(estimated(None) - truth) > 0.03
