"""How a cell is judged, and how cells make one verdict.

A ratio of a group's rate to everyone else's is judged against a margin with two tests, each at the family alpha:

- pass: two one-sided score tests show that the ratio lies above the margin's lower and below its upper end. That
  is the same as: the whole ``1 - 2 alpha`` interval lies within the margin. A list passes if every binding cell
  does, so the list passes wrongly with probability at most alpha (intersection-union, Berger 1982).
- refuse: a one-sided score test shows that the ratio lies beyond an end, its p-value surviving Holm's correction
  over all binding cells judged, so that any cell is refused wrongly with probability at most alpha.
- otherwise insufficient: the evidence settles neither. It is not a pass.

A cell large enough to be refused but not to be required to pass is excused, as *not assessable*, while it shows
nothing. Where it leans towards a gap it is insufficient: "the ratio is 1" is tested at 2 alpha, by Holm over all such
cells together, so that chance alone stops a list in at most 2 alpha of audits, however many small groups there are.

A group under the floor, or a characteristic that is mostly unrecorded, is *not assessable* and never counts as passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy import special

from fairness.intervals import Floats, ratio_score


class Verdict(StrEnum):
    """What an audit can say."""

    PASS = "pass"  # noqa: S105
    REFUSE = "refuse"
    INSUFFICIENT = "insufficient"


class CellVerdict(StrEnum):
    """What one cell can say; `reported` and `alert` are for cells that do not bind."""

    PASS = "pass"  # noqa: S105
    REFUSE = "refuse"
    INSUFFICIENT = "insufficient"
    NOT_ASSESSABLE = "not_assessable"
    ALERT = "alert"
    REPORTED = "reported"


def outside_p_value(
    x1: npt.ArrayLike,
    n1: npt.ArrayLike,
    x2: npt.ArrayLike,
    n2: npt.ArrayLike,
    margin: tuple[float, float],
) -> Floats:
    """Return the one-sided p-value of "the ratio lies within the margin", the smaller of the two ends'.

    Under any ratio within the margin it falls to alpha or below with probability at most alpha (asymptotically),
    for the two ends cannot both be near.
    """
    above = special.ndtr(-ratio_score(x1, n1, x2, n2, margin[1]))
    below = special.ndtr(ratio_score(x1, n1, x2, n2, margin[0]))
    return np.asarray(np.minimum(above, below), dtype=float)


def inside(
    x1: npt.ArrayLike,
    n1: npt.ArrayLike,
    x2: npt.ArrayLike,
    n2: npt.ArrayLike,
    margin: tuple[float, float],
    alpha: float,
) -> npt.NDArray[np.bool_]:
    """Say whether both one-sided tests place the ratio within the margin."""
    z = special.ndtri(1 - alpha)
    above_low = ratio_score(x1, n1, x2, n2, margin[0]) >= z
    below_high = ratio_score(x1, n1, x2, n2, margin[1]) <= -z
    return np.asarray(above_low & below_high)


def no_gap_p_value(x1: npt.ArrayLike, n1: npt.ArrayLike, x2: npt.ArrayLike, n2: npt.ArrayLike) -> Floats:
    """Return the two-sided p-value of "the ratio is 1": below 2 alpha where the ``1 - 2 alpha`` interval shuts out 1.

    >>> no_gap_p_value([74, 64], 120, [500, 500], 1000).round(3).tolist()
    [0.018, 0.521]
    """
    return np.asarray(2 * special.ndtr(-np.abs(ratio_score(x1, n1, x2, n2, 1.0))), dtype=float)


def holm(p_values: npt.ArrayLike) -> Floats:
    """Return Holm's adjusted p-values, in the order given; each row of a table is a family of its own.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979).

    >>> holm([0.01, 0.04, 0.03, 0.005]).round(3).tolist()
    [0.03, 0.06, 0.06, 0.02]
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, axis=-1, kind="stable")
    steps = np.take_along_axis(p, order, axis=-1) * np.arange(p.shape[-1], 0, -1)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(1.0, np.maximum.accumulate(steps, axis=-1)), axis=-1)
    return adjusted


def roll_up(judged: Sequence[CellVerdict], comparable: bool) -> Verdict:
    """Return the verdict over the binding cells.

    Parameters
    ----------
    judged
        The binding cells' verdicts; those not assessable neither pass nor block.
    comparable
        True where some binding characteristic is assessable with two stated groups large enough to pass.
    """
    if CellVerdict.REFUSE in judged:
        return Verdict.REFUSE
    settled = all(v in (CellVerdict.PASS, CellVerdict.NOT_ASSESSABLE) for v in judged)
    return Verdict.PASS if settled and comparable else Verdict.INSUFFICIENT
