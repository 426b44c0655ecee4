"""Which counts of people may be shown by community, so that no small one can be read or worked out.

A count is small if it, or what is left of its group without it, is below the smallest cell (and not zero). Small
counts are hidden, and with them further counts, the smallest first, until what is published leaves every hidden
count wide open: at least two are hidden together, they sum to at least the smallest cell on either side, and the
total and the other counts bound each of them no closer than to `smallest_cell` - 1 values. Where that cannot be
reached nothing of the table is shown, its total included.
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
    caps = dict.fromkeys(sizes, sum(sizes.values()))
    return _widened(sizes, caps, frozenset(), smallest, both_sides=False)


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
    together = sum(sizes[group] for group in unsized)
    caps = {group: together if group in unsized else sizes[group] for group in sizes}
    return _widened(counts, caps, unsized, smallest, both_sides=True, sizes=sizes)


def _widened(
    counts: Counts,
    caps: Counts,
    forced: frozenset[str],
    smallest: int,
    both_sides: bool,
    sizes: Counts | None = None,
) -> frozenset[str] | None:
    rest = {group: (sizes or caps)[group] - count for group, count in counts.items()} if both_sides else {}
    small = {group for group, count in counts.items() if 0 < count < smallest or 0 < rest.get(group, 0) < smallest}
    hidden = set(forced) | small
    spare = sorted((count, group) for group, count in counts.items() if group not in hidden and count)
    while hidden and not _open(hidden, counts, rest, caps, smallest):
        if not spare:
            return None
        hidden.add(spare.pop(0)[1])
    return frozenset(hidden)


def _open(hidden: set[str], counts: Counts, rest: Counts, caps: Counts, smallest: int) -> bool:
    """Say whether the published numbers leave every hidden count wide open."""
    if len(hidden) < 2 or sum(counts[group] for group in hidden) < smallest:
        return False
    if rest and sum(rest[group] for group in hidden) < smallest:
        return False
    together = sum(counts[group] for group in hidden)
    room = sum(caps[group] for group in hidden)
    for group in hidden:
        lowest = max(0, together - (room - caps[group]))
        highest = min(caps[group], together)
        if highest - lowest < smallest - 1:
            return False
    return True
