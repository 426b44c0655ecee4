"""The least that anything sorted by person has to do: read the rows, find their order, put every column into it.

The order is that of one number made of person, day and event; numpy sorts such numbers faster than several columns.
The columns that make the number are read first and the others one at a time, so that little is held at once.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from benchmarks.indicators.inputs import Events
from features.events import ROW_COLUMNS

_KEY = ("person", "occurred", "event_id")
_BITS = 63


def compute(events: Events, dates: int, questions: Mapping[str, object]) -> dict[str, npt.NDArray[np.generic]]:
    """Return the rows in order; nothing is computed from them."""
    parts = {name: events.column(name) for name in _KEY}
    order = np.argsort(packed(parts))
    in_order = {name: values[order] for name, values in parts.items()}
    del parts
    for name in ROW_COLUMNS:
        if name not in in_order:
            in_order[name] = events.column(name)[order]
    return in_order


def packed(parts: Mapping[str, npt.NDArray[np.int32]]) -> npt.NDArray[np.int64]:
    """Return one number a row that sorts as the columns one after another."""
    key = np.zeros(len(next(iter(parts.values()))), dtype=np.int64)
    used = 0
    for values in parts.values():
        low = int(values.min())
        width = (int(values.max()) - low).bit_length()
        used += width
        key <<= width
        key += values
        key -= low
    if used > _BITS:
        raise OverflowError(f"Person, day and event take {used} bits together, more than the {_BITS} of one number.")
    return key
