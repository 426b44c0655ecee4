"""A backup taken under load restores to a verifying ledger in a new place; a move to PostgreSQL keeps every row."""

from __future__ import annotations

import json
import os
import re
import shlex
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from drive_panel.cli import app
from drive_panel.errors import WorkspaceError
from drive_panel.settings import DatabaseURLs
from drive_panel.workflows import backup, databases, erase, restore
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from records import Keyring, RecordStore
from records.errors import ErasureUnfinished
from serving import Person, Role
from serving.errors import StoreError
from serving.filing import Draft
from serving.storage.copying import held
from serving.storage.sealed import make_secret
from values import digest, silent

DATABASES = ("sqlite", "postgresql")
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "operator-databases.md"
REVIEWER, CHAIR = Person("reviewer-1", "R", Role.REVIEWER), Person("chair", "C", Role.CHAIR)
FILED = ("request", "incident")
EXTRACT = {
    "manifest.yaml": "source: made up\nextract_date: 2024-03-31\nsynthetic: true\n",
    "persons.csv": "person_id,family_name,source\nPER-1001,Featherstone,rms\nPER-1002,Applewhite,rms\n",
    "incidents.csv": "incident_id,force,area,occurred_from,is_crime,domestic\nI1,north,east,2023-01-01,true,true\n",
    "involvements.csv": "incident_id,person_id,role\nI1,PER-1001,suspect\nI1,PER-1002,victim\n",
}


@pytest.fixture
def key(tmp_path: Path) -> Path:
    made = tmp_path / "safe.key"
    make_secret(made)
    return made


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Workspace]:
    """Make an empty workspace, on SQLite or on a database of its own in PostgreSQL."""

    def make(name: str, dialect: str) -> Workspace:
        urls = DatabaseURLs()
        if dialect == "postgresql":
            server = request.getfixturevalue("postgresql")
            database = f"{name}_{os.urandom(6).hex()}"
            server.sql(f"CREATE DATABASE {database}")
            urls = DatabaseURLs(owner=server.url(database))
        return Workspace.open(tmp_path / name, urls, tmp_path / "safe" / "erasures.jsonl")

    return make


@pytest.fixture
def home(place: Callable[..., Workspace], database: Any) -> Workspace:
    return place("home", database.dialect)


@pytest.fixture
def live(home: Workspace, make_run_in: Callable[..., Any]) -> str:
    """A workspace with a released list and a withdrawn one."""
    return fill(home, make_run_in)


def fill(home: Workspace, make_run: Callable[..., Any], person: str | None = None) -> str:
    with batch_service(home) as service:
        for area in ("ashford", "castlebridge"):
            made = make_run(home.home, area=area)
            if person is not None and area == "castlebridge":
                old = made.rows[0]["person"]
                made.rows[0]["person"] = person
                made.cases = {(person if name == old else name): case for name, case in made.cases.items()}
                made.cases[person]["person"] = person
                made.rows[0]["case"] = digest(made.cases[person])
                made.identities = {(person if name == old else name): each for name, each in made.identities.items()}
            run = made.into(service)
            service.review(run, REVIEWER, "approve", "Audit read", acknowledged=made.gate["acknowledge"])
            service.publish(run)
            number = service.file(CHAIR, Draft("request", run, area, {"what": "Which order?"}, made.rows[2]["person"]))
            answered = Draft("request", run, area, {"what": "None"}, made.rows[2]["person"], replaces=number)
            told = Draft("answer", run, area, {"words": "None"}, made.rows[2]["person"], "probation")
            service.file(CHAIR, answered, beside=[told])
            service.file(CHAIR, Draft("incident", "registers", area, {"what": "A list left on a printer"}))
            if area == "ashford":
                service.review(run, REVIEWER, "withdraw", "Wrong extract")
    return run


