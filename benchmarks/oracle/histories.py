"""Made-up histories that lie on every edge: of windows, of knowledge, of roles and of what is missing.

A history is drawn from a `random.Random`: a seeded one draws the same history for the same number, one of
Hypothesis shrinks to the smallest history that fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from benchmarks.oracle.drawing import OPTIONAL, PEOPLE, VICTIMS, Drawing
from benchmarks.oracle.moments import EDGES, LEAP_DAY, RECENT, Moments, Row
from benchmarks.oracle.source import Rows

NOBODY = "nobody"
_OTHERS = ("dyads", "marac_hearings", "orders", "custody")


@dataclass(frozen=True)
class History:
    """The tables of one delivery, the days asked, the day it was taken and who is asked about."""

    rows: Rows
    asked: tuple[date, ...]
    extract_date: date
    people: tuple[str, ...]


def history(rng: Random, most: int = 32) -> History:
    """Draw a history of one to `most` incidents of a few people, and one person of whom nothing is recorded."""
    taken = rng.choice([date(2026, 3, 31), LEAP_DAY, date(2023, 6, 1), date(2025, 2, 28)])
    asked = (
        LEAP_DAY,
        LEAP_DAY + timedelta(days=rng.choice([1, 365, 400])),
        LEAP_DAY - timedelta(days=rng.choice([1, 365, 366])),
        taken,
        taken - timedelta(days=rng.choice([1, 200])),
    )
    blank = {name for name in (*OPTIONAL, VICTIMS) if rng.random() < 0.08}
    delivered = ["incidents", "involvements", *(name for name in _OTHERS if rng.random() < 0.8)]
    moments = Moments(rng, asked, taken, EDGES if rng.random() < 0.7 else RECENT)
    drawing = Drawing(rng, moments, {name: [] for name in delivered}, blank)
    for number in range(rng.choice([1, 3, most // 2, most, most])):
        drawing.add_incident(f"I{number:02d}")
    _add_others(drawing, rng.choice([0, 1, 3, 6]))
    return History(drawing.tables, asked, taken, (*PEOPLE, NOBODY))


def crowded(rng: Random, events: int) -> History:
    """Draw a history in which one person is the suspect of every one of many incidents."""
    taken = date(2025, 12, 31)
    asked = (LEAP_DAY, taken)
    moments = Moments(rng, asked, taken)
    drawing = Drawing(rng, moments, {name: [] for name in ("incidents", "involvements", *_OTHERS)})
    victims = [*PEOPLE[1:], *(f"victim {number}" for number in range(40))]
    for number in range(events):
        began = LEAP_DAY - timedelta(days=rng.randrange(4000))
        known: Row = {"known_from": began + moments.lag(), "known_to": None, "known_from_assumed": False}
        key = {"incident_id": f"I{number:05d}"}
        drawing.tables["incidents"].append({**key, **drawing.incident(began, known["known_from"]), **known})
        for role, person in (("suspect", PEOPLE[0]), ("victim", rng.choice(victims))):
            drawing.tables["involvements"].append({**key, "person_id": person, "role": role, **known})
    _add_others(drawing, 30)
    return History(drawing.tables, asked, taken, (PEOPLE[0],))


def _add_others(drawing: Drawing, number: int) -> None:
    for one in range(number):
        drawing.add_hearing(f"H{one}")
        drawing.add_order(f"O{one}")
        drawing.add_spell()
