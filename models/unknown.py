"""Which numbers are not known, and which rest on records that may be out of date.

A missing number is one of two things. What counts (incidents, victims, harm days) is zero where nothing is recorded,
so where it is missing the record does not tell. What measures something recorded (days since, gaps, shares) is missing
where there is nothing to measure, which is known; it is not known where a count of the same records is not.
"""

from __future__ import annotations

import numpy as np

from features import Catalogue, EventStream
from features.kinds import Kind
from models.tables import Floats
from models.trees import Mask
from values import AsOf

FRESH_DAYS = 92
_SOURCES = {
    "marac_hearings": (Kind.HEARING,),
    "orders": (Kind.ORDER, Kind.BREACH),
    "custody": (Kind.CUSTODY,),
    "incidents": (Kind.INCIDENT, Kind.DYAD),
}


def not_known(catalogue: Catalogue, values: Floats) -> Mask:
    """Say which numbers the record does not tell.

    Parameters
    ----------
    catalogue
        The indicators, in the order of the columns of `values`.
    values
        Shape (people, indicators), NaN where missing.
    """
    missing = np.isnan(values)
    counts = np.array([indicator.zero_if_none for indicator in catalogue])
    reads = [set(indicator.reads) for indicator in catalogue]
    same = np.array([[count and one <= other for other in reads] for one, count in zip(reads, counts, strict=True)])
    return np.asarray(missing & (counts | (missing @ same)), dtype=np.bool_)


def stale(stream: EventStream, catalogue: Catalogue, as_of: AsOf) -> Mask:
    """Say which indicators read a table that was delivered, but of which nothing new was known for `FRESH_DAYS`."""
    old = {table for table, kinds in _SOURCES.items() if _is_old(stream, kinds, as_of)}
    return np.array([bool(indicator.tables & old) for indicator in catalogue], dtype=np.bool_)


def _is_old(stream: EventStream, kinds: tuple[Kind, ...], as_of: AsOf) -> bool:
    known = stream.known_from[np.isin(stream.kind, kinds)]
    known = known[known <= as_of.number]
    return bool(len(known)) and int(known.max()) < as_of.number - FRESH_DAYS