def ingest(home: Workspace, tmp_path: Path, person: str = "PER-1001", surname: str = "Featherstone") -> None:
    folder = tmp_path / f"extract-{person}"
    folder.mkdir()
    for name, content in EXTRACT.items():
        content = content.replace("PER-1001", person).replace("Featherstone", surname)
        (folder / name).write_text(content.replace("made up", f"made up {person}"), encoding="utf-8")
    RecordStore(home.records).ingest(folder)


@contextmanager
def working(home: Workspace, run: str) -> Iterator[list[int]]:
    """Decide and look on two threads until the block ends."""
    stop, done = threading.Event(), []

    def work(name: str) -> None:
        with batch_service(home) as service:
            last = None
            while not stop.is_set():
                person = "P-CAST-TEST-0001" if name == "a" else "P-CAST-TEST-0002"
                last = service.decide(run, person, CHAIR, "not_suitable", "other", f"Again {last}", replaces=last)
                service.note(name, "work.test", run)
                done.append(1)

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    try:
        while len(done) < 4:
            stop.wait(0.01)
        yield done
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("into", ["sqlite", "postgresql"])
def test_a_backup_under_load_restores_to_a_verifying_ledger_on_either_database(
    home: Workspace, live: str, key: Path, tmp_path: Path, place: Callable[..., Workspace], into: str
) -> None:
    with working(home, live) as done:
        before = len(done)
        told = backup.run(home, tmp_path / "b", key, True, silent)
        while len(done) < before + 2:  # it went on during and after the backup
            threading.Event().wait(0.01)
    new = place("new", into)
    assert told["warnings"] == []  # the register lies elsewhere
    result = restore.run(new, tmp_path / "b", key, new.erasure_register, None, silent)
    assert (result["ok"], result["head"], result["erased"]) == (True, told["head"], 0)
    with batch_service(home) as old, batch_service(new) as service:
        assert result["entries"] < old.verify().entries
        assert service.released_list(live).rows == old.released_list(live).rows
        assert service.identities(service.released_list(live))["P-CAST-TEST-0001"]["family_name"] == "Number1"
        assert sorted(run.state for run in service.runs()) == ["released", "withdrawn"]
        assert len(service.filed(FILED)) == 6
        assert service.filed(FILED) == old.filed(FILED)
        held_then = [row["decision_id"] for row in service.decisions()]
        assert held_then == [row["decision_id"] for row in old.decisions()][: len(held_then)]
        service.decide(live, "P-CAST-TEST-0003", CHAIR, "not_suitable", "other", "After the restore")
        assert service.verify(against=told["head"]).ok
    assert not new.restore_underway


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_restore_erases_again_whom_the_register_names(
    home: Workspace, key: Path, tmp_path: Path, place: Callable[..., Workspace], make_run_in: Callable[..., Any]
) -> None:
    ingest(home, tmp_path)
    pseudonym = Keyring(home.keys / "pseudonyms.db").pseudonyms(["PER-1001"])["PER-1001"]
    run = fill(home, make_run_in, pseudonym)
    backup.run(home, tmp_path / "b", key, True, silent)
    erase.run(home, "PER-1001", by="officer", reason="Upheld", progress=silent)
    assert b"Featherstone" not in home.erasure_register.read_bytes()
    new = place("new", "sqlite")
    result = restore.run(new, tmp_path / "b", key, new.erasure_register, None, silent)
    assert (result["ok"], result["erased"]) == (True, 1)
    assert set(RecordStore(new.records).latest().table("persons")["person_id"]) == {"PER-1002"}
    assert Keyring(new.keys / "pseudonyms.db").whose(pseudonym) is None
    with batch_service(new) as service:
        assert service.released_list(run).not_shown == 1
    left = [path.name for path in new.home.rglob("*") if path.is_file() and b"Featherstone" in path.read_bytes()]
    assert left == []


