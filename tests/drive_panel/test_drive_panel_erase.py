"""Erasure over a small workspace: what goes, what stays, what a crash leaves to be finished."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from drive_panel.cli import app
from drive_panel.clock import now
from drive_panel.errors import WorkspaceError
from drive_panel.workflows import erase, link, retention
from drive_panel.workflows.release import batch_service, verify_ledger
from drive_panel.workspace import Workspace
from features import build_stream
from features.lineage import Lineage
from features.stored import StoredStream, write_stream
from records import Keyring, RecordStore
from records.communities import CommunityStore
from records.erasing.erasure import Journal, begin
from records.erasing.search import search
from records.erasing.sought import Sought
from records.errors import ErasureUnfinished
from records.linkage import Decision, Decisions
from serving import Person, Role
from serving.access.accounts import Accounts
from serving.filing import Draft
from values import AsOf, silent

EXTRACT = {
    "manifest.yaml": "source: made up\nextract_date: 2024-03-31\nperiod: 2020 to 2024\nsynthetic: true\n",
    "persons.csv": (
        "person_id,given_name,family_name,date_of_birth,pnc_id,source\n"
        "PER-1001,Orlaith,Featherstone,1980-02-29,08/1234567K,niche\n"
        "PER-1002,Bryn,Applewhite,1979-01-02,,niche\n"
        "PER-1003,Cai,Longbottom,1990-05-05,,niche\n"
        "PER-1004,Orlaith,Longbottom,1991-05-05,,niche\n"
    ),
    "communities.csv": "person_id,sex\nPER-1001,male\nPER-1002,female\nPER-1003,male\nPER-1004,female\n",
    "incidents.csv": (
        "incident_id,force,area,occurred_from,reported_on,is_crime,domestic\n"
        "INC-1,northshire,east,2023-01-01,2023-01-05,true,true\n"
        "INC-2,northshire,east,2023-02-01,2023-02-01,true,true\n"
        "INC-3,northshire,east,2023-03-01,2023-03-01,true,true\n"
    ),
    "involvements.csv": (
        "incident_id,person_id,role\n"
        "INC-1,PER-1001,suspect\nINC-1,PER-1002,victim\n"
        "INC-2,PER-1001,suspect\n"
        "INC-3,PER-1003,suspect\nINC-3,PER-1004,victim\n"
        "INC-3,PER-1001,bystander?\nINC-404,PER-1001,suspect\n"
    ),
    "dyads.csv": "incident_id,suspect_id,victim_id\nINC-1,PER-1001,PER-1002\nINC-3,PER-1003,PER-1004\n",
    "referrals.csv": "referral_id,person_id,area,referred_at,route\nREF-1,PER-1001,east,2023-06-01,police\n",
    "interventions.csv": "referral_id,decision,decided_at\nREF-1,accepted,2023-07-01\n",
}
ROOT = Path(__file__).parents[2]
WHO = {"by": "data protection officer", "reason": "Request upheld on 1 May."}


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    folder = tmp_path / "extract"
    folder.mkdir()
    for name, content in EXTRACT.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


@pytest.fixture
def workspace(tmp_path: Path, extract: Path) -> Workspace:
    found = Workspace.open(tmp_path / "workspace")
    RecordStore(found.records).ingest(extract)
    Keyring(found.keys / "pseudonyms.db").pseudonyms(["PER-1001", "PER-1002"])
    return found


def ids(workspace: Workspace, table: str, column: str) -> set[str]:
    return set(RecordStore(workspace.records).latest().table(table)[column])


def test_what_names_the_person_goes_and_what_others_are_part_of_stays(workspace: Workspace):
    before = RecordStore(workspace.records).latest()
    result = erase.run(workspace, "PER-1001", **WHO, progress=silent)
    after = RecordStore(workspace.records).latest()
    assert result["snapshots"] == {before.hash: after.hash}
    assert result["searched"]["clean"]
    assert ids(workspace, "persons", "person_id") == {"PER-1002", "PER-1003", "PER-1004"}
    assert ids(workspace, "incidents", "incident_id") == {"INC-1", "INC-3"}
    assert after.table("involvements")["person_id"].tolist() == ["PER-1002", "PER-1003", "PER-1004"]
    assert ids(workspace, "dyads", "suspect_id") == {"PER-1003"}
    assert len(after.table("referrals")) == len(after.table("interventions")) == 0
    communities = CommunityStore(workspace.records).read(after.hash)
    assert set(communities["person_id"]) == {"PER-1002", "PER-1003", "PER-1004"}
    assert not CommunityStore(workspace.records).has(before.hash)
    with batch_service(workspace) as service:
        moved = [entry for entry in service.ledger() if entry.action == erase.REWRITTEN]
    assert [(entry.subject, entry.content["new"]) for entry in moved] == [(before.hash, after.hash)]
    assert verify_ledger(workspace, None)["ok"]


def test_a_user_of_the_same_name_stops_no_erasure_and_is_told(workspace: Workspace):
    with batch_service(workspace) as service:
        namesake = Person("orlaith", "Orlaith Featherstone", Role.CHAIR, frozenset({"east"}))
        Accounts(service.stores).add(namesake, "command-line")
    result = erase.run(workspace, "PER-1001", **WHO, progress=silent)
    assert result["restricted"] == ["panel.db (table users): words that name the person"]


def test_a_victim_is_erased_like_anybody_else(workspace: Workspace):
    erase.run(workspace, "PER-1002", **WHO, progress=silent)
    assert ids(workspace, "incidents", "incident_id") == {"INC-1", "INC-2", "INC-3"}
    assert "PER-1002" not in ids(workspace, "involvements", "person_id")
    assert len(RecordStore(workspace.records).latest().table("dyads")) == 1


def test_nothing_is_left_in_any_file(workspace: Workspace, extract: Path):
    shutil.copytree(extract, workspace.folder("exports") / "copy")
    (workspace.folder("reports") / "quality.html").write_text("<p>Orlaith Featherstone was looked at.</p>")
    (workspace.folder("reports") / "other.html").write_text("<p>Cai Longbottom was looked at.</p>")
    pd.DataFrame({"anybody": ["PER-1001", "PER-1003"]}).to_parquet(workspace.folder("exports") / "odd.parquet")
    traces = ("PER-1001", "Featherstone", "08/1234567K", "1980-02-29", "29/02/1980", "REF-1", "INC-2")
    sought = Sought(frozenset(traces))
    assert not search(workspace.home, sought).clean
    (workspace.folder("records export") / "page.html").write_text("<p>Orlaith Featherstone</p>")
    erase.run(workspace, "PER-1001", **WHO, progress=silent)
    assert search(workspace.home, sought).to_dict()["found"] == []
    assert (workspace.home / "reports" / "other.html").exists()
    assert pd.read_parquet(workspace.home / "exports" / "odd.parquet")["anybody"].tolist() == ["PER-1003"]
    assert Journal.find(workspace.records) is None


def test_the_same_extract_does_not_bring_the_person_back(workspace: Workspace, extract: Path):
    erase.run(workspace, "PER-1001", **WHO, progress=silent)
    after = RecordStore(workspace.records).latest().hash
    assert RecordStore(workspace.records).ingest(extract).snapshot == after
    assert RecordStore(workspace.records).rebuild().hash == after
    (extract / "manifest.yaml").write_text(EXTRACT["manifest.yaml"].replace("2024-03-31", "2024-04-30"))
    report = RecordStore(workspace.records).ingest(extract)
    assert report.reasons["erased"] > 0
    assert report.accepted + report.quarantined == report.read
    assert ids(workspace, "persons", "person_id") == {"PER-1002", "PER-1003", "PER-1004"}
    assert ids(workspace, "incidents", "incident_id") == {"INC-1", "INC-3"}
    assert search(workspace.home, Sought(frozenset({"PER-1001", "Featherstone", "08/1234567K"}))).clean


def test_every_record_that_linkage_joined_goes_and_the_crosswalk_still_reads(workspace: Workspace):
    together = Decision.of(("PER-1001", "PER-1002"), "link", "clerk", "One person, two records.", date(2024, 5, 1))
    Decisions(workspace.records).add([together])
    linked = link.run(workspace)
    assert linked.crosswalk.keys["PER-1001"] == linked.crosswalk.keys["PER-1002"]
    apart = Decision.of(("PER-1003", "PER-1004"), "separate", "clerk", "Brother and sister.", date(2024, 5, 2))
    Decisions(workspace.records).add([apart])
    link.run(workspace)
    result = erase.run(workspace, "PER-1002", **WHO, progress=silent)
    assert result["files"]["crosswalks"] == 2
    latest = RecordStore(workspace.records).latest()
    assert latest.base is not None
    assert latest.crosswalk is not None
    assert set(latest.crosswalk["record_id"]) == {"PER-1003", "PER-1004"}
    assert ids(workspace, "persons", "person_id") == {"PER-1003", "PER-1004"}
    assert [(d.record_l, d.record_r) for d in Decisions(workspace.records).all()] == [("PER-1003", "PER-1004")]
    assert all(each.hash for each in RecordStore(workspace.records).snapshots())
    assert link.run(workspace).snapshot.hash == latest.hash
    assert search(workspace.home, Sought(frozenset({"PER-1001", "PER-1002", "Featherstone", "Applewhite"}))).clean


def test_unfinished_training_runs_go_with_every_erasure(workspace: Workspace):
    folder = workspace.folder("unfinished", "0" * 64)
    np.save(folder / "indicators.npy", np.arange(6.0))
    (workspace.folder(".draft-4194304-unfinished") / "margin.npy").write_bytes(b"left by a killed erasure")
    erase.run(workspace, "PER-1003", **WHO, progress=silent)
    assert not workspace.unfinished.exists()
    assert not any(workspace.home.glob(".draft-*"))


def test_erasing_again_and_erasing_nobody_say_so(workspace: Workspace):
    name = Keyring(workspace.keys / "pseudonyms.db").known(["PER-1001"])["PER-1001"]
    assert not erase.run(workspace, name, **WHO, progress=silent)["already_erased"]
    assert Keyring(workspace.keys / "pseudonyms.db").whose(name) is None
    assert erase.run(workspace, "PER-1001", **WHO, progress=silent)["already_erased"]
    with pytest.raises(WorkspaceError, match="Nobody in the records has this id"):
        erase.run(workspace, "PER-9", **WHO, progress=silent)
    with pytest.raises(WorkspaceError, match="a reason"):
        erase.run(workspace, "PER-1002", by="officer", reason=" ", progress=silent)


def test_a_reason_that_names_the_person_is_refused_before_anything_goes(workspace: Workspace):
    with pytest.raises(WorkspaceError, match="names the person"):
        erase.run(workspace, "PER-1001", by="officer", reason="Orlaith Featherstone asked.", progress=silent)
    assert Journal.find(workspace.records) is None
    assert "PER-1001" in ids(workspace, "persons", "person_id")


def test_what_cannot_be_removed_stops_with_its_place_and_goes_on_later(workspace: Workspace):
    (workspace.home / "notes.txt").write_text("call Orlaith Featherstone", encoding="utf-8")
    with pytest.raises(ErasureUnfinished, match=r"notes\.txt") as told:
        erase.run(workspace, "PER-1001", **WHO, progress=silent)
    assert "Featherstone" not in str(told.value)
    told = CliRunner().invoke(app, ["--home", str(workspace.home), "deliveries", "list", "--json"])
    assert told.exit_code == 0, told.output
    assert "An erasure left traces" in told.stderr
    erase.run(workspace, "PER-1003", **WHO, progress=silent)  # nor does anybody else's erasure wait
    with pytest.raises(ErasureUnfinished, match=r"notes\.txt"):
        erase.run(workspace, "PER-1001", **WHO, progress=silent)
    (workspace.home / "notes.txt").unlink()
    assert erase.run(workspace, "PER-1001", **WHO, progress=silent)["searched"]["clean"]
    assert Journal.left(workspace.records) == []
    assert erase.resume(workspace, silent) is None


def test_a_namesake_is_not_taken_for_the_person(workspace: Workspace):
    result = erase.run(workspace, "PER-1003", **WHO, progress=silent)
    assert result["searched"]["clean"]
    assert "PER-1004" in ids(workspace, "persons", "person_id")  # the same family name
    shown = RecordStore(workspace.records).latest().identities(["PER-1004"])
    assert shown["family_name"].tolist() == ["Longbottom"]


def test_somebody_whom_only_a_referral_names_is_erased_by_its_number(workspace: Workspace):
    person, chair = "R-1234-5678-9ABC", Person("chair", "Chair", Role.CHAIR)
    draft = Draft("referral", "east", "east", {"agency": "housing", "run": ""}, person)
    with batch_service(workspace) as service:
        number = service.file(chair, draft, sealed={"family_name": "Nobodyknown", "why": "Shouting"})
    result = erase.run(workspace, person, **WHO, progress=silent)
    assert (result["documents"], result["already_erased"], len(result["restricted"])) == (1, False, 1)
    assert erase.describe(result)[0].endswith("1 documents of lists went.")
    with batch_service(workspace) as service:
        kept = service.filed(["referral"])
        assert [each.number for each in kept] == [number]
        assert service.referred(kept) == {}
    assert erase.run(workspace, person, **WHO, progress=silent)["already_erased"]
    with pytest.raises(WorkspaceError, match="Nobody was referred"):
        erase.run(workspace, "R-0000-0000-0000", **WHO, progress=silent)


def referred_by_name(workspace: Workspace, person: str, who: dict[str, str]) -> None:
    chair = Person("chair", "Chair", Role.CHAIR)
    with batch_service(workspace) as service:
        draft = Draft("referral", "east", "east", {"agency": "housing", "run": ""}, person)
        service.file(chair, draft, sealed={**who, "why": "Shouting"})


def test_an_erasure_takes_a_referral_by_name_of_the_same_person_and_names_those_that_may_be(workspace: Workspace):
    who = {"given_name": "orlaith", "family_name": "FEATHERSTONE"}
    referred_by_name(workspace, "R-1111-1111-1111", {**who, "date_of_birth": "1980-02-29"})
    referred_by_name(workspace, "R-2222-2222-2222", who)
    referred_by_name(workspace, "R-3333-3333-3333", {**who, "family_name": "Longbottom"})
    result = erase.run(workspace, "PER-1001", **WHO, progress=silent)
    assert result["alike"] == ["R-2222-2222-2222"]
    assert "`drive-panel erase R-2222-2222-2222`" in "\n".join(erase.describe(result))
    with batch_service(workspace) as service:
        assert sorted(service.referred(service.filed(["referral"]))) == ["R-2222-2222-2222", "R-3333-3333-3333"]


def test_whom_an_agency_referred_by_name_is_due_for_review_like_a_record(workspace: Workspace):
    number = "R-1234-5678-9ABC"
    referred_by_name(workspace, number, {"family_name": "Nobodyknown"})
    today = now().date()
    soon, late = (AsOf.parse(str(today + timedelta(days=days))) for days in (30, 40 * 366))
    assert number not in {row["person"] for row in retention.due(workspace, soon)["people"]}
    found = retention.due(workspace, late)
    assert [row["person"] for row in found["people"] if row["table"] == "referred_by_name"] == [number]
    assert found["tables"]["referred_by_name"]["due"] == 1
    (thread,) = {row["person"] for row in found["people"] if row["table"] == "documents_on_file"}
    assert found["tables"]["documents_on_file"]["due"] == 1
    for each in (number, thread):
        retention.keep(workspace, each, by="officer", reason="Still a risk.", as_of=late)
    assert {"referred_by_name", "documents_on_file"} & retention.due(workspace, late)["tables"].keys() == set()


def test_a_second_erasure_does_not_take_the_place_of_the_first(workspace: Workspace):
    first = begin(workspace.records, "PER-1001", {})
    assert first is not None
    with pytest.raises(ErasureUnfinished, match="Another erasure"):
        begin(workspace.records, "PER-1002", {})
    found = Journal.find(workspace.records)
    assert found is not None
    assert found.doomed == first.doomed


PROVING = "DRIVE_PANEL_PROVE" in os.environ
MOMENTS = range(0, 100, 5) if PROVING else (3, 21, 38)
"""Writes after which the process is killed."""

KILLED = """
import os, sys
from pathlib import Path
from drive_panel.workflows import erase
from drive_panel.workspace import Workspace
left = int(sys.argv[2])
def step(event, arguments):
    global left
    wrote = event in ("os.rename", "os.remove", "shutil.rmtree") or (
        event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR))
    left -= bool(wrote)
    if left == -1:
        left -= 1
        os.kill(os.getpid(), 9)
