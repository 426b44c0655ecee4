from __future__ import annotations

import sqlite3

import pytest

from records.errors import ExtractError
from records.reading.files import stage_query
from records.storage.database import workbench


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "rms.db"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE crime (urn TEXT, day TEXT, harm REAL, note BLOB)")
        base.execute("INSERT INTO crime VALUES ('C:1', '2024-02-29', 2.0, NULL), ('%s', NULL, 2.5, x'5a6feb')")
    base.close()
    return f"sqlite:///{path}"


def test_a_query_is_read_as_text_with_the_number_of_each_row(tmp_path, source):
    with workbench(tmp_path / "work") as db:
        found = stage_query(
            db, source, "SELECT urn, day, harm FROM crime WHERE urn <> ':x' ORDER BY urn DESC", "crimes"
        )
        assert (found.file, found.columns, found.rows) == ("query crimes", ("urn", "day", "harm"), 2)
        rows = db.execute(f"SELECT line, urn, day, harm FROM {found.relation} ORDER BY row").fetchall()
    assert rows == [(1, "C:1", "2024-02-29", "2"), (2, "%s", "", "2.5")]


def test_a_query_changes_nothing(tmp_path, source):
    with workbench(tmp_path / "work") as db:
        with pytest.raises(ExtractError, match="query wipe gives no rows"):
            stage_query(db, source, "DELETE FROM crime", "wipe")
        assert stage_query(db, source, "SELECT * FROM crime", "crimes").rows == 2


@pytest.mark.parametrize(
    ("url", "query", "message"),
    [
        (None, "SELECT * FROM nowhere", r"the database gave no rows \(OperationalError\)"),
        ("nonsense", "SELECT 1", "the database URL cannot be used"),
        ("nosuch://user:secret@host/base", "SELECT 1", "the database URL cannot be used"),
        ("oracle+oracledb://user:secret@host/base", "SELECT 1", "the database driver 'oracledb' is not installed"),
        (None, "SELECT 1 AS a, 2 AS a", "the column 'a' appears twice"),
    ],
)
def test_what_cannot_be_asked_is_said_without_the_password(tmp_path, source, url, query, message):
    with workbench(tmp_path / "work") as db, pytest.raises(ExtractError, match=message) as refused:
        stage_query(db, url or source, query, "crimes")
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None
