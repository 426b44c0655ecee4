"""What one person's records say at T, in the words the questions use."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from benchmarks.oracle.world import Incident, Pair, World

NAN = math.nan
EVER = None
Met = tuple[Incident, Pair]
"""An incident and one of its pairs with the person as suspect."""


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
        """Return those of the last `days` days; all of them for `EVER`."""
        return self.world.last(days, incidents, clock)

    def recent(self, days: int | None, rows: Iterable[Any], column: str) -> list[Any]:
        """Return the rows whose day in `column` is of the last `days` days."""
        return [row for row in rows if days is None or self.world.age(row[column]) < days]

    def ago(self, days: Iterable[date], pick: Callable[[Sequence[date]], date] = max) -> float:
        """Return how many days ago the last (or first) was; NaN where there is none."""
        known = list(days)
        return self.world.age(pick(known)) if known else NAN

    def met(self, incidents: Iterable[Incident]) -> list[Met]:
        """Return every identified pair with the person as suspect."""
        return [(each, pair) for each in incidents for pair in each.pairs if pair.suspect == self.name]

    def with_victims(self, incidents: Sequence[Incident], answer: Callable[[list[Met]], float]) -> float:
        """Answer a question about victims; NaN where there are incidents but no victim of any is identified."""
        met = self.met(incidents)
        if not self.world.anybody_identified or (incidents and not met):
            return NAN
        return answer(met)

    def if_recorded(self, answer: float, *columns: str) -> float:
        """Return the answer; NaN where none of the columns has a value known at T, of anybody."""
        return answer if any(column in self.world.recorded for column in columns) else NAN

    def if_delivered(self, answer: float, table: str) -> float:
        """Return the answer; NaN where the table was not delivered."""
        return answer if table in self.world.has else NAN


def harm(incidents: Iterable[Incident], fold: Any) -> float:
    """Fold the known harm days: 0 where there is no incident, NaN where there are some and no weight is known."""
    days = [each.harm for each in incidents]
    known = [one for one in days if one is not None]
    if days and not known:
        return NAN
    return float(fold(known)) if known else 0.0


def share(part: float, whole: float) -> float:
    """Return part of whole; NaN where there is no whole."""
    return part / whole if whole > 0 else NAN
