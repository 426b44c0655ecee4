from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest

from records import RecordStore

PLAIN = {
    "manifest.yaml": "source: made up\nextract_date: 2024-03-31\nperiod: 2020 to 2024\nsynthetic: true\n",
    "persons.csv": "person_id,given_name,date_of_birth,source\nP1,Ada,1980-02-29,niche\nP2,,,niche\n",
    "incidents.csv": (
        "incident_id,force,area,occurred_from,reported_on,offence_code,is_crime,domestic\n"
        "I1,northshire,east,2023-01-01,2023-01-05,00806,true,true\n"
        "I2,northshire,west,2023-02-01,2023-02-01,,false,true\n"
    ),
    "involvements.csv": ("incident_id,person_id,role\nI1,P1,suspect\nI1,P2,victim\nI2,P1,suspect\nI2,P2,victim\n"),
}


class MakeExtract(Protocol):
    def __call__(self, files: dict[str, str | bytes | None] | None = None, name: str = "extract") -> Path: ...


@pytest.fixture
def extract(tmp_path: Path) -> MakeExtract:
    """Write a small sound extract with some files replaced, added or (None) left out."""

    def make(files: dict[str, str | bytes | None] | None = None, name: str = "extract") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for file, content in {**PLAIN, **(files or {})}.items():
            if content is not None:
                (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return make


@pytest.fixture
def store(tmp_path: Path) -> RecordStore:
    return RecordStore(tmp_path / "workspace" / "records")
