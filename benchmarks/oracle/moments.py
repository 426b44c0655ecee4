"""Days on every edge, and the spans in which the versions of a row were known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

Row = dict[str, Any]

LEAP_DAY = date(2024, 2, 29)
WINDOWS = (30, 90, 180, 360, 365, 540, 730, 1095, 1825)
EDGES = (0, 1, 2, 7, 14, 400, 1461, 2500, *(days + step for days in WINDOWS for step in (-1, 0, 1)))
"""Ages in days at which a window begins or ends, and one day to either side."""
RECENT = tuple(age for age in EDGES if age <= 366)
LAGS = (*(0,) * 10, 1, 5, 30, 90, 400, 700)
"""Days between something and its record."""


class Moments:
    """Draws days and spans of knowledge.

    Parameters
    ----------
    rng
        What draws.
    asked
        The days from which ages are counted.
    extract_date
        The day the delivery was taken.
    ages
        From which ages in days are drawn.
    """

    def __init__(self, rng: Random, asked: Sequence[date], extract_date: date, ages: Sequence[int] = EDGES) -> None:
        self._rng = rng
        self._ages = ages
        self._asked = asked
        self._extract_date = extract_date
        self._drawn: list[date] = []

    def day(self) -> date:
        """Return a day on the edge of a window of a day asked; at times one drawn before, or a leap day."""
        chance = self._rng.random()
        if self._drawn and chance < 0.15:
            return self._rng.choice(self._drawn)
        if chance < 0.2:
            return self._rng.choice([LEAP_DAY, date(2020, 2, 29), date(2023, 2, 28), date(2022, 3, 1)])
        self._drawn.append(self._rng.choice(self._asked) - timedelta(days=self._rng.choice(self._ages)))
        return self._drawn[-1]

    def lag(self) -> timedelta:
        """Return how long something took to be recorded."""
        return timedelta(days=self._rng.choice(LAGS))

    def spans(self, since: date, versions: int = 2) -> list[Row]:
        """Return when the versions of a row were known: corrected, withdrawn, withdrawn and back again."""
        rng = self._rng
        start = since + self.lag()
        spans: list[Row] = []
        for _ in range(rng.choice([1, 1, 1, 1, versions])):
            lasts = rng.choice([1, 30, 90, 365])
            spans.append({"known_from": start, "known_to": start + timedelta(days=lasts)})
            start = start + timedelta(days=lasts + rng.choice([0, 0, 0, 60]))
        if rng.random() < 0.9:
            spans[-1]["known_to"] = None
        if rng.random() < 0.6:
            return [{**span, "known_from_assumed": False} for span in spans]
        return [part for span in spans for part in self._assumed(span)]

    def _assumed(self, span: Row) -> list[Row]:
        """Return a span whose beginning is assumed; it may be certain from the extract date on."""
        taken = self._extract_date
        within = span["known_from"] < taken and (span["known_to"] is None or taken < span["known_to"])
        if not within or self._rng.random() < 0.5:
            return [{**span, "known_from_assumed": True}]
        return [
            {**span, "known_to": taken, "known_from_assumed": True},
            {**span, "known_from": taken, "known_from_assumed": False},
        ]
