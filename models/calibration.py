"""From margins to an expected grade, and from there to the bands that a panel sees.

Calibration never changes the order: it is one rising curve over the margin. Panels see bands, never a bare
probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from threadpoolctl import threadpool_limits

from models.errors import CalibrationError
from models.tables import Floats

LABELS = ("very high", "high", "raised", "lower")
DEFAULT_QUANTILES = (0.99, 0.95, 0.80)
_STEPS = 100
_RIDGE = (1e-6, 1e-9)
Line = tuple[float, float]


@dataclass(frozen=True)
class Calibration:
    """Expected grade = 1 / (1 + exp(-(slope x margin + intercept))).

    >>> Calibration(slope=1.0, intercept=0.0).expected(np.array([0.0]))
    array([0.5])
    """

    slope: float
    intercept: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.slope) and np.isfinite(self.intercept)) or self.slope <= 0.0:
            raise CalibrationError(
                "The calibration would turn the order round.",
                "Check that higher margins go with higher grades in the earlier splits.",
            )

    def expected(self, margin: Floats) -> Floats:
        """Return the expected grade in [0, 1] of each margin."""
        logit = np.clip(self.slope * np.asarray(margin, dtype=np.float64) + self.intercept, -700.0, 700.0)
        return np.asarray(1.0 / (1.0 + np.exp(-logit)))

    def to_dict(self) -> dict[str, float]:
        """Return slope and intercept."""
        return asdict(self)


def fit_calibration(margin: Any, y: Any, weight: Any = None) -> Calibration:
    """Fit the curve that turns margins into expected grades, by weighted logistic regression.

    Parameters
    ----------
    margin
        Margins of people whom the ranker was not fitted on (earlier splits only), shape (people,).
    y
        Their grades in [0, 1].
    weight
        Weights at least 0; all 1 by default.

    Raises
    ------
    CalibrationError
        If there are no people, all margins or all grades are equal, grades leave [0, 1] or fall as margins rise.
    """
    x, target, w = _checked(margin, y, weight)
    centre, spread = _centre(x, w)
    z = (x - centre) / spread
    with threadpool_limits(limits=1, user_api="blas"):  # one order of summing on every machine
        slope, intercept = fit_line(z, target, w)
    return Calibration(slope=slope / spread, intercept=intercept - slope * centre / spread)


@dataclass(frozen=True)
class Bands:
    """Cut points on the expected grade, highest first, and a label for each stretch.

    A person at a cut point belongs to the band above it.

    >>> Bands((0.6, 0.4, 0.2)).label(0.4)
    'high'
    """

    cuts: tuple[float, ...]
    labels: tuple[str, ...] = LABELS

    def __post_init__(self) -> None:
        if len(self.labels) != len(self.cuts) + 1:
            raise CalibrationError("Bands need one label more than cut points.", "Add or remove a label.")
        if any(low > high for high, low in zip(self.cuts, self.cuts[1:], strict=False)):
            raise CalibrationError("Cut points of bands must fall.", "List the highest cut point first.")

    @classmethod
    def from_population(cls, expected: Floats, quantiles: Sequence[float] = DEFAULT_QUANTILES) -> Self:
        """Return the bands that put the share above each quantile of `expected` into each band.

        Raises
        ------
        CalibrationError
            If nobody is there to take quantiles of.
        """
        if not len(expected):
            raise CalibrationError("Nobody is there to cut bands from.", "Give the calibration population.")
        return cls(tuple(float(cut) for cut in np.quantile(expected, sorted(quantiles, reverse=True))))

    def label(self, expected: float) -> str:
        """Return the band of one expected grade."""
        for cut, label in zip(self.cuts, self.labels, strict=False):
            if expected >= cut:
                return label
        return self.labels[-1]

    def to_dict(self) -> dict[str, list[Any]]:
        """Return cut points and labels."""
        return {"cuts": list(self.cuts), "labels": list(self.labels)}


def _checked(margin: Any, y: Any, weight: Any) -> tuple[Floats, Floats, Floats]:
    x, target = np.asarray(margin, dtype=np.float64), np.asarray(y, dtype=np.float64)
    w = np.ones(len(x)) if weight is None else np.asarray(weight, dtype=np.float64)
    if not (len(x) == len(target) == len(w)) or not len(x):
        raise CalibrationError("Margins, grades and weights differ in length or are empty.", "Pair them up.")
    if not (np.isfinite(x).all() and np.isfinite(target).all() and np.isfinite(w).all()):
        raise CalibrationError("A margin, grade or weight is not a number.", "Leave unknown grades out.")
    if target.min() < 0.0 or target.max() > 1.0 or w.min() < 0.0 or not w.any():
        raise CalibrationError("Grades lie outside 0 to 1 or no weight is positive.", "Check both columns.")
    order = np.lexsort([w, target, x])
    return x[order], target[order], w[order] / w.sum()


def _centre(x: Floats, w: Floats) -> tuple[float, float]:
    centre = float(w @ x)
    spread = float(np.sqrt(w @ (x - centre) ** 2))
    if spread <= 1e-12 * (1.0 + abs(centre)):
        raise CalibrationError(
            "Every margin is the same, so nothing can be calibrated.", "Check that the ranker learned anything."
        )
    return centre, spread


def fit_line(z: Floats, y: Floats, w: Floats, start: tuple[float, float] = (0.0, 0.0), steps: int = _STEPS) -> Line:
    """Return slope and intercept of the weighted quasi-binomial line of grades in [0, 1], by Newton's method.

    Parameters
    ----------
    z
        What the logit is linear in, on a scale of about one; a hair of ridge keeps separable grades finite.
    y, w
        Grades in [0, 1], and weights that sum to about one.
    start, steps
        Where to start, and how many steps at most: two are enough from a line fitted to much the same people.
    """
    slope, intercept = start
    for _ in range(steps):
        expected = 1.0 / (1.0 + np.exp(-np.clip(slope * z + intercept, -35.0, 35.0)))
        residual, spread = w * (y - expected), w * expected * (1.0 - expected)
        both = spread * z
        gradient = np.array([residual @ z - _RIDGE[0] * slope, residual.sum() - _RIDGE[1] * intercept])
        cross = both.sum()
        curvature = np.array([[both @ z + _RIDGE[0], cross], [cross, spread.sum() + _RIDGE[1]]])
        step = np.linalg.solve(curvature, gradient)
        largest = float(np.abs(step).max())
        step = step * min(1.0, 2.0 / (largest + 1e-300))
        slope, intercept = slope + float(step[0]), intercept + float(step[1])
        if largest < 1e-10:
            break
    return slope, intercept
