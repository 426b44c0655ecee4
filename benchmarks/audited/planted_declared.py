"""The planted worlds: what of which community's history and outcomes is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

BLOCKS: Final = {"pass": 10, "stop": 10, "unseen": 10, "told": 2}
"""Blocks of ten seeds each, by what is wanted of a world; of those that are only told fewer."""


@dataclass(frozen=True)
class Tilt:
    """What of one ethnicity group's history is written down, and of its later outcomes.

    Parameters
    ----------
    reported, generated
        How many times what everybody else has: of reported and of police-generated incidents (at most 1 is a chance for
        each incident, above 1 the further ones are added).
    outcomes
        Chance that an outcome on the list is recorded.
    heard
        Share of people of whom anything is recorded at all, history or outcome.
    """

    group: str
    reported: float = 1.0
    generated: float = 1.0
    outcomes: float = 1.0
    heard: float = 1.0


@dataclass(frozen=True)
class PlantedWorld:
    """A world and what the gate may do in it.

    Parameters
    ----------
    wanted
        ``pass``, ``stop``, ``unseen`` or ``told``: see `benchmarks.audited.planted`.
    """

    name: str
    story: str
    tilts: tuple[Tilt, ...]
    wanted: str


WORLDS: Final[Mapping[str, PlantedWorld]] = {
    world.name: world
    for world in (
        PlantedWorld("null", "Everybody is recorded alike.", (), "pass"),
        PlantedWorld("over_policed", "Twice the police-generated history.", (Tilt("black", generated=2.0),), "stop"),
        PlantedWorld("under_recorded", "Half the history.", (Tilt("asian", reported=0.5, generated=0.5),), "stop"),
        PlantedWorld(
            "both",
            "One community over-policed, another under-recorded.",
            (Tilt("black", generated=2.0), Tilt("asian", reported=0.5, generated=0.5)),
            "told",
        ),
        PlantedWorld(
            "thinned_by_chance",
            "Half the history, and half of the later outcomes whoever has them.",
            (Tilt("asian", reported=0.5, generated=0.5, outcomes=0.5),),
            "told",
        ),
        PlantedWorld(
            "unheard",
            "Of half the community nothing is ever recorded: no history, no outcome.",
            (Tilt("asian", heard=0.5),),
            "unseen",
        ),
        PlantedWorld(
            "under_recorded_small",
            "Half the history of a community between the floors.",
            (Tilt("not stated", reported=0.5, generated=0.5),),
            "told",
        ),
    )
}
