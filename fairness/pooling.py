"""Partial pooling: a small group's rate drawn towards everybody's, by as much as its own numbers leave open.

It stands beside the raw value and decides nothing: a gap in a small community is what it hides best. The spread between
groups is estimated by moments (DerSimonian and Laird 1986), and a group's rate is weighted against it (Efron and Morris
1975): with no spread beyond chance every group gets everybody's rate.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fairness.intervals import Floats


def partially_pooled(events: npt.ArrayLike, trials: npt.ArrayLike) -> Floats:
    """Return each group's rate, partially pooled; groups along the last axis, NaN without any trial.

    >>> [round(float(p), 3) for p in partially_pooled([50, 30, 4], [100, 100, 4])]
    [0.493, 0.309, 0.596]
    """
    x, n = (np.asarray(v, dtype=float) for v in (events, trials))
    with np.errstate(divide="ignore", invalid="ignore"):
        overall = x.sum(axis=-1, keepdims=True) / n.sum(axis=-1, keepdims=True)
        own = np.where(n > 0, x / n, overall)
        chance = overall * (1 - overall)
        weight = n / chance
        total = weight.sum(axis=-1, keepdims=True)
        excess = (weight * (own - overall) ** 2).sum(axis=-1, keepdims=True) - ((n > 0).sum(axis=-1, keepdims=True) - 1)
        between = excess / (total - (weight**2).sum(axis=-1, keepdims=True) / total)
        between = np.maximum(np.nan_to_num(between, nan=0.0, posinf=0.0, neginf=0.0), 0.0)
        kept = np.where(n > 0, between / (between + chance / n), 0.0)
        kept = np.nan_to_num(kept, nan=0.0)
    return np.asarray(overall + kept * (own - overall), dtype=float)
