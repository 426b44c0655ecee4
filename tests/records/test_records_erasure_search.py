"""The decoding search finds what is planted in every format, in every spelling, and nothing in noise."""

from __future__ import annotations

import base64
import csv
import doctest
import gzip
import io
import json
import random
import sqlite3
import sys
import zlib
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.erasing.search import search
from records.erasing.sought import Sought, birth_dates

ID, PNC = "nominal-48151623", "08/1234567K"
GIVEN, FAMILY, BORN = "Orlaith", "Featherstone", date(1980, 2, 29)
ALONE = Sought(frozenset({ID, PNC, FAMILY, *birth_dates(BORN)}))
PAIR = Sought(frozenset(), ((frozenset({GIVEN}), frozenset({FAMILY})),))
TRIPLE = Sought(frozenset(), ((frozenset({GIVEN}), frozenset({FAMILY}), birth_dates(BORN)),))


def test_documentation_examples_hold() -> None:
    assert doctest.testmod(sys.modules[Sought.__module__]).failed == 0


def _parquet(path: Path, text: str) -> None:
    pd.DataFrame({"note": ["nothing", f"seen {text} there"]}).to_parquet(path, compression="zstd")


def _unused_dictionary_entry(path: Path, text: str) -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int32()), pa.array(["kept", text]))
    pq.write_table(pa.table({"note": column}), path, compression="zstd")


def _parquet_metadata(path: Path, text: str) -> None:
    pq.write_table(pa.table({"n": [1]}).replace_schema_metadata({"made by": text}), path)


def _sqlite(path: Path, text: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE notes (note)")
        database.execute("INSERT INTO notes VALUES (?)", (json.dumps({"who": {"told": text}}),))
        database.commit()


def _sqlite_free_page(path: Path, text: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA secure_delete = OFF")
        database.execute("CREATE TABLE notes (note)")
        database.executemany("INSERT INTO notes VALUES (?)", [(f"{text} " * 400,)] * 20)
        database.commit()
        database.execute("DELETE FROM notes")
        database.commit()


def _sqlite_log(path: Path, text: str) -> None:
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE notes (note)")
    database.execute("INSERT INTO notes VALUES (?)", (text,))
    database.commit()
    (path.parent / "kept.db-wal").write_bytes((path.parent / f"{path.name}-wal").read_bytes())
    database.execute("DELETE FROM notes")
    database.close()
    path.unlink()


def _gz(path: Path, text: str) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("x,y\n" * 500 + text)


def _xlsx(path: Path, text: str) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("second")["C7"] = text
    book.save(path)


def _png(path: Path, text: str) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    body = b"Comment\0\0" + zlib.compress(text.encode())
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"zTXt", body) + chunk(b"IEND", b""))


PLANTS: dict[str, Callable[[Path, str], object]] = {
    "table.parquet": _parquet,
    "unused.parquet": _unused_dictionary_entry,
    "metadata.parquet": _parquet_metadata,
    "values.db": _sqlite,
    "free.db": _sqlite_free_page,
    "logged.db": _sqlite_log,
    "extract.csv.gz": _gz,
    "book.xlsx": _xlsx,
    "picture.png": _png,
    "list.json": lambda path, text: path.write_text(json.dumps({"a": [{"b": text}]}), encoding="utf-8"),
    "lines.jsonl": lambda path, text: path.write_text('{"a": 1}\n' + json.dumps({"b": text}) + "\n"),
    "rows.csv": lambda path, text: path.write_text(f'a,b\n1,2\n3,"{text}"\n', encoding="utf-8"),
    "page.html": lambda path, text: path.write_text(f"<p>{text}</p>", encoding="utf-8"),
    "latin.txt": lambda path, text: path.write_bytes(f"café {text}".encode("latin-1")),
    "wide.txt": lambda path, text: path.write_bytes(text.encode("utf-16")),
    "array.npy": lambda path, text: np.save(path, np.array(["", text])),
    "coded.yaml": lambda path, text: path.write_text("v: " + base64.b64encode(f"a {text}, b".encode()).decode()),
    "unknown.bin": lambda path, text: path.write_bytes(b"\0\1\2" * 90 + text.encode() + b"\0"),
}


@pytest.mark.parametrize("text", [ID, PNC, FAMILY.upper(), "1980-02-29", "29/02/1980"])
@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_in_a_format_is_found(tmp_path: Path, name: str, text: str) -> None:
    PLANTS[name](tmp_path / name, text)
    found = search(tmp_path, ALONE)
    assert found.found, f"{text} in {name}"
    assert not any(part in " ".join(found.found) for part in (ID, PNC, "eatherstone", "1980"))


@pytest.mark.parametrize("name", PLANTS)
def test_another_person_is_no_remains(tmp_path: Path, name: str) -> None:
    PLANTS[name](tmp_path / name, "nominal-481516234 08/12345679K Feather 1980-02-28 Orlaith Stonefeather")
    found = search(tmp_path, ALONE)
    assert found.found == []
    assert found.files >= 1
    assert search(tmp_path, PAIR).found == []


def test_a_date_column_and_a_name_in_two_columns_are_read_as_values(tmp_path: Path) -> None:
    row = {"given_name": [GIVEN, "Ada"], "family_name": [FAMILY, "Byron"], "date_of_birth": [BORN, date(1990, 1, 1)]}
    pq.write_table(pa.table(row), tmp_path / "persons.parquet")
    for sought in (ALONE, PAIR, TRIPLE):
        assert not search(tmp_path, sought).clean
    apart = {"given_name": [GIVEN, "Ada"], "family_name": ["Byron", FAMILY], "date_of_birth": [BORN, BORN]}
    pq.write_table(pa.table(apart), tmp_path / "persons.parquet")
    assert search(tmp_path, PAIR).clean
    assert search(tmp_path, TRIPLE).clean


