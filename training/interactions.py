"""What two indicators move together beyond what each moves alone: exact interaction values of a booster.

For a leaf, ``value`` times what its conditions let through is a game whose players are the indicators on its path
(as in `models.contributions`); the interaction of two of them is the Shapley interaction index (Fujimoto, Kojadinovic
and Marichal 2006; for trees Lundberg et al. 2020). Both halves are added: a pair's value is twice the entry of the
symmetric matrix that the literature prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import factorial

import numpy as np

from models.trees import Leaf, Split, Tree
from training.lists import Floats, Ints

Pair = tuple[int, int]


def interactions(trees: Sequence[Tree], matrix: Floats) -> dict[Pair, Floats]:
    """Return what each pair of features adds to each row's margin beyond both alone.

    Parameters
    ----------
    trees
        Of one booster.
    matrix
        Shape (people, features), NaN where missing.

    Returns
    -------
    dict
        By pair of column numbers, the lower first: one value a row. Pairs that no path asks together are zero and
        left out.
    """
    found: dict[Pair, Floats] = {}
    for tree in trees:
        if len(tree.splits) < 2:
            continue
        answers = np.zeros(len(matrix), dtype=np.int64)
        for node, split in enumerate(tree.splits):
            answers |= split.left(matrix[:, split.feature]).astype(np.int64) << node
        different, person = np.unique(answers, return_inverse=True)
        for pair, values in _of_tree(tree, different).items():
            found[pair] = found.get(pair, np.zeros(len(matrix))) + values[person]
    return found


def _of_tree(tree: Tree, answers: Ints) -> dict[Pair, Floats]:
    """Return each pair's value for each way of answering the tree's questions."""
    found: dict[Pair, Floats] = {}
    for leaf in tree.leaves:
        for pair, values in _of_leaf(leaf, tree.splits, answers):
            found[pair] = found.get(pair, np.zeros(len(answers))) + values
    return found


def _of_leaf(leaf: Leaf, splits: Sequence[Split], answers: Ints) -> list[tuple[Pair, Floats]]:
    met, share = _conditions(leaf, splits, answers)
    features = sorted(met)
    d = len(features)
    weight = [factorial(k) * factorial(d - k - 2) / factorial(d - 1) for k in range(d - 1)]
    found = []
    for a, b in combinations(features, 2):
        # through[k]: summed over the sets of k other features that are known, the product of met and shares.
        through = np.zeros((d - 1, len(answers)))
        through[0] = 1.0
        for other in features:
            if other not in (a, b):
                through[1:] = share[other] * through[1:] + met[other] * through[:-1]
                through[0] *= share[other]
        mean = np.tensordot(weight, through, axes=1)
        found.append(((a, b), leaf.value * (met[a] - share[a]) * (met[b] - share[b]) * mean))
    return found


def _conditions(leaf: Leaf, splits: Sequence[Split], answers: Ints) -> tuple[dict[int, Floats], dict[int, float]]:
    """Return, for each feature on the leaf's path, whether its questions are met (1 or 0), and its share."""
    met: dict[int, Floats] = {}
    share: dict[int, float] = {}
    for node, left, part in leaf.path:
        feature = splits[node].feature
        here = ((answers >> node & 1) == left).astype(np.float64)
        met[feature] = met.get(feature, 1.0) * here
        share[feature] = share.get(feature, 1.0) * part
    return met, share
