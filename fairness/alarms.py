"""Alarms over successive lists: has a group's ratio to everyone else moved from what it was before?

Each increment sets one list, or several where one holds too few people to tell, against everything before it: the
distance of the two ratios in standard errors. Where nothing changes such distances are independent and standard normal
(recursive residuals: Brown, Durbin and Evans, JRSS B 37, 1975; self-starting charts: Hawkins, JRSS D 36, 1987), also
though the ratio before is itself only estimated. They are summed by a two-sided CUSUM (Page, Biometrika 41, 1954), the
chart with which UK health regulators watch for change (Spiegelhalter et al., JRSS A 175, 2012).

The height at which a chart rings is computed, not chosen: from any point on, the chance that any chart of the family
rings within `SPAN` increments although nothing changed is at most the policy's alpha. The chance is that of a Markov
chain over the heights of a chart that has run for long (Brook and Evans, Biometrika 59, 1972), shared equally among
charts and sides (Bonferroni).

Lists overlap: who was selected last month mostly is selected again. Callers therefore hand over people who are new
(`fairness.trend`), so that the increments are of different people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from fairness.intervals import CORRECTION, Floats, ratio_variance

SPAN = 12
"""Increments for which the chance of a false alarm is stated: a year of monthly lists."""
SLACK = 0.5
"""What a chart forgives in each increment, in standard errors: half of the shift that it finds soonest."""
LEAST = 5.0
"""Events, and trials without the event, that each side must expect before an increment tells anything."""
_HEIGHTS = 120
_LONG = 200


@dataclass(frozen=True)
class Observed:
    """What one list adds to a chart: events and trials of the group and of everyone else, new people only."""

    label: str
    events: float
    n: float
    others_events: float
    others_n: float


@dataclass(frozen=True)
class Ring:
    """One time at which a chart rang.

    Attributes
    ----------
    at, since
        The list at which it rang, and the first of those that moved the chart there.
    direction
        ``up``: more often than before beside everyone else; ``down``: less often.
    before, after
        The ratio over all lists before `since`, and from it to `at`; infinite where nobody else had the event.
    least
        The smallest count from `since` to `at`: events and trials without the event, of the group and everyone else.
    """

    at: str
    since: str
    direction: str
    before: float
    after: float
    least: float


@dataclass(frozen=True)
class Chart:
    """A chart over successive lists.

    Attributes
    ----------
    steps
        (last list of the increment, its distance in standard errors, height of the upper side, of the lower side).
    threshold
        Height at which it rings; it starts again from zero after that.
    waiting
        True where the newest lists hold too few new people for an increment.
    """

    steps: tuple[tuple[str, float, float, float], ...]
    rings: tuple[Ring, ...]
    threshold: float
    waiting: bool


def ring_chance(threshold: float, span: int = SPAN) -> float:
    """Return the chance that one side of a chart, run for long, rings within `span` increments of no change.

    >>> 0.0 < ring_chance(5.0) < ring_chance(4.0) < 0.1
    True
    """
    width = threshold / (_HEIGHTS - 0.5)  # the lowest state is zero and half as wide
    middle = width * np.arange(_HEIGHTS)
    upper = np.concatenate([[0.5 * width], middle[1:] + 0.5 * width])
    reached = special.ndtr(upper[None, :] - middle[:, None] + SLACK)
    stays = np.diff(reached, axis=1, prepend=0.0)
    at = np.zeros(_HEIGHTS)
    at[0] = 1.0
    for _ in range(_LONG):  # to where a chart stands that has not rung
        at = at @ stays
        at /= at.sum()
    for _ in range(span):
        at = at @ stays
    return float(1.0 - at.sum())


@lru_cache(maxsize=256)
def threshold_of(charts: int, alpha: float, span: int = SPAN) -> float:
    """Return the height at which each of `charts` two-sided charts rings.

    >>> threshold_of(1, 0.05) < threshold_of(20, 0.05)
    True
    """
    low, high = 0.5, 20.0
    for _ in range(40):
        middle = (low + high) / 2
        rings = 2 * charts * ring_chance(middle, span)
        low, high = (middle, high) if rings > alpha else (low, middle)
    return high


def run_chart(observed: Sequence[Observed], threshold: float) -> Chart:
    """Return the chart over `observed`, oldest first."""
    increments, waiting = _increments(observed)
    steps: list[tuple[str, float, float, float]] = []
    rings: list[Ring] = []
    up = down = 0.0
    rose = fell = 0
    base = 0  # the first list that a comparison still counts as before
    for number, (first, last) in enumerate(increments):
        if number == 0 or first <= base:
            continue
        z = _distance(observed[base:first], observed[first:last])
        rose, fell = (first if up <= 0 else rose), (first if down <= 0 else fell)
        up, down = max(0.0, up + z - SLACK), max(0.0, down - z - SLACK)
        steps.append((observed[last - 1].label, z, up, down))
        for height, since, direction in ((up, rose, "up"), (down, fell, "down")):
            if height > threshold:
                before, after = _ratio(observed[base:since]), _ratio(observed[since:last])
                least = _least(observed[since:last])
                rings.append(Ring(observed[last - 1].label, observed[since].label, direction, before, after, least))
                up = down = 0.0
                base = since  # what it has moved to is what later lists are compared with
                break
    return Chart(tuple(steps), tuple(rings), threshold, waiting)


def _increments(observed: Sequence[Observed]) -> tuple[list[tuple[int, int]], bool]:
    """Return runs of lists, each with enough expected events on both sides; and whether some lists wait."""
    out: list[tuple[int, int]] = []
    first = 0
    for last in range(1, len(observed) + 1):
        events, n, others_events, others_n = _summed(observed[first:last])
        everybody, all_events = n + others_n, events + others_events
        telling = min(all_events, everybody - all_events)
        if everybody and telling * min(n, others_n) / everybody >= LEAST:
            out.append((first, last))
            first = last
    return out, first < len(observed)


def _counts(observed: Sequence[Observed]) -> Floats:
    return np.asarray([[o.events, o.n, o.others_events, o.others_n] for o in observed], dtype=np.float64)


def _summed(observed: Sequence[Observed]) -> tuple[float, float, float, float]:
    events, n, others_events, others_n = _counts(observed).sum(axis=0).tolist()
    return events, n, others_events, others_n


def _least(observed: Sequence[Observed]) -> float:
    events, n, others_events, others_n = _summed(observed)
    return min(events, n - events, others_events, others_n - others_events)


def _columns(observed: Sequence[Observed]) -> tuple[Floats, Floats, Floats, Floats]:
    values = _counts(observed)
    told = values[(values[:, 1] > 0) & (values[:, 3] > 0)]
    return told[:, 0], told[:, 1], told[:, 2], told[:, 3]


def _weighted(observed: Sequence[Observed]) -> tuple[float, float]:
    """Return Mantel and Haenszel's two sums, each list a stratum."""
    x1, n1, x2, n2 = _columns(observed)
    return float((x1 * n2 / (n1 + n2)).sum()), float((x2 * n1 / (n1 + n2)).sum())


