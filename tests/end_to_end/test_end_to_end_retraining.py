"""A scoring workspace is trained again: who would move is told privately, in the shadow, and goes with an erasure."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from drive_panel.workflows.gate import AUDITED
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from values import digest_file

OTHER = "incumbents: [{kind: recency}]\ncandidates: []\ncertificate: {bootstrap_refits: 0, seed_refits: 0}\n"
WHO = ("--by", "data protection officer", "--reason", "Request upheld on 1 May.")


@dataclass(frozen=True)
class Again:
    """What training again and scoring in the shadow left."""

    home: Any
    live: str
    trained: dict[str, Any]
    told: str
    scored: dict[str, Any]


@pytest.fixture(scope="module")
def again(small: Any, tmp_path_factory: pytest.TempPathFactory) -> Again:
    import shutil

    home = type(small.home)(tmp_path_factory.mktemp("again") / "workspace")
    shutil.copytree(small.home.path, home.path)
    (home.path / "train.yaml").write_text(OTHER, encoding="utf-8")
    (home.path / "mlflow" / "mlflow.db").write_bytes(b"no database" * 1000)  # which has to stop nothing
    done = home("train", "--config", home.path / "train.yaml", "--json")
    score = ("score", "--as-of", "2026-03-31", "--area", "castlebridge", "--json")
    scored = home(*score, "--bundle", small.trained["bundle"], "--shadow", done.json["bundle"]).json
    return Again(home, small.trained["bundle"], done.json, done.err, scored)


def lines(place: str) -> list[dict[str, str]]:
    path = Path(place)
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_damaged_mlflow_store_is_told_and_stops_neither_audit_nor_ledger_nor_crown(again: Again):
    assert again.trained["mlflow_run"] is None
    assert "Warning: this training run is not in MLflow." in again.told
    workspace, bundle = Workspace(again.home.path), again.trained["bundle"]
    assert workspace.champion == bundle != again.live
    audit = workspace.read_audit(workspace.champion)
    assert audit is not None
    assert audit["pooled"]["verdict"] == again.trained["backtest_verdict"]
    with batch_service(workspace) as service:
        vouched = [entry for entry in service.ledger(None) if entry.action == AUDITED and entry.subject == bundle]
    assert [json.loads(entry.detail)["audit"] for entry in vouched] == [digest_file(workspace.audit_file(bundle))]


def test_training_again_says_how_many_would_enter_and_leave_and_why_and_names_them_in_a_private_file(again: Again):
    found = again.trained["retraining"]
    assert (found["live"], found["as_of"]) == (again.live, "2026-03-31")
    people = lines(found["file"])
    assert len(people) == found["enter"] + found["leave"] > 0
    assert found["enter"] == found["leave"] < found["places"]
    for person in people:
        before, after = int(person["place_before"]), int(person["place_after"])
        assert (before > 20 >= after) if person["move"] == "enters" else (before <= 20 < after)
    # the other list reads nothing but recency, so that this counts for more with everybody who enters by it
    assert all("recency" in person["why"] for person in people if person["move"] == "enters")
    assert found["groups"]["enters"]["recency"] == found["enter"]
    assert found["drift"]["people"] > 1000


def test_the_evaluation_report_says_so_too_without_naming_anybody_or_small_counts(again: Again):
    document = json.loads(Path(again.trained["report"]["json"]).read_text(encoding="utf-8"))
    found, told = again.trained["retraining"], document["live"]
    assert (told["live"], told["drift"]) == (again.live, found["drift"])
    assert told["enter"] == (found["enter"] if found["enter"] >= 10 else None)
    assert "file" not in told
    page = Path(again.trained["report"]["html"]).read_text(encoding="utf-8")
    assert "Drift since the frozen bins of the bundle that scored" in page
    assert "It has not been scored in the shadow" in page
    written = again.home("evaluation", "--bundle", again.trained["bundle"], "--json").json
    (shadow,) = written["shadow"]
    assert (shadow["run"], shadow["places"]) == (again.scored["run"], 10)
    assert again.scored["run"] in Path(written["html"]).read_text(encoding="utf-8")


def test_a_list_in_the_shadow_is_compared_and_is_no_run(again: Again, small: Any):
    found = again.scored["shadow"]
    assert (again.scored["run"], again.scored["list_hash"]) == (small.scored["run"], small.scored["list_hash"])
    assert (found["kind"], found["places"]) == ("recency", 10)
    people = lines(found["file"])
    assert len(people) == found["enter"] + found["leave"] > 0
    assert all(int(person["place"]) <= 10 for person in people if person["move"] == "leaves")
    assert [run["run"] for run in again.home("runs", "--json").json["runs"]] == [small.scored["run"]]
    assert again.scored["drift"]["since"] == small.trained["splits"][-1]


def test_no_person_is_in_what_is_printed(again: Again):
    names = {person["person_id"] for person in lines(again.trained["retraining"]["file"])}
    assert not any(name in str(again.trained) + str(again.scored) for name in names)


def test_a_bundle_that_scores_or_is_not_there_cannot_be_its_own_shadow(again: Again):
    score = ("score", "--as-of", "2026-03-31", "--area", "castlebridge")
    same = again.home(*score, "--bundle", again.live, "--shadow", again.live, status=1)
    assert "is the one that scores" in same.err
    assert "There is no bundle" in again.home(*score, "--shadow", "0" * 64, status=1).err
    assert "64 hexadecimal digits" in again.home(*score, "--shadow", "abc", status=1).err


def test_who_is_erased_leaves_the_private_files(again: Again):
    files = (again.trained["retraining"]["file"], again.scored["shadow"]["file"])
    shared = [{person["person_id"] for person in lines(file)} for file in files]
    person = min(shared[0] & shared[1])
    assert again.home("erase", person, *WHO, "--json").json["searched"]["clean"]
    for file, before in zip(files, shared, strict=True):
        assert {line["person_id"] for line in lines(file)} == before - {person}
    assert Workspace(again.home.path).champion == again.trained["bundle"]
