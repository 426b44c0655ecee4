"""The linear incumbent: a logistic regression with an elastic-net penalty.

Solved by proximal Newton steps with coordinate descent on the small weighted Gram matrix (Friedman, Hastie and
Tibshirani 2010, "Regularization paths for generalized linear models via coordinate descent"): it takes grades in
[0, 1] directly, where duplicating each row with weights y and 1 - y would double the table, and it is exact and
deterministic, which stochastic solvers are not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from models.coordinates import settle
from models.tables import Floats, column_names, fitted_matrix, row_index, training_arrays
from values import canonical_json

_FILE = "coefficients.json"
_DIGITS = 10  # significant digits kept: below them lies only the noise of summing in another order


class ElasticNetRanker(BaseEstimator):
    """Rank people by a penalised linear score of standardised indicators.

    Missing values take the median of the people fitted on, and a second column says that the value was missing,
    so that "not known" has a weight of its own instead of passing for a usual value.

    Parameters
    ----------
    alpha
        Strength of the penalty on the mean log-loss.
    l1_ratio
        Share of the penalty that is absolute (1 = lasso, 0 = ridge).
    max_steps
        Most Newton steps.
    tolerance
        Largest change of a coefficient (per standard deviation) at which the steps stop.

    Attributes
    ----------
    coefficients_, missing_coefficients_ : ndarray of shape (indicators,)
        Change of the margin per standard deviation, and where the value is missing.
    median_, mean_, scale_, missing_mean_, missing_scale_ : ndarray of shape (indicators,)
        What values are filled and standardised with.
    intercept_ : float
        Margin of a person with every column at its mean.
    steps_ : int
        Newton steps taken.
    """

    kind: ClassVar[str] = "elastic_net"
    _learned = (
        "median_",
        "mean_",
        "scale_",
        "missing_mean_",
        "missing_scale_",
        "coefficients_",
        "missing_coefficients_",
    )

    def __init__(
        self,
        *,
        alpha: float = 1e-3,
        l1_ratio: float = 0.5,
        max_steps: int = 50,
        tolerance: float = 1e-7,
    ) -> None:
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.max_steps = max_steps
        self.tolerance = tolerance

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from indicators and grades in [0, 1]; see `SuitabilityRanker.fit` for shapes and errors."""
        matrix, target, weight = training_arrays(self, X, y, sample_weight)
        # One thread: sums then run in one order on every machine, and shared cores are not waited for.
        with threadpool_limits(limits=1, user_api="blas"):
            self._fit(matrix, target, weight / weight.sum())
        return self

    def _fit(self, matrix: Floats, target: Floats, weight: Floats) -> None:
        missing = np.isnan(matrix)
        self.median_ = np.array([_median(matrix[~gap, j]) for j, gap in enumerate(missing.T)])
        filled = np.where(missing, self.median_, matrix)
        self.mean_, self.scale_ = _centre_and_scale(filled, weight)
        self.missing_mean_, self.missing_scale_ = _centre_and_scale(missing.astype(np.float64), weight)
        intercept, coefficients, self.steps_ = _proximal_newton(
            self._standardised(matrix), target, weight, self.alpha, self.l1_ratio, self.max_steps, self.tolerance
        )
        self.intercept_ = float(_rounded(np.array([intercept]))[0])
        coefficients = _rounded(coefficients)
        self.coefficients_, self.missing_coefficients_ = np.split(coefficients, 2)

    def predict(self, X: Any) -> Floats:
        """Return the margin (log-odds) of each row, higher = earlier."""
        check_is_fitted(self, "coefficients_")
        return self._sum(self._parts(fitted_matrix(self, X)))

    def contributions(self, X: Any) -> pd.DataFrame:
        """Return coefficient times standardised value (and missing mark) for each indicator, and ``base``."""
        check_is_fitted(self, "coefficients_")
        parts = self._parts(fitted_matrix(self, X))
        table = pd.DataFrame(parts, columns=column_names(self), index=row_index(X, len(parts)))
        table["base"] = self.intercept_
        return table

    def files(self) -> dict[str, str]:
        """Return the coefficients as text, by file name."""
        check_is_fitted(self, "coefficients_")
        content: dict[str, Any] = {name.rstrip("_"): getattr(self, name).tolist() for name in self._learned}
        return {_FILE: canonical_json({**content, "intercept": self.intercept_, "steps": self.steps_})}

    @classmethod
    def restore(cls, parameters: Mapping[str, Any], indicators: list[str], files: Mapping[str, str]) -> Self:
        """Return the ranker that `files` were taken from."""
        ranker = cls(**parameters)
        content = json.loads(files[_FILE])
        for name in cls._learned:
            setattr(ranker, name, np.asarray(content[name.rstrip("_")], dtype=np.float64))
        ranker.intercept_, ranker.steps_ = float(content["intercept"]), int(content["steps"])
        ranker.feature_names_in_ = np.asarray(indicators, dtype=object)
        ranker.n_features_in_ = len(indicators)
        return ranker

    def _standardised(self, matrix: Floats) -> Floats:
        missing = np.isnan(matrix)
        values = (np.where(missing, self.median_, matrix) - self.mean_) / self.scale_
        marks = (missing - self.missing_mean_) / self.missing_scale_
        return np.hstack([values, marks])

    def _parts(self, matrix: Floats) -> Floats:
        scaled = self._standardised(matrix)
        values, marks = scaled[:, : matrix.shape[1]], scaled[:, matrix.shape[1] :]
        return values * self.coefficients_ + marks * self.missing_coefficients_

    def _sum(self, parts: Floats) -> Floats:
        # Column by column: a matrix product may sum in another order for one row than for many.
        margin = np.full(len(parts), self.intercept_)
        for column in parts.T:
            margin += column
        return margin

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that missing values are welcome and a target is needed."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.target_tags.required = True
        return tags


