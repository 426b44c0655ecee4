"""The answers by group of question; together one for every name of the catalogue."""

from __future__ import annotations

from benchmarks.oracle.answers import context, families, harm, history, marac, victims
from benchmarks.oracle.person import Person
from benchmarks.oracle.world import World

_GROUPS = (history, harm, victims, families, marac, context)


def answers(world: World, name: str) -> dict[str, float]:
    """Return every indicator of one person as of the world's day."""
    person = Person(world, name)
    told: dict[str, float] = {}
    for group in _GROUPS:
        more = group.answers(person)
        if again := told.keys() & more.keys():
            raise ValueError(f"Answered twice: {', '.join(sorted(again))}.")
        told |= more
    return told