sys.addaudithook(step)
erase.run(Workspace.open(Path(sys.argv[1])), "PER-1001", by="officer", reason="Upheld", progress=lambda *a: None)
"""


@pytest.mark.slow
def test_an_erasure_killed_at_any_write_is_finished_by_the_next_run(workspace: Workspace, tmp_path: Path):
    whole = tmp_path / "whole"
    shutil.copytree(workspace.home, whole)
    expected = erase.run(Workspace.open(whole), "PER-1001", **WHO, progress=silent)["snapshots"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    for number, writes in enumerate(MOMENTS):
        copy = tmp_path / f"copy-{number}"
        shutil.copytree(workspace.home, copy)
        command = [sys.executable, "-c", KILLED, str(copy), str(writes)]
        done = subprocess.run(command, check=False, timeout=120, env=environment)
        killed = Workspace.open(copy)
        if done.returncode == 0:  # it was over before
            assert number > 1, "the kill must hit"
            break
        assert done.returncode == -9
        try:
            erase.run(killed, "PER-1001", **WHO, progress=silent)
        finally:
            left = RecordStore(killed.records).latest().hash
        assert left == next(iter(expected.values()))
        assert verify_ledger(killed, None)["ok"]
        sought = Sought(frozenset({"PER-1001", "Featherstone", "08/1234567K", "1980-02-29"}))
        assert search(killed.home, sought).to_dict()["found"] == []
        assert len([*(killed.records / "snapshots").glob("[0-9a-f]*")]) == 1


def test_what_is_due_is_listed_by_pseudonym_and_kept_by_decision(workspace: Workspace):
    day = AsOf.parse("2031-01-01")
    found = retention.due(workspace, day)
    dates = {row["due_on"] for row in found["people"] if row["table"] == "persons"}
    counted = {"due": 4, "dispose": 4, "since": min(dates), "until": max(dates)}
    assert found["tables"]["persons"] == counted
    with batch_service(workspace) as service:
        assert [each.document["tables"]["persons"] for each in service.filed(["retention_due"])] == [counted]
    assert "PER-" not in json.dumps(found["people"])
    people = retention.due(workspace, day, with_ids=True)["people"]
    name = next(row["person"] for row in people if row["person_id"] == "PER-1003")
    retention.keep(workspace, name, by="officer", reason="Still a risk.", as_of=AsOf.parse("2030-12-01"))
    later = retention.due(workspace, day)
    assert (later["tables"]["persons"]["due"], later["tables"]["persons"]["dispose"]) == (3, 3)
    assert name not in {row["person"] for row in later["people"] if row["table"] == "persons"}
    assert any("Nothing is deleted" in line for line in retention.describe(later))
    with pytest.raises(WorkspaceError, match="pseudonym or id"):
        retention.keep(workspace, "P-0000-0000-0000", by="officer", reason="x", as_of=day)


def made(tmp_path: Path, **tables: str) -> Workspace:
    """Return a workspace whose extract differs from the usual in some tables."""
    folder = tmp_path / "other extract"
    folder.mkdir()
    for name, content in EXTRACT.items():
        (folder / name).write_text(tables.get(name.partition(".")[0], content), encoding="utf-8")
    found = Workspace.open(tmp_path / "other")
    RecordStore(found.records).ingest(folder)
    return found


@pytest.mark.parametrize(
    "row",
    [
        "7,Ann,Xu,1980-02-29,,,rms",  # a count
        "5007,Ann,Xu,1980-02-29,,,rms",  # the line of a file
        "*,Ann,Xu,1980-02-29,,,rms",
        "P7,Ann,Northshire,1980-02-29,,,rms",  # a force
        "P7,Ann,Xu,1980-02-29,UNKNOWN,rms,rms",  # placeholders
        "P7,Ann,Xu,2024-03-31,,,rms",  # the day of the extract
    ],
)
def test_who_is_called_as_something_else_is_goes_alone(tmp_path: Path, row: str) -> None:
    person = row.partition(",")[0]
    people = "person_id,given_name,family_name,date_of_birth,pnc_id,cro_id,source\n" + row + "\n"
    people += "".join(f"PER-{n},Bryn,Applewhite,1979-01-02,,,rms\n" for n in range(5100))
    workspace = made(tmp_path, persons=people, involvements=f"incident_id,person_id,role\nINC-1,{person},suspect\n")
    (workspace.folder("reports") / "quality.html").write_text("<p>7 of 5007 rows: northshire, UNKNOWN.</p>")
    (workspace.folder("reports") / "list.json").write_text('{"rows": 7, "of": 5007, "seen": [5007], "kind": "rms"}')
    assert erase.run(workspace, person, **WHO, progress=silent)["searched"]["clean"]
    assert sorted(each.name for each in (workspace.home / "reports").iterdir()) == ["list.json", "quality.html"]
    assert len(RecordStore(workspace.records).latest().table("persons")) == 5100
    assert search(workspace.home, Sought(frozenset(), ((frozenset({"Ann"}), frozenset({row.split(",")[2]})),))).clean


@pytest.mark.parametrize("person", ["P1", "12"])
@pytest.mark.parametrize(
    ("after", "more"), [("\u200b", ""), ("", ",one too many"), ("", ',"')], ids=["unseen", "too many", "quotes"]
)
def test_who_is_in_quarantine_only_goes_too(tmp_path: Path, person: str, after: str, more: str) -> None:
    people = EXTRACT["persons.csv"] + f"{person}{after},Zebedee,Quillfeather,1980-02-29,,niche{more}\n"
    workspace = made(tmp_path, persons=people)
    trace = Sought(frozenset({"Zebedee", "Quillfeather"}))
    assert not search(workspace.home, trace).clean
    assert erase.run(workspace, person, **WHO, progress=silent)["searched"]["clean"]
    assert search(workspace.home, trace).found == []
    with pytest.raises(WorkspaceError, match="Nobody"):
        erase.run(workspace, "PER-9", **WHO, progress=silent)


def killed_once(command: list[str], there: Callable[[], bool], tmpdir: Path) -> None:
    """Start a command and kill it with all it started as soon as something is there."""
    environment = {**os.environ, "TMPDIR": str(tmpdir)}
    with subprocess.Popen(
        [sys.executable, *command], start_new_session=True, stdout=subprocess.PIPE, cwd=ROOT, env=environment
    ) as process:
        while not there():
            assert process.poll() is None, "it ended before it could be killed"
            time.sleep(0.001)
        os.killpg(process.pid, signal.SIGKILL)


INDICATORS = """
import os, sys, time
import features.snapshots.writing as writing
write = writing.Blocks.write
def slowly(self, block):
    write(self, block)
    open(begun, "w").close()
    time.sleep(60)  # so that the kill lands in the middle
