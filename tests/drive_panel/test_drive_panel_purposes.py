"""A case file shows what may be displayed, and a hold never vanishes because a site forbade its reading."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from drive_panel.workflows import score
from drive_panel.workflows.audited import Communities
from drive_panel.workflows.case_file import CaseFiles
from features import build_stream, prove_time_travel
from models import find_holds, gather_records
from records import RecordStore, Snapshot
from records.communities import CommunityStore
from records.errors import PurposeBreach
from training.follow_up import FollowUp
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
    "communities.csv": "person_id,sex\nP1,male\nP2,female\n",
    "referrals.csv": "referral_id,person_id,area,referred_at,route\nR1,P1,east,2024-03-01,police\n",
    "interventions.csv": "referral_id,decision,decided_at\nR1,accepted,2024-03-09\n",
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


def test_every_room_reads_records_through_a_purpose(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch):
    read: dict[str, set[str]] = {}
    whole = Snapshot.table

    def watched(self: Snapshot, name: str, columns: Any = None) -> pd.DataFrame:
        caller = sys._getframe(1)
        view = caller.f_locals.get("self")
        assert Path(caller.f_code.co_filename).name == "purposes.py", f"{caller.f_code.co_filename} reads {name}"
        read.setdefault(view.purpose, set()).add(name)
        return whole(self, name, columns)

    monkeypatch.setattr(Snapshot, "table", watched)
    stream = build_stream(snapshot)
    prove_time_travel(snapshot, DAY, person_ids=["P1"])
    FollowUp.of(snapshot)
    gather_records(stream, snapshot, ["P1"], DAY, {})
    find_holds(stream, snapshot, ["P1"], DAY)
    CaseFiles(snapshot, DAY, ["P1"])
    score._referrals(snapshot.reading("display"), DAY, "east")
    score._dead(snapshot.reading("display"), DAY)
    Communities(CommunityStore(snapshot.path.parents[1]), snapshot)
    assert {"incidents", "involvements"} <= read["rank"]
    assert not read["rank"] & {"persons", "safety_checks", "referrals", "communities", "needs"}
    assert read["train"] == {"persons", "involvements", "interventions", "referrals"}
    assert {"safety_checks", "referrals", "persons"} <= read["display"]


@pytest.mark.parametrize(
    "column", ["incidents: {columns: {area", "addresses: {columns: {area", "addresses: {columns: {from"]
)
def test_a_site_that_forbids_areas_or_addresses_for_training_has_labels_without_moves(tmp_path: Path, column: str):
    (tmp_path / "extract").mkdir()
    moved = "person_id,area,from,known_from\nP1,elsewhere,2023-06-01,2023-06-01\n"
    for name, content in {**EXTRACT, "addresses.csv": moved}.items():
        (tmp_path / "extract" / name).write_text(content, encoding="utf-8")
    store = RecordStore(tmp_path / "workspace" / "records")
    store.ingest(tmp_path / "extract")
    assert "moves" not in FollowUp.of(store.latest()).missing
    (tmp_path / "workspace" / "sources.yaml").write_text(f"tables: {{{column}: [audit]}}}}}}\n", encoding="utf-8")
    follow_up = FollowUp.of(store.latest())
    assert follow_up.moves is None
    assert "moves" in follow_up.missing


def test_communities_that_may_not_be_audited_stop_the_audit(snapshot: Snapshot, tmp_path: Path):
    place = tmp_path / "workspace" / "sources.yaml"
    place.write_text("tables: {communities: {columns: {person_id: []}}}\n", encoding="utf-8")
    with pytest.raises(PurposeBreach, match=r"The fairness audit reads communities\.person_id"):
        Communities(CommunityStore(snapshot.path.parents[1]), snapshot)
