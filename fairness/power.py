"""What a cell of given size could ever show, computed from the decision itself.

Sizes are numbers of trials (for missed harm: people with the outcome). A gap is a ratio of the group's rate to
everyone else's, with the overall rate held where it is: a list of fixed length can only shift its misses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from fairness.intervals import CORRECTION, Floats, ratio_score
from fairness.verdict import inside, no_gap_p_value, outside_p_value

_NEGLIGIBLE = 1e-9
_LARGEST = 1000.0


@dataclass(frozen=True)
class DecisionOdds:
    """Chances that one cell passes, is refused, and keeps the list from passing (refused, or not settled)."""

    passes: float
    refuses: float
    stops: float


def rates_at(overall: npt.ArrayLike, share: npt.ArrayLike, ratio: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return (group's rate, everyone else's rate) at `ratio` with the overall rate kept.

    `share` is the group's share of the trials. A ratio too large to exist is replaced by the largest that does.

    >>> [round(float(p), 3) for p in rates_at(0.5, 0.2, 1.5)]
    [0.682, 0.455]
    """
    overall, share, ratio = (np.asarray(v, dtype=float) for v in (overall, share, ratio))
    other = overall / (share * ratio + 1 - share)
    group = np.minimum(other * ratio, 1.0)
    other = np.where(other * ratio > 1.0, (overall - share) / np.maximum(1 - share, 1e-300), other)
    return group, np.clip(other, 0.0, 1.0)


def largest_ratio(overall: npt.ArrayLike, share: npt.ArrayLike) -> Floats:
    """Return the largest ratio that can exist: at which the group's rate is 1 (at most 1000)."""
    overall, share = (np.asarray(v, dtype=float) for v in (overall, share))
    rest = (overall - share) / np.maximum(1 - share, 1e-300)
    return np.where(rest > 1 / _LARGEST, 1 / np.maximum(rest, 1 / _LARGEST), _LARGEST)


def decision_odds(
    n1: int,
    n2: int,
    p1: float,
    p2: float,
    *,
    margin: tuple[float, float],
    alpha: float,
    cells: int = 1,
    excused_among: int | None = None,
) -> DecisionOdds:
    """Return the chances of each verdict by adding up every pair of counts that can occur.

    Parameters
    ----------
    n1, n2
        Trials in the group and among everyone else.
    p1, p2
        Their true rates.
    cells
        Binding cells in the family: a lone gap is refused at alpha / cells, Holm's first step.
    excused_among
        For a cell that is not required to pass, how many such cells there are: a lone gap leans at 2 alpha over their
        number. None for a cell that is required to.

    Notes
    -----
    Counts with probability below 1e-9 in either tail are left out.
    """
    (x1, w1), (x2, w2) = (_likely(n1, p1), _likely(n2, p2))
    weight = w1[:, None] * w2[None, :]
    counts = (x1[:, None], n1, x2[None, :], n2)
    passing = inside(*counts, margin, alpha)
    refused = outside_p_value(*counts, margin) <= alpha / cells
    if excused_among is None:
        stopped = ~passing
    else:
        stopped = refused | (~passing & (no_gap_p_value(*counts) <= 2 * alpha / excused_among))
    return DecisionOdds(*(min(float(weight[which].sum()), 1.0) for which in (passing, refused, stopped)))


def _likely(n: int, p: float) -> tuple[Floats, Floats]:
    low, high = stats.binom.ppf([_NEGLIGIBLE, 1 - _NEGLIGIBLE], n, p)
    x = np.arange(max(low, 0.0), high + 1)
    return x, np.asarray(stats.binom.pmf(x, n, p), dtype=float)


