from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from serving import Batch, Person, Service
from serving.errors import StoreError
from serving.ledger import checking
from values import digest

DATABASES = ("sqlite", "postgresql")


def test_a_whole_ledger_verifies_and_gives_its_head(service: Service, released: str) -> None:
    result = service.verify()
    newest = service.ledger(1)[0]
    assert (result.ok, result.entries, result.head) == (True, 3, newest.head)
    assert service.verify(against=newest.head).ok
    assert service.verify(against=newest.hash).ok


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_changed_entry_is_named(service: Service, released: str, database: Any, number: int) -> None:
    database.sql(
        "DROP TRIGGER ledger_update",
        f"UPDATE ledger SET actor = 'somebody' WHERE seq = {number}",
    )
    result = service.verify()
    assert (result.ok, result.first_broken) == (False, number)
    assert "does not have its hash" in result.why


def test_a_removed_entry_is_named(service: Service, released: str, database: Any) -> None:
    database.sql("DROP TRIGGER ledger_delete", "DELETE FROM ledger WHERE seq = 2")
    result = service.verify()
    assert (result.first_broken, result.why) == (3, "entry 2 is missing")


def test_a_ledger_cut_short_is_found_by_the_heads_kept_outside(
    service: Service, released: str, tmp_path: Path, database: Any
) -> None:
    printed = service.verify().head
    database.sql(
        "DROP TRIGGER ledger_delete",
        "DROP TRIGGER published_delete",
        "DELETE FROM ledger WHERE seq = 3",
    )
    assert service.verify().first_broken == 3
    (tmp_path / "keys" / "heads.jsonl").unlink()
    result = service.verify(against=printed)
    assert (result.ok, result.first_broken) == (False, 3)


def test_a_full_rewrite_with_another_key_is_a_forgery(
    service: Service, released: str, made_up: Any, tmp_path: Path, clock: Any
) -> None:
    other = Batch(tmp_path / "o" / "panel.db", tmp_path / "o" / "scores.db", tmp_path / "o" / "keys", clock)
    made_up.into(other)
    other.close()
    rewritten = Service(tmp_path / "o" / "panel.db", None, tmp_path / "keys", clock)
    result = rewritten.verify()
    assert (result.ok, result.first_broken) == (False, 1)
    assert "signature" in result.why
    rewritten.close()


def test_a_full_rewrite_with_the_key_is_found_by_a_printed_head_or_the_outside_file(
    service: Service, released: str, made_up: Any, tmp_path: Path, clock: Any
) -> None:
    printed = service.verify().head
    heads = tmp_path / "keys" / "heads.jsonl"
    kept = heads.read_text(encoding="utf-8")
    clock.forward(minutes=1)
    rewritten = Batch(tmp_path / "o" / "panel.db", tmp_path / "o" / "scores.db", tmp_path / "keys", clock)
    made_up.into(rewritten)
    heads.unlink()
    assert rewritten.verify().ok
    assert not rewritten.verify(against=printed).ok
    heads.write_text(kept, encoding="utf-8")
    assert rewritten.verify().first_broken == 1
    rewritten.close()


def test_a_decision_changed_behind_a_dropped_trigger_is_traced_to_its_entry(
    service: Service, released: str, made_up: Any, chair: Person, database: Any
) -> None:
    service.decide(released, made_up.rows[0]["person"], chair, "not_suitable", "pattern", "Agreed")
    database.sql(
        "DROP TRIGGER decisions_update",
        "UPDATE decisions SET decision = 'accept_direct'",
    )
    result = service.verify()
    assert (result.ok, result.first_broken) == (False, 4)
    assert result.why == "the row of decisions that it made was changed"


@pytest.mark.parametrize("position", [0, 5, 8])
@pytest.mark.parametrize(
    "change",
    [
        "document = replace(document, '12 months', '11 months')",
        "document = '{'",
        "person = 'P-SOMEBODY-ELSE'",
        "document = replace(document, '12 months', '11 months'), hash = '0'",
        "hash = '0'",
    ],
)
def test_a_changed_published_row_is_traced_to_its_publication_run_and_position(
    service: Service, released: str, database: Any, position: int, change: str
) -> None:
    database.sql(
        "DROP TRIGGER published_rows_update",
        f"UPDATE published_rows SET {change} WHERE position = {position}",
    )
    result = service.verify()
    assert (result.ok, result.first_broken, result.entries) == (False, 3, 3)
    assert result.why == f"row {position} of the published list {released} was changed"


