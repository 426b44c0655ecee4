"""Parquet files are written in the query's order, whole, and the same whatever their values repeat."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow
import pyarrow.parquet
import pytest

from records.storage.database import workbench
from records.storage.parquet import write_query

ROWS = 300_000
QUERY = (
    "SELECT 'I' || (i * 7919) % 300007 AS id, CASE WHEN i % 3 = 0 THEN NULL ELSE ['a', 'b'][1 + i % 2] END AS code, "
    "CASE WHEN i % 5 > 0 THEN DATE '2020-01-01' + (i % 900)::INT END AS day, i % 2 = 0 AS flag, "
    f"CASE WHEN i % 11 > 0 THEN i END AS count FROM range({ROWS}) t(i)"
)


def test_a_query_is_written_in_its_order_and_in_full(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    seen: list[str] = []
    with workbench(tmp_path) as db:
        write_query(db, f"{QUERY} ORDER BY id DESC", path, look=lambda batch: seen.extend(batch["id"].to_pylist()))
        expected = db.execute(f"{QUERY} ORDER BY id DESC").fetchall()
        stored = db.execute(f"SELECT * FROM read_parquet('{path}')").fetchall()
    assert stored == expected
    assert seen == [each for each, *_ in expected]
    table = pyarrow.parquet.read_table(path)
    assert [each.type for each in table.schema] == [
        pyarrow.string(), pyarrow.string(), pyarrow.date32(), pyarrow.bool_(), pyarrow.int64()
    ]  # fmt: skip


def test_only_text_that_repeats_is_written_as_a_dictionary(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    with workbench(tmp_path) as db:
        write_query(db, QUERY, path)
    group = pyarrow.parquet.ParquetFile(path).metadata.row_group(0)
    found = {group.column(place).path_in_schema: set(group.column(place).encodings) for place in range(3)}
    assert "RLE_DICTIONARY" in found["code"] & found["day"]
    assert "RLE_DICTIONARY" not in found["id"]


def test_no_rows_leave_a_file_with_their_columns_and_the_mode_of_the_file_before(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.touch(mode=0o600)
    with workbench(tmp_path) as db:
        write_query(db, f"SELECT * FROM ({QUERY}) WHERE id = ''", path)
    assert pyarrow.parquet.read_table(path).shape == (0, 5)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_result_that_nobody_read_to_its_end_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    with workbench(tmp_path) as db:
        assert db.execute(QUERY).fetchone() is not None
        write_query(db, "SELECT 1 AS one", path)
    assert pyarrow.parquet.read_table(path).num_rows == 1


def test_what_fails_on_the_way_is_raised_and_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    failing = f"SELECT CASE WHEN i > 250000 THEN error('lost') ELSE i END AS i FROM range({ROWS}) t(i)"
    with workbench(tmp_path) as db, pytest.raises((OSError, duckdb.Error), match="lost"):
        write_query(db, failing, path)
    assert not path.exists()
