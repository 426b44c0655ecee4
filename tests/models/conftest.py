"""A made-up table of indicators with a known drift, and a small force told in rows; all people are made up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

COLUMNS = [
    "days_since_last_domestic",
    "harm_reported_365",
    "crimes_reported_365",
    "incidents_any_ever",
    "victims_distinct_3y",
]


def draw(seed: int, people: int) -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(seed)
    crimes = rng.poisson(1.2, people).astype(float)
    table = pd.DataFrame(
        {
            "days_since_last_domestic": rng.integers(0, 700, people).astype(float),
            "harm_reported_365": np.where(crimes > 0, rng.gamma(1.0, 200.0, people).round(2), 0.0),
            "crimes_reported_365": crimes,
            "incidents_any_ever": crimes + rng.poisson(2.0, people),
            "victims_distinct_3y": rng.integers(0, 4, people).astype(float),
        },
        index=[f"P{n:05d}" for n in range(people)],
    )[COLUMNS]
    table = table.mask(rng.random(table.shape) < 0.06)
    drift = -2.0 + 0.6 * table["crimes_reported_365"].fillna(0.0) + 0.5 * table["victims_distinct_3y"].fillna(0.0)
    happened = rng.random(people) < 1 / (1 + np.exp(-drift))
    grades = rng.choice([0.25, 0.6, 1.0], people) * happened
    return table, pd.Series(grades, index=table.index)


@pytest.fixture(scope="session")
def people() -> tuple[pd.DataFrame, pd.Series]:
    return draw(7, 900)


OFFENCES = pd.DataFrame(
    {
        "offence_code": ["00105", "00521", "00867", "00858", "10411"],
        "family": ["violence_no_injury", "strangulation", "coercive_control", "stalking", "threats"],
        "harm_days": [2.0, np.nan, 10.0, 10.0, 5.0],
        "source": "made up for tests",
        "verified": False,
    }
)
EXTRACT = date(2026, 3, 31)
_DATES = ("occurred_from", "occurred_to", "reported_on", "referred_at", "heard_at", "starts_on", "ends_on")
_DATES += ("expected_release", "breached_at", "from", "to", "checked_on", "known_from", "known_to")


class FrameSource:
    """A snapshot held in memory: the members that the event stream and the criteria read."""

    def __init__(self, tables: dict[str, pd.DataFrame]) -> None:
        self._tables = tables
        self.extract_date = EXTRACT
        self.offences = OFFENCES

    @property
    def tables(self) -> frozenset[str]:
        return frozenset(self._tables)

    def has(self, name: str) -> bool:
        return name in self._tables

    def table(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        frame = self._tables[name]
        return frame if columns is None else frame[list(columns)]


def frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    for name in ("known_from", "known_to"):
        if name not in table:
            table[name] = None
    for name in table.columns:
        if name in _DATES:
            table[name] = pd.to_datetime(table[name]).astype("datetime64[s]")
        elif name in ("is_crime", "domestic", "strangulation", "repeat"):
            table[name] = table[name].astype("boolean")
        else:
            table[name] = table[name].astype("str")
    return table


def source(incidents: list[dict[str, Any]], **others: list[dict[str, Any]]) -> FrameSource:
    """Return a source from short incident rows: ``day, suspects, victims`` and what is not usual."""
    tables: dict[str, list[dict[str, Any]]] = {"incidents": [], "involvements": [], "dyads": []}
    for number, row in enumerate(incidents, start=1):
        key = row.get("id", f"I{number}")
        known = {"known_from": row.get("known_from", row.get("reported", row["day"]))}
        tables["incidents"].append(
            {
                "incident_id": key,
                "area": row.get("area", "castlebridge"),
                "occurred_from": row["day"],
                "reported_on": row.get("reported", row["day"]),
                "offence_code": row.get("code", "00105"),
                "is_crime": row.get("crime", True),
                "domestic": row.get("domestic", True),
                "strangulation": row.get("strangulation", False),
                "risk_grade": row.get("grade"),
                **known,
            }
        )
        for role in ("suspect", "victim"):
            for person in row.get(f"{role}s", ()):
                tables["involvements"].append({"incident_id": key, "person_id": person, "role": role, **known})
        for suspect, victim in row.get("pairs", [(s, v) for s in row["suspects"] for v in row["victims"]]):
            pair = {"incident_id": key, "suspect_id": suspect, "victim_id": victim, **known}
            tables["dyads"].append({**pair, "relationship": row.get("relationship")})
    for name, rows in others.items():
        tables[name] = [{"known_from": "2000-01-01", **row} for row in rows]
    return FrameSource({name: frame(rows) for name, rows in tables.items()})


@pytest.fixture(scope="session")
def make_source() -> Callable[..., FrameSource]:
    return source