def _median(values: Floats) -> float:
    return float(np.median(values)) if len(values) else 0.0


def _centre_and_scale(columns: Floats, weight: Floats) -> tuple[Floats, Floats]:
    mean = weight @ columns
    variance = weight @ (columns - mean) ** 2
    # A column that does not vary is left as it is: its coefficient is zero whatever its scale.
    constant = variance <= 1e-20 * (1.0 + mean**2)
    return mean, np.where(constant, 1.0, np.sqrt(np.where(constant, 1.0, variance)))


def _rounded(numbers: Floats) -> Floats:
    return np.array([float(f"{number:.{_DIGITS}g}") for number in numbers])


def _proximal_newton(
    Z: Floats, y: Floats, weight: Floats, alpha: float, l1_ratio: float, max_steps: int, tolerance: float
) -> tuple[float, Floats, int]:
    """Minimise the weighted log-loss + alpha (l1_ratio |b| + (1 - l1_ratio)/2 b^2); the intercept is free."""
    design = np.hstack([np.ones((len(Z), 1)), Z])
    absolute = np.full(design.shape[1], alpha * l1_ratio)
    square = np.full(design.shape[1], alpha * (1.0 - l1_ratio))
    absolute[0] = square[0] = 0.0
    b = np.zeros(design.shape[1])
    loss = _objective(design @ b, y, weight, b, absolute, square)
    steps = 0
    change = np.inf
    while steps < max_steps and change >= tolerance:
        steps += 1
        # Early steps need no more precision than the distance they have left to go.
        precision = min(max(0.01 * change, 1e-9), 1e-4)
        proposal = _newton_proposal(design, y, weight, b, absolute, square, precision)
        b_new, loss_new = _shorten(design, y, weight, b, proposal, loss, absolute, square)
        change = float(np.abs(b_new - b).max())
        b, loss = b_new, loss_new
    return float(b[0]), b[1:], steps


def _newton_proposal(
    design: Floats, y: Floats, weight: Floats, b: Floats, absolute: Floats, square: Floats, precision: float
) -> Floats:
    """Minimise the quadratic model of the loss around `b` plus the penalty, one coordinate after another."""
    expected = 1.0 / (1.0 + np.exp(-np.clip(design @ b, -35.0, 35.0)))
    curvature = weight * np.maximum(expected * (1.0 - expected), 1e-9)
    gram = design.T @ (design * curvature[:, None])
    residual = design.T @ (weight * (y - expected))
    new = b.copy()
    movable = np.flatnonzero(np.diag(gram) + square > 1e-14)
    settle(movable, gram, residual, new, absolute, square, precision)
    return new


def _shorten(
    design: Floats,
    y: Floats,
    weight: Floats,
    b: Floats,
    proposal: Floats,
    loss: float,
    absolute: Floats,
    square: Floats,
) -> tuple[Floats, float]:
    """Halve the step until the penalised loss does not rise; stay where no step helps."""
    for halving in range(20):
        candidate = b + (proposal - b) * 0.5**halving
        reached = _objective(design @ candidate, y, weight, candidate, absolute, square)
        if reached <= loss:
            return candidate, reached
    return b, loss


def _objective(margin: Floats, y: Floats, weight: Floats, b: Floats, absolute: Floats, square: Floats) -> float:
    log_loss = weight @ (np.logaddexp(0.0, margin) - y * margin)
    return float(log_loss + absolute @ np.abs(b) + 0.5 * square @ b**2)