@pytest.mark.parametrize("spoil", ["key", "bytes", "cut", "other"])
def test_a_backup_that_cannot_be_believed_leaves_an_empty_place(
    home: Workspace, live: str, key: Path, tmp_path: Path, place: Callable[..., Workspace], spoil: str
) -> None:
    file = tmp_path / "b"
    backup.run(home, file, key, False, silent)
    content, used = file.read_bytes(), key
    assert b"Number1" not in content
    assert live.encode() not in content
    if spoil == "key":
        used = tmp_path / "another.key"
        make_secret(used)
    file.write_bytes(
        {
            "key": content,
            "bytes": content[:5000] + bytes([content[5000] ^ 1]) + content[5001:],
            "cut": content[:-1],
            "other": b"SQLite format 3\x00" * 40,
        }[spoil]
    )
    new = place("new", "sqlite")
    with pytest.raises(StoreError, match=r"cannot be opened|no backup"):
        restore.run(new, file, used, home.erasure_register, None, silent)
    assert list(new.home.iterdir()) == []


def test_nothing_is_overwritten_and_no_weak_key_is_taken(
    home: Workspace, live: str, key: Path, tmp_path: Path, place: Callable[..., Workspace]
) -> None:
    told = backup.run(replace(home, erasures=None), tmp_path / "b", key, False, silent)
    assert told["warnings"] == [backup.REGISTER_WITHIN]
    assert backup.describe(told)[-1].startswith("Warning: The register of erased people lies in the workspace.")
    with pytest.raises(WorkspaceError, match="is there already"):
        backup.run(home, tmp_path / "b", key, False, silent)
    with pytest.raises(WorkspaceError, match="not empty"):
        restore.run(home, tmp_path / "b", key, home.home / "erasures.jsonl", None, silent)
    (tmp_path / "short.key").write_text("secret\n")
    (tmp_path / "short.key").chmod(0o600)
    with pytest.raises(StoreError, match="too short"):
        backup.run(home, tmp_path / "c", tmp_path / "short.key", False, silent)
    key.chmod(0o644)
    with pytest.raises(StoreError, match="Others may read"):
        backup.run(home, tmp_path / "c", key, False, silent)
    make_secret(home.home / "inside.key")
    with pytest.raises(WorkspaceError, match="in the workspace that it is to protect"):
        backup.run(home, tmp_path / "c", home.home / "inside.key", False, silent)
    assert not (tmp_path / "c").exists()
    new = place("new", "sqlite")
    with pytest.raises(WorkspaceError, match="erasure register"):
        restore.run(new, tmp_path / "b", key, tmp_path / "nowhere", None, silent)


def test_a_head_printed_before_the_backup_must_be_in_it(
    home: Workspace, live: str, key: Path, tmp_path: Path, place: Callable[..., Workspace]
) -> None:
    told = backup.run(home, tmp_path / "b", key, False, silent)
    new = place("new", "sqlite")
    with pytest.raises(WorkspaceError, match="rewritten or cut"):
        restore.run(new, tmp_path / "b", key, home.erasure_register, "99:" + "0" * 64, silent)
    assert restore.run(new, tmp_path / "b", key, home.erasure_register, told["head"], silent)["ok"]


def killed(step: Callable[[], Any]) -> None:
    """Run a step in a process of its own that dies in the middle, without a chance to tidy up."""
    child = os.fork()
    if child == 0:
        try:
            step()
        finally:
            os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def dies_at(monkeypatch: pytest.MonkeyPatch, module: Any, calls: int) -> None:
    """Let the process die after so many copies of a database."""
    whole, count = module.copy, [0]

    def copy(*arguments: Any) -> Any:
        if count[0] == calls:
            os._exit(9)
        count[0] += 1
        return whole(*arguments)

    monkeypatch.setattr(module, "copy", copy)


