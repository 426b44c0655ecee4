"""Which counts of people may be shown by community, so that no small one can be read or worked out.

A count is small if it, or what is left of its group without it, is below the smallest cell (and not zero). Small
counts are hidden, and with them further counts, the smallest first, until what is hidden, and what is left of the
hidden groups, each sum to the smallest cell or more; that takes two groups at least. Then the total and the counts
that are shown leave every hidden count at least `smallest_cell` + 1 possible values: its bounds differ by no less
than the smallest of those two sums, the size of its own group and the sizes of the other hidden groups, none of
which is below the smallest cell. Where that cannot be reached nothing of the table is shown, its total included.
"""

from __future__ import annotations

from collections.abc import Mapping

Counts = Mapping[str, int]


def hidden_sizes(sizes: Counts, smallest: int) -> frozenset[str] | None:
    """Return the groups whose size is not shown, or None where no size may be.

    >>> sorted(hidden_sizes({"female": 400, "male": 3000, "other": 3}, 10))
    ['female', 'other']
    >>> hidden_sizes({"female": 4, "male": 5}, 10) is None
    True
    """
    return _widened(sizes, None, frozenset(), smallest)


def hidden_counts(counts: Counts, sizes: Counts, unsized: frozenset[str], smallest: int) -> frozenset[str] | None:
    """Return the groups whose count is not shown, or None where neither counts nor their total may be.

    Parameters
    ----------
    counts
        People of each group to whom something applies.
    sizes
        People of each group.
    unsized
        Groups whose size is not shown; nothing about them is.
    smallest
        The smallest cell.
    """
    if not any(counts.values()) or all(counts[group] == sizes[group] for group in sizes):
        return unsized  # nobody or everybody: the total says so already
    rest = {group: sizes[group] - count for group, count in counts.items()}
    return _widened(counts, rest, unsized, smallest)


def _widened(counts: Counts, rest: Counts | None, forced: frozenset[str], smallest: int) -> frozenset[str] | None:
    """Hide small counts, and further ones until what is hidden is open; `rest` is what is left of the groups."""
    sides = [counts] if rest is None else [counts, rest]
    hidden = set(forced) | {group for side in sides for group, count in side.items() if 0 < count < smallest}
    spare = sorted((count, group) for group, count in counts.items() if group not in hidden and count)
    while hidden and any(sum(side[group] for group in hidden) < smallest for side in sides):
        if not spare:
            return None
        hidden.add(spare.pop(0)[1])
    return frozenset(hidden)
