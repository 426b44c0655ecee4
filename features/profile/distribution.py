"""How an indicator is spread over people, date by date, with every small count withheld."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from features.profile.bins import Bins, Counts, Values
from records.quality.suppression import hidden_sizes

MISSING = "missing"
_QUARTERS = (("lower_quartile", 0.25), ("median", 0.5), ("upper_quartile", 0.75))


def spread(values: Values, bins: Bins, smallest: int) -> dict[str, Any]:
    """Return one date's counts by bin and of missing, and the bins that hold the quartiles.

    Parameters
    ----------
    values
        The indicator's numbers of that date; NaN is missing.
    bins
        The frozen bins.
    smallest
        A count of people below this is withheld, and further ones until it cannot be worked out from the rest.

    Returns
    -------
    dict
        ``people``, ``missing``, ``share_missing``, ``counts`` (one a bin), and ``lower_quartile``, ``median`` and
        ``upper_quartile``, each the number of a bin. None is withheld, or not known where nobody has a number.
    """
    counts, missing = counted(values, bins)
    people = len(values)
    sizes = {MISSING: missing, **{str(number): int(count) for number, count in enumerate(counts)}}
    hidden = hidden_sizes(sizes, smallest)
    if hidden is None:
        nothing = dict.fromkeys(("people", "missing", "share_missing", *(name for name, _ in _QUARTERS)))
        return {**nothing, "counts": [None] * len(bins)}
    shown = {name: None if name in hidden else size for name, size in sizes.items()}
    told = shown.pop(MISSING)
    return {
        "people": people,
        "missing": told,
        "share_missing": None if told is None else told / people,
        "counts": list(shown.values()),
        **_quartiles(shown, told, people, smallest),
    }


def counted(values: Values, bins: Bins) -> tuple[Counts, int]:
    """Return how many values lie in each bin, and how many are missing; nothing is withheld."""
    absent = np.isnan(values)
    return bins.count(values[~absent]), int(absent.sum())


def _quartiles(
    shown: Mapping[str, int | None], missing: int | None, people: int, smallest: int
) -> dict[str, int | None]:
    """Return the bins of the quartiles where the counts that are shown settle them, wherever the others are."""
    counts = np.array([count or 0 for count in shown.values()], dtype=np.int64)
    rest = people - int(counts.sum()) - (missing or 0)
    hidden = [number for number, count in enumerate(shown.values()) if count is None]
    worlds = [counts + rest * (np.arange(len(counts)) == number) for number in hidden]
    worlds += [counts] if missing is None or not hidden else []  # the rest may be missing
    if min(int(world.sum()) for world in worlds) < smallest:
        return {name: None for name, _ in _QUARTERS}
    found = {}
    for name, share in _QUARTERS:
        bins = {int(np.searchsorted(np.cumsum(world), share * world.sum())) for world in worlds}
        found[name] = bins.pop() if len(bins) == 1 else None
    return found


def together(first: Mapping[str, Any], later: Mapping[str, Any], counts: Sequence[Counts]) -> list[Counts]:
    """Return two dates' counts with every bin that is withheld on either in one, so that a comparison tells no more.

    Parameters
    ----------
    first, later
        What `spread` told of the two dates.
    counts
        The counts of the bins and of missing on the two dates.
    """
    hidden = np.zeros(len(counts[0]), dtype=np.bool_)
    for told in (first, later):
        hidden |= np.array([count is None for count in (*told["counts"], told["missing"])])
    return [np.append(each[~hidden], each[hidden].sum()) if hidden.any() else each for each in counts]


def standing(parts: Sequence[Values]) -> str | None:
    """Say whether an indicator is ``always missing`` or ``constant`` over all dates; None where it varies."""
    present = [part[~np.isnan(part)] for part in parts]
    filled = [part for part in present if len(part)]
    if not filled:
        return "always missing"
    first = filled[0][0]
    return "constant" if all(bool(np.all(part == first)) for part in filled) else None