@pytest.mark.parametrize("calls", [0, 1])
def test_a_restore_that_was_killed_is_opened_by_nothing_and_goes_on(
    home: Workspace,
    live: str,
    key: Path,
    tmp_path: Path,
    place: Callable[..., Workspace],
    calls: int,
    monkeypatch: pytest.MonkeyPatch,
    database: Any,
) -> None:
    told = backup.run(home, tmp_path / "b", key, False, silent)
    new = place("new", database.dialect)
    arguments = (new, tmp_path / "b", key, home.erasure_register, None, silent)
    with monkeypatch.context() as patch:
        dies_at(patch, restore, calls)
        killed(lambda: restore.run(*arguments))
    refused = CliRunner().invoke(app, ["--home", str(new.home), "runs", "--json"])
    assert json.loads(refused.stdout)["error"]["kind"] == "RestoreUnfinished"
    result = restore.run(*arguments)
    assert (result["ok"], result["head"]) == (True, told["head"])
    assert not new.restore_underway


def everything(home: Workspace) -> dict[str, Any]:
    with backup.databases(home) as opened:
        found = {}
        for name, each in opened.items():
            with each.read() as connection:
                found[name] = held(connection, each.tables)
    return found


@pytest.mark.parametrize("calls", [None, 0, 1])
def test_a_move_keeps_every_row_and_goes_on_after_a_kill(
    place: Callable[..., Workspace],
    calls: int | None,
    monkeypatch: pytest.MonkeyPatch,
    make_run_in: Callable[..., Any],
    database: Any,
) -> None:
    if database.dialect == "sqlite":
        pytest.skip("a move goes to PostgreSQL")
    target = place("home", "postgresql")
    source = Workspace(target.home)
    run = fill(source, make_run_in)
    before = everything(source)
    if calls is not None:
        with monkeypatch.context() as patch:
            dies_at(patch, databases, calls)
            killed(lambda: databases.move(target, silent))
        with batch_service(source) as service:  # until it is done, the files are what counts
            assert service.verify().ok
    result = databases.move(target, silent)
    assert result["ok"]
    assert everything(target) == before
    assert sum(each.rows for each in before["panel"].values()) > 50
    assert sorted(path.name for path in target.home.rglob("*.moved")) == ["panel.db.moved", "scores.db.moved"]
    with batch_service(target) as service:
        assert [each.current for each in service.filed(FILED)] == [False, True, True] * 2
        service.decide(run, "P-CAST-TEST-0001", CHAIR, "not_suitable", "other", "After the move")
        assert service.verify().ok


def test_a_move_into_a_database_with_other_rows_or_beside_an_open_one_is_refused(
    place: Callable[..., Workspace], make_run_in: Callable[..., Any], database: Any
) -> None:
    if database.dialect == "sqlite":
        pytest.skip("a move goes to PostgreSQL")
    target = place("home", "postgresql")
    source = Workspace(target.home)
    fill(source, make_run_in)
    with batch_service(source), pytest.raises(WorkspaceError, match="has the databases open"):
        databases.move(target, silent)
    with batch_service(target) as service:
        service.note("somebody", "other.act", "elsewhere")
    kept = everything(target)
    with pytest.raises(StoreError, match=r"other rows already\. They differ in"):
        databases.move(target, silent)
    assert everything(target) == kept
    assert (target.home / "panel.db").exists()


def test_the_search_of_an_erasure_reads_what_lies_in_postgresql(
    place: Callable[..., Workspace], make_run_in: Callable[..., Any], tmp_path: Path, database: Any
) -> None:
    if database.dialect == "sqlite":
        pytest.skip("its files are searched like any other")
    home = place("home", "postgresql")
    ingest(home, tmp_path)
    run = fill(home, make_run_in)
    with batch_service(home) as service:
        service.decide(run, "P-CAST-TEST-0001", CHAIR, "defer", "other", "Ask Featherstone first", date(2099, 1, 1))
    told = erase.run(home, "PER-1001", by="officer", reason="Upheld", progress=silent)
    assert told["restricted"] == ["postgresql/panel.db (table decisions): words that name the person"]
    assert not (home.home / "postgresql").exists()
    ingest(home, tmp_path, "PER-2001", "Zuberbuehler")
    with batch_service(home) as service:
        service.note("somebody", "note.made", "Zuberbuehler")
        made = make_run_in(home.home, area="millbrook")
        made.audit["alerts"] = ["Zuberbuehler stands above the line"]
        made.into(service)
    with pytest.raises(ErasureUnfinished, match=r"postgresql/panel\.db \(table runs\)"):
        erase.run(home, "PER-2001", by="officer", reason="Upheld", progress=silent)
    assert not (home.home / "postgresql").exists()


