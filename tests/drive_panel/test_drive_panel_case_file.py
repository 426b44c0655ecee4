"""What a case document tells of the records: what is not recorded is not told as no."""

from __future__ import annotations

from pathlib import Path

import pytest

from drive_panel.workflows.case_file import CaseFiles
from records import RecordStore
from values import AsOf

DAY = AsOf.parse("2024-06-30")


TOLD = {"I1": "true", "I2": "false", "I3": ""}


def extract(folder: Path, delivered: bool) -> Path:
    flag = [f",{told}" if delivered else "" for told in TOLD.values()]
    incidents = [
        f"{name},north,east,2024-0{month}-01,2024-0{month}-02,true,true{told}"
        for month, (name, told) in enumerate(zip(TOLD, flag, strict=True), 1)
    ]
    head = "incident_id,force,area,occurred_from,reported_on,is_crime,domestic"
    files = {
        "manifest.yaml": ["source: made up", "extract_date: 2024-06-30", "period: all", "synthetic: true"],
        "persons.csv": ["person_id,source", "P1,niche", "P2,niche"],
        "incidents.csv": [head + (",children_present" if delivered else ""), *incidents],
        "involvements.csv": [
            "incident_id,person_id,role",
            *(f"{name},{party}" for name in TOLD for party in ("P1,suspect", "P2,victim")),
        ],
    }
    folder.mkdir()
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(("delivered", "expected"), [(True, [True, False, None]), (False, [None, None, None])])
def test_whether_children_were_present_is_yes_no_or_not_recorded(
    tmp_path: Path, delivered: bool, expected: list[bool | None]
) -> None:
    store = RecordStore(tmp_path / "records")
    store.ingest(extract(tmp_path / "extract", delivered))
    found = CaseFiles(store.latest(), DAY, ["P1"]).chronology("P1")
    assert {item["ref"]: item["children_present"] for item in found} == dict(
        zip(("incident:I1", "incident:I2", "incident:I3"), expected, strict=True)
    )
