"""A made-up force with a known number of everything that the report counts."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

EXTRACT = date(2024, 6, 30)
FIRST = date(2019, 7, 1)
BLANK = ("2023-01", "2023-03")
DOUBLED = "2021-03"


def _days(rng: np.random.Generator, a_month: float, begins: date = FIRST, ends: date = EXTRACT) -> list[date]:
    found = []
    month = begins.replace(day=1)
    while month <= ends:
        following = (month + timedelta(days=32)).replace(day=1)
        length = (following - month).days
        found += [month + timedelta(days=int(day)) for day in rng.integers(0, length, rng.poisson(a_month))]
        month = following
    return found


def planted_incidents(seed: int) -> pd.DataFrame:
    """Four series: one steady, one that doubles unannounced, one that the 2023 rules cut, one that starts in 2022."""
    rng = np.random.default_rng(seed)
    rules, start, doubled = date(2023, 6, 1), date(2022, 6, 7), date(2021, 3, 1)
    series = {
        "10501": _days(rng, 200),
        "14900": _days(rng, 25, ends=doubled - timedelta(days=1)) + _days(rng, 60, begins=doubled),
        "00872": _days(rng, 40, ends=rules - timedelta(days=1)) + _days(rng, 18, begins=rules),
        "00877": [day for day in _days(rng, 12, begins=date(2022, 6, 1)) if day >= start],
    }
    rows = pd.DataFrame([(code, day) for code, days in series.items() for day in days], columns=["code", "day"])
    rows["area"] = np.where(rng.random(len(rows)) < 0.6, "east", "west")
    month = rows["day"].map(lambda day: day.isoformat()[:7])
    blank = (rows["area"] == "west") & (month >= BLANK[0]) & (month <= BLANK[1])
    return rows[~blank].sort_values("day", kind="stable").reset_index(drop=True)


def write_force(folder: Path, seed: int = 1) -> dict[str, int]:
    """Write the extract and return what was planted."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed + 100)
    rows = planted_incidents(seed)
    size = len(rows)
    people = 1200
    sexes = rng.choice(["female", "male", ""], people, p=[0.3, 0.65, 0.05])
    ethnicity = rng.choice(["W1", "B1", "A1", "NS", ""], people, p=[0.5, 0.1, 0.01, 0.09, 0.3])
    born = rng.random(people) < np.where(ethnicity == "B1", 0.3, 0.9)
    persons = pd.DataFrame(
        {
            "person_id": [f"P{number:04d}" for number in range(people)],
            "given_name": "Ada",
            "family_name": [f"Name{number // 2 if number < 20 else number}" for number in range(people)],
            "date_of_birth": np.where(born, "1985-06-15", ""),
            "pnc_id": "",
            "source": "made up",
        }
    )
    late = rng.integers(0, 5, size)
    recorded = [min(day + timedelta(days=int(days)), EXTRACT) for day, days in zip(rows["day"], late, strict=True)]
    incidents = pd.DataFrame(
        {
            "incident_id": [f"I{number:05d}" for number in range(size)],
            "force": "northshire",
            "area": rows["area"],
            "occurred_from": rows["day"],
            "reported_on": rows["day"],
            "offence_code": rows["code"],
            "is_crime": "true",
            "domestic": "true",
            "risk_tool": np.where(rows["day"] < date(2022, 3, 1), "dash", "dara"),
            "risk_grade": rng.choice(["standard", "medium", "high", ""], size),
            "known_from": recorded,
        }
    )
    incidents.loc[:6, "offence_code"] = "<script>alert(1)</script>"
    suspects = rng.integers(0, people // 2, size)
    victims = rng.integers(people // 2, people, size)
    roles = pd.concat(
        [
            pd.DataFrame(
                {"incident_id": incidents["incident_id"], "person_id": persons["person_id"].to_numpy()[who]}
            ).assign(role=role)
            for role, who in (("suspect", suspects), ("victim", victims))
        ]
    )
    roles = roles[~((roles["role"] == "victim") & roles["incident_id"].isin(incidents["incident_id"][:50]))]
    communities = pd.DataFrame({"person_id": persons["person_id"], "sex": sexes, "ethnicity_self": ethnicity})
    communities["ethnicity_observed"] = np.where((ethnicity == "") & (rng.random(people) < 0.5), "IC1", "")
    for name, frame in (
        ("persons", persons),
        ("incidents", incidents),
        ("involvements", roles),
        ("communities", communities),
    ):
        frame.to_csv(folder / f"{name}.csv", index=False)
    (folder / "manifest.yaml").write_text(
        f"source: made up\nextract_date: {EXTRACT.isoformat()}\nperiod: 2019 to 2024\nsynthetic: true\n"
    )
    return {
        "people": people,
        "incidents": size,
        "unmapped": 7,
        "without_victim": 50,
        "same_name_and_birth": int(persons[born][["family_name"]].duplicated(keep=False).sum()),
        "without_birth": int((~born).sum()),
    }