def test_an_owner_who_is_no_superuser_migrates_erases_backs_up_and_restores_beside_the_roles(
    database: Any, postgresql: Any, make_run_in: Callable[..., Any], tmp_path: Path, key: Path
) -> None:
    if database.dialect == "sqlite":
        pytest.skip("SQLite has no roles")
    name = os.urandom(6).hex()
    owner, old, new = f"owner_{name}", f"old_{name}", f"new_{name}"
    made = (f"CREATE DATABASE {each} OWNER {owner}" for each in (old, new))
    postgresql.sql(f"CREATE ROLE {owner} LOGIN NOSUPERUSER", *made)

    def seats(where: str, folder: str) -> Workspace:
        url = {seat: postgresql.url(where, f"panel_{seat}") for seat in ("web", "batch", "reviewer")}
        urls = DatabaseURLs(owner=postgresql.url(where, owner), **url)
        return Workspace.open(tmp_path / folder, urls, tmp_path / "safe" / "erasures.jsonl")

    home, restored = seats(old, "home"), seats(new, "restored")
    databases.migrate(home)
    postgresql.sql(*databases.roles(home, apply=False)["statements"], database=old)
    databases.migrate(home)  # gives the roles their rights again, as the owner can
    run = fill(home, make_run_in)
    with batch_service(home, "owner") as service:
        assert service.erase("P-CAST-TEST-0001", "officer") == 6
        service.compact()
        assert service.verify().ok
    backup.run(home, tmp_path / "b", key, False, silent)
    result = restore.run(restored, tmp_path / "b", key, home.erasure_register, None, silent)
    assert result["ok"]
    postgresql.sql(*databases.roles(restored, apply=False)["statements"], database=new)
    with batch_service(restored) as service:
        assert service.released_list(run).not_shown == 1
    with pytest.raises(StoreError, match="permission denied"), batch_service(restored) as service:
        service.erase("P-CAST-TEST-0002", "batch")


def test_the_guide_is_followed_literally(
    home: Workspace, live: str, tmp_path: Path, place: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run the commands of the guide's rehearsal, word by word, with its folders under this test's."""
    new = place("restored", "sqlite" if home.databases.of("owner") is None else "postgresql")
    block = re.search(r"## Rehearse a restore.*?```\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    assert block is not None
    lines = [line for line in block[1].replace("\\\n", "").splitlines() if line.strip()]
    assert len(lines) == 8
    for folder in ("safe", "backups"):
        (tmp_path / folder).mkdir(exist_ok=True)
    places = {"/srv/drive-panel": str(home.home), "/srv/restored": str(new.home)}
    places |= {"/media/safe": str(tmp_path / "safe"), "/backups": str(tmp_path / "backups")}
    sqlite = home.databases.of("owner") is None
    places["postgresql:///drive_panel"] = home.databases.of("owner") or ""
    places["postgresql:///rehearsal"] = new.databases.of("owner") or ""
    for line in lines:
        if sqlite and "DRIVE_PANEL_DATABASE_URL" in line:  # as the guide says
            continue
        for written, here in places.items():
            line = line.replace(written, here)
        program, *words = shlex.split(line)
        if program == "export":
            monkeypatch.setenv(*words[0].split("=", 1))
            continue
        assert program == "drive-panel"
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, done.output
    assert "unbroken" in done.output
