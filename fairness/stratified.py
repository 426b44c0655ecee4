"""The ratio of two groups' rates within strata: what is left of a gap among people who are otherwise alike.

The estimate is Mantel and Haenszel's (Journal of the National Cancer Institute 22, 1959); its interval inverts
Miettinen and Nurminen's stratified score (Statistics in Medicine 4, 1985) with the same weights ``n1 n2 / (n1 + n2)``,
so the estimate is where the score is zero. With one stratum both are those of `fairness.intervals`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fairness.intervals import CORRECTION, WIDEST, Floats, crossing, normal_quantile, ratio_variance


class StratifiedRatio(NamedTuple):
    """Shape (cells,) each; NaN without an estimate, `high` is inf where there is no upper end."""

    ratio: Floats
    low: Floats
    high: Floats


def stratified_ratio(
    x1: npt.ArrayLike,
    n1: npt.ArrayLike,
    x2: npt.ArrayLike,
    n2: npt.ArrayLike,
    level: float = 0.95,
    correction: float = CORRECTION,
) -> StratifiedRatio:
    """Return the common ratio p1 / p2 with its interval.

    Parameters
    ----------
    x1, n1, x2, n2
        Events and trials of both sides, shape (cells, strata). Strata in which a side has no trials tell nothing.

    Examples
    --------
    Within each stratum the rates are equal; put together they would differ by a half.

    >>> x1, n1, x2, n2 = np.array([[[40, 10]], [[50, 100]], [[8, 50]], [[10, 500]]])
    >>> [round(float(v), 2) for (v,) in stratified_ratio(x1, n1, x2, n2)]
    [1.0, 0.67, 1.53]
    """
    x1, n1, x2, n2 = (np.asarray(v, dtype=float) for v in (x1, n1, x2, n2))
    told = (n1 > 0) & (n2 > 0)
    safe1, safe2 = np.where(told, n1, 1.0), np.where(told, n2, 1.0)
    weight = np.where(told, n1 * n2 / (safe1 + safe2), 0.0)
    total = np.maximum(weight.sum(axis=-1, keepdims=True), 1e-300)
    share = weight / total
    events1, events2 = (share * x1 / safe1).sum(axis=-1), (share * x2 / safe2).sum(axis=-1)
    # One more event moves a side's weighted rate by this much, on average over strata.
    step1, step2 = (share**2 / safe1).sum(axis=-1), (share**2 / safe2).sum(axis=-1)

    def score(log_theta: Floats) -> Floats:
        theta = np.exp(log_theta)
        variance = ratio_variance(x1, safe1, x2, safe2, theta[..., None])
        gap = events1 - theta * events2
        gap = np.sign(gap) * np.maximum(np.abs(gap) - correction * (step1 + theta * step2), 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            z = gap / np.sqrt((share**2 * np.where(told, variance, 0.0)).sum(axis=-1))
        return np.asarray(np.nan_to_num(z, nan=0.0, posinf=np.inf, neginf=-np.inf), dtype=float)

    z = normal_quantile(0.5 + level / 2)
    narrow, wide = np.full(events1.shape, -WIDEST), np.full(events1.shape, WIDEST)
    unknown = ~told.any(axis=-1)
    low = np.where(unknown | (events1 <= 0), 0.0, np.exp(crossing(score, z, narrow, wide)))
    high = np.where(unknown | (events2 <= 0), np.inf, np.exp(crossing(score, -z, narrow, wide)))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(events2 > 0, events1 / events2, np.nan)
    return StratifiedRatio(ratio, low, high)
