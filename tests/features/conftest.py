"""A frame-backed record source and a world small enough to check by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from records import codes, contract

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

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """The same tables as plain Python values, None where missing."""
        return {name: [_plain(row) for row in frame.to_dict("records")] for name, frame in self._frames.items()}

    def shuffled(self, seed: int) -> FrameSource:
        other = FrameSource({}, self.offences.sample(frac=1, random_state=seed))
        other._frames = {name: frame.sample(frac=1, random_state=seed) for name, frame in self._frames.items()}
        return other


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: None if pd.isna(value) else value for name, value in row.items()}
    return {name: value.date() if isinstance(value, pd.Timestamp) else value for name, value in values.items()}


def _typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    table = contract.TABLES[name]
    typed = frame.reindex(columns=list(table.dtypes))
    typed[contract.ASSUMED] = typed[contract.ASSUMED].eq(True)  # not assumed where a row does not say
    return typed.astype(table.dtypes)


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


CODES = [*OFFENCES["offence_code"], "no_such", None]
_RARE = [name for name in codes.FAMILIES if name not in {*OFFENCES["family"], "non_crime", "unmapped"}]
RARE = pd.DataFrame({"offence_code": [f"rare_{name}" for name in _RARE], "family": _RARE, "harm_days": 20.0})
"""An offence of each further family."""


def random_world(seed: int, incidents: int = 400, people: int = 9) -> FrameSource:
    """A few people with crowded histories: late and corrected records, both roles, hearings, orders."""
    rng = np.random.default_rng(seed)
    stated = np.random.default_rng(seed + 1)  # what record systems overwrite without a date
    more = np.random.default_rng(seed + 2)
    offences = [*CODES, *CODES, *RARE["offence_code"]]
    reporters, routes = [*sorted(codes.REPORTERS), None], [*sorted(codes.CRITERIA), None]
    start = np.datetime64("2020-01-01")

    def day(low: int = 0, high: int = 2000) -> np.datetime64:
        return start + np.timedelta64(int(rng.integers(low, high)), "D")

    def after(when: np.datetime64, longest: int) -> np.datetime64:
        return when + np.timedelta64(int(rng.integers(0, longest)), "D")

    tables: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("incidents", "involvements", "dyads", "marac_hearings", "orders", "custody", "addresses")
    }
    for number in range(incidents):
        key, began = f"I{number:03d}", day()
        known = after(began, 3) if rng.random() < 0.8 else after(began, 600)
        corrected = after(known, 500) + np.timedelta64(1, "D") if rng.random() < 0.3 else None
        withdrawn = after(corrected or known, 700) + np.timedelta64(1, "D") if rng.random() < 0.1 else None
        for known_from, known_to in [(known, corrected or withdrawn), (corrected, withdrawn)]:
            if known_from is not None:
                tables["incidents"].append(
                    incident(
                        key,
                        began,
                        reported_on=known if more.random() < 0.9 else None,
                        known_from=known_from,
                        known_to=known_to,
                        area=str(rng.choice(["castlebridge", "eastmere"])),
                        offence_code=offences[more.integers(len(offences))],
                        is_crime=bool(rng.random() < 0.7),
                        domestic=bool(rng.random() < 0.85),
                        drugs=bool(rng.random() < 0.2),
                        alcohol=[True, False, None][rng.integers(3)],
                        children_present=bool(rng.random() < 0.3),
                        reported_by=reporters[more.integers(len(reporters))],
                        weapon=bool(more.random() < 0.2),
                        injury=bool(more.random() < 0.3),
                        risk_grade=["high", "medium", "standard", "odd", None][stated.integers(5)],
                        risk_tool=["dash", "dara", "other", None][stated.integers(4)],
                        known_from_assumed=bool(stated.random() < 0.5),
                    )
                )
        parties = [f"P{n:02d}" for n in rng.choice(people, 3, replace=False)]
        roles = ["suspect", "victim", str(rng.choice(["suspect", "victim", "witness"]))]
        for person, role in zip(parties, roles, strict=True):
            tables["involvements"].append(involved(key, person, role, str(after(known, 30))))
        if rng.random() < 0.7:
            pair = {"incident_id": key, "suspect_id": parties[0], "victim_id": parties[1]}
            told = {
                "relationship": ["partner", "ex_partner", "ex_partner", "parent", None][stated.integers(5)],
                "relationship_source": ["recorded", "inferred", "unknown", None][stated.integers(4)],
                "known_from_assumed": bool(stated.random() < 0.5),
            }
            tables["dyads"].append({**pair, **told, "known_from": after(known, 90)})
    sure = [row for row in tables["incidents"] if row["domestic"]]
    for number, heard_of in enumerate(sure[::4]):
        roles = {
            row["role"]: row["person_id"]
            for row in tables["involvements"]
            if row["incident_id"] == heard_of["incident_id"]
        }
        heard = after(heard_of["known_from"], 60)
        tables["marac_hearings"].append(
            {
                "hearing_id": f"H{number}",
                "perpetrator_id": roles["suspect"],
                "victim_id": roles["victim"],
                "referred_at": heard - np.timedelta64(14, "D") if number % 3 else None,
                "heard_at": heard,
                "known_from": heard,
                "criterion": routes[more.integers(len(routes))],
                "referring_agency": [None, "police", "police", "idva", "health"][more.integers(5)],
                "repeat": [True, False, None][more.integers(3)],
            }
        )
    for number in range(people):
        starts = day(0, 1500)
        kind = str(more.choice(["dvpn", "restraining", "bail_conditions"]))
        order = {"order_id": f"O{number}", "person_id": f"P{number:02d}", "kind": kind}
        breached = after(starts, 400) if rng.random() < 0.5 else None
        tables["orders"].append({**order, "starts_on": starts, "breached_at": breached, "known_from": starts})
        held = day(0, 1500)
        spell = {"person_id": f"P{number:02d}", "kind": ["remand", "sentence", "police"][number % 3]}
        tables["custody"].append({**spell, "starts_on": held, "known_from": held})
        home = {"person_id": f"P{number:02d}", "area": ["castlebridge", "eastmere"][number % 2]}
        tables["addresses"].append({**home, "known_from": "2020-01-01"})
    return FrameSource(tables, pd.concat([OFFENCES, RARE], ignore_index=True))


@pytest.fixture(scope="session", autouse=True)
def machine_code() -> None:
    """Compile first: a process that has asked for little answers in plain Python, and the tests are about both."""
    from features import kernel

    kernel.compiled_fold()


@pytest.fixture(scope="session")
def world() -> FrameSource:
    return random_world(2026)


@pytest.fixture(scope="session")
def spine_of() -> Callable[..., pd.DataFrame]:
    def spine(stream: Any, days: Sequence[str] = ("2022-02-28", "2023-06-30", "2025-01-01")) -> pd.DataFrame:
        people = [*stream.person_ids.tolist(), "nobody"]
        asked = [(person, day) for person in people for day in days]
        return pd.DataFrame(asked, columns=["person_id", "as_of"]).astype({"as_of": "datetime64[s]"})

    return spine


@pytest.fixture(scope="session")
def many() -> Any:
    """A stream of some hundred people, most of them recent suspects."""
    from features import build_stream

    return build_stream(random_world(7, incidents=1_500, people=800))
