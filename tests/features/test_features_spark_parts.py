"""What a worker of a cluster does with its parts, and what it says when it cannot."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features import CATALOGUE, build_stream
from features.engines import Asked, compute_locally
from features.engines.spark import _kind
from features.engines.worker import Task, parts_computed
from features.lineage import Lineage
from features.places import Place
from features.snapshots import Content
from features.stored import StoredStream, write_stream
from values import AsOf

DATES = ("2022-02-28", "2023-06-30", "2025-01-01")
LINEAGE = Lineage("5" * 64, synthetic=True, records_end=date(2024, 3, 31))


@pytest.fixture
def stored(world: Any, tmp_path: Path) -> StoredStream:
    return write_stream(build_stream(world), tmp_path / "stream", LINEAGE, rows=200)


@pytest.fixture
def task(stored: StoredStream, tmp_path: Path) -> Task:
    (tmp_path / "staging").mkdir()
    return Task(stored.place.absolute, stored.hash, CATALOGUE.version, str(tmp_path / "staging"), DATES, None)


def told(task: Task, *numbers: int) -> list[dict[str, Any]]:
    batches = [pa.RecordBatch.from_pydict({"id": [number]}) for number in numbers]
    return [row for batch in parts_computed(json.dumps(asdict(task)), iter(batches)) for row in batch.to_pylist()]


def test_parts_computed_in_any_order_make_the_content_of_one_machine(stored: StoredStream, task: Task, tmp_path: Path):
    asked = Asked(tuple(AsOf.parse(date) for date in DATES))
    here = compute_locally(stored, asked, Place.of(tmp_path / "here.parquet"), LINEAGE)
    content = Content(CATALOGUE.names)
    rows = told(task, *reversed(range(len(stored))))
    for row in rows:
        assert row["error"] is None
        assert pq.read_metadata(tmp_path / "staging" / row["file"]).num_rows == row["rows"]
        content.merge({int(number): each for number, each in json.loads(row["buckets"]).items()})
    assert content.hash() == here.hash
    assert sum(row["rows"] for row in rows) == here.rows


def test_two_attempts_at_a_part_write_two_files_of_the_same_content(task: Task):
    one, two = told(task, 1, 1)
    assert one["file"] != two["file"]
    assert (one["rows"], one["buckets"]) == (two["rows"], two["buckets"])


def test_a_worker_says_what_is_wrong_instead_of_failing(stored: StoredStream, task: Task, tmp_path: Path):
    for wrong, message in (
        (replace(task, catalogue="0" * 64), "another version of drive-panel than the driver"),
        (replace(task, stream=str(tmp_path / "gone")), "cannot see the stored stream"),
        (replace(task, stream_hash="0" * 64), "sees another stored stream"),
        (replace(task, staging=str(tmp_path / "gone")), "cannot be read or written"),
    ):
        [row] = told(wrong, 0)
        assert message in row["error"]
        assert row["remedy"]
        assert row["file"] is None
    (Path(stored.place.name) / "00000-events.parquet").write_bytes(b"")
    assert "was changed or cut short" in told(task, 0)[0]["error"]


def test_a_failure_on_the_cluster_is_named_without_what_it_says_about_anybody():
    told = """An exception was thrown from the Python worker. Please see the stack trace below.
Traceback (most recent call last):
  File "worker.py", line 1, in main
    raise KeyError(person)
KeyError: 'PER-1001'
"""
    assert _kind(RuntimeError(told)) == "KeyError"
    assert _kind(RuntimeError("Job aborted for PER-1001")) == "RuntimeError"
    hidden = "SystemExit: drive-panel: the package 'values' at /home/me/values hides drive-panel's own at /opt/values."
    assert _kind(RuntimeError(f"Traceback:\n{hidden}\n")) == hidden.removeprefix("SystemExit: ").rstrip(".")
