"""Recency, frequency, gravity and victims: the points that many forces add up in a spreadsheet.

Northumbria's and North Yorkshire's MATAC panels rank by such points. No force has published its own, and they differ:
the bands and weights here are **illustrative**, and every one is a setting. A force that uses RFGV declares its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from models.errors import UnusableTable
from models.incumbents import UNSCORED, IncumbentList
from models.tables import Floats

MOST_POINTS = 10.0
"""Points of the highest band of each part; the others follow in equal steps down to none."""


class RFGV(IncumbentList):
    """Sum of banded points for recency, frequency, gravity and victims.

    Each part gives 0 to 10 points by the band that its number falls into; gravity is the mean of the points of the
    most harmful crime and of the sum of harm. Margin = the weighted sum of the parts. A part that is not known gives
    no points, as an empty cell of a spreadsheet; -1 (last, and `unscored`) for people of whom no domestic incident
    is known.

    Parameters
    ----------
    days_since, incidents, harm_max, harm_sum, victims
        Columns of days since the last domestic incident, domestic incidents, harm days of the most harmful domestic
        crime and of all, and different victims.
    recency_bands
        Most days of each band, fewest first; later is no band.
    frequency_bands, harm_max_bands, harm_sum_bands, victims_bands
        Least incidents, harm days and victims of each band, fewest first; fewer is no band.
    weights
        Of recency, frequency, gravity and victims.

    Examples
    --------
    >>> people = pd.DataFrame([[20.0, 8.0, 10.0, 30.0, 2.0], [700.0, 1.0, 1.0, 1.0, 1.0]], columns=RFGV().columns())
    >>> RFGV().fit(people).predict(people).tolist()
    [29.0, 8.5]
    """

    kind: ClassVar[str] = "rfgv"

    def __init__(
        self,
        days_since: str = "days_since_last_domestic",
        incidents: str = "domestic_incidents_730",
        harm_max: str = "harm_max_730",
        harm_sum: str = "harm_730",
        victims: str = "victims_730",
        *,
        recency_bands: Sequence[float] = (30, 90, 180, 365, 730),
        frequency_bands: Sequence[float] = (1, 2, 3, 5, 8),
        harm_max_bands: Sequence[float] = (1, 10, 180, 365, 1825),
        harm_sum_bands: Sequence[float] = (1, 20, 180, 365, 1825),
        victims_bands: Sequence[float] = (1, 2, 3, 4),
        weights: Sequence[float] = (1, 1, 1, 1),
    ) -> None:
        self.days_since = days_since
        self.incidents = incidents
        self.harm_max = harm_max
        self.harm_sum = harm_sum
        self.victims = victims
        self.recency_bands = recency_bands
        self.frequency_bands = frequency_bands
        self.harm_max_bands = harm_max_bands
        self.harm_sum_bands = harm_sum_bands
        self.victims_bands = victims_bands
        self.weights = weights

    def columns(self) -> list[str]:
        """Return the columns of recency, frequency, gravity (the most harmful, the sum) and victims."""
        return [self.days_since, self.incidents, self.harm_max, self.harm_sum, self.victims]

    def fit(self, X: pd.DataFrame, y: Any = None, sample_weight: Any = None) -> Self:
        """Check bands, weights and columns.

        Raises
        ------
        UnusableTable
            If a part's bands do not rise, there are not four weights of at least 0, or `X` has no row.
        MissingIndicators
            If a column that the list reads is absent.
        """
        for name in ("recency_bands", "frequency_bands", "harm_max_bands", "harm_sum_bands", "victims_bands"):
            bands = list(getattr(self, name))
            if not bands or bands != sorted(set(bands)):
                raise UnusableTable(f"{name} is {bands}.", "Give one or more numbers that rise.")
        if len(self.weights) != 4 or min(self.weights) < 0:
            raise UnusableTable(f"weights is {list(self.weights)}.", "Give four numbers of at least 0, one a part.")
        return super().fit(X, y, sample_weight)

    def contributions(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the points of each column and the ``base`` (0); of people not scored the first holds all."""
        check_is_fitted(self, "base_")
        columns = self._read(X)
        points = np.stack(self._points(columns), axis=1)
        points[np.isnan(columns[0])] = [UNSCORED, *[0.0] * 4]
        parts = pd.DataFrame(points, index=X.index, columns=self.columns())
        return parts.assign(base=self.base_)

    def _margin(self, columns: list[Floats]) -> Floats:
        return np.where(np.isnan(columns[0]), UNSCORED, np.sum(self._points(columns), axis=0))

    def _points(self, columns: list[Floats]) -> list[Floats]:
        since, incidents, harm_max, harm_sum, victims = columns
        recency, frequency, gravity, further = self.weights
        return [
            recency * reached(-since, [-days for days in reversed(list(self.recency_bands))]),
            frequency * reached(incidents, self.frequency_bands),
            gravity / 2 * reached(harm_max, self.harm_max_bands),
            gravity / 2 * reached(harm_sum, self.harm_sum_bands),
            further * reached(victims, self.victims_bands),
        ]


def reached(values: Floats, bands: Sequence[float]) -> Floats:
    """Return the points of the highest band that each value reaches; 0 below all of them or where not known.

    >>> reached(np.array([0.0, 1.0, 4.0, np.nan]), [1, 3]).tolist()
    [0.0, 5.0, 10.0, 0.0]
    """
    number = np.searchsorted(np.asarray(bands, dtype=np.float64), values, side="right")
    return np.asarray(np.where(np.isnan(values), 0.0, number * (MOST_POINTS / len(bands))), dtype=np.float64)
