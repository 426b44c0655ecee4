"""What panels use today, as estimators: sums and lists that a learned ranker has to beat and show beside.

They read named columns, learn nothing from outcomes (`y` may be left out) and go through the same bundle, audit
and gate as the learned ranker. `unscored` says whom a list cannot score for want of data: such people come last
by margin, which must be shown as "not scored by this list" and never as low risk.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from models.errors import UnusableTable
from models.tables import Floats, require_columns
from values import canonical_json

_FILE = "reference.json"
UNSCORED = -1.0
NEVER = -100_000.0  # days; further back than any recorded life, so that it stays a number


class IncumbentList(BaseEstimator):
    """What the simple lists share: named columns, one number a person, contributions that sum to it."""

    kind: ClassVar[str]

    def columns(self) -> list[str]:
        """Return the names of the columns that the list reads, in order."""
        raise NotImplementedError

    def _margin(self, columns: list[Floats]) -> Floats:
        raise NotImplementedError

    def fit(self, X: pd.DataFrame, y: Any = None, sample_weight: Any = None) -> Self:
        """Check that the columns are there and note the usual margin; `y` and weights are not used.

        Raises
        ------
        UnusableTable
            If `X` is not a data frame or has no row.
        MissingIndicators
            If a column that the list reads is absent.
        """
        margin = self._margin(self._read(X))
        if not len(margin):
            raise UnusableTable("The table has no row.", "Fit on at least one person.")
        self.feature_names_in_ = np.asarray(self.columns(), dtype=object)
        self.n_features_in_ = len(self.columns())
        self.base_ = self._base(margin)
        return self

    def predict(self, X: pd.DataFrame) -> Floats:
        """Return the margin of each row, higher = earlier."""
        check_is_fitted(self, "base_")
        return self._margin(self._read(X))

    def unscored(self, X: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Say for each row whether the list cannot score it for want of data."""
        return np.isnan(self._read(X)[0])

    def contributions(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return each column's part of the margin and the ``base``; the first column carries the difference."""
        check_is_fitted(self, "base_")
        parts = pd.DataFrame(0.0, index=X.index, columns=[*self.columns(), "base"])
        parts[self.columns()[0]] = self.predict(X) - self.base_
        parts["base"] = self.base_
        return parts

    def files(self) -> dict[str, str]:
        """Return what the list keeps as text, by file name."""
        check_is_fitted(self, "base_")
        return {_FILE: canonical_json({"base": self.base_})}

    @classmethod
    def restore(cls, parameters: Mapping[str, Any], indicators: list[str], files: Mapping[str, str]) -> Self:
        """Return the list that `files` were taken from."""
        ranker = cls(**parameters)
        ranker.base_ = float(json.loads(files[_FILE])["base"])
        ranker.feature_names_in_ = np.asarray(ranker.columns(), dtype=object)
        ranker.n_features_in_ = len(ranker.columns())
        return ranker

    def _base(self, margin: Floats) -> float:
        return 0.0

    def _read(self, X: Any) -> list[Floats]:
        if not isinstance(X, pd.DataFrame):
            raise UnusableTable(f"{type(self).__name__} reads columns by name.", "Give it a data frame of indicators.")
        require_columns(X, self.columns())
        read = [X[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in self.columns()]
        if any(np.isinf(values).any() for values in read):
            raise UnusableTable("A column holds infinity.", "Indicators are finite or not known.")
        return read

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that missing values are welcome."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


class V100Sum(IncumbentList):
    """Sum of harm days over the allegations reported in the last year, as the Metropolitan Police V100.

    The V100 takes people named by victims and accused of more than one crime in a rolling 365 days, and sums the
    days of a first offender's sentence over the allegations (Metropolitan Police V100, in use since 2023).
    Margin = that sum in days for people with at least `least_crimes` such crimes; 0 for people with fewer, who
    are not on a V100; -1 (last, and `unscored`) for people with enough crimes, or an unknown number, whose harm
    is not known.

    Parameters
    ----------
    harm
        Column of harm days summed over crimes reported in the last 365 days.
    crimes
        Column of victim-named crimes reported in the last 365 days.
    least_crimes
        Fewest crimes for a place on the list; "more than one" is 2.
    """

    kind: ClassVar[str] = "v100"

    def __init__(
        self,
        harm: str = "harm_reported_365",
        crimes: str = "crimes_reported_365",
        *,
        least_crimes: int = 2,
    ) -> None:
        self.harm = harm
        self.crimes = crimes
        self.least_crimes = least_crimes

    def columns(self) -> list[str]:
        """Return the harm and the crimes column."""
        return [self.harm, self.crimes]

    def _margin(self, columns: list[Floats]) -> Floats:
        harm, crimes = columns
        known = np.where(np.isnan(harm) | np.isnan(crimes), UNSCORED, harm)
        return np.where(crimes < self.least_crimes, 0.0, known)

    def unscored(self, X: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Say for each row whether there are enough crimes, or an unknown number, without known harm."""
        harm, crimes = self._read(X)
        return (np.isnan(harm) | np.isnan(crimes)) & ~(crimes < self.least_crimes)


class Recency(IncumbentList):
    """Most recent domestic incident first.

    Margin = minus the days since the last one; people without any come last. The base is the median margin of
    the people fitted on, so that a contribution says "more (or less) recent than usual".

    Parameters
    ----------
    days_since
        Column of days since the last domestic incident as suspect.
    """

    kind: ClassVar[str] = "recency"

    def __init__(self, days_since: str = "days_since_last_domestic") -> None:
        self.days_since = days_since

    def columns(self) -> list[str]:
        """Return the one column."""
        return [self.days_since]

    def _margin(self, columns: list[Floats]) -> Floats:
        return np.where(np.isnan(columns[0]), NEVER, 0.0 - columns[0])

    def _base(self, margin: Floats) -> float:
        return float(np.median(margin))


class PriorCount(IncumbentList):
    """Most recorded incidents first: the plainest list there is.

    Parameters
    ----------
    count
        Column of a number of incidents; where it is not known the person comes last.
    """

    kind: ClassVar[str] = "prior_count"

    def __init__(self, count: str = "incidents_any_ever") -> None:
        self.count = count

    def columns(self) -> list[str]:
        """Return the one column."""
        return [self.count]

    def _margin(self, columns: list[Floats]) -> Floats:
        return np.where(np.isnan(columns[0]), UNSCORED, columns[0])