def test_a_row_changed_with_its_hash_is_found_and_named_where_the_unreleased_list_is_at_hand(
    service: Service, released: str, tmp_path: Path, clock: Any, database: Any
) -> None:
    with service.stores.panel.read() as connection:
        document = connection.execute(text("SELECT document FROM published_rows WHERE position = 4")).scalar_one()
    forged = {**json.loads(document), "place": 1}
    change = f"document = '{json.dumps(forged)}', hash = '{digest(forged)}'"
    database.sql("DROP TRIGGER published_rows_update", f"UPDATE published_rows SET {change} WHERE position = 4")
    result = service.verify()
    assert (result.ok, result.first_broken) == (False, 3)
    assert result.why == f"row 4 of the published list {released} was changed together with its hash"
    web = Service(database.panel, None, tmp_path / "keys", clock)
    assert not web.verify().ok
    assert f"rows of the published list {released}" in web.verify().why
    web.close()


@pytest.mark.parametrize(("position", "named"), [(0, 0), (4, 4), (8, 8)])
def test_a_deleted_published_row_is_named(
    service: Service, released: str, database: Any, position: int, named: int
) -> None:
    database.sql(
        "DROP TRIGGER published_rows_delete",
        f"DELETE FROM published_rows WHERE position = {position}",
    )
    assert service.verify().why == f"row {named} of the published list {released} is gone"


@pytest.mark.parametrize(
    ("statements", "what"),
    [
        (["DROP TRIGGER published_cases_update", "UPDATE published_cases SET document = '{}' WHERE {}"], "was changed"),
        (["DROP TRIGGER published_cases_delete", "DELETE FROM published_cases WHERE {}"], "is gone"),
        (["UPDATE published_cases SET document = NULL, person = NULL WHERE {}"], "is gone"),
    ],
)
def test_a_changed_or_lost_published_case_is_named_by_its_row(
    service: Service, released: str, made_up: Any, database: Any, statements: list[str], what: str
) -> None:
    where = f"hash = '{made_up.rows[2]['case']}'"
    database.sql(*(one.replace("WHERE {}", f"WHERE {where}") for one in statements))
    result = service.verify()
    assert (result.ok, result.first_broken) == (False, 3)
    assert result.why == f"the case of row 2 of the published list {released} {what}"


def test_a_list_verifies_after_an_erasure(service: Service, released: str, made_up: Any) -> None:
    service.erase(made_up.rows[1]["person"], "admin")
    assert service.verify().ok


@pytest.mark.parametrize("line", ["{not json", "[]", "7", '{"seq": 1}', '{"seq": 1, "hash": "a", "signature": 5}', ""])
def test_a_malformed_head_outside_is_reported_by_its_line(
    service: Service, released: str, tmp_path: Path, line: str
) -> None:
    heads = tmp_path / "keys" / "heads.jsonl"
    kept = heads.read_text(encoding="utf-8").splitlines()
    heads.write_text("\n".join([kept[0], line, *kept[1:]]) + "\n", encoding="utf-8")
    result = service.verify()
    assert (result.ok, result.first_broken) == (False, None)
    assert result.why.startswith("line 2 of heads.jsonl")


def test_a_head_file_that_is_no_text_is_reported(service: Service, released: str, tmp_path: Path) -> None:
    (tmp_path / "keys" / "heads.jsonl").write_bytes(b"\xff\xfe\x00\n")
    assert service.verify().why.startswith("line 1 of heads.jsonl")


def test_a_row_put_in_without_an_act_is_found(service: Service, released: str, database: Any) -> None:
    database.sql(
        f"INSERT INTO clearances VALUES ('{released}', 'P', 'identity', 'x', 'x', '2026-04-01')",
    )
    assert service.verify().why == "a row of clearances was never entered in the ledger"


