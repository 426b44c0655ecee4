"""What one person's records say at T, in the words the questions use."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from benchmarks.oracle.world import Incident, World

NAN = math.nan
Pair = tuple[str, str]


class Person:
    """One person in a world.

    Attributes
    ----------
    any, dv, crimes
        Incidents as suspect by T: all, the domestic ones, the domestic crimes.
    """

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.any = world.incidents(name)
        self.dv = [each for each in self.any if each.domestic]
        self.crimes = [each for each in self.dv if each.crime]

    def last(self, days: int | None, incidents: Iterable[Incident], clock: str = "on") -> list[Incident]:
        """Return those of the last `days` days."""
        return self.world.last(days, incidents, clock)

    def ago(self, days: Sequence[date], pick: Callable[[Sequence[date]], date]) -> float:
        """Return how many days ago the last (or first) was; NaN where there is none."""
        return self.world.age(pick(days)) if days else NAN

    def victims(self, incidents: Iterable[Incident]) -> list[Pair]:
        """Return incident and victim of every identified pair with the person as suspect."""
        return [(each.key, victim) for each in incidents for victim in sorted(each.victims_of(self.name))]

    def with_victims(self, incidents: Sequence[Incident], answer: Callable[[list[Pair]], float]) -> float:
        """Answer a question about victims; NaN where there are incidents but no victim of any is identified."""
        pairs = self.victims(incidents)
        if not self.world.anybody_identified or (incidents and not pairs):
            return NAN
        return answer(pairs)

    def if_recorded(self, answer: float, *columns: str) -> float:
        """Return the answer; NaN where none of the columns has a value known at T."""
        return answer if any(column in self.world.recorded for column in columns) else NAN

    def if_delivered(self, answer: float, table: str) -> float:
        """Return the answer; NaN where the table was not delivered."""
        return answer if table in self.world.has else NAN


def harm(incidents: Sequence[Incident], fold: Any) -> float:
    """Fold the known harm days: none where there is no incident, NaN where no weight is known."""
    known = [each.harm for each in incidents if each.harm is not None]
    if incidents and not known:
        return NAN
    return float(fold(known)) if known else 0.0


def share(part: float, whole: float) -> float:
    """Return part of whole; NaN where there is no whole."""
    return part / whole if whole > 0 else NAN
