"""Twenty-four made-up incidents for the three mapping examples: one small world, delivered in three shapes.

Every person, place and number is invented; the same numbers come out every time.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

SUSPECTS, VICTIMS, INCIDENTS = 8, 12, 24
_GIVEN = ("Ash", "Bly", "Cas", "Dov", "Eli", "Fen", "Gil", "Hal", "Ira", "Jun")
_FAMILY = ("Madeup", "Invented", "Notreal", "Sample")
BEATS = {"B1": "east", "B2": "east", "B3": "west"}
OFFENCES = {"ABH": "00806", "STRANG": "00877", "STALK": "00865", "NC": ""}
RELATIONSHIPS = {"PT": "partner", "XP": "ex_partner", "PA": "parent", "SB": "sibling"}


@dataclass(frozen=True)
class Person:
    """A made-up person."""

    number: int
    given: str
    family: str
    born: date
    sex: str
    ethnicity: str


@dataclass(frozen=True)
class Event:
    """A made-up incident: one suspect and one victim (None where nobody is named)."""

    number: int
    day: date
    hour: int
    reported: date
    beat: str
    offence: str
    suspect: Person
    victim: Person | None
    relationship: str
    risk: str
    children: bool
    arrested: bool
    impossible: bool

    @property
    def year(self) -> int:
        """The year in its reference."""
        return self.reported.year


def events() -> list[Event]:
    """Return the incidents, the earliest first; the last says that it happened on 31 February."""
    dice = random.Random(7)
    people = [_person(number, dice) for number in range(1, SUSPECTS + VICTIMS + 1)]
    found = []
    for number in range(1, INCIDENTS + 1):
        day = date(2022, 1, 10) + timedelta(days=31 * number + dice.randrange(20))
        offence = dice.choice(list(OFFENCES))
        suspect, victim = dice.choice(people[:SUSPECTS]), dice.choice(people[SUSPECTS:])
        if number % 9 == 0:  # a counter-allegation: the victim of another day is the suspect of this one
            suspect, victim = victim, suspect
        found.append(
            Event(
                number,
                day,
                dice.randrange(24),
                day + timedelta(days=dice.choice((0, 0, 1, 12))),
                dice.choice(list(BEATS)),
                offence,
                suspect,
                None if number % 7 == 0 else victim,
                dice.choice(list(RELATIONSHIPS)),
                dice.choice("SMH"),
                dice.random() < 0.4,
                offence != "NC" and dice.random() < 0.5,
                number == INCIDENTS,
            )
        )
    return found


def _person(number: int, dice: random.Random) -> Person:
    return Person(
        number,
        dice.choice(_GIVEN),
        dice.choice(_FAMILY),
        date(1960, 1, 1) + timedelta(days=dice.randrange(16_000)),
        "M" if number <= SUSPECTS else "F",
        dice.choice(("W1", "A2", "B1", "NS", "")),
    )


def people(found: Iterable[Event]) -> list[Person]:
    """Return everyone who appears, by number."""
    appear = {person for event in found for person in (event.suspect, event.victim) if person is not None}
    return sorted(appear, key=lambda person: person.number)


def british(day: date, event: Event | None = None) -> str:
    """Write a day as DD/MM/YYYY; the day of an impossible event as 31 February."""
    return f"31/02/{day.year}" if event is not None and event.impossible else day.strftime("%d/%m/%Y")


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
