"""A small force of hand-written tables for the label and experiment tests."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

FOREVER = pd.NaT

OFFENCES = pd.DataFrame(
    {
        "offence_code": ["8N", "105A", "1", "195/94", "8R", "8P"],
        "family": [
            "violence_injury", "violence_no_injury", "homicide", "harassment", "stalking_fear", "coercive_control",
        ],
        "harm_days": [365.0, 10.0, 5475.0, 10.0, 10.0, np.nan],
    }
)  # fmt: skip


class Tables:
    """Row by row builder of a snapshot: everything is known from the day it is reported unless said otherwise."""

    def __init__(self, extract_date: str = "2026-03-31") -> None:
        self.extract_date = date.fromisoformat(extract_date)
        self.rows: dict[str, list[dict]] = {name: [] for name in ("persons", "incidents", "involvements", "dyads")}
        self.offences = OFFENCES

    def incident(
        self, day, suspect, victim=None, *, offence="105A", crime=True, domestic=True, known=None, until=None,
        area="north", name=None, arrested=None, **flags,
    ):  # fmt: skip
        name = name or f"I{len(self.rows['incidents']):05d}"
        versions = {"known_from": known or day, "known_to": until}
        self.rows["incidents"].append(
            dict(incident_id=name, area=area, occurred_from=day, reported_on=day, offence_code=offence,
                 is_crime=crime, domestic=domestic, **flags, **versions)
        )  # fmt: skip
        self.involve(name, suspect, "suspect", versions, arrested)
        if victim:
            self.involve(name, victim, "victim", versions)
            self.rows["dyads"].append(dict(incident_id=name, suspect_id=suspect, victim_id=victim, **versions))
        return name

    def involve(self, incident, person, role, versions, arrested=None):
        self.rows["involvements"].append(
            dict(incident_id=incident, person_id=person, role=role, arrested_at=arrested, **versions)
        )

    def add(self, table, known, **columns):
        self.rows.setdefault(table, []).append(columns | {"known_from": known, "known_to": None})

    @property
    def tables(self):
        return frozenset(self.rows)

    def has(self, name):
        return name in self.rows

    def table(self, name, columns=None):
        frame = pd.DataFrame(self.rows[name])
        for column, kind in _TYPES.items():
            if column in frame or (columns and column in columns):
                values = frame[column] if column in frame else pd.Series(None, index=frame.index, dtype=object)
                frame[column] = (
                    pd.to_datetime(values).astype("datetime64[s]") if kind == "date" else values.astype(kind)
                )
        return frame if columns is None else frame[list(columns)]


_TYPES = {
    **dict.fromkeys(
        (
            "known_from", "known_to", "occurred_from", "reported_on", "arrested_at", "deceased_on", "starts_on",
            "started_on", "heard_at", "referred_at",
        ),
        "date",
    ),
    **dict.fromkeys(("is_crime", "domestic", "strangulation", "drugs"), "boolean"),
    "person_id": "str",
}  # fmt: skip


@pytest.fixture
def tables():
    return Tables()


@pytest.fixture
def make_tables():
    return Tables
