"""The worlds. In each, what goes before harm is a function of the record; four are made for a model, three are not.

In the first four the people at risk stand in the middle of what a sum or a weighted sum can order: more of the
same is no longer a sign of harm there. None of it goes against a direction that the catalogue declares.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.worlds.history import LATE, MIDDLE, Floats, Record, World

_MIXED = (
    (0.5, {"dispute": (0.2, 0.1, 0.1), "assault": (0.15, 0.08, 0.08)}),
    (
        0.3,
        {
            "dispute": (0.5, 0.25, 0.25),
            "assault": (0.6, 0.3, 0.3),
            "harassment": (0.3, 0.15, 0.15),
            "injury": (0.2, 0.1, 0.1),
        },
    ),
    (0.2, {"assault": (0.8, 0.4, 0.4), "injury": (0.8, 0.4, 0.4), "wounding": (0.5, 0.25, 0.25)}),
)


def _rising(record: Record) -> Floats:
    late, middle = record.last_year("dispute", part=LATE), record.last_year("dispute", part=MIDDLE)
    rising = (late >= 2) & (late >= 3 * middle) & (record.last_year("dispute") <= 4)
    return np.where(rising, 0.6, 0.03)


def _serial(record: Record) -> Floats:
    calls = record.last_year("dispute")
    return np.where((record.ever("another") >= 2) & (calls >= 1) & (calls <= 3), 0.6, 0.03)


def _stalking(record: Record) -> Floats:
    calls, stalked = record.last_year("dispute"), record.last_year("stalking") >= 1
    return np.select([stalked & (calls <= 1), stalked, calls >= 4], [0.7, 0.05, 0.15], 0.03)


def _silence(record: Record) -> Floats:
    late, middle = record.last_year("dispute", part=LATE), record.last_year("dispute", part=MIDDLE)
    harassed = record.last_year("harassment") >= 1
    silent, rising = (middle >= 2) & (late == 0), (late >= 2) & (late >= 3 * middle)
    return np.select([harassed & silent, harassed, rising], [0.7, 0.05, 0.2], 0.03)


_DAYS = {"assault": 1.0, "harassment": 10.0, "injury": 15.0, "wounding": 182.0, "serious": 365.0}


def _sum_of_days(record: Record) -> Floats:
    days = sum(value * record.last_year(kind) for kind, value in _DAYS.items())
    listed = np.where(record.last_year(*_DAYS) >= 2, days, 0.0)
    return np.asarray(0.02 + 0.9 * listed / (listed + 400.0))


def _alike(record: Record) -> Floats:
    return np.full(len(record.counts), 0.06)


WORLDS: Mapping[str, World] = {
    world.name: world
    for world in (
        World(
            "rising",
            "A few calls, nearly all of them of late: not one call, not constant conflict, not one long burst.",
            (
                (0.40, {"dispute": (0.15, 0.05, 0.1), "assault": (0.1, 0.05, 0.05)}),
                (0.15, {"dispute": (0.1, 0.05, 0.9), "assault": (0.1, 0.05, 0.05)}),
                (0.13, {"dispute": (0.1, 0.05, 2.6), "assault": (0.05, 0.0, 0.1)}),
                (0.12, {"dispute": (0.2, 0.1, 8.0), "assault": (0.05, 0.03, 0.2)}),
                (0.20, {"dispute": (4.0, 2.0, 2.2), "assault": (0.6, 0.3, 0.3)}),
            ),
            _rising,
            wanted="model",
        ),
        World(
            "serial",
            "Three victims or more, and a few calls in the year: neither silence nor constant calls.",
            (
                (0.40, {"assault": (0.2, 0.1, 0.1), "another": (0.015, 0.0075, 0.0075)}),
                (0.25, {"dispute": (1.0, 0.5, 0.5), "another": (0.015, 0.0075, 0.0075)}),
                (0.35, {"dispute": (4.0, 2.0, 2.0), "assault": (0.4, 0.2, 0.2), "another": (0.015, 0.0075, 0.0075)}),
            ),
            _serial,
            wanted="model",
            earlier=(0.60, 0.15, 0.10, 0.08, 0.05, 0.02),
        ),
        World(
            "rare_serious",
            "Stalking where the calls have stopped, worth ten days in a sum; elsewhere many calls are the sign.",
            (
                (0.06, {"stalking": (0.3, 0.3, 0.7), "dispute": (0.2, 0.05, 0.05)}),
                (0.06, {"stalking": (0.3, 0.3, 0.7), "dispute": (2.0, 1.0, 1.0)}),
                (
                    0.25,
                    {"dispute": (3.0, 1.5, 1.5), "assault": (0.8, 0.4, 0.4), "harassment": (0.3, 0.15, 0.15)},
                ),
                (0.63, {"dispute": (0.25, 0.1, 0.1), "assault": (0.12, 0.06, 0.06)}),
            ),
            _stalking,
            wanted="model",
        ),
        World(
            "silence",
            "Harassment where the calls have stopped of late; elsewhere calls that come of late are the sign.",
            (
                (0.09, {"harassment": (1.3, 0.0, 0.0), "dispute": (0.3, 3.0, 0.03)}),
                (0.06, {"harassment": (1.3, 0.0, 0.0), "dispute": (0.1, 0.05, 2.6)}),
                (0.05, {"harassment": (1.3, 0.0, 0.0), "dispute": (0.2, 0.1, 0.1)}),
                (0.20, {"dispute": (0.1, 0.05, 2.6), "assault": (0.1, 0.05, 0.05)}),
                (0.15, {"dispute": (0.3, 3.0, 0.03), "assault": (0.1, 0.05, 0.05)}),
                (0.45, {"dispute": (0.25, 0.1, 0.1), "assault": (0.12, 0.06, 0.06)}),
            ),
            _silence,
            wanted="model",
        ),
        World(
            "plain_sum",
            "The sum of sentence days of the year's crimes, of people with two or more: there is nothing else.",
            _MIXED,
            _sum_of_days,
            wanted="sum",
        ),
        World("noise", "Nothing: everybody is at the same risk.", _MIXED, _alike, wanted="sum"),
        World(
            "leak",
            "Nothing, but a column was filled in afterwards as if it had been known before.",
            _MIXED,
            _alike,
            wanted="stop",
            leaks=True,
        ),
    )
}
