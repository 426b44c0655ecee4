"""A case file shows what may be displayed, and a hold never vanishes because a site forbade its reading."""

from __future__ import annotations

from pathlib import Path

import pytest

from drive_panel.workflows.case_file import CaseFiles
from features import build_stream
from models import find_holds
from records import RecordStore, Snapshot
from records.errors import PurposeBreach
from values import AsOf

DAY = AsOf.parse("2024-03-31")
EXTRACT = {
    "manifest.yaml": "source: made up\nextract_date: 2024-03-31\nperiod: all\nsynthetic: true\n",
    "persons.csv": "person_id,source\nP1,niche\nP2,niche\n",
    "incidents.csv": (
        "incident_id,force,area,occurred_from,reported_on,is_crime,domestic\n"
        "I1,north,east,2023-01-01,2023-01-05,true,true\n"
    ),
    "involvements.csv": "incident_id,person_id,role\nI1,P1,suspect\nI1,P2,victim\n",
    "safety_checks.csv": "person_id,victim_id,status,by_agency,checked_on\nP1,P2,concern,idva,2023-02-01\n",
}


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    (tmp_path / "extract").mkdir()
    for name, content in EXTRACT.items():
        (tmp_path / "extract" / name).write_text(content, encoding="utf-8")
    store = RecordStore(tmp_path / "workspace" / "records")
    store.ingest(tmp_path / "extract")
    return store.latest()


def narrow(tmp_path: Path, columns: str) -> None:
    place = tmp_path / "workspace" / "sources.yaml"
    place.write_text(f"tables: {{safety_checks: {{columns: {{{columns}}}}}}}\n", encoding="utf-8")


def test_an_agency_that_may_not_be_shown_is_on_no_page_and_in_no_hold(snapshot: Snapshot, tmp_path: Path):
    def told() -> tuple[dict[str, object], str]:
        check = CaseFiles(snapshot, DAY, ["P1"]).other_agencies("P1")["safety_checks"][0]
        return check, find_holds(build_stream(snapshot), snapshot, ["P1"], DAY)["why"].iloc[0]

    check, why = told()
    assert check["by_agency"] == "idva"
    assert "by idva" in why
    narrow(tmp_path, "by_agency: [audit]")
    check, why = told()
    assert check == {"status": "concern", "checked_on": "2023-02-01"}
    assert "idva" not in why
    assert "concern" in why


def test_a_concern_that_nobody_may_read_is_an_error_and_not_silence(snapshot: Snapshot, tmp_path: Path):
    narrow(tmp_path, "status: [audit]")
    with pytest.raises(PurposeBreach, match=r"A hold reads safety_checks\.status"):
        find_holds(build_stream(snapshot), snapshot, ["P1"], DAY)
