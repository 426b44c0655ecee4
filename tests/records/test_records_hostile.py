"""Whatever the bytes: every row read is accepted or quarantined, and nothing but a clear error is raised."""

from __future__ import annotations

import csv
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from records import RecordStore
from values import DrivePanelError

EXAMPLES = int(os.environ.get("DRIVE_PANEL_HOSTILE_EXAMPLES", "60"))

TABLES = {
    "persons": ["person_id", "given_name", "date_of_birth", "source", "known_from"],
    "incidents": ["incident_id", "force", "area", "occurred_from", "reported_on", "is_crime", "domestic"],
    "involvements": ["incident_id", "person_id", "role", "arrested_at"],
    "communities": ["person_id", "sex", "ethnicity_self"],
}
NASTY = (
    *(b"", b"P1", b"P2", b"I1", b"I2", b"suspect", b"2023-01-01", b"2024-02-30", b"2099-01-01", b"true", b"0"),
    *(b'"', b'""', b'"a,b"', b'"x\ny"', b"\xff\xfe", b"\x00", b",", b"\xe2\x80\xa8", b"NaN", b"-1", b"\r", b" "),
    *(b"0001-01-01", b"9999-12-31T23:59:59-14:00", b"\xed\xa0\x80", b"=1+1", b"1e999"),
)
nasty = st.sampled_from(NASTY)
anything = st.one_of(nasty, nasty, st.binary(max_size=12))
ends = st.sampled_from([b"\n", b"\r\n", b"\r", b"\n\n"])


def table(names):
    row = st.lists(anything, min_size=max(0, len(names) - 1), max_size=len(names) + 1).map(b",".join)
    fitting = st.lists(nasty, min_size=len(names), max_size=len(names)).map(b",".join)
    rows = st.lists(st.one_of(fitting, fitting, row), max_size=8)
    header = st.just(",".join(names).encode())
    whole = st.tuples(st.sampled_from([b"", b"\xef\xbb\xbf"]), header, ends, rows)
    sound = whole.map(lambda parts: parts[0] + parts[1] + parts[2] + parts[2].join(parts[3]))
    return st.one_of(sound, sound, sound, st.binary(max_size=60))


extracts = st.fixed_dictionaries({name: table(names) for name, names in TABLES.items()})


def ingest(files: dict[str, bytes], folder: Path):
    extract = folder / "extract"
    extract.mkdir()
    (extract / "manifest.yaml").write_text("source: hostile\nextract_date: 2024-03-31\nsynthetic: true\n")
    for name, content in files.items():
        (extract / f"{name}.csv").write_bytes(content)
    store = RecordStore(folder / "records")
    return store, store.ingest(extract)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(extracts)
@example(dict.fromkeys(TABLES, b""))
@example({name: ",".join(names).encode() for name, names in TABLES.items()})
@example(
    {name: ",".join(names).encode() + b"\n\rx" for name, names in TABLES.items()}
)  # a bare carriage return in a cell
def test_every_row_of_a_hostile_extract_is_accepted_or_quarantined(files):
    with tempfile.TemporaryDirectory() as folder:
        try:
            store, report = ingest(files, Path(folder))
        except DrivePanelError as error:
            refused = error
        else:
            refused = None
        if refused is not None:
            assert refused.message
            assert refused.remedy
            return
        quarantined = 0
        for path in report.quarantine_files:
            with path.open(encoding="utf-8", newline="") as file:
                quarantined += sum(1 for _ in csv.DictReader(file))
        assert quarantined == report.quarantined == sum(report.reasons.values())
        for name, counts in report.tables.items():
            assert counts["accepted"] + counts["quarantined"] == counts["read"]
            if name != "communities":
                assert len(store.latest().table(name)) == counts["accepted"]


FLAT = """\
source: hostile
extract_date: 2024-03-31
file: flat.csv
missing: ["-"]
tables:
  persons: {unique: key, columns: {person_id: b, source: {constant: x}}}
  incidents:
    columns:
      incident_id: a
      force: {constant: f}
      area: {column: d, if_missing: unknown}
      occurred_from: c
      reported_on: {column: c, date_format: "%Y-%m-%d"}
      is_crime: {constant: "true"}
      domestic: {any_contains: {columns: [d], text: [suspect]}}
  involvements:
    where: {column: b}
    columns: {incident_id: a, person_id: b, role: {when: {column: d}, then: d, otherwise: {constant: other}}}
  communities: {unique: key, columns: {person_id: b, sex: {column: d, codes: {P1: male}}}}
"""


@settings(max_examples=max(20, EXAMPLES // 3), deadline=None, suppress_health_check=list(HealthCheck))
@given(table(["a", "b", "c", "d"]))
def test_every_row_of_a_hostile_flat_file_is_accepted_or_quarantined(content):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "extract").mkdir()
        (folder / "extract" / "flat.csv").write_bytes(content)
        (folder / "flat.yaml").write_text(FLAT)
        store = RecordStore(folder / "records")
        try:
            report = store.ingest(folder / "extract", folder / "flat.yaml")
        except DrivePanelError as error:
            event(type(error).__name__)
            return
        assert report.accepted + report.quarantined == report.read
        assert len(store.latest().table("incidents")) == report.tables["incidents"]["accepted"]


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.binary(max_size=200))
def test_a_hostile_manifest_or_mapping_raises_nothing_but_a_clear_error(content):
    from records.mappings import load_mapping
    from records.reading.manifest import read_manifest

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.yaml"
        path.write_bytes(content)
        for read in (read_manifest, load_mapping):
            with pytest.raises(DrivePanelError):
                read(path)
