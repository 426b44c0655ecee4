"""What is flagged in a monthly series, and how often nothing is flagged as something."""

from __future__ import annotations

import numpy as np
import pytest

from records.quality.regimes import rate_ratio
from records.quality.settings import QualitySettings
from records.quality.volumes import changes

SETTINGS = QualitySettings()
MONTHS = 96


def flagged(counts: np.ndarray) -> int:
    return sum(change.last - change.first + 1 for change in changes(counts, SETTINGS))


@pytest.mark.parametrize("level", [3, 30, 300])
def test_pure_noise_is_flagged_at_most_twice_as_often_as_declared(level: int) -> None:
    rng = np.random.default_rng(level)
    series = [rng.poisson(level, MONTHS) for _ in range(150)]
    assert sum(map(flagged, series)) / (150 * MONTHS) <= 2 * SETTINGS.false_alarm


def test_season_growth_and_clustering_are_no_changes() -> None:
    rng = np.random.default_rng(7)
    month = np.arange(MONTHS)
    mean = 200 * (1 + 0.1 * np.sin(month * np.pi / 6)) * 1.03 ** (month / 12)
    series = [rng.poisson(mean * rng.gamma(100, 1 / 100, MONTHS)) for _ in range(150)]
    assert sum(map(flagged, series)) / (150 * MONTHS) <= 2 * SETTINGS.false_alarm


def test_blank_months_are_found_exactly_whatever_the_noise() -> None:
    for seed in range(30):
        counts = np.random.default_rng(seed).poisson(60, MONTHS)
        counts[40:45] = 0
        blank = [change for change in changes(counts, SETTINGS) if change.kind == "blank"]
        assert [(change.first, change.last) for change in blank] == [(40, 44)]


def test_a_series_that_stops_is_blank_to_its_end() -> None:
    counts = np.random.default_rng(1).poisson(60, MONTHS)
    counts[60:] = 0
    (stop,) = [change for change in changes(counts, SETTINGS) if change.kind == "blank"]
    assert (stop.first, stop.last, stop.ratio) == (60, MONTHS - 1, 0.0)


def test_a_series_that_begins_late_is_blank_before() -> None:
    counts = np.random.default_rng(2).poisson(60, MONTHS)
    counts[:20] = 0
    (start,) = [change for change in changes(counts, SETTINGS) if change.kind == "blank"]
    assert (start.first, start.last) == (0, 19)


@pytest.mark.parametrize(("factor", "kind"), [(0.4, "fall"), (2.5, "rise")])
def test_a_step_is_flagged_from_its_first_month(factor: float, kind: str) -> None:
    counts = np.random.default_rng(3).poisson(100, MONTHS)
    counts[50:] = np.random.default_rng(4).poisson(100 * factor, MONTHS - 50)
    first = changes(counts, SETTINGS)[0]
    assert (first.kind, first.first) == (kind, 50)
    assert first.ratio == pytest.approx(counts[50 : first.last + 1].mean() / 100, rel=0.05)


def test_small_changes_of_large_counts_are_not_flagged() -> None:
    counts = np.full(MONTHS, 100_000)
    counts[50] = 110_000
    assert changes(counts, SETTINGS) == []


def test_sparse_series_have_no_blank_months() -> None:
    counts = np.random.default_rng(5).poisson(1.5, MONTHS)
    assert (counts == 0).any()
    assert not [change for change in changes(counts, SETTINGS) if change.kind == "blank"]


def test_a_short_series_is_not_searched() -> None:
    assert changes(np.array([50] * 10 + [0] * 7), SETTINGS) == []


def test_an_empty_series_has_no_changes() -> None:
    assert changes(np.zeros(40, dtype=np.int64), SETTINGS) == []


@pytest.mark.parametrize("clustering", [None, 20.0])
def test_the_interval_of_a_ratio_holds_the_truth_as_often_as_it_says(clustering: float | None) -> None:
    rng = np.random.default_rng(11)

    def year(mean: float) -> np.ndarray:
        spread = rng.gamma(clustering, 1 / clustering, 12) if clustering else np.ones(12)
        return rng.poisson(mean * spread)

    hits = 0
    for _ in range(600):
        ratio = rate_ratio(year(40), year(24), 0.95)
        assert ratio.low is not None
        assert ratio.high is not None
        hits += ratio.low <= 0.6 <= ratio.high
    assert hits / 600 == pytest.approx(0.95, abs=0.03)


def test_a_ratio_is_not_invented_where_a_side_is_empty() -> None:
    ratio = rate_ratio(np.zeros(12, dtype=np.int64), np.full(12, 9), 0.99)
    assert (ratio.before, ratio.after, ratio.value, ratio.low) == (0, 108, None, None)
