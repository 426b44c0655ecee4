"""Exact contributions of a booster by table look-up.

What a feature contributes to a tree depends only on which of the tree's questions a person answers "left". So for
each leaf the Shapley values are tabled once for every way of meeting or failing the features on its path (TreeSHAP of
Lundberg et al. 2020, "From local explanations to global understanding with explainable AI for trees"), and people who
answer a tree's questions alike are looked up together. LightGBM walks every path for every person instead.
Sums run in one order, whoever else is asked for: a person alone has, bit by bit, what they have in a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import factorial

import numpy as np
import numpy.typing as npt

from models.tables import Floats
from models.trees import Leaf, Mask, Split, Tree, read_trees

Whole = npt.NDArray[np.int64]
_ROWS = 16_384  # people at a time: the answers to all questions of a large booster then take some tens of megabytes


@lru_cache(maxsize=4)
def look_up(text: str) -> LookUp:
    """Return the tables of the booster that `text` is."""
    return LookUp(read_trees(text))


class LookUp:
    """The tables of all trees.

    Parameters
    ----------
    trees
        Of one booster.

    Attributes
    ----------
    base
        The mean margin of the people that the booster was fitted on.
    """

    def __init__(self, trees: Sequence[Tree]) -> None:
        self.base = float(sum(_expected(tree) for tree in trees))
        self._splits = tuple(dict.fromkeys(split for tree in trees for split in tree.splits))
        number = {split: at for at, split in enumerate(self._splits)}
        grown = [tree for tree in trees if tree.splits]
        paths = [[_conditions(leaf, tree.splits) for leaf in tree.leaves] for tree in grown]
        values = np.array([leaf.value for tree in grown for leaf in tree.leaves])
        tables = iter(_tables(values, [[each.share for each in path] for leaves in paths for path in leaves]))
        self._trees = [
            _TreeTable([number[split] for split in tree.splits], leaves, [next(tables) for _ in leaves])
            for tree, leaves in zip(grown, paths, strict=True)
        ]

    def contributions(self, matrix: Floats) -> Floats:
        """Return each feature's part of each row's margin; what is left of the margin is `base`.

        Parameters
        ----------
        matrix
            Shape (people, features), NaN where missing.
        """
        parts = np.zeros((matrix.shape[1], len(matrix)))
        for start in range(0, len(matrix), _ROWS):
            rows = slice(start, start + _ROWS)
            columns = np.ascontiguousarray(matrix[rows].T)
            lefts = [split.left(columns[split.feature]) for split in self._splits]
            for tree in self._trees:
                tree.add(lefts, parts[:, rows])
        return np.ascontiguousarray(parts.T)


@dataclass(frozen=True)
class _Condition:
    """What one feature has to meet on the way to a leaf: the nodes in `asked` (bits), of which `left` go left."""

    feature: int
    asked: int
    left: int
    share: float


def _conditions(leaf: Leaf, splits: Sequence[Split]) -> list[_Condition]:
    """Return one condition a feature on the leaf's path, however often the feature is asked."""
    found: dict[int, _Condition] = {}
    for node, left, share in leaf.path:
        feature = splits[node].feature
        before = found.get(feature, _Condition(feature, 0, 0, 1.0))
        found[feature] = _Condition(feature, before.asked | 1 << node, before.left | left << node, before.share * share)
    return list(found.values())


class _TreeTable:
    """One tree; its entries are the conditions of its leaves, leaf by leaf."""

    def __init__(self, questions: Sequence[int], leaves: Sequence[Sequence[_Condition]], tables: list[Floats]) -> None:
        entries = [(at, slot, each) for at, path in enumerate(leaves) for slot, each in enumerate(path)]
        self.questions = questions
        self.features = sorted({each.feature for _, _, each in entries})
        self.leaf = np.array([at for at, _, _ in entries])
        self.slot = np.array([slot for _, slot, _ in entries])
        self.starts = np.flatnonzero(self.slot == 0)
        self.feature = np.array([self.features.index(each.feature) for _, _, each in entries])
        self.asked = np.array([each.asked for _, _, each in entries])
        self.left = np.array([each.left for _, _, each in entries])
        self.table = np.array([tables[at][slot] for at, slot, _ in entries])

    def add(self, lefts: Sequence[Mask], parts: Floats) -> None:
        """Add the tree's contributions to `parts`, shape (features, people)."""
        answers = np.zeros(parts.shape[1], dtype=np.int64)
        for node, question in enumerate(self.questions):
            answers |= lefts[question].astype(np.int64) << node
        different, person = np.unique(answers, return_inverse=True)
        found = self._contributions(different)
        for at, feature in enumerate(self.features):
            parts[feature] += found[at][person]

    def _contributions(self, answers: Whole) -> Floats:
        failed = (answers & self.asked[:, None]) != self.left[:, None]
        pattern = np.bitwise_or.reduceat(failed.astype(np.int64) << self.slot[:, None], self.starts)
        parts = np.take_along_axis(self.table, pattern[self.leaf], axis=1)
        cell = self.feature[:, None] * len(answers) + np.arange(len(answers))
        # Adds in the order of the entries, however many answers there are.
        summed = np.bincount(cell.ravel(), parts.ravel(), len(self.features) * len(answers))
        return np.asarray(summed, dtype=np.float64).reshape(len(self.features), len(answers))


def _tables(values: Floats, shares: Sequence[Sequence[float]]) -> Floats:
    """Return each leaf's Shapley values, shape (leaves, features, ways of failing them; bit = feature failed).

    Feature i adds ``value (met_i - share_i)`` times the mean, over all orders, of what the features before it (met
    or not) and those after it (their shares) let through. Paths of fewer features are filled up with features that
    let everybody through: they take nothing and change nothing.
    """
    d = max(map(len, shares), default=0)
    share = np.array([[*path, *(1.0,) * (d - len(path))] for path in shares]).reshape(len(shares), d, 1)
    met = 1.0 - (np.arange(1 << d) >> np.arange(d)[:, None] & 1)
    table = np.empty((len(shares), d, 1 << d))
    for i in range(d):
        # through[:, k]: summed over the sets of k other features that are known, the product of met and shares.
        through = np.zeros((len(shares), d, 1 << d))
        through[:, 0] = 1.0
        for j in set(range(d)) - {i}:
            through[:, 1:] = share[:, j, None] * through[:, 1:] + met[j] * through[:, :-1]
            through[:, 0] *= share[:, j]
        weight = np.array([factorial(k) * factorial(d - k - 1) / factorial(d) for k in range(d)])
        mean = (weight[:, None] * through).sum(axis=1)
        table[:, i] = values[:, None] * (met[i] - share[:, i]) * mean
    return table


def _expected(tree: Tree) -> float:
    """Return the mean of a tree over the people it was fitted on."""
    return float(sum(leaf.value * np.prod([share for _, _, share in leaf.path]) for leaf in tree.leaves))
