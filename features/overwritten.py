"""Values that record systems overwrite without a date: what they say, and from which day we know it.

A relationship or a risk grade stands in the record as it was last written. Where the day on which a row version was
recorded is only assumed, nobody knows what stood there before the extract was taken, so the value counts from the
extract on; where the source says since when the version was in the record system, it counts from then.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.kinds import Flag
from features.knowledge import Days, day_numbers
from records.contract import ASSUMED
from values import day_number

Bits = npt.NDArray[np.int32]

COLUMNS = ("dyads.relationship", "dyads.relationship_source", "incidents.risk_grade", "incidents.risk_tool")
"""The only overwritten columns that indicators may read, through the flags of `OVERWRITTEN` alone."""

_RELATIONSHIPS = {
    "partner": Flag.RELATIONSHIP | Flag.IPV,
    "ex_partner": Flag.RELATIONSHIP | Flag.IPV | Flag.EX_PARTNER,
    **dict.fromkeys(("parent", "child", "sibling", "other_family"), Flag.RELATIONSHIP | Flag.FAMILIAL),
}
_GRADES = {
    "high": Flag.GRADED | Flag.HIGH,
    "medium": Flag.GRADED | Flag.MEDIUM,
    "standard": Flag.GRADED | Flag.STANDARD,
}
_TOOLS = {"dash": Flag.DASH, "dara": Flag.DARA, "other": Flag.OTHER_TOOL}


def stated_from(table: pd.DataFrame, extract_date: date) -> Days:
    """Return for each row version the day from which its overwritten values are known.

    Parameters
    ----------
    table
        Row versions; one without a column that says so counts as assumed.
    extract_date
        Of the snapshot. A version that an earlier extract told is split there when deliveries are folded, and is
        no longer assumed from then on.
    """
    known_from = day_numbers(table["known_from"])
    told = np.maximum(known_from, np.int32(day_number(extract_date)))
    assumed = table[ASSUMED].to_numpy(dtype=np.bool_) if ASSUMED in table else True
    return np.where(assumed, told, known_from)


def relationship_of(table: pd.DataFrame) -> Bits:
    """Return the flags of each pair's relationship; none where its source is unknown."""
    if "relationship" not in table:
        return np.zeros(len(table), dtype=np.int32)
    bits = _bits(table["relationship"], _RELATIONSHIPS)
    if "relationship_source" not in table:
        return bits
    return np.where(table["relationship_source"] == "unknown", np.int32(0), bits)


def grade_of(table: pd.DataFrame) -> Bits:
    """Return the flags of each incident's risk grade and of the tool behind it; none without a known grade."""
    if "risk_grade" not in table:
        return np.zeros(len(table), dtype=np.int32)
    grades = _bits(table["risk_grade"], _GRADES)
    tools = _bits(table["risk_tool"], _TOOLS) if "risk_tool" in table else np.int32(0)
    return np.where(grades != 0, grades | tools, np.int32(0))


def _bits(codes: pd.Series[Any], meaning: dict[str, Flag]) -> Bits:
    known = {code: int(flags) for code, flags in meaning.items()}
    return np.asarray(codes.map(known).fillna(0), dtype=np.int32)
