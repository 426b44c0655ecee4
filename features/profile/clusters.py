"""Indicators that say much the same: clusters by rank correlation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from features.profile.settings import ProfileSettings

Matrix = npt.NDArray[np.float64]


def rank_correlations(sample: Matrix, fewest: int) -> Matrix:
    """Return Spearman's rho of every two columns over the rows in which both are known.

    NaN where fewer than `fewest` rows have both, or one of them does not vary there.
    """
    table = pd.DataFrame(sample)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(table.corr(method="spearman", min_periods=fewest), dtype=np.float64)


def clusters(names: Sequence[str], sample: Matrix, settings: ProfileSettings) -> list[dict[str, Any]]:
    """Return groups of indicators every two of which reach `rho`, the largest first.

    Complete linkage on 1 - |rho|, cut at 1 - `rho`: an indicator joins only if it is close to every member. A
    correlation that is not known counts as none.

    Returns
    -------
    list
        ``indicators``, and ``lowest``: the smallest absolute correlation between two of them.
    """
    rho = np.abs(np.nan_to_num(rank_correlations(sample, settings.fewest_compared)))
    if len(names) < 2:
        return []
    np.fill_diagonal(rho, 1.0)
    distance = np.clip(1.0 - (rho + rho.T) / 2, 0.0, 1.0)
    numbers = fcluster(linkage(squareform(distance, checks=False), "complete"), 1 - settings.rho + 1e-9, "distance")
    found = []
    for number in np.unique(numbers):
        members = np.flatnonzero(numbers == number)
        if len(members) > 1:
            lowest = float(rho[np.ix_(members, members)].min())
            found.append({"indicators": [names[member] for member in members.tolist()], "lowest": round(lowest, 2)})
    return sorted(found, key=lambda each: (-len(each["indicators"]), each["indicators"]))
