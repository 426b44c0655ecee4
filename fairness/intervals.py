"""Intervals for one rate, and for the difference and ratio of two independent rates.

Estimand: the list is taken as fixed; each trial (a person, or a person-victim pair) is one independent draw
with its group's probability of the event. Where one person gives several rows, callers pass *effective* counts
(`fairness.clusters`), which need not be whole numbers; every function here accepts them. With the line drawn at a
fixed depth the two groups' events sum to a constant; the variance of the log ratio is then the same to first
order, so the intervals keep their level.

Counts move in whole steps, so an uncorrected score interval of small groups covers less than it says (25 trials
against 1,000: 91 % instead of 95 %). The gap is therefore drawn in by a quarter of the two sides' steps, half of the
classical continuity correction; by enumeration that keeps the level at 25 to 1,000 trials and rates of 2 to 50 %
(`scripts/prove audit_coverage`), and from a few hundred trials on it hardly shows.

Sources: Clopper and Pearson, Biometrika 26 (1934); Wilson, JASA 22 (1927); Miettinen and Nurminen, Statistics
in Medicine 4 (1985), which for the ratio is Koopman, Biometrics 40 (1984) times N/(N-1); Laud, Pharmaceutical
Statistics 16 (2017) for corrections between none and the classical one; Korn and Graubard, Survey Methodology 24
(1998) for effective counts in the exact interval.

All functions are vectorised and pure. `level` is the two-sided confidence level.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
_STEPS = 55
WIDEST = np.log(1e9)
CORRECTION = 0.25
"""How much of the sum of both sides' steps (1 / n) the observed gap is drawn in by."""


def normal_quantile(probability: float) -> float:
    """Return the standard normal quantile; ``normal_quantile(0.95)`` is about 1.645."""
    return float(special.ndtri(probability))


