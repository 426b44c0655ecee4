"""The workflow writes the report where only its owner reads it, and says what to look at first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drive_panel.errors import WorkspaceError
from drive_panel.workflows import quality
from drive_panel.workspace import Workspace
from records import RecordStore
from records.errors import NoSnapshot
from values import silent

FILES = {
    "manifest.yaml": "source: made up\nextract_date: 2024-03-31\nsynthetic: true\n",
    "persons.csv": "person_id,source\nP1,n\nP2,n\n",
    "communities.csv": "person_id,sex\nP1,male\nP2,female\n",
    "incidents.csv": (
        "incident_id,force,area,occurred_from,reported_on,offence_code,is_crime,domestic\n"
        "I1,n,east,2023-01-01,2023-01-05,zz9,true,true\n"
    ),
    "involvements.csv": "incident_id,person_id,role\nI1,P1,suspect\nI1,P2,victim\nI1,P9,witness\n",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    folder = tmp_path / "extract"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_text(content)
    opened = Workspace.open(tmp_path / "home")
    RecordStore(opened.records).ingest(folder)
    return opened


def test_the_report_is_written_as_page_and_numbers_for_the_owner_alone(workspace: Workspace) -> None:
    result = quality.run(workspace, None, None, silent)
    html, numbers = Path(result["html"]), Path(result["json"])
    assert html == workspace.home / "reports" / f"quality-{result['snapshot'][:12]}.html"
    assert [oct(each.stat().st_mode & 0o777) for each in (html, numbers)] == ["0o600", "0o600"]
    stored = json.loads(numbers.read_text(encoding="utf-8"))
    assert stored == {key: value for key, value in result.items() if key not in ("html", "json")}
    assert (stored["deliveries"]["read"], stored["deliveries"]["orphans"]) == (8, 1)
    assert stored["communities"]["available"]
    assert {each["indicator"]: each["state"] for each in stored["undated"]["indicators"]}["alcohol_730"] == "not fed"


def test_what_to_look_at_is_said_in_plain_lines(workspace: Workspace) -> None:
    lines = quality.describe(quality.run(workspace, None, None, silent))
    assert any("codes that no list holds: incidents.offence_code" in line for line in lines)
    assert lines[-2].startswith("Report: ")


def test_the_page_goes_where_it_is_asked(workspace: Workspace, tmp_path: Path) -> None:
    quality.run(workspace, RecordStore(workspace.records).latest().hash, tmp_path / "mine.html", silent)
    assert (tmp_path / "mine.html").is_file()
    assert (tmp_path / "mine.json").is_file()


def test_a_place_that_cannot_be_written_is_an_error_to_act_on(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match=r"mine\.html cannot be written"):
        quality.run(workspace, None, tmp_path / "file" / "mine.html", silent)


def test_an_unknown_snapshot_is_an_error_to_act_on(workspace: Workspace) -> None:
    with pytest.raises(NoSnapshot):
        quality.run(workspace, "0" * 64, None, silent)
