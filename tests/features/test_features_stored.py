"""A stream cut into parts, stored and read back says the same about everybody, and a changed one is refused."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features import EventStream, build_stream, compute, select_cohort
from features.errors import PlaceUnusable, StreamUnusable
from features.events import ROW_COLUMNS
from features.lineage import Lineage
from features.stored import Parting, Parts, StoredStream, clear_scratch, scratch_folder, write_stream
from features.stored.stream import DESCRIPTION
from values import AsOf, bucket, canonical_json, digest

LINEAGE = Lineage("5" * 64, synthetic=True, records_end=date(2024, 3, 31))
DATES = [AsOf.parse(day) for day in ("2022-02-28", "2023-06-30", "2025-01-01")]


@pytest.fixture(scope="module")
def stream(world: Any) -> EventStream:
    return build_stream(world)


@pytest.fixture
def stored(stream: EventStream, tmp_path: Path) -> StoredStream:
    return write_stream(stream, tmp_path / "stored", LINEAGE, rows=200)


def named_rows(part: EventStream) -> list[tuple[Any, ...]]:
    """Return the rows with names in place of indexes."""
    columns: dict[str, Any] = {name: getattr(part, name) for name in ROW_COLUMNS}
    columns["person"] = part.person_ids[part.person]
    columns["counterpart"] = np.where(part.counterpart < 0, "", part.person_ids[part.counterpart])
    columns["event_id"] = part.event_refs[part.event_id]
    columns["area"] = np.where(part.area < 0, "", part.areas[part.area])
    return list(zip(*(columns[name].tolist() for name in ROW_COLUMNS), strict=True))


def all_parts(parts: Parts) -> Iterator[EventStream]:
    return (parts.part(number) for number in range(len(parts)))


def whole_spine(stream: EventStream) -> pd.DataFrame:
    asked = [(person, date.day) for person in stream.person_ids.tolist() for date in DATES]
    return pd.DataFrame(asked, columns=["person_id", "as_of"]).astype({"as_of": "datetime64[s]"})


def assert_parts_say_the_same(stream: EventStream, parts: Parts) -> None:
    """Compare rows, numbers and cohorts of all parts with those of the whole."""
    rows, numbers = [], []
    spine = whole_spine(stream)
    for part in all_parts(parts):
        own = part.person_ids[np.unique(part.person)].tolist()
        assert len({bucket(person) for person in own} & {bucket(row[0]) for row in rows}) == 0
        rows += named_rows(part)
        assert part.person_ids.tolist() == sorted(part.person_ids.tolist())
        numbers.append(compute(part, spine[spine["person_id"].isin(own)]))
        for as_of in DATES:
            for area in (None, "castlebridge", "eastmere", "nowhere"):
                there = select_cohort(stream, as_of, area)["person_id"]
                here = select_cohort(part, as_of, area)["person_id"]
                assert here.tolist() == there[there.isin(own)].tolist()
    assert sorted(rows) == sorted(named_rows(stream))
    told = pd.concat(numbers).sort_values(["person_id", "as_of"], ignore_index=True)
    with_rows = spine["person_id"].isin(stream.person_ids[np.unique(stream.person)])
    pd.testing.assert_frame_equal(told, compute(stream, spine[with_rows]), check_exact=True)


def test_parts_of_any_size_give_every_row_number_and_cohort_of_the_whole(stream: EventStream):
    for rows in (1, 150, 400, 10**9):
        assert_parts_say_the_same(stream, Parting(stream, rows))


def changed(stream: EventStream, seed: int) -> EventStream:
    """Return a stream with some rows left out and arbitrary values in the columns that no order depends on."""
    rng = np.random.default_rng(seed)
    kept = stream.take(np.flatnonzero(rng.random(len(stream)) < rng.random()))
    n = len(kept)
    columns = {
        "harm": rng.integers(-1, 2**62, n, dtype=np.int64),
        "flags": rng.integers(0, 8192, n).astype(np.int32),
        "counterpart": rng.integers(-1, len(stream.person_ids), n).astype(np.int32),
        "reported": rng.integers(-(2**31), 2**31, n).astype(np.int32),
    }
    return dataclasses.replace(kept, **columns)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), rows=st.integers(1, 800))
def test_a_stored_stream_gives_back_every_value(stream: EventStream, seed: int, rows: int):
    with scratch_folder() as folder:
        whole = changed(stream, seed)
        stored = write_stream(whole, folder / "s", LINEAGE, rows=rows)
        assert stored.rows == len(whole)
        found = [row for part in all_parts(stored) for row in named_rows(part)]
        assert sorted(found) == sorted(named_rows(whole))
        for cut, part in zip(all_parts(Parting(whole, rows)), all_parts(stored), strict=True):
            for name in ROW_COLUMNS:
                assert getattr(part, name).dtype == getattr(whole, name).dtype
            assert part.person_ids.tolist() == cut.person_ids.tolist()
            assert part.available == whole.available
            assert {k: v.tolist() for k, v in part.recorded.items()} == {
                k: v.tolist() for k, v in whole.recorded.items()
            }
            for field in dataclasses.fields(whole.homes):
                assert getattr(part.homes, field.name).tolist() == getattr(cut.homes, field.name).tolist()


def test_a_stored_stream_gives_the_numbers_of_the_whole(stream: EventStream, stored: StoredStream):
    assert len(stored) > 3
    assert_parts_say_the_same(stream, stored)


def test_indicators_need_no_event_references(stream: EventStream, tmp_path: Path):
    stored = write_stream(stream, tmp_path / "s", LINEAGE, rows=200, references=False)
    assert not list((tmp_path / "s").glob("*references*"))
    assert stored.part(0).event_refs.tolist() == [str(n) for n in range(len(stored.part(0).event_refs))]
    for part, cut in zip(all_parts(stored), all_parts(Parting(stream, 200)), strict=True):
        spine = whole_spine(part)
        pd.testing.assert_frame_equal(compute(part, spine), compute(cut, spine), check_exact=True)


def test_it_is_for_the_owner_only_and_says_where_it_comes_from(stored: StoredStream):
    folder = Path(stored.place.name)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    again = StoredStream(folder)
    assert (again.lineage, again.hash, len(again)) == (LINEAGE, stored.hash, len(stored))


def test_the_same_stream_has_the_same_hash(stream: EventStream, stored: StoredStream, tmp_path: Path):
    assert write_stream(stream, tmp_path / "again", LINEAGE, rows=200).hash == stored.hash


def test_a_changed_or_missing_part_is_refused_by_name(stored: StoredStream):
    folder = Path(stored.place.name)
    file = folder / "00001-events.parquet"
    content = file.read_bytes()
    file.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    with pytest.raises(StreamUnusable, match=r"00001-events\.parquet in .* was changed or cut short"):
        stored.part(1)
    file.unlink()
    with pytest.raises(PlaceUnusable, match=r"00001-events\.parquet cannot be read"):
        stored.part(1)


def test_an_unfinished_or_changed_description_is_refused(stored: StoredStream):
    file = Path(stored.place.name) / DESCRIPTION
    told = json.loads(file.read_text())
    for wrong in (json.dumps(told | {"snapshot": "6" * 64}), "{}", "[1]", "not json", file.read_text()[:-5]):
        file.write_text(wrong)
        with pytest.raises(StreamUnusable, match="was changed after it was written"):
            StoredStream(file.parent)
    del told["hash"]
    other = told | {"columns": {"person": "int32"}}
    file.write_text(canonical_json(other | {"hash": digest(other)}))
    with pytest.raises(StreamUnusable, match="another version of drive-panel"):
        StoredStream(file.parent)
    file.unlink()
    with pytest.raises(StreamUnusable, match=r"no finished stored stream: stream\.json is missing"):
        StoredStream(file.parent)


def test_the_folder_it_is_written_into_stays_as_it_is(stream: EventStream, tmp_path: Path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    write_stream(stream, shared / "s", LINEAGE)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777
    assert stat.S_IMODE((shared / "s").stat().st_mode) == 0o700


def test_a_folder_that_exists_is_left_alone(stream: EventStream, tmp_path: Path):
    (tmp_path / "mine").mkdir()
    with pytest.raises(StreamUnusable, match="exists already"):
        write_stream(stream, tmp_path / "mine", LINEAGE)
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_writer_that_fails_leaves_nothing(
    stream: EventStream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Parting, number: int) -> EventStream:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Parting, "part", broken)
    with pytest.raises(PlaceUnusable, match="No space left on device"):
        write_stream(stream, tmp_path / "s", LINEAGE)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path / f"drive-panel-{os.getuid()}"


HOLDING = """
import sys, tempfile, time
tempfile.tempdir = sys.argv[1]
from features.stored import scratch_folder
with scratch_folder() as folder:
    (folder / "people").write_text("PER-1")
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[Callable[[], tuple[subprocess.Popen[str], Path]]]:
    started = []

    def start() -> tuple[subprocess.Popen[str], Path]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDING, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        started.append(process)
        assert process.stdout is not None
        return process, Path(process.stdout.readline().strip())

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_scratch_folder_is_private_and_vanishes(temporary: Path):
    with scratch_folder() as folder:
        assert folder.parent == temporary
        assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE(temporary.stat().st_mode) == 0o700
    assert not folder.exists()


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_holds_is_kept(temporary: Path, holder: Any):
    dead, left = holder()
    living, held = holder()
    dead.send_signal(signal.SIGKILL)
    dead.wait()
    assert (left / "people").exists()
    clear_scratch()
    assert not left.exists()
    assert (held / "people").read_text() == "PER-1"
    living.send_signal(signal.SIGKILL)
    living.wait()
    with scratch_folder():
        assert not held.exists()


def test_a_scratch_folder_that_vanishes_while_others_are_cleared_is_no_error(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scratch_folder() as gone:
        pass
    with scratch_folder() as held:
        (temporary / "of the dead").mkdir()
        monkeypatch.setattr(Path, "iterdir", lambda self: iter([gone, temporary / "of the dead"]))
        is_dir = Path.is_dir
        monkeypatch.setattr(Path, "is_dir", lambda self: self == gone or is_dir(self))
        clear_scratch()
        assert not (temporary / "of the dead").exists()
        assert held.exists()


def test_a_scratch_place_that_others_could_read_is_refused(temporary: Path):
    temporary.mkdir(mode=0o755)
    temporary.chmod(0o755)
    with pytest.raises(PlaceUnusable, match="does not belong to this account alone"), scratch_folder():
        pass
