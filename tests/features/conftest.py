"""A frame-backed record source and a world small enough to check by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import pytest

from records import contract

OFFENCES = pd.DataFrame(
    {
        "offence_code": ["10501", "00806", "00877", "00866", "00867", "06639", "00301", "19C", "99000"],
        "family": [
            "violence_no_injury",
            "violence_injury",
            "strangulation",
            "stalking_fear",
            "coercive_control",
            "breach",
            "threats",
            "rape",
            "other",
        ],
        "harm_days": [1.0, 19.5, 365.0, 182.25, 365.0, 10.0, 10.0, 1825.0, float("nan")],
    }
)


class FrameSource:
    """Tables held in memory with the dtypes of the contract."""

    def __init__(self, rows: Mapping[str, Sequence[Mapping[str, Any]]], offences: pd.DataFrame = OFFENCES):
        self._frames = {name: _typed(name, pd.DataFrame(list(table))) for name, table in rows.items()}
        self.offences = offences
        self.extract_date = date(2026, 3, 31)

    @property
    def tables(self) -> frozenset[str]:
        return frozenset(self._frames)

    def has(self, name: str) -> bool:
        return name in self._frames

    def table(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        frame = self._frames[name]
        return frame.copy() if columns is None else frame[list(columns)].copy()

    def shuffled(self, seed: int) -> FrameSource:
        other = FrameSource({}, self.offences.sample(frac=1, random_state=seed))
        other._frames = {name: frame.sample(frac=1, random_state=seed) for name, frame in self._frames.items()}
        return other


def _typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    table = contract.TABLES[name]
    dtypes = {column: dtype for column, dtype in table.dtypes.items() if column != contract.ASSUMED}
    return frame.reindex(columns=list(dtypes)).astype(dtypes)


def incident(key: str, day: str, **other: Any) -> dict[str, Any]:
    return {
        "incident_id": key,
        "area": "castlebridge",
        "occurred_from": day,
        "reported_on": day,
        "known_from": day,
        "offence_code": "10501",
        "is_crime": True,
        "domestic": True,
        "reported_by": "victim",
        **other,
    }


def involved(key: str, person: str, role: str, known_from: str, known_to: str | None = None) -> dict[str, Any]:
    return {
        "incident_id": key,
        "person_id": person,
        "role": role,
        "known_from": known_from,
        "known_to": known_to,
    }


@pytest.fixture(scope="session")
def source_of() -> Callable[..., FrameSource]:
    return FrameSource


@pytest.fixture(scope="session")
def an_incident() -> Callable[..., dict[str, Any]]:
    return incident


@pytest.fixture(scope="session")
def an_involvement() -> Callable[..., dict[str, Any]]:
    return involved
