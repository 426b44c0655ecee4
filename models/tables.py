"""How a table of indicators becomes the matrix that a ranker reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import _check_sample_weight, validate_data

from models.errors import MissingIndicators, UnusableTable

Floats = npt.NDArray[np.float64]


def require_columns(table: pd.DataFrame, columns: Sequence[str]) -> None:
    """Check that every column is there.

    Raises
    ------
    MissingIndicators
        Naming every absent column at once.
    """
    if missing := [name for name in columns if name not in table.columns]:
        raise MissingIndicators(
            f"The table lacks {len(missing)} column(s) that the ranker reads: {', '.join(missing)}.",
            "Compute the indicators with the catalogue that the ranker was trained on.",
        )


def fitted_matrix(ranker: BaseEstimator, X: Any) -> Floats:
    """Return the columns the ranker was fitted on, by name where names are known, as float64.

    A data frame may carry further columns and any column order; an array is taken by position.

    Raises
    ------
    MissingIndicators
        If a column the ranker was fitted on is absent.
    """
    if isinstance(X, pd.DataFrame) and hasattr(ranker, "feature_names_in_"):
        require_columns(X, list(ranker.feature_names_in_))
        X = X[list(ranker.feature_names_in_)]
    _require_numbers(X)
    matrix: Floats = validate_data(ranker, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan", order="C")
    return matrix


def training_arrays(ranker: BaseEstimator, X: Any, y: Any, sample_weight: Any) -> tuple[Floats, Floats, Floats]:
    """Return matrix, target and weights as float64, checked, in canonical row order.

    Rows are sorted by their own content, so that any permutation of (X, y, weight) gives the same arrays and,
    with a deterministic learner, the bit-identical model.

    Raises
    ------
    UnusableTable
        If a target lies outside [0, 1], no row has a positive weight or a column holds words.
    """
    _require_numbers(X)
    matrix, target = validate_data(
        ranker, X, y, dtype=np.float64, ensure_all_finite="allow-nan", y_numeric=True, order="C"
    )
    target = target.astype(np.float64)
    if target.min() < 0.0 or target.max() > 1.0:
        raise UnusableTable(
            f"Targets lie between {target.min():g} and {target.max():g}, outside 0 to 1.",
            "Map the ordered grades onto values in [0, 1] before fitting.",
        )
    weight = _check_sample_weight(
        sample_weight, matrix, dtype=np.float64, ensure_non_negative=True, allow_all_zero_weights=True
    )
    if not weight.any():
        raise UnusableTable("Every row has weight zero.", "Give at least one row a positive weight.")
    order = canonical_order(matrix, target, weight)
    return matrix[order], target[order], weight[order]


def _require_numbers(X: Any) -> None:
    """Refuse columns of words by name; a column of Python objects may still be one of numbers."""
    if not isinstance(X, pd.DataFrame):
        return
    dtypes = X.dtypes.items()
    words = [str(name) for name, dtype in dtypes if isinstance(dtype, (pd.CategoricalDtype, pd.StringDtype))]
    if words:
        raise UnusableTable(
            f"These columns hold words, not numbers: {', '.join(words)}.",
            "Leave them out, or make them the pandas type category before fitting a SuitabilityRanker.",
        )


def canonical_order(matrix: Floats, target: Floats, weight: Floats) -> npt.NDArray[np.intp]:
    """Return the order of rows by content (columns first to last, target, weight; not-a-number last)."""
    keys = [weight, target, *(matrix[:, j] for j in range(matrix.shape[1] - 1, -1, -1))]
    # Adding zero turns -0.0 into 0.0: the two compare equal but are different bits.
    return np.lexsort([key + 0.0 for key in keys])


def column_names(ranker: BaseEstimator) -> list[str]:
    """Return the names of the fitted columns; ``x0``, ``x1``, … where the ranker was fitted on an array."""
    if hasattr(ranker, "feature_names_in_"):
        return [str(name) for name in ranker.feature_names_in_]
    return [f"x{j}" for j in range(ranker.n_features_in_)]


def row_index(X: Any, rows: int) -> pd.Index:
    """Return the index of a data frame, or positions for an array."""
    return X.index if isinstance(X, pd.DataFrame) else pd.RangeIndex(rows)
