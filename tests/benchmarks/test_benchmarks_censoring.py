"""What the worlds behind the censoring table say of themselves, and what the table has to show."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.censoring import CUSTODY, DEATH, NAIVE_BELOW, OUTCOME, SHARES, is_below, true_rate
from benchmarks.prove import committed
from benchmarks.tables import TABLES


def test_the_true_rate_is_what_is_seen_when_death_alone_can_come_first():
    rng = np.random.default_rng(21)
    for crimes in SHARES:
        outcome, death = (rng.exponential(1 / rate, 200_000) for rate in (OUTCOME[crimes], DEATH))
        assert np.mean((outcome < 1) & (outcome < death)) == pytest.approx(true_rate(crimes), abs=0.005)


def test_custody_takes_those_first_who_would_come_to_harm_only_where_it_follows_the_record():
    assert len(set(CUSTODY["alike"].values())) == 1
    rates = [CUSTODY["by_record"][crimes] for crimes in sorted(SHARES)]
    assert rates == sorted(rates)
    assert rates[-1] > 5 * rates[0]


@pytest.mark.parametrize(
    ("covered", "of", "below"), [(276, 300, False), (274, 300, True), (17, 20, False), (15, 20, True)]
)
def test_too_few_intervals_are_told_from_chance(covered: int, of: int, below: bool):
    assert is_below(covered, of) is below


@pytest.mark.parametrize("who", ["everybody", "listed"])
@pytest.mark.parametrize("custody", sorted(CUSTODY))
def test_the_interval_holds_the_rate_without_custody_and_the_naive_one_does_not(custody: str, who: str):
    rows = [row for row in committed(TABLES["censoring"]) if row["custody"] == custody]
    worlds = sum(int(row["replicates"]) for row in rows)
    assert worlds == 300
    assert not is_below(sum(int(row[f"covered_{who}"]) for row in rows), worlds)
    assert sum(int(row[f"naive_covered_{who}"]) for row in rows) < NAIVE_BELOW * worlds
