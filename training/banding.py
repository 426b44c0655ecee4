"""Cut points of bands for lists on which many people tie."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.calibration import DEFAULT_QUANTILES, Bands
from training.lists import Floats


def cut_bands(expected: Floats, quantiles: Sequence[float] = DEFAULT_QUANTILES) -> Bands:
    """Return bands that hold at most the share of people above each quantile, however many tie.

    A plain quantile would lift everybody who ties at it into the higher band: on a V100 most people tie at
    zero and would all be called high. A cut lies midway between two values that occur, so that it is nobody's.

    >>> cut_bands(np.array([0.1] * 95 + [0.5] * 5)).cuts
    (1.0, 0.3, 0.3)
    """
    values, counts = np.unique(expected, return_counts=True)
    share_at_or_above = np.cumsum(counts[::-1])[::-1] / len(expected)
    below = np.concatenate([[0.0], values[:-1]])
    cuts = []
    for quantile in sorted(quantiles, reverse=True):
        # In a population so small that the share is less than one person, one person fits.
        fits = np.flatnonzero(share_at_or_above <= max(1.0 - quantile, 1.0 / len(expected)) + 1e-12)
        cuts.append(float((values[fits[0]] + below[fits[0]]) / 2) if len(fits) else 1.0)
    return Bands(tuple(cuts))