def test_a_shared_name_counts_only_with_the_date_of_birth(tmp_path: Path) -> None:
    place = tmp_path / "people.json"
    namesake = {"given_name": GIVEN, "family_name": FAMILY, "date_of_birth": "1999-12-31"}
    place.write_text(json.dumps([namesake, {"date": "1980-02-29"}]))
    assert search(tmp_path, TRIPLE).clean
    assert not search(tmp_path, PAIR).clean
    place.write_text(json.dumps([{**namesake, "date_of_birth": "29 February 1980"}]))
    assert not search(tmp_path, TRIPLE).clean


def test_files_of_unknown_format_and_unreadable_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "unknown.bin").write_bytes(b"\0\1\2" * 50)
    (tmp_path / "cut.parquet").write_bytes(b"PAR1" + b"\0" * 40)
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"abc" * 999)[:30])
    found = search(tmp_path, ALONE)
    assert found.undecoded == ["unknown.bin"]
    assert found.unreadable == ["cut.gz", "cut.parquet"]
    assert not found.clean


def test_the_name_of_a_file_counts_and_a_journal_is_left_to_its_owner(tmp_path: Path) -> None:
    (tmp_path / f"{ID}.txt").write_text("")
    assert search(tmp_path, ALONE).found == ["the name of a file"]
    (tmp_path / f"{ID}.txt").rename(tmp_path / "journal.json")
    (tmp_path / "journal.json").write_text(ID)
    assert search(tmp_path, ALONE, {tmp_path / "journal.json"}).clean


@settings(max_examples=60, deadline=None)
@given(before=st.text(max_size=30), after=st.text(max_size=30))
def test_an_id_is_found_wherever_it_stands_alone(
    tmp_path_factory: pytest.TempPathFactory, before: str, after: str
) -> None:
    text = io.StringIO()
    csv.writer(text).writerow([before, ID, after])
    place = tmp_path_factory.mktemp("any") / "a.csv"
    place.write_bytes(text.getvalue().encode("utf-8", "replace"))
    assert not search(place.parent, ALONE).clean


SHORT = Sought(frozenset({"P1"}), (), frozenset({"P1"}))


def test_a_short_id_that_stands_in_keys_or_hashes_by_chance_is_no_trace(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "pseudonyms.db")) as database:
        database.execute("CREATE TABLE keys (person_id TEXT PRIMARY KEY, key BLOB NOT NULL)")
        database.execute("INSERT INTO keys VALUES ('P2', ?)", (b"\x9c P1 \xff" + bytes(range(200, 226)),))
        database.commit()
    (tmp_path / "secret").write_bytes(b"\x9c\x02 P1 \xff" + bytes(25))
    (tmp_path / "hash.txt").write_text(base64.b64encode(b"\x9c\xfe P1 \xff\x80\x80\x80\x80\x80").decode())
    keys = [tmp_path / "pseudonyms.db", tmp_path / "secret"]
    assert search(tmp_path, SHORT, keys=keys).found == []
    assert search(tmp_path, SHORT).found == ["secret (line 1)"]
    with closing(sqlite3.connect(tmp_path / "pseudonyms.db")) as database:
        database.execute("INSERT INTO keys VALUES ('P1', ?)", (bytes(32),))
        database.commit()
    assert search(tmp_path, SHORT, keys=keys).found == ["pseudonyms.db (table keys)"]


@pytest.mark.parametrize("text", [ID, PNC, "1980-02-29"])
def test_what_is_long_enough_is_found_in_keys_and_sealed_values_too(tmp_path: Path, text: str) -> None:
    with closing(sqlite3.connect(tmp_path / "pseudonyms.db")) as database:
        database.execute("CREATE TABLE keys (person_id TEXT PRIMARY KEY, key BLOB NOT NULL)")
        database.execute("INSERT INTO keys VALUES ('P2', ?)", (b"\xff\xfe" + text.encode() + b"\xff",))
        database.commit()
    (tmp_path / "secret").write_bytes(b"\xff" * 9 + text.encode() + b"\xff")
    keys = [tmp_path / "pseudonyms.db", tmp_path / "secret"]
    found = search(tmp_path, ALONE, keys=keys).found
    assert found == ["pseudonyms.db (bytes)", "pseudonyms.db (table keys)", "secret (bytes)"]


def test_short_ids_are_no_trace_in_many_random_keys_and_hashes(tmp_path: Path) -> None:
    rng = random.Random(3)
    keys = [rng.randbytes(32) for _ in range(3000)]
    with closing(sqlite3.connect(tmp_path / "pseudonyms.db")) as database:
        database.execute("CREATE TABLE keys (person_id TEXT PRIMARY KEY, key BLOB NOT NULL)")
        database.executemany("INSERT INTO keys VALUES (?, ?)", [(f"N{n:05}", key) for n, key in enumerate(keys)])
        database.commit()
    (tmp_path / "coded.txt").write_text("\n".join(base64.b64encode(key).decode() for key in keys))
    (tmp_path / "hashes.txt").write_text("\n".join(key.hex() for key in keys))
    sought = Sought(frozenset({"P1", "7K", "A1", "Z9", "M4"}))
    assert search(tmp_path, sought, keys=[tmp_path / "pseudonyms.db"]).found == []
