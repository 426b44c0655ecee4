"""Made-up forces that the tests of this room share; each is made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from synthetic import ForceSettings, ForceSummary, Plant, make_force

SMALL = 4_000


@dataclass(frozen=True)
class Made:
    folder: Path
    summary: ForceSummary

    def extract(self, name: str) -> pd.DataFrame:
        path = self.folder / "extract" / f"{name}.csv"
        options = pacsv.ConvertOptions(strings_can_be_null=True, column_types={"offence_code": "string"})
        return pacsv.read_csv(path, convert_options=options).to_pandas(date_as_object=False)

    def truth(self, name: str) -> pd.DataFrame:
        return pq.read_table(self.folder / "truth" / f"{name}.parquet").to_pandas(date_as_object=False)

    def suspects(self) -> pd.DataFrame:
        """Domestic incidents as they stand at the extract, one row a suspect, with the suspect's truth."""
        incidents = self.extract("incidents").drop_duplicates("incident_id", keep="last")
        roles = self.extract("involvements")
        roles = roles[roles["role"] == "suspect"].drop_duplicates(["incident_id", "person_id"], keep="last")
        rows = roles.merge(incidents[incidents["domestic"]], on="incident_id", suffixes=("_role", ""))
        return rows.merge(self.truth("persons"), on="person_id", suffixes=("", "_truth"))


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Made]:
    """Make a small force with the plants named, once a combination."""
    made: dict[tuple[str, ...], Made] = {}

    def make_once(*plants: str) -> Made:
        if plants not in made:
            out = tmp_path_factory.mktemp("force")
            settings = ForceSettings(persons=SMALL, plants=tuple(Plant.parse(text) for text in plants))
            made[plants] = Made(out, make_force(out, settings))
        return made[plants]

    return make_once


@pytest.fixture(scope="session")
def null_force(make: Callable[..., Made]) -> Made:
    return make()


@pytest.fixture(scope="session")
def large_force(tmp_path_factory: pytest.TempPathFactory) -> Made:
    out = tmp_path_factory.mktemp("large")
    return Made(out, make_force(out, ForceSettings(persons=40_000)))
