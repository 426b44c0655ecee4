"""What of the readings of a backtest may leave: each by its own counts, and by what it tells beside the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Reading = Mapping[str, Any]
Key = tuple[str, str, str]
Counts = npt.NDArray[np.int64]


def closed_readings(readings: Sequence[Reading], open_: Collection[Key], smallest: int) -> set[tuple[str, Key]]:
    """Return the reading and the group of every figure that must not leave.

    The first reading is the audit: its groups are open where the audit's are. Of another, a characteristic is told
    whole or not at all: if the audit tells all its groups, and nothing from 1 to `smallest` - 1 is counted in a group
    or in all together, nor by subtracting readings from each other, or two of them from the audit. A reading stored
    without its counts is closed.
    """
    first, *others = readings
    closed = {(first["name"], _key(row)) for row in first["cells"]} - {(first["name"], key) for key in open_}
    for axis in sorted({_key(row)[:2] for reading in readings for row in reading["cells"]}):
        groups = sorted({_key(row) for reading in readings for row in reading["cells"] if _key(row)[:2] == axis})
        audited = _counts(first, groups) if set(groups) <= set(open_) else None
        told: list[Counts] = []
        for reading in others:
            counts = _counts(reading, groups)
            if audited is None or counts is None or _is_few(audited, [*told, counts], smallest):
                closed |= {(reading["name"], key) for key in groups}
            else:
                told.append(counts)
    return closed


def _key(row: Mapping[str, Any]) -> Key:
    return row["table"], row["characteristic"], row["group"]


def _counts(reading: Reading, groups: Sequence[Key]) -> Counts | None:
    """Return with harm, missed and found of each group and of all together, shape (groups + 1, 3)."""
    rows = {_key(row): row.get("counted") for row in reading["cells"]}
    if not all(rows.get(key, (0, 0)) for key in groups):
        return None
    harmed, missed = np.array([rows.get(key, (0, 0)) for key in groups], dtype=np.int64).T
    own = np.column_stack([harmed, missed, harmed - missed])
    return np.vstack([own, own.sum(axis=0)])


def _is_few(audited: Counts, readings: Sequence[Counts], smallest: int) -> bool:
    """Say whether the last of `readings` tells something few, alone or beside those before it and the audit."""
    *before, last = readings
    told = [last, audited - last, *(last - each for each in before), *(audited - last - each for each in before)]
    return any(bool(((counts != 0) & (np.abs(counts) < smallest)).any()) for counts in told)
