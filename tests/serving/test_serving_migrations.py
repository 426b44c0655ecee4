"""Databases come to this version's revision whole or not at all, and no process works with any other revision."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect

from serving import Batch, Service
from serving.errors import StoreError
from serving.storage import PANEL, SCORES, Database
from serving.storage.migrating import check, head, migrate, revision

DATABASES = ("sqlite", "postgresql")
BEFORE = Path(__file__).parent


@contextlib.contextmanager
def both(database: Any) -> Any:
    opened = Database(database.panel, PANEL), Database(database.scores, SCORES)
    try:
        yield opened
    finally:
        for each in opened:
            each.close()


def test_migrations_make_the_tables_that_the_program_declares(database: Any) -> None:
    with both(database) as opened:
        for each in opened:
            check(each)
            assert revision(each) == head(each.tables)


def test_migrating_again_changes_nothing(database: Any, service: Service, released: str) -> None:
    before = database.rows()
    with both(database) as opened:
        assert [migrate(each) for each in opened] == [(head(PANEL), head(PANEL)), (head(SCORES), head(SCORES))]
    assert database.rows() == before
    assert service.verify().ok


@pytest.mark.parametrize(
    ("found", "words"), [("0000", "is of a newer version"), (None, "before migrations; this version needs")]
)
def test_another_revision_is_refused_and_left_alone(
    database: Any, tmp_path: Path, clock: Any, found: str | None, words: str
) -> None:
    change = f"UPDATE alembic_version SET version_num = '{found}'" if found else "DELETE FROM alembic_version"
    database.sql(change)
    before = database.rows()
    for scores in (database.scores, None):
        with pytest.raises(StoreError, match=words):
            Batch(database.panel, scores, tmp_path / "keys", clock)
    assert database.rows() == before


def test_the_web_process_makes_no_database(tmp_path: Path, clock: Any) -> None:
    with pytest.raises(StoreError, match="not there yet") as told:
        Service(tmp_path / "new.db", None, tmp_path / "keys", clock)
    assert "drive-panel db migrate" in told.value.remedy
    assert not (tmp_path / "new.db").exists()


def test_a_batch_process_makes_private_databases(tmp_path: Path, clock: Any, made_up: Any) -> None:
    service = Batch(tmp_path / "new" / "panel.db", tmp_path / "new" / "scores.db", tmp_path / "keys", clock)
    made_up.into(service)
    assert service.verify().ok
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "new").glob("*.db")} == {0o600}
    service.close()


def test_a_workspace_from_before_migrations_is_taken_over_without_loss(
    service: Service, released: str, database: Any, tmp_path: Path, clock: Any
) -> None:
    if database.dialect != "sqlite":
        pytest.skip("there was nothing but SQLite")
    service.close()
    old = tmp_path / "old"
    old.mkdir()
    for name, tables in (("panel", PANEL), ("scores", SCORES)):
        with contextlib.closing(sqlite3.connect(old / f"{name}.db")) as made, made:
            made.executescript((BEFORE / f"before_migrations_{name}.sql").read_text(encoding="utf-8"))
            made.execute("ATTACH ? AS today", [str(tmp_path / f"{name}.db")])
            triggers = made.execute("SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger'").fetchall()
            for trigger, _ in triggers:
                made.execute(f"DROP TRIGGER {trigger}")
            known = {row[0] for row in made.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")}
            for table in [each.name for each in tables.sorted_tables if each.name in known]:
                columns = ", ".join(f'"{row[1]}"' for row in made.execute(f"PRAGMA main.table_info({table})"))
                made.execute(f"INSERT INTO main.{table} SELECT {columns} FROM today.{table}")
            for _, sql in triggers:
                made.execute(sql)
    with pytest.raises(StoreError, match="before migrations"):
        Batch(old / "panel.db", old / "scores.db", tmp_path / "keys", clock)
    with both(type(database)(old / "panel.db", old / "scores.db")) as opened:
        for each in opened:
            assert migrate(each) == (None, head(each.tables))
            check(each)
    taken = Batch(old / "panel.db", old / "scores.db", tmp_path / "keys", clock)
    assert taken.verify().ok
    assert taken.released_list(released).rows
    taken.close()


def test_a_migration_that_fails_changes_nothing(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(config: Any, _: str) -> None:
        config.attributes["connection"].exec_driver_sql("CREATE TABLE half_done (x INTEGER)")
        raise StoreError("The migration was cut short.", "")

    monkeypatch.setattr("serving.storage.migrating.command.upgrade", fail)
    with both(database) as (panel, _):
        with pytest.raises(StoreError, match="cut short"):
            migrate(panel)
        with panel.read() as connection:
            assert "half_done" not in inspect(connection).get_table_names()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("mysql://host/base", "kind mysql is not supported"),
        ("no address", "is no URL"),
        ("postgresql:///base?host=/nowhere", "it cannot be reached"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_without_repeating_it(
    address: str, words: str, tmp_path: Path, clock: Any
) -> None:
    with pytest.raises(StoreError, match=words) as told:
        Service(address, None, tmp_path / "keys", clock)
    assert "nowhere" not in str(told.value)
