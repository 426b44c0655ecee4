from __future__ import annotations

import math

import numpy as np
import pytest

from fairness.alarms import SPAN, Observed, ring_chance, run_chart, threshold_of


def lists(rng: np.random.Generator, number: int, change: float = 1.0, at: int = 99) -> list[Observed]:
    """Lists of 100 new people of the group and 900 others, a fifth of whom have the event."""
    rates = [0.2 * (change if t >= at else 1.0) for t in range(number)]
    return [
        Observed(f"list {t}", rng.binomial(100, rate), 100, rng.binomial(900, 0.2), 900) for t, rate in enumerate(rates)
    ]


@pytest.mark.parametrize("charts", [1, 30])
def test_height_keeps_the_family_at_its_alpha(charts: int) -> None:
    height = threshold_of(charts, 0.05)
    assert 2 * charts * ring_chance(height) == pytest.approx(0.05, rel=1e-3)


def test_chance_of_a_ring_is_that_of_simulated_charts_of_normal_increments() -> None:
    rng, height, runs = np.random.default_rng(7), 3.0, 20_000
    up, rang = np.zeros(runs), np.zeros(runs, dtype=bool)
    for _ in range(40):  # charts that have run for a while and have not rung
        step = np.maximum(0.0, up + rng.normal(size=runs) - 0.5)
        up = np.where(step > height, 0.0, step)
    for _ in range(SPAN):
        up = np.maximum(0.0, up + rng.normal(size=runs) - 0.5)
        rang |= up > height
    assert ring_chance(height) == pytest.approx(rang.mean(), abs=4 * math.sqrt(0.1 * 0.9 / runs))


def test_null_rings_no_more_often_than_stated() -> None:
    rng, runs = np.random.default_rng(11), 400
    rang = sum(bool(run_chart(lists(rng, SPAN + 1), threshold_of(1, 0.05)).rings) for _ in range(runs))
    assert rang / runs <= 0.05


def test_planted_drift_rings_and_says_when_and_how_far() -> None:
    rng = np.random.default_rng(5)
    found = run_chart(lists(rng, 24, change=1.8, at=12), threshold_of(30, 0.05)).rings
    assert [(ring.direction, ring.since) for ring in found] == [("up", "list 12")]
    assert int(found[0].at.split()[1]) <= 17
    assert found[0].before == pytest.approx(1.0, abs=0.15)
    assert found[0].after == pytest.approx(1.8, abs=0.3)


def test_a_fall_rings_downwards() -> None:
    found = run_chart(lists(np.random.default_rng(6), 24, change=0.4, at=12), threshold_of(30, 0.05)).rings
    assert [ring.direction for ring in found] == ["down"]


def test_lists_too_small_to_tell_are_put_together() -> None:
    chart = run_chart([Observed(str(t), 1, 50, 10, 500) for t in range(11)], 5.0)
    assert [step[0] for step in chart.steps] == ["9"]  # five lists before, five lists compared, one waits
    assert chart.waiting


@pytest.mark.parametrize("observed", [[], [Observed("a", 0, 0, 0, 0)] * 5, [Observed("a", 0, 50, 0, 500)] * 5])
def test_nothing_told_never_rings(observed: list[Observed]) -> None:
    chart = run_chart(observed, 5.0)
    assert chart.steps == ()
    assert chart.rings == ()


def test_same_ratio_whatever_the_rates_of_the_lists_rings_nothing() -> None:
    steady = [Observed(str(t), 20 * (1 + t % 3), 200, 100 * (1 + t % 3), 2000) for t in range(30)]
    chart = run_chart(steady, 3.0)
    assert chart.rings == ()
    assert all(z == 0.0 for _, z, _, _ in chart.steps)
