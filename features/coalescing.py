"""One row where the record was rewritten without a change to anything that the stream holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from features.kinds import FOREVER

_KNOWLEDGE = ("known_from", "known_to", "stated")

Rows = Mapping[str, npt.NDArray[Any]]


def coalesced(rows: Rows) -> dict[str, npt.NDArray[Any]]:
    """Return the stream's rows with versions joined that say the same and follow one another without a gap.

    As of every day the result holds the same events: an outcome that was added to an incident makes a new version of
    it, but not of what the stream tells.

    Parameters
    ----------
    rows
        Columns of the stream in canonical order.
    """
    if not len(rows["person"]):
        return dict(rows)
    joined = rows["known_from"][1:] == rows["known_to"][:-1]
    for name, values in rows.items():
        if name not in _KNOWLEDGE:
            joined &= values[1:] == values[:-1]
    # What the older version stated must be stated from the first day of the newer one on.
    stated = np.where(rows["stated"] < rows["known_to"], rows["stated"], FOREVER).astype(np.int32)
    joined &= (stated[:-1] == FOREVER) | (rows["stated"][1:] <= rows["known_from"][1:])
    first = np.flatnonzero(np.append(True, ~joined))
    last = np.append(first[1:], len(joined) + 1) - 1
    told = {name: values[first] for name, values in rows.items()}
    told["known_to"] = rows["known_to"][last]
    told["stated"] = np.minimum.reduceat(stated, first)
    return told
