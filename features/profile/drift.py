"""How far an indicator moved between two dates, by size of effect and not by significance.

The population stability index is sum((q - p) ln(q / p)) over the frozen bins and that of missing, where p and q are
the shares on the first and on the later date, each count raised by one half so that an empty bin has a share. Without
drift and with independent dates it is about a chi-square with one degree of freedom fewer than bins, times 1/n + 1/m
(Yurdakul 2018); what chance alone could give is therefore not called drift. The dates share people, so this asks for
rather too much.

Cliff's delta is the chance that a person on the later date has a higher number than one on the first, minus the
chance of a lower one (Cliff 1993): from -1 to 1, ties count for neither, and it does not depend on bins or outliers.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.stats import chi2

from features.profile.bins import Counts, Values
from features.profile.settings import ProfileSettings

Level = Literal["none", "moderate", "large"]


def stability_index(first: Counts, later: Counts) -> float:
    """Return the population stability index of counts in the same bins.

    >>> round(stability_index(np.array([50, 50]), np.array([50, 50])), 3)
    0.0
    >>> round(stability_index(np.array([900, 100]), np.array([700, 300])), 2)
    0.27
    """
    p = (first + 0.5) / (first.sum() + 0.5 * len(first))
    q = (later + 0.5) / (later.sum() + 0.5 * len(later))
    return float(((q - p) * np.log(q / p)).sum())


def chance_index(first: Counts, later: Counts, false_alarm: float) -> float:
    """Return the index that two dates without drift exceed with probability `false_alarm`; 0 with a single bin."""
    used = int(((first + later) > 0).sum())
    if used < 2:
        return 0.0
    return float(chi2.isf(false_alarm, used - 1) * (1 / first.sum() + 1 / later.sum()))


def cliffs_delta(first: Values, later: Values) -> float:
    """Return Cliff's delta of `later` over `first`; neither holds NaN.

    >>> cliffs_delta(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    1.0
    >>> cliffs_delta(np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    0.0
    """
    ordered = np.sort(first)
    lower = np.searchsorted(ordered, later, side="left").sum()
    not_higher = np.searchsorted(ordered, later, side="right").sum()
    higher = len(first) * len(later) - not_higher
    return float((int(lower) - int(higher)) / (len(first) * len(later)))


def level_of(
    index: float | None, chance: float, delta: float | None, missing: float, settings: ProfileSettings
) -> Level:
    """Say how large a movement is.

    Parameters
    ----------
    index, chance
        The stability index, and what chance alone could give.
    delta
        Cliff's delta; None where too few people have a number.
    missing
        Change of the share missing.
    settings
        The limits.
    """
    beyond = index is not None and index > chance
    size = abs(delta) if delta is not None else 0.0
    if (beyond and index is not None and index >= settings.psi_large) or size >= settings.delta_large:
        return "large"
    moved = beyond and index is not None and index >= settings.psi_moderate
    return "moderate" if moved or size >= settings.delta_moderate or abs(missing) >= settings.missing_change else "none"
