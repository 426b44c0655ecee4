"""Proxy scan: which indicators tell a community apart, so that a score can follow it without reading it.

A diagnosis, not a verdict: an indicator may differ between communities because harm does, because policing does, or
because recording does. The scan says where to look, on both sides: an indicator that is higher for a community may move
its people up for what the police look for there, one that is lower may leave its victims' harm below the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairness.errors import TableError
from fairness.groups import Characteristic, from_labels, is_stated, labels
from fairness.intervals import normal_quantile

FEWEST = 30
Floats = npt.NDArray[np.float64]


def scan_proxies(indicators: pd.DataFrame, community: pd.Series, *, level: float = 0.95) -> pd.DataFrame:
    """Return how well each indicator alone tells each group from everyone else.

    Parameters
    ----------
    indicators
        One row a person, numeric; a missing value is left out of that indicator's own comparison.
    community
        One characteristic of the same persons, in the same index.
    level
        Confidence level of the interval.

    Returns
    -------
    DataFrame
        `indicator`, `group`, `n` (persons of the group with a value), `auc` (chance that a member has the larger value;
        0.5 tells nothing), `low`, `high` (DeLong, DeLong and Clarke-Pearson 1988), largest distance from 0.5 first.
        Groups with fewer than 30 persons on either side are left out.

    Raises
    ------
    TableError
        If the indexes differ.
    """
    if not indicators.index.equals(community.index):
        raise TableError("Indicators and communities are not of the same persons.", "Give both one index.")
    groups = from_labels("community", labels(community))
    rows = [
        {"indicator": str(name), **row}
        for name in indicators.columns
        for row in _rows(np.asarray(indicators[name], dtype=np.float64), groups, level)
    ]
    table = pd.DataFrame(rows, columns=["indicator", "group", "n", "auc", "low", "high"])
    strength = (table["auc"].astype("float64") - 0.5).abs()
    return table.loc[strength.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def describe_proxy(row: Mapping[str, Any], characteristic: str) -> str:
    """Return one line of a scan in words, with what it may do in either direction."""
    name = f"{characteristic.replace('_', ' ')} {row['group']!r}"
    low, high = (row["low"], row["high"]) if row["auc"] >= 0.5 else (1 - row["high"], 1 - row["low"])
    share = f"{max(row['auc'], 1 - row['auc']):.0%} of pairs ({low:.0%} to {high:.0%}; 50% tells nothing)"
    if low <= 0.5:
        return f"{row['indicator']} is not shown to tell {name} from everyone else ({share})."
    if row["auc"] > 0.5:
        side, risk = "larger", "where it raises a place, that also follows how they are policed and recorded"
    else:
        side, risk = "smaller", "where it raises a place, harm by them that is recorded less stands lower"
    return f"{row['indicator']} is {side} for {name} than for everyone else in {share}: {risk}."


def _rows(values: Floats, groups: Characteristic, level: float) -> list[dict[str, object]]:
    """Return one row a group: an indicator is sorted once, and every group is read from counts by distinct value."""
    known = ~np.isnan(values)
    codes = groups.codes[known]
    sizes = np.bincount(codes, minlength=len(groups.groups))
    wanted = [
        code
        for code, group in enumerate(groups.groups)
        if is_stated(group) and min(sizes[code], codes.size - sizes[code]) >= FEWEST
    ]
    if not wanted:
        return []
    distinct, place = np.unique(values[known], return_inverse=True)
    everyone = np.bincount(place, minlength=distinct.size)
    out: list[dict[str, object]] = []
    for code in wanted:
        member = np.bincount(place[codes == code], minlength=distinct.size)
        auc, low, high = _curve(member, everyone - member, level)
        out.append({"group": groups.groups[code], "n": int(sizes[code]), "auc": auc, "low": low, "high": high})
    return out


def area_under_curve(
    member: npt.NDArray[np.float64], other: npt.NDArray[np.float64], level: float = 0.95
) -> tuple[float, float, float]:
    """Return (AUC, low, high): the chance that a member's value is the larger, ties counting half.

    >>> area_under_curve(np.array([2.0, 3.0]), np.array([1.0, 2.0]))[0]
    0.875
    """
    distinct, place = np.unique(np.concatenate([member, other]), return_inverse=True)
    of_member, of_other = (np.bincount(part, minlength=distinct.size) for part in np.split(place, [member.size]))
    return _curve(of_member, of_other, level)


def _curve(member: npt.NDArray[np.int64], other: npt.NDArray[np.int64], level: float) -> tuple[float, float, float]:
    """Return (AUC, low, high) from how many on either side have each distinct value, lowest first."""
    m, n = member.sum(), other.sum()
    above_others = (np.cumsum(other) - other / 2) / n
    below_members = 1 - (np.cumsum(member) - member / 2) / m
    auc = float(member @ above_others / m)
    spread = float(np.sqrt(_variance(above_others, member) / m + _variance(below_members, other) / n))
    reach = normal_quantile(0.5 + level / 2) * spread
    return auc, max(0.0, auc - reach), min(1.0, auc + reach)


def _variance(values: Floats, times: npt.NDArray[np.int64]) -> float:
    """Return the sample variance of values that occur so many times each."""
    size = times.sum()
    mean = values @ times / size
    return float(((values - mean) ** 2) @ times / (size - 1))
