"""After damage by SQL the operator disowns what nobody vouches for: the service goes on, and the ledger says so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from drive_panel.cli import app
from serving import Person, Service
from serving.errors import ListChanged, NotDisowned
from serving.ledger.disowning import disown_entry, disown_row
from values import digest

DATABASES = ("sqlite", "postgresql")
WHY = "Put in by SQL on 3 May"


def forged(service: Service, at: str = "2026-04-01T09:00:00+00:00") -> str:
    """A statement that puts in an entry that follows the newest one and has the hash of its content."""
    newest = service.ledger(1)[0]
    content = [newest.hash, newest.seq + 1, at, "me", "view.list", "run", "{}"]
    values = [newest.seq + 1, newest.hash, at, "me", "view.list", "run", "{}", digest(content), "00"]
    return f"INSERT INTO ledger VALUES ({', '.join(map(repr, values))})"


def exported(service: Service, folder: Path) -> dict[str, Any]:
    """What the verifier of an export, by itself, says of it."""
    service.export_ledger("auditor", folder)
    script = [sys.executable, "-I", folder / "verify_export.py", folder, "--json"]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_entries_put_in_at_the_end_are_taken_out_and_the_service_goes_on(
    service: Service, released: str, made_up: Any, chair: Person, database: Any, tmp_path: Path
) -> None:
    for _ in range(2):
        database.sql(forged(service, "2099-01-01T09:00:00+00:00"))
    person = made_up.rows[0]["person"]
    with pytest.raises(ListChanged, match="newest entry"):
        service.decide(released, person, chair, "not_suitable", "pattern", "Agreed")
    assert service.verify().first_broken == 4
    kept: list[dict[str, Any]] = []
    entry = disown_entry(service.stores, 4, "admin", WHY, kept.extend)
    assert (entry.seq, entry.actor, entry.action) == (4, "admin", "ledger.disowned")
    assert [row["signature"] for row in kept] == ["00", "00"]
    assert entry.content == {
        "reason": WHY,
        "removed": True,
        "entries": [{"seq": row["seq"], "found": digest(row)} for row in kept],
    }
    assert service.decide(released, person, chair, "not_suitable", "pattern", "Agreed") == 1
    found = service.verify()
    assert (found.ok, found.disowned) == (True, 2)
    told = exported(service, tmp_path / "export")
    assert (told["ok"], told["actions"]["ledger.disowned"]) == (True, 1)


@pytest.mark.parametrize(
    ("number", "change", "state"),
    [
        (2, "actor = 'somebody'", "withdrawn"),  # the release, which nobody vouches for any more
        (2, "hash = 'x'", "withdrawn"),
        (3, "signature = '00'", "released"),  # the publication, of exactly the list that was released
        (3, "at = '2099-01-01T00:00:00+00:00'", "released"),
    ],
)
def test_an_entry_that_was_changed_stays_as_found_and_counts_for_nothing(
    service: Service, released: str, database: Any, tmp_path: Path, number: int, change: str, state: str
) -> None:
    database.sql("DROP TRIGGER ledger_update", f"UPDATE ledger SET {change} WHERE seq = {number}")
    assert service.verify().first_broken == number
    entry = disown_entry(service.stores, number, "admin", WHY, lambda _: None)
    assert (entry.seq, entry.content["removed"]) == (4, False)
    while service.verify().row:  # the rows that the entry vouched for have lost it
        table, _, key = service.verify().row.partition(" ")
        disown_row(service.stores, table, key, "admin", WHY, lambda _: None)
    assert service.verify().ok
    assert service.runs()[0].state == state
    told = exported(service, tmp_path / "export")
    assert (told["ok"], told["disowned"]) == (True, service.verify().disowned)
    database.sql(f"UPDATE ledger SET subject = 'other' WHERE seq = {number}")
    assert service.verify().first_broken == number


def test_a_row_that_stood_in_the_way_is_taken_out(
    service: Service, released: str, made_up: Any, chair: Person, database: Any
) -> None:
    person = made_up.rows[0]["person"]
    database.sql(
        f"INSERT INTO decisions VALUES (2147483647, '{released}', '{person}', 'chair', 'defer', 'other', 'x', NULL,"
        " false, '', NULL, '2026-04-01T09:00:00+00:00')"
    )
    found = service.verify()
    assert (found.ok, found.row) == (False, "decisions [2147483647]")
    with pytest.raises(Exception, match="refused"):
        service.decide(released, person, chair, "not_suitable", "pattern", "Agreed")
    kept: list[dict[str, Any]] = []
    entry = disown_row(service.stores, "decisions", "[2147483647]", "admin", WHY, kept.extend)
    assert (kept[0]["reason"], entry.content["removed"]) == ("x", True)
    assert service.decide(released, person, chair, "not_suitable", "pattern", "Agreed") == 1
    assert (service.verify().ok, service.verify().disowned) == (True, 1)


@pytest.mark.parametrize("statement", ["UPDATE decisions SET decision = 'defer'", "DELETE FROM decisions"])
def test_a_row_that_was_changed_or_removed_is_told_and_decides_nothing(
    service: Service,
    released: str,
    made_up: Any,
    chair: Person,
    database: Any,
    tmp_path: Path,
    statement: str,
) -> None:
    service.decide(released, made_up.rows[0]["person"], chair, "not_suitable", "pattern", "Agreed")
    database.sql(f"DROP TRIGGER decisions_{statement.split()[0].lower()}", statement)
    table, _, key = service.verify().row.partition(" ")
    assert disown_row(service.stores, table, key, "admin", WHY, lambda _: None).content["removed"] is False
    assert (service.verify().ok, service.decisions()) == (True, [])
    assert exported(service, tmp_path / "export")["ok"]


def test_nothing_genuine_is_disowned(service: Service, released: str, database: Any) -> None:
    key = json.dumps([released])
    refused = [
        lambda: disown_entry(service.stores, 3, "admin", WHY, lambda _: None),
        lambda: disown_entry(service.stores, 9, "admin", WHY, lambda _: None),
        lambda: disown_row(service.stores, "runs", key, "admin", WHY, lambda _: None),
        lambda: disown_row(service.stores, "runs", "[]", "admin", WHY, lambda _: None),
        lambda: disown_row(service.stores, "users", key, "admin", WHY, lambda _: None),
    ]
    database.sql(forged(service))
    refused.append(lambda: disown_entry(service.stores, 4, "admin", "  ", lambda _: None))
    for each in refused:
        with pytest.raises(NotDisowned):
            each()
    disown_entry(service.stores, 4, "admin", WHY, lambda _: None)
    assert service.verify().ok


def test_the_operator_disowns_by_command_and_keeps_what_was_found(
    service: Service, released: str, database: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path
    database.sql(forged(service))
    service.stores.close()
    if database.dialect == "postgresql":
        monkeypatch.setenv("DRIVE_PANEL_DATABASE_URL", database.panel)
    else:
        (home / "unreleased").mkdir(mode=0o700)
        database.scores.rename(home / "unreleased" / "scores.db")
    called = ["--home", str(home), "ledger"]
    broken = CliRunner().invoke(app, [*called, "verify"])
    assert (broken.exit_code, "broken at entry 4" in broken.output) == (1, True)
    asked = [*called, "disown", str(tmp_path / "found.json"), "--reason", WHY]
    for wrong in ([], ["--entry", "4", "--row", "runs []"], ["--entry", "3"]):
        assert CliRunner().invoke(app, [*asked, *wrong]).exit_code == 1
    done = CliRunner().invoke(app, [*asked, "--entry", "4", "--json"])
    assert json.loads(done.stdout)["removed"] is True
    assert json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))[0]["signature"] == "00"
    assert "Disowned before: 1" in CliRunner().invoke(app, [*called, "verify"]).output
    again = CliRunner().invoke(app, [*asked, "--entry", "4"])
    assert again.exit_code == 1
