"""What can happen in a world: kinds of incident, and the three parts of a year in which they fall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

YEAR_DAYS: Final = 365
PARTS: Final = (185, 90, 90)
"""Days of the early, the middle and the late part: the last two end where windows of 180 and 90 days begin."""


@dataclass(frozen=True)
class Happening:
    """One kind of domestic incident.

    Parameters
    ----------
    name
        What worlds call it.
    offence
        Its code in the shipped offence reference; None for an incident that is no crime.
    new_victim
        Whether each is against somebody who was no victim of the person before; else all have the same victim.
    """

    name: str
    offence: str | None
    new_victim: bool = False


HAPPENINGS: Final = (
    Happening("dispute", None),
    Happening("assault", "10501"),
    Happening("harassment", "19594"),
    Happening("injury", "00806"),
    Happening("wounding", "00801"),
    Happening("stalking", "19512"),
    Happening("another", "10501", new_victim=True),
    Happening("serious", "00877"),  # strangulation: a floor under every weight set
)
PLACE: Final = {each.name: place for place, each in enumerate(HAPPENINGS)}