def exact_rate(events: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return the Clopper-Pearson interval of events / n: coverage is never below `level`.

    With no trials nothing is known: (0, 1).

    >>> low, high = exact_rate(4, 4)
    >>> round(float(low), 3), float(high)
    (0.398, 1.0)
    """
    x, n = np.broadcast_arrays(np.asarray(events, dtype=float), np.asarray(n, dtype=float))
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(x <= 0, 0.0, special.betaincinv(np.maximum(x, 1e-12), n - x + 1, tail))
        high = np.where(x >= n, 1.0, special.betaincinv(x + 1, np.maximum(n - x, 1e-12), 1 - tail))
    return low, high


def score_rate(events: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return the Wilson score interval of events / n; (0, 1) without trials.

    >>> [round(float(end), 4) for end in score_rate(81, 263)]
    [0.2553, 0.3662]
    """
    x, n = np.broadcast_arrays(np.asarray(events, dtype=float), np.asarray(n, dtype=float))
    z = normal_quantile(0.5 + level / 2)
    some = np.where(n > 0, n, 1.0)
    p = x / some
    centre = p + z * z / (2 * some)
    reach = z * np.sqrt(p * (1 - p) / some + z * z / (4 * some * some))
    scale = 1 + z * z / some
    low = np.where(x <= 0, 0.0, (centre - reach) / scale)
    high = np.where(x >= n, 1.0, (centre + reach) / scale)
    return low, high


def ratio_score(
    x1: npt.ArrayLike,
    n1: npt.ArrayLike,
    x2: npt.ArrayLike,
    n2: npt.ArrayLike,
    theta: npt.ArrayLike,
    correction: float = CORRECTION,
) -> Floats:
    """Return the Miettinen-Nurminen z score of the hypothesis p1 / p2 = theta.

    Positive where the observed ratio is above `theta`; never rising in `theta`. Zero where the counts cannot
    speak (no trials on a side, or no events on both) and within `correction` steps of the observed ratio.

    >>> round(float(ratio_score(36, 40, 16, 80, 4.5)), 6)
    0.0
    """
    x1, n1, x2, n2, theta = (np.asarray(v, dtype=float) for v in (x1, n1, x2, n2, theta))
    variance = ratio_variance(x1, n1, x2, n2, theta)
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = _drawn_in(x1 / n1 - theta * x2 / n2, correction * (1 / n1 + theta / n2))
        z = gap / np.sqrt(np.maximum(variance, 0.0))
    silent = (n1 <= 0) | (n2 <= 0) | (x1 + x2 <= 0) | (np.abs(gap) < 1e-12)
    return np.where(silent, 0.0, np.nan_to_num(z, nan=0.0, posinf=np.inf, neginf=-np.inf))


def ratio_variance(x1: Floats, n1: Floats, x2: Floats, n2: Floats, theta: Floats) -> Floats:
    """Return the variance of p1 - theta p2 where p1 / p2 = theta, at the likelihood's best rates under that."""
    total = n1 + n2
    a = total * theta
    b = n1 * theta + x1 + n2 + x2 * theta
    c = x1 + x2
    with np.errstate(invalid="ignore", divide="ignore"):
        # The smaller root of a p^2 - b p + c, written so that small c loses no digits.
        p2 = np.minimum(2 * c / (b + np.sqrt(np.maximum(b * b - 4 * a * c, 0.0))), 1.0)
        p1 = np.minimum(theta * p2, 1.0)
        variance = (p1 * (1 - p1) / n1 + theta * theta * p2 * (1 - p2) / n2) * total / np.maximum(total - 1, 1e-9)
    return np.asarray(variance, dtype=float)


def _drawn_in(gap: Floats, step: Floats) -> Floats:
    return np.asarray(np.sign(gap) * np.maximum(np.abs(gap) - step, 0.0), dtype=float)


def difference_score(
    x1: npt.ArrayLike,
    n1: npt.ArrayLike,
    x2: npt.ArrayLike,
    n2: npt.ArrayLike,
    delta: npt.ArrayLike,
    correction: float = CORRECTION,
) -> Floats:
    """Return the Miettinen-Nurminen z score of the hypothesis p1 - p2 = delta; never rising in `delta`."""
    x1, n1, x2, n2, delta = (np.asarray(v, dtype=float) for v in (x1, n1, x2, n2, delta))
    total = n1 + n2
    with np.errstate(invalid="ignore", divide="ignore"):
        p2 = _restricted_p2(x1, n1, x2, n2, delta)
        p1 = np.clip(p2 + delta, 0.0, 1.0)
        variance = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * total / np.maximum(total - 1, 1e-9)
        gap = _drawn_in(x1 / n1 - x2 / n2 - delta, correction * (1 / n1 + 1 / n2))
        z = gap / np.sqrt(np.maximum(variance, 0.0))
    silent = (n1 <= 0) | (n2 <= 0) | (np.abs(gap) < 1e-12)
    return np.where(silent, 0.0, np.nan_to_num(z, nan=0.0, posinf=np.inf, neginf=-np.inf))


def _restricted_p2(x1: Floats, n1: Floats, x2: Floats, n2: Floats, delta: Floats) -> Floats:
    """Return the likelihood's best p2 given p1 = p2 + delta: the cubic of Miettinen and Nurminen's appendix."""
    total = n1 + n2
    l2 = (n1 + 2 * n2) * delta - total - (x1 + x2)
    l1 = (n2 * delta - total - 2 * x2) * delta + x1 + x2
    l0 = x2 * delta * (1 - delta)
    q = l2**3 / (3 * total) ** 3 - l1 * l2 / (6 * total**2) + l0 / (2 * total)
    sign = np.where(q >= 0, 1.0, -1.0)
    p = sign * np.sqrt(np.maximum(l2**2 / (3 * total) ** 2 - l1 / (3 * total), 0.0))
    cosine = np.where(p == 0, 1.0, q / np.where(p == 0, 1.0, p**3))
    angle = (np.pi + np.arccos(np.clip(cosine, -1.0, 1.0))) / 3
    root = 2 * p * np.cos(angle) - l2 / (3 * total)
    return np.asarray(np.clip(root, np.maximum(0.0, -delta), np.minimum(1.0, 1.0 - delta)), dtype=float)


def crossing(score: Callable[[Floats], Floats], target: float, low: Floats, high: Floats) -> Floats:
    """Return where the decreasing `score` passes `target`, by bisection between `low` and `high`."""
    for _ in range(_STEPS):
        middle = (low + high) / 2
        above = score(middle) > target
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return (low + high) / 2


def ratio_interval(
    x1: npt.ArrayLike,
    n1: npt.ArrayLike,
    x2: npt.ArrayLike,
    n2: npt.ArrayLike,
    level: float = 0.95,
    correction: float = CORRECTION,
) -> tuple[Floats, Floats]:
    """Return the score interval of p1 / p2; `inf` where no upper end exists, (0, inf) where nothing is known.

    >>> low, high = ratio_interval(36, 40, 16, 80)
    >>> round(float(low), 2), round(float(high), 2)
    (2.88, 7.35)
    """
    x1, n1, x2, n2 = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (x1, n1, x2, n2)))
    z = normal_quantile(0.5 + level / 2)

    def score(log_theta: Floats) -> Floats:
        return ratio_score(x1, n1, x2, n2, np.exp(log_theta), correction)

    narrow, wide = np.full(x1.shape, -WIDEST), np.full(x1.shape, WIDEST)
    unknown = (n1 <= 0) | (n2 <= 0)
    low = np.where(unknown | (x1 <= 0), 0.0, np.exp(crossing(score, z, narrow, wide)))
    high = np.where(unknown | (x2 <= 0), np.inf, np.exp(crossing(score, -z, narrow, wide)))
    return low, high


def difference_interval(
    x1: npt.ArrayLike,
    n1: npt.ArrayLike,
    x2: npt.ArrayLike,
    n2: npt.ArrayLike,
    level: float = 0.95,
    correction: float = CORRECTION,
) -> tuple[Floats, Floats]:
    """Return the score interval of p1 - p2; (-1, 1) where a side has no trials.

    >>> low, high = difference_interval(56, 70, 48, 80)
    >>> round(float(low), 4), round(float(high), 4)
    (0.046, 0.3446)
    """
    x1, n1, x2, n2 = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (x1, n1, x2, n2)))
    z = normal_quantile(0.5 + level / 2)

    def score(delta: Floats) -> Floats:
        return difference_score(x1, n1, x2, n2, delta, correction)

    least, most = np.full(x1.shape, -1.0), np.full(x1.shape, 1.0)
    unknown = (n1 <= 0) | (n2 <= 0)
    low = np.where(unknown, -1.0, crossing(score, z, least, most))
    high = np.where(unknown, 1.0, crossing(score, -z, least, most))
    return low, high
