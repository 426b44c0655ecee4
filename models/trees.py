"""The trees of a booster as plain values, read from LightGBM's own text.

A booster's text is the model of record (it is what a bundle keeps), and everything that explains or bounds a margin
needs its questions and leaves, not the library that grew them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from models.errors import ModelsError
from models.tables import Floats

Mask = npt.NDArray[np.bool_]
_CATEGORICAL, _DEFAULT_LEFT = 1, 2
_MISSING_SHIFT, _ZERO_IS_MISSING, _NAN_IS_MISSING = 2, 1, 2


@dataclass(frozen=True)
class Split:
    """One question: does the value go left?

    Attributes
    ----------
    feature
        Column number.
    threshold
        Values up to it go left; not read where there are `categories`.
    missing_left
        Whether a missing value goes left.
    categories
        The codes that go left; None for a number.
    """

    feature: int
    threshold: float
    missing_left: bool
    categories: frozenset[int] | None = None

    def left(self, values: Floats) -> Mask:
        """Say for each value whether it goes left."""
        missing = np.isnan(values)
        if self.categories is None:
            left = values <= self.threshold
        else:
            # LightGBM cuts a code down to a whole number.
            left = np.isin(np.trunc(np.where(missing, -1.0, values)), sorted(self.categories))
        return np.where(missing, self.missing_left, left)


@dataclass(frozen=True)
class Leaf:
    """One end of a tree.

    Attributes
    ----------
    value
        What it adds to the margin.
    path
        (node, goes left, share) from the root on; `share` is the part of the node's people who went that way.
    """

    value: float
    path: tuple[tuple[int, bool, float], ...]


@dataclass(frozen=True)
class Tree:
    """One tree.

    Attributes
    ----------
    splits
        The question of each node, the root's first; none where the tree is a single leaf.
    leaves
        Its ends.
    """

    splits: tuple[Split, ...]
    leaves: tuple[Leaf, ...]


@lru_cache(maxsize=4)
def read_trees(text: str) -> tuple[Tree, ...]:
    """Return the trees of a booster.

    Raises
    ------
    ModelsError
        If the text is not that of a booster as `SuitabilityRanker` fits them.
    """
    try:
        blocks = text.partition("\nend of trees")[0].split("\nTree=")[1:]
        return tuple(_tree(dict(_fields(block))) for block in blocks)
    except (KeyError, ValueError, IndexError) as error:
        raise ModelsError("The booster's text cannot be read.", "Train the bundle again.") from error


def _fields(block: str) -> Iterator[tuple[str, list[str]]]:
    for line in block.splitlines()[1:]:
        name, _, values = line.partition("=")
        yield name, values.split()


def _tree(fields: dict[str, list[str]]) -> Tree:
    if fields["is_linear"] != ["0"]:
        raise ValueError("linear leaves")
    splits = tuple(_split(fields, node) for node in range(int(fields["num_leaves"][0]) - 1))
    return Tree(splits, tuple(_leaves(fields)))


def _split(fields: dict[str, list[str]], node: int) -> Split:
    kind, threshold = int(fields["decision_type"][node]), float(fields["threshold"][node])
    feature, missing = int(fields["split_feature"][node]), kind >> _MISSING_SHIFT
    if kind & _CATEGORICAL:
        return Split(feature, np.nan, missing_left=False, categories=_categories(fields, int(threshold)))
    if missing == _ZERO_IS_MISSING:
        raise ValueError("zero as missing")
    # Where no value was missing in training LightGBM takes a missing one for zero.
    left = bool(kind & _DEFAULT_LEFT) if missing == _NAN_IS_MISSING else threshold >= 0.0
    return Split(feature, threshold, missing_left=left)


def _categories(fields: dict[str, list[str]], number: int) -> frozenset[int]:
    """Return the codes whose bits are set in the words of one categorical split."""
    start, end = (int(fields["cat_boundaries"][at]) for at in (number, number + 1))
    words = [int(word) for word in fields["cat_threshold"][start:end]]
    return frozenset(32 * at + bit for at, word in enumerate(words) for bit in range(32) if word >> bit & 1)


def _leaves(fields: dict[str, list[str]]) -> Iterator[Leaf]:
    """Walk the tree from its root, left before right."""
    values, leaf_counts = fields["leaf_value"], fields["leaf_count"]
    if len(values) == 1:
        yield Leaf(float(values[0]), ())
        return
    node_counts, children = fields["internal_count"], (fields["left_child"], fields["right_child"])
    open_: list[tuple[int, tuple[tuple[int, bool, float], ...]]] = [(0, ())]
    while open_:
        node, path = open_.pop()
        if node < 0:
            yield Leaf(float(values[~node]), path)
            continue
        for child, left in ((int(children[1][node]), False), (int(children[0][node]), True)):
            people = int(leaf_counts[~child] if child < 0 else node_counts[child])
            open_.append((child, (*path, (node, left, people / int(node_counts[node])))))
