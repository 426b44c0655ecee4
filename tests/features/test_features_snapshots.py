"""An indicator snapshot: one file, one hash whatever the parts, and a changed file is refused."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tracemalloc
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from features import CATALOGUE, EventStream, build_stream, compute, select_cohort
from features.engines import Asked, asked, compute_locally
from features.errors import PlaceUnusable, SnapshotUnusable
from features.lineage import Lineage
from features.places import Place
from features.snapshots import Content, IndicatorSnapshot, Written
from features.stored import Parting, write_stream
from values import AsOf, bucket

LINEAGE = Lineage("5" * 64, synthetic=True, records_end=date(2024, 3, 31))
DATES = tuple(AsOf.parse(day) for day in ("2022-02-28", "2023-06-30", "2025-01-01"))


@pytest.fixture(scope="module")
def stream(world: Any) -> EventStream:
    return build_stream(world)


def computed(stream: EventStream, out: Path, rows: int = 200, **other: Any) -> Written:
    wanted = Asked(other.pop("dates", DATES), **other)
    return compute_locally(Parting(stream, rows), wanted, Place.of(out), LINEAGE)


def expected(stream: EventStream, area: str | None = None) -> pd.DataFrame:
    """Return the indicators computed all at once, in the order of a snapshot."""
    spines = [select_cohort(stream, date, area).assign(as_of=pd.Timestamp(date.day)) for date in DATES]
    spine = pd.concat(spines).astype({"as_of": "datetime64[s]"})
    spine["bucket"] = [bucket(person) for person in spine["person_id"]]
    spine = spine.sort_values(["bucket", "person_id", "as_of"], ignore_index=True)
    return compute(stream, spine[["person_id", "as_of"]])


def test_it_holds_the_cohort_of_each_date_in_order_of_bucket_person_and_date(stream: EventStream, tmp_path: Path):
    written = computed(stream, tmp_path / "a.parquet")
    snapshot = IndicatorSnapshot(tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(snapshot.table(), expected(stream), check_exact=True)
    assert (written.hash, written.rows) == (snapshot.hash, snapshot.rows)
    assert snapshot.rows == len(expected(stream)) > 20
    snapshot.verify()


def test_one_area_holds_its_cohort_only(stream: EventStream, tmp_path: Path):
    computed(stream, tmp_path / "a.parquet", rows=1, area="eastmere")
    snapshot = IndicatorSnapshot(tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(snapshot.table(), expected(stream, "eastmere"), check_exact=True)
    assert snapshot.area == "eastmere"


def test_the_footer_says_what_it_was_computed_from(stream: EventStream, tmp_path: Path):
    computed(stream, tmp_path / "a.parquet")
    told = json.loads(pq.read_metadata(tmp_path / "a.parquet").metadata[b"drive_panel"])
    assert told["columns"] == ["person_id", "as_of", *CATALOGUE.names]
    assert told["indicators"] == json.loads(json.dumps([each.declaration() for each in CATALOGUE]))
    snapshot = IndicatorSnapshot(tmp_path / "a.parquet")
    assert snapshot.lineage == LINEAGE
    assert (snapshot.catalogue, snapshot.names, snapshot.dates) == (CATALOGUE.version, CATALOGUE.names, DATES)
    assert "engine" not in told


def test_the_hash_depends_on_neither_parts_nor_blocks_nor_storage(
    stream: EventStream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    hashes = {computed(stream, tmp_path / "a.parquet", rows=rows).hash for rows in (1, 170, 10**9)}
    monkeypatch.setattr(asked, "BLOCK", 7)
    hashes.add(computed(stream, tmp_path / "a.parquet").hash)
    stored = write_stream(stream, tmp_path / "s", LINEAGE, rows=300)
    hashes.add(compute_locally(stored, Asked(DATES), Place.of(tmp_path / "b.parquet"), LINEAGE).hash)
    url = f"file://{tmp_path}/c.parquet"
    hashes.add(compute_locally(stored, Asked(DATES), Place.of(url), LINEAGE).hash)
    assert len(hashes) == 1
    assert IndicatorSnapshot(url).hash in hashes


def content_hash(frame: pd.DataFrame) -> str:
    names = [name for name in frame.columns if name not in ("person_id", "as_of")]
    content = Content(names)
    content.add(frame)
    return content.hash()


@pytest.fixture
def frame() -> pd.DataFrame:
    people = sorted(["P1", "P2", "P3"], key=bucket)
    days = pd.Series(pd.to_datetime(["2024-01-01", "2025-01-01"] * 3)).astype("datetime64[s]")
    ids = np.repeat(people, 2)
    return pd.DataFrame({"person_id": ids, "as_of": days, "n": [0.0, 1, 2, 3, 4, 5], "d": [1.5, np.nan] * 3})


def test_the_hash_moves_with_every_value_person_date_and_name(frame: pd.DataFrame):
    whole = content_hash(frame)
    for row in range(len(frame)):
        assert content_hash(frame.drop(index=row)) != whole
        for column, value in (("n", 9.0), ("n", -0.0 if row == 0 else 0.0), ("as_of", pd.Timestamp("2024-01-02"))):
            other = frame.copy()
            other.loc[row, column] = value
            assert content_hash(other) != whole, (row, column)
    assert content_hash(frame.replace({"person_id": {"P1": "P4"}})) != whole
    assert content_hash(frame.rename(columns={"n": "m"})) != whole
    assert content_hash(frame[["person_id", "as_of", "d", "n"]]) != whole


def test_all_ways_to_write_not_a_number_hash_alike(frame: pd.DataFrame):
    other = frame.copy()
    bits = other["d"].to_numpy(copy=True)
    bits.view(np.uint64)[np.isnan(bits)] = 0xFFF8000000000123
    other["d"] = bits
    assert np.isnan(other["d"]).sum() == 3
    assert content_hash(other) == content_hash(frame)


def test_a_bucket_is_taken_in_once():
    content = Content(["n"])
    content.merge({3: "a" * 64})
    with pytest.raises(ValueError, match="computed twice"):
        content.merge({3: "b" * 64})


def test_people_whose_names_run_together_are_told_apart(frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("features.snapshots.content.buckets_of", lambda people: np.zeros(len(people), np.int16))
    pairs = [["ab", "c"], ["a", "bc"], ["1:ab", "c"], ["1", ":abc"]]
    assert len({content_hash(frame.iloc[:2].assign(person_id=pair)) for pair in pairs}) == 4


def test_a_changed_snapshot_is_refused(stream: EventStream, tmp_path: Path):
    out = tmp_path / "a.parquet"
    computed(stream, out)
    table = pq.read_table(out)
    moved = table.column("days_since_last_domestic").to_numpy().copy()
    moved[5] += 1
    at = table.column_names.index("days_since_last_domestic")
    other = table.set_column(at, table.schema.field(at), [moved])
    pq.write_table(other, out, store_schema=False)
    with pytest.raises(SnapshotUnusable, match="no snapshot of indicators"):
        IndicatorSnapshot(out)
    told = pq.read_metadata(out).metadata or {}
    computed(stream, tmp_path / "b.parquet")
    told = pq.read_metadata(tmp_path / "b.parquet").metadata[b"drive_panel"]
    with pq.ParquetWriter(out, other.schema) as writer:
        writer.write_table(other)
        writer.add_key_value_metadata({b"drive_panel": told})
    with pytest.raises(SnapshotUnusable, match="was changed after it was written"):
        IndicatorSnapshot(out).verify()


@pytest.mark.parametrize(
    "footer",
    [
        {"as_of": ["x"]},
        {"as_of": 3},
        {"hash": "zz"},
        {"rows": "q"},
        {"indicators": []},
        {"columns": 3},
        {"snapshot": "6" * 64},
        {"format": 99},
        "not json",
        "[1]",
        "null",
    ],
    ids=str,
)
def test_a_changed_footer_is_refused(stream: EventStream, tmp_path: Path, footer: Any):
    out = tmp_path / "a.parquet"
    computed(stream, out)
    told = json.loads(pq.read_metadata(out).metadata[b"drive_panel"])
    text = footer if isinstance(footer, str) else json.dumps({**told, **footer})
    table = pq.read_table(out)
    with pq.ParquetWriter(out, table.schema) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({b"drive_panel": text.encode()})
    with pytest.raises(SnapshotUnusable, match="was written by another version of drive-panel, or changed"):
        IndicatorSnapshot(out)


def test_a_column_of_another_kind_and_damaged_pages_are_refused(stream: EventStream, tmp_path: Path):
    out = tmp_path / "a.parquet"
    computed(stream, out)
    told = pq.read_metadata(out).metadata[b"drive_panel"]
    table = pq.read_table(out)
    other = table.set_column(1, "as_of", [[str(day) for day in table["as_of"].to_pylist()]])
    with pq.ParquetWriter(tmp_path / "b.parquet", other.schema) as writer:
        writer.write_table(other)
        writer.add_key_value_metadata({b"drive_panel": told})
    with pytest.raises(SnapshotUnusable, match=r"b\.parquet was written by another version"):
        IndicatorSnapshot(tmp_path / "b.parquet")
    content = bytearray(out.read_bytes())
    content[40:400] = bytes(360)
    out.write_bytes(content)
    with pytest.raises(SnapshotUnusable, match=r"a\.parquet was changed after it was written"):
        IndicatorSnapshot(out).verify()


def test_buckets_out_of_order_and_a_time_of_day_are_refused_though_the_hash_is_the_same(
    stream: EventStream, tmp_path: Path
):
    computed(stream, tmp_path / "a.parquet")
    told = pq.read_metadata(tmp_path / "a.parquet").metadata[b"drive_panel"]
    table = pq.read_table(tmp_path / "a.parquet")
    buckets = np.array([bucket(person) for person in table["person_id"].to_pylist()])
    swapped = table.take(np.argsort(-buckets, kind="stable"))
    others = {"swapped": swapped}
    for name, moved in (("noon", np.timedelta64(12 * 3600, "s")), ("half a second past", np.timedelta64(500, "ms"))):
        others[name] = table.set_column(1, table.schema.field(1), pc.add(table["as_of"], pa.scalar(moved)))
    for name, other in others.items():
        out = tmp_path / f"{name}.parquet"
        with pq.ParquetWriter(out, other.schema) as writer:
            writer.write_table(other)
            writer.add_key_value_metadata({b"drive_panel": told})
        assert content_hash(IndicatorSnapshot(out).table()) == IndicatorSnapshot(out).hash
        with pytest.raises(SnapshotUnusable, match="was changed after it was written"):
            IndicatorSnapshot(out).verify()


def test_a_changed_byte_of_the_footer_is_refused_or_changes_nothing(stream: EventStream, tmp_path: Path):
    out = tmp_path / "a.parquet"
    computed(stream, out)
    sound, told = out.read_bytes(), IndicatorSnapshot(out).table()
    footer = len(sound) - 8 - int.from_bytes(sound[-8:-4], "little")
    rng, refused = np.random.default_rng(0), 0
    for place in rng.integers(footer, len(sound), 40).tolist():
        out.write_bytes(sound[:place] + bytes([sound[place] ^ int(rng.integers(1, 256))]) + sound[place + 1 :])
        try:
            snapshot = IndicatorSnapshot(out)
            snapshot.verify()
        except (SnapshotUnusable, PlaceUnusable):
            refused += 1
        else:
            pd.testing.assert_frame_equal(snapshot.table(), told, check_exact=True)
    assert refused > 20


def test_what_is_no_snapshot_is_refused(tmp_path: Path):
    (tmp_path / "a.parquet").write_text("person_id\nP1\n")
    with pytest.raises(SnapshotUnusable, match=r"a\.parquet is no snapshot of indicators"):
        IndicatorSnapshot(tmp_path / "a.parquet")
    with pytest.raises(PlaceUnusable, match=r"b\.parquet cannot be read or written: No such file"):
        IndicatorSnapshot(tmp_path / "b.parquet")


def test_it_appears_whole_for_the_owner_only_or_not_at_all(
    stream: EventStream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    out = tmp_path / "a.parquet"
    computed(stream, out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    before = out.read_bytes()

    def broken(self: Parting, number: int) -> EventStream:
        raise ZeroDivisionError if number else None  # type: ignore[misc]

    original = Parting.part
    monkeypatch.setattr(Parting, "part", lambda self, n: broken(self, n) if n == 2 else original(self, n))
    with pytest.raises(ZeroDivisionError):
        computed(stream, out)
    assert out.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.parquet"]


def test_the_next_run_removes_the_draft_of_a_killed_one(stream: EventStream, tmp_path: Path):
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    dead = int(gone.stdout)
    (tmp_path / f".a.parquet.{dead}").write_text("half of it")
    (tmp_path / f".a.parquet.parts.{dead}").mkdir()
    (tmp_path / f".a.parquet.{os.getppid()}").write_text("of a living process")
    (tmp_path / ".b.parquet.1").write_text("another file's")
    computed(stream, tmp_path / "a.parquet")
    assert sorted(os.listdir(tmp_path)) == [f".a.parquet.{os.getppid()}", ".b.parquet.1", "a.parquet"]


def test_nobody_asked_for_gives_an_empty_snapshot(stream: EventStream, tmp_path: Path):
    out = tmp_path / "a.parquet"
    assert computed(stream, out, dates=(AsOf.parse("1999-01-01"),)).rows == 0
    snapshot = IndicatorSnapshot(out)
    snapshot.verify()
    assert snapshot.table().dtypes.to_dict() == expected(stream).dtypes.to_dict()
    assert len(snapshot.table()) == 0


def test_a_place_that_cannot_be_written_is_named(stream: EventStream, tmp_path: Path):
    with pytest.raises(PlaceUnusable, match=r"no/a\.parquet cannot be read or written: No such file or directory"):
        computed(stream, tmp_path / "no" / "a.parquet")
    with pytest.raises(PlaceUnusable, match="cannot be reached"):
        Place.of("nonsense://a/b")


def peak(stream: EventStream, out: Path, dates: int) -> int:
    days = tuple(AsOf.parse(f"2024-{month:02d}-28") for month in range(1, dates + 1))
    tracemalloc.start()
    try:
        computed(stream, out, rows=2_000, dates=days)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_number_of_dates(
    stream: EventStream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: EventStream
):
    monkeypatch.setattr(asked, "BLOCK", 100)
    computed(many, tmp_path / "warm.parquet")
    one, twelve = (peak(many, tmp_path / f"{dates}.parquet", dates) for dates in (1, 12))
    rows = [IndicatorSnapshot(tmp_path / f"{dates}.parquet").rows for dates in (1, 12)]
    assert rows[1] >= 11 * rows[0] >= 11 * 300  # many blocks a date
    assert twelve < 1.25 * one, f"{one} bytes for one date, {twelve} for twelve"


def test_a_url_keeps_its_options_and_hides_its_credentials(tmp_path: Path):
    place = Place.of("s3://key:secret@bucket/folder/a.parquet?region=eu-west-2&scheme=http")
    assert place.absolute == "s3://key:secret@bucket/folder/a.parquet?region=eu-west-2&scheme=http"
    assert (place / "part").absolute == "s3://key:secret@bucket/folder/a.parquet/part?region=eu-west-2&scheme=http"
    assert place.beside(".7").absolute == "s3://key:secret@bucket/folder/.a.parquet.7?region=eu-west-2&scheme=http"
    assert place.beside(".7").name == "s3://bucket/folder/.a.parquet.7"
    assert place.local is None
    assert Place.of(f"file://{tmp_path}/a").local == tmp_path / "a"
    with pytest.raises(PlaceUnusable, match="//bucket/a cannot be reached") as told:
        Place.of("nonsense://key:secret@bucket/a?token=hidden")
    assert "secret" not in str(told.value)
    assert "hidden" not in str(told.value)


def test_an_object_store_shows_a_finished_snapshot_or_nothing(stream: EventStream, tmp_path: Path):
    store = fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem())  # to us no folder of this machine
    out = Place("a.parquet", store, "a.parquet")
    assert out.local is None
    written = compute_locally(Parting(stream), Asked(DATES), out, LINEAGE)
    snapshot = IndicatorSnapshot(out)
    snapshot.verify()
    assert snapshot.hash == written.hash
    before = (tmp_path / "a.parquet").read_bytes()
    with pytest.raises(ZeroDivisionError), out.published() as file:
        file.write(b"half of it" * (1 // 0))
    with out.workplace() as folder, (folder / "part").published() as file:
        file.write(b"a part")
        assert folder.count() == 1
    assert os.listdir(tmp_path) == ["a.parquet"]
    assert (tmp_path / "a.parquet").read_bytes() == before