def test_an_act_whose_ledger_entry_fails_does_not_happen(
    service: Service, released: str, made_up: Any, chair: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(text: str) -> str:
        raise OSError("no key")

    monkeypatch.setattr(service.stores.ledger._signer, "sign", fail)
    with pytest.raises(OSError, match="no key"):
        service.decide(released, made_up.rows[0]["person"], chair, "not_suitable", "pattern", "Agreed")
    assert service.decisions() == []


def test_many_writers_make_one_unbroken_chain(service: Service) -> None:
    def write(name: int) -> None:
        for number in range(10):
            service.note(f"user-{name}", "test.made", f"subject-{number}")

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result = service.verify()
    assert (result.ok, result.entries) == (True, 40)


def test_the_ledger_holds_pseudonyms_and_no_name(service: Service, released: str, made_up: Any, chair: Person) -> None:
    person = made_up.rows[0]["person"]
    service.decide(released, person, chair, "not_suitable", "pattern", "Agreed")
    text = json.dumps([entry.__dict__ for entry in service.ledger()])
    assert person in text
    assert "Number0" not in text
    assert "1990" not in text


def test_a_broken_database_says_what_to_do(service: Service, tmp_path: Path, clock: Any) -> None:
    (tmp_path / "bad.db").write_bytes(b"this is no database at all, but a sentence" * 100)
    with pytest.raises(StoreError, match="not a database"):
        Service(tmp_path / "bad.db", None, tmp_path / "keys", clock)


def test_a_page_reads_the_whole_ledger_when_asked_and_what_is_new_at_once(
    service: Service, released: str, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole: list[int] = []
    verify = service.verify
    monkeypatch.setattr(service, "verify", lambda: whole.append(1) or verify())
    newest = service.checked()
    assert (newest.result, newest.at, whole) == (verify(), None, [])
    first = service.checked(whole=True)
    service.note("somebody", "test.made", "subject")
    clock.forward(days=1)
    again = service.checked()
    assert (len(whole), first.result.entries, again.result.entries, again.at) == (1, 3, 4, first.at)
    assert again.result.head == service.ledger(1)[0].head
    assert (service.checked(whole=True).at > first.at, len(whole)) == (True, 2)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # elsewhere SQL waits for the page
@pytest.mark.parametrize("damaged", [True, False])
@pytest.mark.parametrize("read_before", [True, False])
def test_what_somebody_finds_while_a_page_reads_on_is_not_written_over(
    service: Service,
    released: str,
    database: Any,
    monkeypatch: pytest.MonkeyPatch,
    read_before: bool,
    damaged: bool,
) -> None:
    monkeypatch.setattr(checking, "NEWEST", 2)
    if read_before:
        assert service.checked(whole=True).result.ok
    newest = service.stores.checking._newest

    def meanwhile(connection: Any) -> Any:
        found = newest(connection)
        monkeypatch.undo()
        monkeypatch.setattr(checking, "NEWEST", 2)
        if damaged:  # where no page looks
            database.sql("DROP TRIGGER ledger_update", "UPDATE ledger SET actor = 'x' WHERE seq = 1")
        assert service.checked(whole=True).result.ok is not damaged
        return found

    monkeypatch.setattr(service.stores.checking, "_newest", meanwhile)
    for _ in range(2):
        found = service.checked()
        assert (found.result.ok, found.at is None) == (not damaged, False)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # elsewhere SQL waits for the page
def test_a_whole_reading_that_found_nothing_does_not_hide_damage_that_another_found_meanwhile(
    service: Service, released: str, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = service.verify

    def slowly() -> Any:
        found = verify()
        monkeypatch.setattr(service, "verify", verify)
        database.sql("DROP TRIGGER ledger_update", "UPDATE ledger SET actor = 'x' WHERE seq = 1")
        assert service.checked(whole=True).result.first_broken == 1
        return found

    monkeypatch.setattr(service, "verify", slowly)
    assert service.checked(whole=True).result.first_broken == 1


@pytest.mark.parametrize("read_before", [True, False])
@pytest.mark.parametrize(
    ("statements", "broken", "is_shown"),
    [
        (["DROP TRIGGER ledger_update", "UPDATE ledger SET actor = 'x' WHERE seq = 3"], 3, True),
        (["DROP TRIGGER ledger_delete", "DELETE FROM ledger WHERE seq = 2"], 3, True),
        (["DROP TRIGGER ledger_update", "UPDATE ledger SET actor = 'x' WHERE seq = 1"], 1, False),
        (["DROP TRIGGER releases_update", "UPDATE releases SET expires = '2027-01-01'"], 2, False),
    ],
)
def test_what_was_changed_is_found_at_once_where_it_is_shown_and_elsewhere_when_all_is_read(
    service: Service,
    released: str,
    database: Any,
    monkeypatch: pytest.MonkeyPatch,
    statements: list[str],
    broken: int,
    is_shown: bool,
    read_before: bool,
) -> None:
    monkeypatch.setattr(checking, "NEWEST", 2)
    assert service.checked(whole=read_before).result.ok
    database.sql(*statements)
    assert service.checked().result.ok is not is_shown
    found = service.checked(whole=True)
    assert (found.result.first_broken, service.checked().result.ok) == (broken, False)


def test_a_cut_ledger_is_found_at_once_by_the_head_that_was_read(
    service: Service, released: str, database: Any
) -> None:
    assert service.checked(whole=True).result.ok
    database.sql("DROP TRIGGER ledger_delete", "DELETE FROM ledger WHERE seq = 3")
    assert service.checked().result.first_broken == 3
