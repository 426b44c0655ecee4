"""Every cell of a history: what the catalogue computes beside what the oracle answers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

import pandas as pd

from benchmarks.oracle.answers import answers
from benchmarks.oracle.histories import History, history
from benchmarks.oracle.source import OFFENCES, PlainSource
from benchmarks.oracle.world import World
from features import CATALOGUE, build_stream, compute

TOLERANCE = 1e-9  # relative, for shares, means and slopes; whole numbers must be equal


@dataclass(frozen=True)
class Cell:
    """One indicator of one person at one date, computed and answered."""

    indicator: str
    person: str
    day: date
    computed: float
    answered: float

    @property
    def differs(self) -> bool:
        """Whether the two are not the same number (or not both missing)."""
        if math.isnan(self.computed) or math.isnan(self.answered):
            return math.isnan(self.computed) != math.isnan(self.answered)
        if float(self.answered).is_integer() and float(self.computed).is_integer():
            return self.computed != self.answered
        return not math.isclose(self.computed, self.answered, rel_tol=TOLERANCE, abs_tol=TOLERANCE)

    def __str__(self) -> str:
        return f"{self.indicator} of {self.person} as of {self.day}: {self.computed}, not {self.answered}"


def cells(history: History) -> Iterator[Cell]:
    """Yield every cell of a history."""
    asked = [(person, day) for person in history.people for day in history.asked]
    stream = build_stream(PlainSource(history.rows, history.extract_date))
    table = compute(stream, pd.DataFrame(asked, columns=["person_id", "as_of"]))
    worlds = {day: World(history.rows, OFFENCES, day, history.extract_date) for day in history.asked}
    for (person, day), computed in zip(asked, table[list(CATALOGUE.names)].to_numpy(), strict=True):
        answered = answers(worlds[day], person)
        for name, value in zip(CATALOGUE.names, computed.tolist(), strict=True):
            yield Cell(name, person, day, value, float(answered[name]))


def compared(block: int, histories: int = 40) -> dict[str, int]:
    """Return how many cells the histories of one block have and how many of them differ."""
    told = [cell.differs for number in range(histories) for cell in cells(history(Random(f"{block} {number}")))]
    return {"histories": histories, "cells": len(told), "differing": sum(told)}
