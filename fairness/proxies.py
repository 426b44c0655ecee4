"""Proxy scan: which indicators tell a community apart, so that a score can follow it without reading it.

A diagnosis, not a verdict: an indicator may differ between communities because harm does, because policing does, or
because recording does. The scan says where to look.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from fairness.errors import TableError
from fairness.groups import Characteristic, from_labels, is_stated, labels
from fairness.intervals import normal_quantile

FEWEST = 30


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


def _rows(values: npt.NDArray[np.float64], groups: Characteristic, level: float) -> list[dict[str, object]]:
    known = ~np.isnan(values)
    out = []
    for code, group in enumerate(groups.groups):
        member, other = (values[known & side] for side in (groups.codes == code, groups.codes != code))
        if is_stated(group) and min(member.size, other.size) >= FEWEST:
            auc, low, high = area_under_curve(member, other, level)
            out.append({"group": group, "n": int(member.size), "auc": auc, "low": low, "high": high})
    return out


def area_under_curve(
    member: npt.NDArray[np.float64], other: npt.NDArray[np.float64], level: float = 0.95
) -> tuple[float, float, float]:
    """Return (AUC, low, high): the chance that a member's value is the larger, ties counting half.

    >>> area_under_curve(np.array([2.0, 3.0]), np.array([1.0, 2.0]))[0]
    0.875
    """
    m, n = member.size, other.size
    together = stats.rankdata(np.concatenate([member, other]))
    above_others = (together[:m] - stats.rankdata(member)) / n
    below_members = 1 - (together[m:] - stats.rankdata(other)) / m
    auc = float(above_others.mean())
    spread = float(np.sqrt(above_others.var(ddof=1) / m + below_members.var(ddof=1) / n))
    reach = normal_quantile(0.5 + level / 2) * spread
    return auc, max(0.0, auc - reach), min(1.0, auc + reach)
