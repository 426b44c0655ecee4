"""A small force of hand-written tables for the label and experiment tests."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from training.lists import Lists

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
            "started_on", "heard_at", "referred_at", "from",
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


def grow_world(kind: str, people: int = 1500, seed: int = 5) -> Tables:
    """Eight years in which lesser incidents happen in December and serious ones in the year that follows.

    ``signal``: some people have several non-crime incidents each December and are often serious later.
    ``noise``: everybody alike, so that no past predicts any future.
    ``leak``: like noise, but the drugs flag is set on incidents that a serious one follows within a year.
    ``related``: like signal, with victims that are partners of two thirds of the people and parents of the others.
    ``drift``: like related, but in the last year those people are serious as seldom as everybody.
    """
    rng = np.random.default_rng(seed)
    tables = Tables()
    tables.add("persons", "2018-01-01", person_id="nobody", deceased_on=None)
    for number in range(people):
        name, area = f"SYNTHETIC-{number:05d}-{seed}", ("north", "south")[number % 2]
        busy = kind in ("signal", "related", "drift") and rng.random() < 0.15
        for year in range(2018, 2026):
            serious = rng.random() < (0.6 if busy and (kind, year) != ("drift", 2024) else 0.12)
            for _ in range(3 if busy else int(rng.random() < 0.5)):
                tables.incident(
                    f"{year}-12-{rng.integers(1, 32):02d}", name, f"V{number}", area=area,
                    offence=str(rng.choice(["105A", "8N", "195/94"], p=[0.7, 0.2, 0.1])),
                    crime=not busy and bool(rng.random() < 0.6), reported_by="victim",
                    drugs=serious if kind == "leak" else bool(rng.random() < 0.1),
                )  # fmt: skip
            if serious and year < 2025:
                day = f"{year + 1}-{rng.integers(1, 12):02d}-{rng.integers(1, 29):02d}"
                tables.incident(day, name, f"V{number}", offence="8R", area=area, reported_by="victim", drugs=False)
    if kind in ("related", "drift"):
        for pair in tables.rows["dyads"]:
            pair["relationship"] = "partner" if int(pair["victim_id"][1:]) % 3 else "parent"
    return tables


def _settings(kind: str):
    from training.settings import CapacitySettings, CohortSettings, RankerSettings, SplitSettings, TrainSettings

    simple = ("v100", "recency", "elastic_net") if kind == "signal" else ("v100", "recency")
    learned = {"trees": 60, "min_people": 30, "threads": 1}
    return TrainSettings(
        candidates=(RankerSettings(kind="lightgbm", parameters=learned),),
        incumbents=tuple(
            RankerSettings(kind=name, parameters={"alpha": 0.02} if name == "elastic_net" else {}) for name in simple
        ),
        cohort=CohortSettings(months=1),
        splits=SplitSettings(
            test_dates=("2022-12-31", "2023-12-31", "2024-12-31"), train_dates=("2019-12-31", "2020-12-31")
        ),
        capacity=CapacitySettings(low=10, high=40, step=10, k=20),
        draws=100,
    )


@pytest.fixture(scope="session")
def run_world():
    """Return a function that grows a world and runs a small experiment on it, once a kind."""
    from features.building import build_stream
    from training.running import run_experiment

    done = {}

    def run(kind: str):
        if kind not in done:
            tables = grow_world(kind)
            done[kind] = run_experiment(tables, build_stream(tables), _settings(kind))
        return done[kind]

    return run


@pytest.fixture
def world_tables():
    return grow_world


@pytest.fixture(scope="session")
def grown_world():
    return grow_world


@pytest.fixture(scope="session")
def tuned_settings():
    """Return the settings of a run on a grown world that searches for parameters on two dates and compares on two."""
    from training.settings import RankerSettings, SplitSettings, TuningSettings

    settings = _settings("signal")
    weak = RankerSettings(kind="elastic_net", parameters={"alpha": 2.0})
    splits = SplitSettings(
        test_dates=("2023-12-31", "2024-12-31"),
        train_dates=("2018-12-31", "2019-12-31", "2020-12-31", "2021-12-31"),
    )
    return settings.model_copy(
        update={
            "incumbents": (*settings.incumbents[:2], weak),
            "splits": splits,
            "tuning": TuningSettings(trials=7, rows=1000),
            "draws": 50,
        }
    )


@pytest.fixture
def calibrated_lists():
    """Return a function that makes lists whose expected grade is a logistic curve of the margin, and their grades."""
    return _calibrated_lists


def _calibrated_lists(seed, people=2500, slopes=(0.8, 0.8, 0.8, 0.8), shift=0.0, familial_slope=None):
    """Return lists on which the expected grade is a logistic curve of the margin, one slope a split, and its grades.

    A tenth of the people are familial only and the others IPV, half of whom are both.
    """
    rng = np.random.default_rng(seed)
    person = np.tile(np.arange(people), len(slopes))
    split = np.repeat(np.arange(len(slopes)), people)
    steady = rng.normal(size=people)  # people stay much the same from year to year
    margin = steady[person] + 0.5 * rng.normal(size=len(person)) - 1.0
    kind = rng.random(people)[person]
    kinds = {"ipv": kind < 0.9, "familial": kind > 0.45}
    slope = np.asarray(slopes)[split]
    if familial_slope is not None:
        slope = np.where((split == len(slopes) - 1) & kinds["familial"], familial_slope, slope)
    expected = 1.0 / (1.0 + np.exp(-(slope * margin - 0.7 + shift * (split == len(slopes) - 1))))
    lesser = 0.5 * np.minimum(expected, 1.0 - expected)  # grade 1 (0.2); grade 3 (1.0) makes up the rest of the mean
    drawn = rng.random(len(person))
    y = np.where(drawn < expected - 0.2 * lesser, 1.0, np.where(drawn < expected + 0.8 * lesser, 0.2, 0.0))
    weight = np.where(rng.random(len(person)) < 0.1, 0.0, 1.0)
    margins = {"model": margin, "flat": 0 * margin}
    return Lists(person, split, 0 * person, (y >= 0.5).astype(float), weight, {}, margins), y, kinds
