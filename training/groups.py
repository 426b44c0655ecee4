"""Groups of people by a value, none so small that it shows one person."""

from __future__ import annotations

import numpy as np

from training.lists import Floats, Ints

SMALLEST_BIN = 10
"""Fewest people in a bin that is shown."""


def cut_groups(ordered: Ints, values: Floats, smallest: int, most: int = 12) -> list[Ints]:
    """Cut at quantiles but never between equal values, and join what holds too few people.

    Parameters
    ----------
    ordered, values
        Row numbers by rising value, and those values.
    smallest, most
        Fewest rows of a group, and about how many groups there are at most; fewer rows in all give no group.
    """
    if len(ordered) < smallest:
        return []
    size = max(smallest, len(ordered) // most)
    changes = np.flatnonzero(np.diff(values)) + 1
    cuts: list[int] = []
    for change in changes:
        if change - (cuts[-1] if cuts else 0) >= size and len(ordered) - change >= smallest:
            cuts.append(int(change))
    return [np.asarray(group, dtype=np.int64) for group in np.split(ordered, cuts)]
