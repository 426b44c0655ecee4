"""The canonical order of the stream's rows: person, day, event, then every other column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]

_BITS = 63  # of one sorting key that stays positive


def row_order(columns: Mapping[str, npt.NDArray[Any]]) -> Numbers:
    """Return the rows' canonical order; rows that are equal throughout may stand either way.

    As many columns as fit are packed into one integer and sorted at once, which is several times faster than sorting
    by one column after another; the rest decides only between rows that are equal so far, in the same way.

    Parameters
    ----------
    columns
        Integers of equal length, the most significant column first.
    """
    key, packed = _packed(columns)
    order = np.argsort(key)
    rest = {name: values for name, values in columns.items() if name not in packed}
    if not rest:
        return order
    key = key[order]
    again = key[1:] == key[:-1]
    tied = np.append(again, False) | np.append(False, again)[: len(order)]
    rows = order[tied]
    if len(rows):
        run = np.cumsum(np.append(False, ~again)[: len(order)][tied])
        order[tied] = rows[row_order({"run": run, **{name: values[rows] for name, values in rest.items()}})]
    return order


def _packed(columns: Mapping[str, npt.NDArray[Any]]) -> tuple[Numbers, set[str]]:
    """Return one integer a row that sorts like the first columns, and the names of those columns."""
    length = len(next(iter(columns.values())))
    key, free, packed = np.zeros(length, dtype=np.int64), _BITS, set[str]()
    for name, values in columns.items():
        least, most = (int(values.min()), int(values.max())) if length else (0, 0)
        bits = (most - least).bit_length()
        if bits > free:
            break
        key <<= bits
        key += values
        key -= least
        free -= bits
        packed.add(name)
    return key, packed
