"""The answers by group of question; together one for every name of the catalogue."""

from __future__ import annotations

from benchmarks.oracle.answers import (
    completeness,
    counter_allegation,
    escalation,
    families,
    frequency,
    grades,
    harm,
    marac,
    orders,
    recorded,
    related,
    reporting,
    victims,
)
from benchmarks.oracle.person import Person
from benchmarks.oracle.world import World

_GROUPS = (
    *(frequency, harm, victims, escalation, families, related, marac, counter_allegation, orders, grades),
    *(recorded, reporting, completeness),
)


def answers(world: World, name: str) -> dict[str, float]:
    """Return every indicator of one person as of the world's day.

    Raises
    ------
    ValueError
        If two groups answer one name.
    """
    person = Person(world, name)
    told: dict[str, float] = {}
    for group in _GROUPS:
        more = group.answers(person)
        if again := told.keys() & more.keys():
            raise ValueError(f"Answered twice: {', '.join(sorted(again))}.")
        told |= more
    return told
