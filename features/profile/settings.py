"""The committed parameters of a profile: every rule that bins, flags or withholds something, in one place."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ProfileSettings:
    """What counts as small, moved or alike.

    Parameters
    ----------
    smallest_cell
        People: a count below this is not shown, and every bin reaches it on some date.
    bins
        At most this many bins an indicator, besides those of zero, of small counts and of missing.
    psi_moderate, psi_large
        Population stability index from which drift counts as moderate or large (0.1 and 0.25 are the customary limits
        in credit scoring).
    delta_moderate, delta_large
        Absolute Cliff's delta for the same (0.33 and 0.474: Romano et al. 2006).
    false_alarm
        Chance that the index of an indicator that did not move is called drift, were the dates independent.
    missing_change
        Change of the share missing, as a share of people, from which it counts as moderate.
    rho
        Absolute rank correlation that every two indicators of a cluster reach.
    sample
        People of the latest date between whom correlations are taken.
    fewest_compared
        People with a number on both dates, or of both indicators; below, neither Cliff's delta nor a correlation is
        given: it could tell about single people.
    seed
        Of the sample.
    """

    smallest_cell: int = 10
    bins: int = 8
    psi_moderate: float = 0.1
    psi_large: float = 0.25
    delta_moderate: float = 0.33
    delta_large: float = 0.474
    false_alarm: float = 0.001
    missing_change: float = 0.1
    rho: float = 0.8
    sample: int = 5000
    fewest_compared: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        if self.smallest_cell < 1 or self.bins < 2 or self.fewest_compared < 10 or not 0 < self.rho <= 1:
            raise ValueError("A setting of the profile is out of range.")

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain values."""
        return dataclasses.asdict(self)
