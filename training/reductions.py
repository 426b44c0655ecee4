"""Challengers that read groups while they are fitted: outcomes reweighed, or a reduction of fairlearn.

Groups come in as numbers, one a row, and nothing of them stays: what is returned reads indicators alone. No bundle is
made of it, because training never reads communities; it shows what another road would cost.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from features.catalogue import Catalogue
from training.alternatives import ReductionSettings
from training.errors import LibraryMissing
from training.fitting import unfitted
from training.lists import Floats, Ints
from training.material import Drawn, Material
from training.settings import RankerSettings

FEWEST = 10
"""Outcomes of a group while fitting; smaller ones are taken together."""


def reweighed(codes: Ints, outcome: Floats, weight: Floats) -> Floats:
    """Return weights under which the outcome is as frequent in every group (Kamiran and Calders 2012).

    >>> reweighed(np.array([0, 0, 1, 1]), np.array([1.0, 0.0, 0.0, 0.0]), np.ones(4)).round(2).tolist()
    [0.5, 1.5, 0.75, 0.75]
    """
    found, codes = np.array(weight, dtype=np.float64), _pooled(codes, outcome)
    for code in np.unique(codes):
        for value in (0, 1):
            cell = (codes == code) & (outcome == value)
            if weight[cell].sum() > 0:
                expected = weight[codes == code].sum() * weight[outcome == value].sum() / weight.sum()
                found[cell] *= expected / weight[cell].sum()
    return found


def _pooled(codes: Ints, outcome: Floats) -> Ints:
    """Return the codes with groups of few outcomes, or with nothing else, taken together."""
    harmed = np.bincount(codes, outcome == 1)
    small = (harmed < FEWEST) | (np.bincount(codes) - harmed < FEWEST)
    return np.where(small[codes], -1, codes)


@dataclass(frozen=True)
class Mixture:
    """Rankers and the weight of each; its margin is their weighted mean, so that it orders people without a draw."""

    rankers: tuple[Any, ...]
    weights: tuple[float, ...]
    feature_names_in_: npt.NDArray[np.object_]

    def predict(self, X: pd.DataFrame) -> Floats:
        """Return the weighted mean of the margins."""
        parts = [weight * ranker.predict(X) for ranker, weight in zip(self.rankers, self.weights, strict=True)]
        return np.asarray(np.sum(parts, axis=0), dtype=np.float64)


class _AboveLine(ClassifierMixin, BaseEstimator):
    """Say who lies above a margin of zero; rows come as numbers, and `read` knows what they hold."""

    def __init__(self, ranker: Any, read: Callable[[Ints], pd.DataFrame]) -> None:
        self.ranker, self.read = ranker, read

    def fit(self, X: Any, y: Any, sample_weight: Any) -> Self:
        self.classes_ = np.array([0, 1])
        self.ranker_ = clone(self.ranker).fit(self.read(_rows(X)), np.asarray(y, np.float64), np.asarray(sample_weight))
        return self

    def predict(self, X: Any) -> Ints:
        return np.asarray(self.ranker_.predict(self.read(_rows(X))) >= 0, dtype=np.int64)


def _rows(X: Any) -> Ints:
    return np.asarray(X, dtype=np.int64).reshape(-1)


def reduce(
    material: Material,
    settings: RankerSettings,
    catalogue: Catalogue,
    seed: int,
    training: Drawn,
    codes: Ints,
    share: float,
    declared: ReductionSettings,
) -> Mixture:
    """Return a mixture of rankers that find about the same share of harm in every group, above one line for all.

    Exponentiated gradient of Agarwal and others (2018) under true-positive-rate parity, which is parity of missed harm.
    What is minimised are errors at the costs that put the line where `share` of people lie above it. The parity is that
    of a classifier drawn at random; a list needs an order, so the margins are averaged and nothing is promised.

    Parameters
    ----------
    training, codes
        The rows and weights of the past of one test date, and the group of each of these rows.
    share
        Share of people above the audit depth.

    Raises
    ------
    LibraryMissing
        If fairlearn is not installed.
    """
    try:
        from fairlearn.reductions import ErrorRate, ExponentiatedGradient, TruePositiveRateParity
    except ImportError:
        raise LibraryMissing(
            "Reductions need fairlearn, which is not installed here.",
            "Run `scripts/setup --tests`, or leave the alternatives with `reduction` out.",
        ) from None
    rows, weight = training
    drawn = np.random.default_rng(seed).choice(len(rows), declared.rows, p=weight / weight.sum())
    outcome = material.labels["outcome"].to_numpy(np.float64)[rows[drawn]]
    ranker, columns = unfitted(material, settings, catalogue, seed)
    ranker.set_params(trees=min(ranker.get_params()["trees"], declared.trees))

    def read(wanted: Ints) -> pd.DataFrame:
        return material.table(wanted, columns)

    first = clone(ranker).fit(read(rows[drawn]), outcome)
    line = float(expit(np.quantile(first.predict(read(rows[drawn])), 1 - share)))
    search = ExponentiatedGradient(
        _AboveLine(ranker, read),
        TruePositiveRateParity(difference_bound=declared.difference),
        objective=ErrorRate(costs={"fp": line, "fn": 1 - line}),
        max_iter=declared.iterations,
    )
    groups = _pooled(codes[drawn], outcome)
    with warnings.catch_warnings():  # fairlearn sets values in a way that a later pandas will not take
        warnings.simplefilter("ignore", DeprecationWarning)
        search.fit(rows[drawn].reshape(-1, 1), outcome.astype(np.int64), sensitive_features=groups)
    used = [(each, float(search.weights_[at])) for at, each in search.predictors_.items() if search.weights_[at] > 0]
    fitted = [(each.ranker_, weight) for each, weight in used if isinstance(each, _AboveLine)]
    kept = fitted or [(first, 1.0)]  # nothing but "everybody" or "nobody" was found: there is no order in that
    rankers, weights = (tuple(part) for part in zip(*kept, strict=True))
    return Mixture(rankers, weights, np.asarray(columns, dtype=object))