def minimum_detectable_ratio(
    n1: npt.ArrayLike,
    n2: npt.ArrayLike,
    overall: npt.ArrayLike,
    *,
    margin: tuple[float, float],
    alpha: float,
    cells: npt.ArrayLike = 1,
    power: float = 0.8,
) -> Floats:
    """Return the smallest true ratio above 1 that the cell would refuse with probability `power`.

    NaN where none can exist. Normal approximation of the score test with the null variance taken at the expected
    counts (Miettinen and Nurminen 1985, section on sample size); `decision_odds` is the exact check.
    """
    n1, n2, overall = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (n1, n2, overall)))
    usable = (n1 > 0) & (n2 > 0) & (overall > 0) & (overall < 1)
    m1, m2, p = (np.where(usable, v, s) for v, s in ((n1, 1.0), (n2, 1.0), (overall, 0.5)))
    share = m1 / (m1 + m2)
    most = largest_ratio(p, share)
    level = alpha / np.asarray(cells, dtype=float)

    def reached(ratio: Floats) -> npt.NDArray[np.bool_]:
        return _refusal_power(m1, m2, p, share, ratio, margin[1], level) >= power

    low, high = np.full(m1.shape, np.log(margin[1])), np.log(np.maximum(most, margin[1]))
    possible = usable & (most > margin[1]) & reached(np.exp(high))
    for _ in range(50):
        middle = (low + high) / 2
        enough = reached(np.exp(middle))
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(possible, np.exp(high), np.nan)


def _refusal_power(
    n1: Floats, n2: Floats, overall: Floats, share: Floats, ratio: Floats, edge: float, alpha: Floats
) -> Floats:
    p1, p2 = rates_at(overall, share, ratio)
    gap = p1 - edge * p2
    spread = np.sqrt(p1 * (1 - p1) / n1 + edge**2 * p2 * (1 - p2) / n2)
    z = ratio_score(n1 * p1, n1, n2 * p2, n2, edge, 0.0)
    step = CORRECTION * (1 / n1 + edge / n2)
    with np.errstate(divide="ignore", invalid="ignore"):
        null_spread = np.where(z > 0, gap / z, np.inf)
        reach = (gap - step - special.ndtri(1 - alpha) * null_spread) / np.maximum(spread, 1e-12)
    return np.where(gap > 0, special.ndtr(reach), 0.0)


def outcomes_needed(
    n1: npt.ArrayLike,
    n2: npt.ArrayLike,
    overall: npt.ArrayLike,
    *,
    margin: tuple[float, float],
    alpha: float,
    power: float = 0.8,
) -> Floats:
    """Return how many trials the group needs for a list without a gap to pass with probability `power`.

    Everyone else's trials are taken to grow in proportion. NaN where a rate of 0 or 1 says nothing.
    """
    n1, n2, overall = (np.asarray(v, dtype=float) for v in (n1, n2, overall))
    reach = min(-np.log(margin[0]), np.log(margin[1]))
    wanted = reach / (special.ndtri(1 - alpha) + special.ndtri(0.5 + power / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (1 - overall) / overall * (1 / n1 + 1 / n2)
        needed = np.ceil(n1 * variance / wanted**2)
    return np.where((n1 > 0) & (n2 > 0) & (overall > 0) & (overall < 1), needed, np.nan)


def trials_to_settle(
    counts: tuple[int, int, int, int],
    *,
    effect: float,
    margin: tuple[float, float],
    alpha: float,
    cells: int = 1,
    power: float = 0.8,
) -> int | None:
    """Return how many trials the group needs to be settled with probability `power`, if the ratio seen is the true one.

    Inside the margin that is a pass, outside it a refusal. Everyone else's trials are taken to grow in proportion. None
    where a rate of 0 or 1 says nothing, or the ratio lies at an end of the margin.

    Parameters
    ----------
    counts
        Events and trials of the group, then of everyone else.
    effect
        Rows that say as much as one independent row.
    cells
        Binding cells in the family: a lone gap is refused at alpha / cells, Holm's first step.
    """
    x1, n1, x2, n2 = counts
    if not (0 < x1 < n1 and 0 < x2 < n2):
        return None
    ratio, (low, high) = (x1 / n1) / (x2 / n2), margin
    within = low < ratio < high
    level, reach = (alpha, 0.5 + power / 2) if within else (alpha / cells, power)
    away = min(abs(np.log(ratio / low)), abs(np.log(ratio / high)))
    if away == 0:
        return None
    variance = effect * (1 / x1 - 1 / n1 + 1 / x2 - 1 / n2)
    return int(np.ceil(n1 * variance * ((special.ndtri(1 - level) + special.ndtri(reach)) / away) ** 2))
