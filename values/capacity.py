"""How many new cases a panel can take at one meeting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Capacity:
    """Places for new cases at one meeting, less those reserved for referral routes.

    Parameters
    ----------
    places
        Places for new cases (persons) at this meeting.
    reserved
        Places kept for each referral route, taken off before the ranking's share.
    list_factor
        The released list holds ``ranked_places * list_factor`` ranked people.
    disrupt_only
        How much of a place somebody takes who is accepted for disruption only, from 0 to 1; by default as much as
        somebody accepted for direct work. It moves no line: it counts what decisions take.
    """

    places: int
    reserved: Mapping[str, int] = field(default_factory=dict)
    list_factor: int = 3
    disrupt_only: float = 1

    def __post_init__(self) -> None:
        if self.places < 1:
            raise ValueError(f"A panel needs at least one place, not {self.places}.")
        if any(n < 0 for n in self.reserved.values()) or sum(self.reserved.values()) > self.places:
            raise ValueError("Reserved places must be between zero and all places.")
        if self.list_factor < 1:
            raise ValueError("The released list holds at least the places themselves.")
        if not 0 <= self.disrupt_only <= 1:
            raise ValueError("Disruption only takes from nothing (0) to a whole place (1).")

    @property
    def ranked_places(self) -> int:
        """The line: places filled from the ranking (k)."""
        return self.places - sum(self.reserved.values())

    @property
    def list_length(self) -> int:
        """How many ranked people the released list holds."""
        return self.ranked_places * self.list_factor
