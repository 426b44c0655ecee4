"""A listed suspect and a victim are erased from a workspace that trained, scored and released; then work goes on."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from drive_panel.workspace import Workspace
from records import Keyring, RecordStore
from records.erasing.search import search
from records.erasing.sought import Sought, birth_dates
from synthetic import ForceSettings

pytestmark = pytest.mark.slow
WHO = ("--by", "data protection officer", "--reason", "Request upheld on 1 May.")


@dataclass(frozen=True)
class Gone:
    """What erasing two people left, and what would betray them."""

    home: Any
    run: str
    before: dict[str, Any]
    suspect: str
    victim: str
    sought: Sought
    erased: list[dict[str, Any]]


def betraying(store: RecordStore, person: str) -> Sought:
    """Everything that identifies a person, written down before they are erased, independently of the erasure."""
    persons = store.latest()._read("persons")
    row = persons[persons["person_id"] == person].iloc[-1]
    alone = {person, *(str(row[name]) for name in ("pnc_id", "cro_id") if isinstance(row[name], str))}
    born = birth_dates(date.fromisoformat(str(row["date_of_birth"])[:10]))
    return Sought(frozenset(alone), ((frozenset({row["given_name"]}), frozenset({row["family_name"]}), born),))


@pytest.fixture(scope="module")
def gone(small: Any, tmp_path_factory: pytest.TempPathFactory) -> Gone:
    home = type(small.home)(tmp_path_factory.mktemp("erase") / "workspace")
    shutil.copytree(small.home.path, home.path)
    (home.path / "mode").write_text("demo\n", encoding="utf-8")
    area = list(ForceSettings().areas)[1]  # one that was not scored before the workspace became a demonstration
    (home.path / "panels.yaml").write_text(f"panels:\n  {area}: {{places: 10}}\n", encoding="utf-8")
    scored = home("score", "--as-of", "2026-03-31", "--area", area, "--json").json
    run, act = scored["run"], "approve" if scored["verdict"] == "pass" else "waive"
    acknowledged = [word for name in scored["acknowledge"] for word in ("--acknowledge", name)]
    for reviewer in ("reviewer-1", "reviewer-2"):
        words = ("--reason", "All limits were read and are printed on the list.", "--reviewer", reviewer)
        home("release", act, run, *words, *acknowledged)
    before = home("list", run, "--json").json
    workspace = Workspace.open(home.path)
    suspect = Keyring(workspace.keys / "pseudonyms.db").whose(before["rows"][0]["person"])
    assert suspect is not None
    store = RecordStore(workspace.records)
    dyads = store.latest().table("dyads")
    victim = str(dyads.loc[dyads["suspect_id"] == suspect, "victim_id"].iloc[0])
    parts = [betraying(store, person) for person in (suspect, victim)]
    sought = Sought(parts[0].alone | parts[1].alone, parts[0].together + parts[1].together)
    assert search(home.path, sought).found
    erased = [home("erase", person, *WHO, "--json").json for person in (before["rows"][0]["person"], victim)]
    return Gone(home, run, before, suspect, victim, sought, erased)


def test_nothing_is_left_in_any_file_of_the_workspace(gone: Gone):
    assert all(each["searched"]["clean"] for each in gone.erased)
    found = search(gone.home.path, gone.sought)
    assert found.to_dict() | {"size": 0, "files": 0, "undecoded": []} == {
        "files": 0, "size": 0, "found": [], "undecoded": [], "unreadable": [], "clean": True
    }  # fmt: skip
    assert found.files > 60
    assert any(path.suffix == ".parquet" for path in gone.home.path.rglob("records/deliveries/*/*"))
    assert (gone.home.path / "mlflow" / "mlflow.db").exists()


def test_the_released_list_still_verifies_without_the_person(gone: Gone):
    shown = gone.home("list", gone.run, "--json").json
    assert len(shown["rows"]) == len(gone.before["rows"]) - 1
    assert shown["list_hash"] == gone.before["list_hash"]
    assert gone.home("ledger", "verify", "--json").json["ok"]
    for name in ("panel.db", "unreleased/scores.db"):
        with closing(sqlite3.connect(gone.home.path / name)) as database:
            assert database.execute("PRAGMA freelist_count").fetchone() == (0,)


def test_the_ledger_says_which_snapshot_stands_for_the_one_that_a_bundle_cites(gone: Gone, small: Any):
    with closing(sqlite3.connect(gone.home.path / "panel.db")) as database:
        query = "SELECT subject, detail FROM ledger WHERE action = 'records.erased' ORDER BY seq"
        moves = {old: json.loads(detail)["new"] for old, detail in database.execute(query)}
    cited, latest = small.ingested["snapshot"], RecordStore(gone.home.path / "records").latest().hash
    assert moves[moves[cited]] == latest


def test_the_same_extract_does_not_bring_them_back(gone: Gone, small: Any):
    before = RecordStore(gone.home.path / "records").latest().hash
    assert gone.home("ingest", small.extract, "--json").json["snapshot"] == before
    assert search(gone.home.path, gone.sought).clean


def test_training_and_scoring_go_on_without_them(gone: Gone):
    (gone.home.path / "train.yaml").write_text("splits: {tests: 1}\ndraws: 50\n", encoding="utf-8")
    gone.home("train", "--config", gone.home.path / "train.yaml", "--json")
    scored = gone.home("score", "--as-of", "2026-03-31", "--area", gone.before["header"]["area"], "--json").json
    assert scored["cohort"] > 0
    assert search(gone.home.path, gone.sought).clean
    known = Keyring(gone.home.path / "keys" / "pseudonyms.db").known([gone.suspect, gone.victim])
    assert known == {}
    assert gone.home("ledger", "verify", "--json").json["ok"]


def cases(home: Path, run: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(home / "unreleased" / "scores.db")) as database:
        rows = database.execute("SELECT document FROM scored_cases WHERE run = ?", (run,)).fetchall()
    return [json.loads(document) for (document,) in rows]


def test_a_purpose_that_a_site_takes_away_is_gone_from_the_pages(small: Any, copy_of: Any):
    shown = [hearing for case in cases(small.home.path, small.scored["run"]) for hearing in case["marac"]]
    assert shown
    assert all("children_count" in hearing for hearing in shown)
    home = copy_of(small.home)
    narrowed = "tables: {marac_hearings: {columns: {children_count: [audit]}}}\n"
    (home.path / "sources.yaml").write_text(narrowed, encoding="utf-8")
    scored = home("score", "--as-of", "2026-03-31", "--area", "castlebridge", "--json").json
    now = [hearing for case in cases(home.path, scored["run"]) for hearing in case["marac"]]
    assert len(now) == len(shown)
    assert not any("children_count" in hearing for hearing in now)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("incidents: {columns: {alcohol: [display]}}", "reads incidents.alcohol"),
        ("persons: {columns: {deceased_on: [display]}}", "persons.deceased_on"),
        ("needs: {columns: {need: [rank]}}", "never ranks"),
    ],
)
def test_what_a_purpose_forbids_stops_the_command_by_name(small: Any, copy_of: Any, columns: str, message: str):
    home = copy_of(small.home)
    (home.path / "sources.yaml").write_text(f"tables: {{{columns}}}\n", encoding="utf-8")
    refused = home("train", "--json", status=1)
    assert message in refused.json["error"]["message"]
