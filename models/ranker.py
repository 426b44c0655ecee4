"""The learned ranker: one shallow, monotone, deterministic LightGBM booster.

One output and the cross-entropy objective, because ranking objectives depend on the order of rows (the same
data in another order gave 44 of 100 of the same people) and give scores that cannot be banded; see the notes on
each choice below.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Self

import lightgbm
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from models.bound import reachable
from models.categories import asked_for, codes_of, encoded, from_plain, plain
from models.contributions import look_up
from models.errors import ModelsError, UnusableTable
from models.tables import Floats, column_names, fitted_matrix, row_index, training_arrays
from models.trees import Mask, read_trees
from values import canonical_json

MAX_DEPTH = 6  # deeper trees ranked no better and made a reason cost twice as much to compute
_BOOSTER, _CATEGORIES = "booster.txt", "categories.json"
_MONOTONE_VALUES = (-1, 0, 1)


class SuitabilityRanker(BaseEstimator):
    """Rank people by the expected grade of harm, learned from indicators.

    The target is an ordered grade mapped onto [0, 1]; the booster fits its expectation by cross-entropy, so that
    the raw margin orders people and one logistic curve turns it into an expected grade. Rows are put into an
    order of their own before fitting and LightGBM runs in deterministic mode: any permutation of the same rows
    and any number of threads give the bit-identical model. Columns are never sampled. Missing values go the way
    that training found best, per split. Columns of the pandas type ``category`` are split by sets of categories; a
    category that no tree asks for is read as missing.

    Parameters
    ----------
    monotone
        For each column the direction in which it may push the margin: +1 up, -1 down, 0 either. Columns that are
        not named are free.
    cuts
        For some columns the values at which they are parted, rising: only on which side of each a value lies is read.
        None (and every column that is not named) is read as it is.
    trees
        Boosting rounds.
    learning_rate
        Shrinkage of each tree.
    leaves, max_depth
        Size of a tree; `max_depth` is at most 6.
    min_people
        Fewest people in a leaf. LightGBM estimates the rows of a leaf from the curvature of the loss, which lets
        leaves of people at high risk become a fifth of what was asked; here the curvature itself is bounded, a
        quarter of `min_people`, which no fewer people of average weight can reach.
    l2
        Ridge penalty on leaf values.
    seed
        Seed of LightGBM's samplers (used for bin borders above 200,000 rows only).
    threads
        Threads of LightGBM; has no effect on the result. One by default: a hundred thousand people take a few
        seconds, and a second thread that has to share its core made the fit twenty times slower.

    Attributes
    ----------
    booster_ : lightgbm.Booster
        The model as it reads back from its own text, so that what is saved is what scored.
    categories_ : dict
        For each column of categories those that a tree asks for, with their codes.
    smallest_leaf_ : int
        Rows in the smallest leaf of the fit.

    Examples
    --------
    >>> X = pd.DataFrame({"incidents": np.arange(40.0)})
    >>> ranker = SuitabilityRanker({"incidents": 1}, trees=20, min_people=5).fit(X, np.arange(40) / 40)
    >>> bool(ranker.predict(X)[-1] > ranker.predict(X)[0])
    True
    """

    kind: ClassVar[str] = "lightgbm"

    def __init__(
        self,
        monotone: Mapping[str, int] | None = None,
        *,
        cuts: Mapping[str, Sequence[float]] | None = None,
        trees: int = 300,
        learning_rate: float = 0.05,
        leaves: int = 15,
        max_depth: int = 5,
        min_people: int = 50,
        l2: float = 1.0,
        seed: int = 2026,
        threads: int = 1,
    ) -> None:
        self.monotone = monotone
        self.cuts = cuts
        self.trees = trees
        self.learning_rate = learning_rate
        self.leaves = leaves
        self.max_depth = max_depth
        self.min_people = min_people
        self.l2 = l2
        self.seed = seed
        self.threads = threads

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from indicators and grades.

        Parameters
        ----------
        X
            Data frame (or array) of shape (people, indicators), numbers or categories; NaN where not known.
        y
            Grades in [0, 1], one a row.
        sample_weight
            Weights of the rows, at least 0; all 1 by default.

        Raises
        ------
        UnusableTable
            If a grade lies outside [0, 1], trees are deeper than allowed, a monotone direction is not -1, 0, 1 or
            is given for a column of categories, or a column holds words that are no categories.
        MissingIndicators
            If `monotone` names a column that is not in `X`.
        """
        if not 1 <= self.max_depth <= MAX_DEPTH:
            raise UnusableTable(f"max_depth is {self.max_depth}.", f"Choose 1 to {MAX_DEPTH}.")
        codes = codes_of(X)
        matrix, target, weight = training_arrays(self, encoded(X, codes), y, sample_weight)
        names, matrix = column_names(self), self._parted(matrix)
        dataset = lightgbm.Dataset(
            matrix, target, weight=weight, feature_name=names, categorical_feature=[names.index(name) for name in codes]
        )
        settings = self._lightgbm_parameters(float(weight.mean()), codes)
        booster = lightgbm.train(settings, dataset, num_boost_round=self.trees)
        text = _without_settings_and_ranges(booster.model_to_string(num_iteration=-1))
        self.booster_, self.smallest_leaf_ = _booster(text), _smallest_leaf(text, len(matrix))
        self.categories_ = asked_for(codes, read_trees(text), names) if codes else {}
        return self

    def predict(self, X: Any) -> Floats:
        """Return the raw margin of each row, higher = earlier; each row's margin depends on that row alone."""
        matrix = self.asked(X)
        margin = self.booster_.predict(matrix, raw_score=True, num_threads=self.threads)
        return np.asarray(margin, dtype=np.float64)

    def contributions(self, X: Any) -> pd.DataFrame:
        """Return how far each indicator moves each row's margin (exact TreeSHAP), and the ``base``.

        Returns
        -------
        DataFrame
            One row a row of `X`, one column an indicator and a last column ``base``; a row sums to its margin.
        """
        matrix = self.asked(X)
        tables = look_up(self.files()[_BOOSTER])
        parts = np.column_stack([tables.contributions(matrix), np.full(len(matrix), tables.base)])
        return pd.DataFrame(parts, row_index(X, len(matrix)), [*column_names(self), "base"])

    def reachable(self, X: Any, unknown: Mask) -> tuple[Floats, Floats]:
        """Return the lowest and the highest margin of each row whose `unknown` values take any value; see `bound`.

        Parameters
        ----------
        X
            As for `predict`.
        unknown
            Which values are open, shape (people, columns fitted on).
        """
        return reachable(read_trees(self.files()[_BOOSTER]), self.asked(X), unknown)

    def files(self) -> dict[str, str]:
        """Return the model as text, by file name."""
        check_is_fitted(self, "booster_")
        booster = {_BOOSTER: self.booster_.model_to_string(num_iteration=-1)}
        return booster | ({_CATEGORIES: canonical_json(plain(self.categories_))} if self.categories_ else {})

    @classmethod
    def restore(cls, parameters: Mapping[str, Any], indicators: list[str], files: Mapping[str, str]) -> Self:
        """Return the ranker that `files` were taken from."""
        ranker = cls(**parameters)
        text = files[_BOOSTER]
        ranker.booster_, ranker.smallest_leaf_ = _booster(text), _smallest_leaf(text, 0)
        ranker.categories_ = from_plain(json.loads(files.get(_CATEGORIES, "{}")))
        if ranker.booster_.feature_name() != indicators:
            raise ModelsError(f"{_BOOSTER} reads other indicators than its bundle declares.", "Train the bundle again.")
        ranker.feature_names_in_ = np.asarray(indicators, dtype=object)
        ranker.n_features_in_ = len(indicators)
        return ranker

    def asked(self, X: Any) -> Floats:
        """Return the numbers that the trees ask of: columns by name, codes of categories, cuts reached."""
        check_is_fitted(self, "booster_")
        return self._parted(fitted_matrix(self, encoded(X, self.categories_)))

    def _parted(self, matrix: Floats) -> Floats:
        """Return the matrix with each column that has `cuts` as how many of them its value reaches; NaN stays."""
        if not self.cuts:
            return matrix
        names, parted = column_names(self), matrix.copy()
        if unknown := sorted(set(self.cuts) - set(names)):
            raise UnusableTable(
                f"Cuts are given for columns that are not there: {', '.join(unknown)}.",
                "Name only columns of the table.",
            )
        for name, cuts in self.cuts.items():
            at = names.index(name)
            reached = np.searchsorted(np.asarray(cuts, dtype=np.float64), matrix[:, at], side="right")
            parted[:, at] = np.where(np.isnan(matrix[:, at]), np.nan, reached)
        return parted

    def _directions(self, categories: Collection[str]) -> list[int]:
        names = column_names(self)
        wanted = dict(self.monotone or {})
        if ordered := sorted(name for name in categories if wanted.get(name)):
            raise UnusableTable(
                f"A monotone direction is given for categories: {', '.join(ordered)}.", "Give one to numbers only."
            )
        if unknown := sorted(set(wanted) - set(names)):
            raise UnusableTable(
                f"Monotone directions are given for columns that are not there: {', '.join(unknown)}.",
                "Name only columns of the table.",
            )
        if wrong := sorted(name for name, sign in wanted.items() if sign not in _MONOTONE_VALUES):
            raise UnusableTable(
                f"The monotone direction of {', '.join(wrong)} is not -1, 0 or 1.", "Choose one of them."
            )
        return [int(wanted.get(name, 0)) for name in names]

    def _lightgbm_parameters(self, mean_weight: float, categories: Collection[str]) -> dict[str, Any]:
        return {
            "objective": "cross_entropy",
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "max_depth": self.max_depth,
            "min_data_in_leaf": self.min_people,
            # p (1 - p) <= 1/4: a leaf of this curvature holds at least min_people rows of average weight.
            "min_sum_hessian_in_leaf": max(self.min_people * mean_weight / 4.0, 1e-3),
            "lambda_l2": self.l2,
            "monotone_constraints": self._directions(categories),
            # The basic method holds exactly; the finer ones have had leaks in releases of the past.
            "monotone_constraints_method": "basic",
            "feature_fraction": 1.0,
            "bagging_freq": 0,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": self.threads,
            "seed": self.seed,
            "verbosity": -1,
        }

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that missing values are welcome and a target is needed."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.target_tags.required = True
        return tags


def _booster(text: str) -> lightgbm.Booster:
    try:
        return lightgbm.Booster(model_str=text)
    except lightgbm.basic.LightGBMError as error:
        raise ModelsError(f"{_BOOSTER} is not a LightGBM model.", "Train the bundle again.") from error


def _smallest_leaf(text: str, rows: int) -> int:
    """Return the rows of the smallest leaf; `rows` where no tree has split."""
    lines = re.findall(r"^leaf_count=(.+)$", text, flags=re.MULTILINE)
    return min((int(count) for line in lines for count in line.split() if int(count) > 0), default=rows)


def _without_settings_and_ranges(text: str) -> str:
    """Drop what is not the model: the settings block and each column's smallest and largest training value.

    The settings are kept in the bundle's own file; a column's extreme is one person's value, which a bundle
    never holds. Neither is read when a booster predicts or explains.
    """
    text = re.sub(
        r"^feature_infos=(.*)$",
        lambda match: "feature_infos=" + " ".join("none" for _ in match.group(1).split()),
        text,
        flags=re.MULTILINE,
    )
    return re.sub(r"^parameters:\n.*?^end of parameters\n", "", text, flags=re.MULTILINE | re.DOTALL)