def _ratio(observed: Sequence[Observed]) -> float:
    own, others = _weighted(observed)
    return own / others if others else float("inf")


def _variance(observed: Sequence[Observed]) -> float:
    """Return the variance of the log of `_ratio` (Greenland and Robins, Biometrics 41, 1985)."""
    x1, n1, x2, n2 = _columns(observed)
    total = n1 + n2
    own, others = _weighted(observed)
    return float(((n1 * n2 * (x1 + x2) - x1 * x2 * total) / total**2).sum() / (own * others))


def _distance(before: Sequence[Observed], now: Sequence[Observed]) -> float:
    """Return how far the ratio in `now` lies from that before, in standard errors; 0 where nothing can be told."""
    own, others = _weighted(before)
    if own <= 0 or others <= 0:
        return 0.0
    theta, spread = own / others, _variance(before)
    x1, n1, x2, n2 = _columns(now)
    weight = n1 * n2 / (n1 + n2)
    share = weight / weight.sum()
    rate, other = share * x1 / n1, share * x2 / n2
    gap = float(rate.sum() - theta * other.sum())
    step = float(CORRECTION * (share**2 / n1 + theta * share**2 / n2).sum())
    gap = float(np.sign(gap)) * max(abs(gap) - step, 0.0)
    null = float((share**2 * ratio_variance(x1, n1, x2, n2, np.full_like(x1, theta))).sum())
    everyone = float((x1 + x2).sum() / (n1 + theta * n2).sum() if theta else 0.0)
    own_variance = null + (theta * everyone) ** 2 * spread
    return gap / float(np.sqrt(own_variance)) if own_variance > 0 else 0.0