writing.Blocks.write = slowly
from drive_panel import main
begun = sys.argv.pop(1)
main()
"""
STREAM = """
import sys, time
from pathlib import Path
from drive_panel.workspace import Workspace
from features import build_stream
from features.lineage import Lineage
from features.stored import scratch_folder, write_stream
from records import RecordStore
snapshot = RecordStore(Workspace.open(Path(sys.argv[1])).records).latest()
with scratch_folder() as scratch:
    write_stream(build_stream(snapshot), scratch / "stream", Lineage.of(snapshot))
    (scratch / "done").touch()
    time.sleep(60)
"""


@pytest.mark.parametrize("place", ["indicators.parquet", "exports/indicators.parquet"])
def test_what_a_killed_indicators_leaves_is_gone_after_an_erasure(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
):
    workspace.folder("exports")
    out = workspace.home / place
    begun = tmp_path / "begun"
    words = ["--home", str(workspace.home), "indicators", "--as-of", "2024-03-31", "--out", str(out)]
    killed_once(["-c", INDICATORS, str(begun), *words], begun.exists, tmp_path)
    left = [each for each in out.parent.iterdir() if each.name.startswith(f".{out.name}.")]
    assert [each.stat().st_size > 0 for each in left] == [True]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    result = erase.run(workspace, "PER-1001", **WHO, progress=silent)
    assert result["searched"]["clean"]
    assert not left[0].exists()
    assert not out.exists()


def test_the_stream_of_a_killed_command_is_gone_after_an_erasure(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def scratch() -> list[Path]:
        return list(tmp_path.glob("drive-panel-*/stream-*"))

    killed_once(
        ["-c", STREAM, str(workspace.home)], lambda: any((each / "done").exists() for each in scratch()), tmp_path
    )
    assert len(scratch()) == 1
    assert StoredStream(scratch()[0] / "stream").rows > 0
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert erase.run(workspace, "PER-1001", **WHO, progress=silent)["searched"]["clean"]
    assert scratch() == []


def test_a_stored_stream_that_somebody_put_into_the_workspace_goes_as_a_whole(workspace: Workspace):
    snapshot = RecordStore(workspace.records).latest()
    kept = workspace.folder("exports") / "kept.csv"
    kept.write_text("person_id\nPER-1003\n", encoding="utf-8")
    folder = workspace.folder("exports") / "stream"
    write_stream(build_stream(snapshot), folder, Lineage.of(snapshot))
    result = erase.run(workspace, "PER-1001", **WHO, progress=silent)
    assert result["searched"]["clean"]
    assert not folder.exists()
    assert kept.exists()
