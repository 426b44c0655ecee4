"""How far a margin could move if what is not known were known.

A tree asks of a value only on which side of its thresholds it lies, so all values between two neighbouring thresholds
of the booster are one, and every value that an unknown number can take is stood for by one value a cell, or is still
missing. No range has to be declared: beyond the outermost thresholds, which lie between values that people have,
nothing changes any more.

The bound is sound: no completion lies outside. It is exact where one number is unknown. Where several are, each tree
may take the end that suits it, as if it alone decided; one number at a time is then held at each of its cells, and
the tightest bound found so stands. Directions declared monotone hold because the trees keep them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from models.tables import Floats
from models.trees import Mask, Split, Tree

_ROWS = 16_384
Ways = Mapping[Split, tuple[Mask, Mask]]
"""For each split which rows may go right and which may go left."""
Ends = tuple[Floats, Floats]
"""The lowest and the highest that each row may come to."""


def reachable(trees: Sequence[Tree], matrix: Floats, unknown: Mask) -> Ends:
    """Return the lowest and the highest margin of each row whose unknown numbers take any value, or none.

    Parameters
    ----------
    trees
        Of one booster.
    matrix
        Shape (people, features), NaN where missing; what it holds where `unknown` is not read.
    unknown
        Which of its numbers are open, same shape.
    """
    low, high = np.empty(len(matrix)), np.empty(len(matrix))
    for start in range(0, len(matrix), _ROWS):
        rows = slice(start, start + _ROWS)
        low[rows], high[rows] = _of_some(trees, matrix[rows], unknown[rows])
    return low, high


def cells(splits: Sequence[Split], feature: int) -> Floats:
    """Return one value for every cell into which the splits part a feature, and NaN for missing."""
    asked = [split for split in splits if split.feature == feature]
    numbers = sorted({split.threshold for split in asked if split.categories is None})
    codes = sorted({code for split in asked for code in split.categories or ()})
    # A threshold stands for what lies up to it, the next number for what lies above the last; no code is negative.
    above = [np.nextafter(numbers[-1], np.inf)] if numbers else [-1.0]
    values = [value for value in (*numbers, *above, *codes) if np.isfinite(value)]
    return np.array([*values, np.nan])


def _of_some(trees: Sequence[Tree], matrix: Floats, unknown: Mask) -> Ends:
    splits = tuple(dict.fromkeys(split for tree in trees for split in tree.splits))
    ways = {split: _ways(split, matrix, unknown) for split in splits}
    alone = [_ends(tree, ways, len(matrix)) for tree in trees]
    low, high = _summed(alone, len(matrix))
    for feature in sorted({split.feature for split in splits}):
        rows = np.flatnonzero(unknown[:, feature])
        if len(rows):
            theirs = {split: (right[rows], left[rows]) for split, (right, left) in ways.items()}
            lowest, highest = _one_held(trees, [(a[rows], b[rows]) for a, b in alone], theirs, feature, len(rows))
            low[rows], high[rows] = np.maximum(low[rows], lowest), np.minimum(high[rows], highest)
    return low, high


def _one_held(trees: Sequence[Tree], alone: Sequence[Ends], ways: Ways, feature: int, rows: int) -> Ends:
    """Return the bound over the cells of one feature that is open in all rows, while the others stay as they are."""
    low, high = np.full(rows, np.inf), np.full(rows, -np.inf)
    own = [split for split in ways if split.feature == feature]
    asking = [any(split.feature == feature for split in tree.splits) for tree in trees]
    for value in cells(own, feature):
        held = {split: _everybody(bool(split.left(np.array([value]))[0]), rows) for split in own}
        ends = [
            _ends(tree, {**ways, **held}, rows) if asks else before
            for tree, asks, before in zip(trees, asking, alone, strict=True)
        ]
        lowest, highest = _summed(ends, rows)
        low, high = np.minimum(low, lowest), np.maximum(high, highest)
    return low, high


def _ways(split: Split, matrix: Floats, unknown: Mask) -> tuple[Mask, Mask]:
    left, is_open = split.left(matrix[:, split.feature]), unknown[:, split.feature]
    return ~left | is_open, left | is_open


def _everybody(left: bool, rows: int) -> tuple[Mask, Mask]:
    return np.full(rows, not left), np.full(rows, left)


def _ends(tree: Tree, ways: Ways, rows: int) -> Ends:
    lowest, highest = np.full(rows, np.inf), np.full(rows, -np.inf)
    for leaf in tree.leaves:
        comes = np.ones(rows, dtype=np.bool_)
        for node, left, _ in leaf.path:
            comes &= ways[tree.splits[node]][left]
        np.minimum(lowest, leaf.value, out=lowest, where=comes)
        np.maximum(highest, leaf.value, out=highest, where=comes)
    return lowest, highest


def _summed(ends: Sequence[Ends], rows: int) -> Ends:
    """Sum tree by tree, as a margin is: a sum of no larger numbers in the same order is no larger."""
    low, high = np.zeros(rows), np.zeros(rows)
    for lowest, highest in ends:
        low += lowest
        high += highest
    return low, high
