"""Extracts made of hostile files: tables of the contract as they are, or a source's own files with a mapping."""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from benchmarks.hostile.cells import EXTRACT_DATE
from benchmarks.hostile.files import File, csv_file, parquet_file, xlsx_file
from benchmarks.hostile.rows import Maker, Rows
from records.contract import TABLES

Expected = Literal["load", "refuse", "either"]
MANIFEST = f"source: hostile\nextract_date: {EXTRACT_DATE.isoformat()}\nperiod: made up\nsynthetic: true\n".encode()
ALWAYS = ("persons", "incidents", "involvements")
ODD_HEADERS = (
    *("Crime Ref.", "Ref", "REF", "ref", 'na"me', "first, second", "O'Neil", "姓名", "select", '"; DROP TABLE x; --'),
    *(
        "x.y",
        "%s",
        "{0}",
        "row",
        "line",
        "file",
        "ROW",
        "rowid",
        "column0",
        "known_from",
        "Date of Birth",
        "né(e)",
        "$1",
    ),
    *(
        "a:b",
        "- x",
        "#1",
        "* y",
        "null",
        "true",
        "1",
        "?",
        "=1+1",
        "a  b",
        "é",
        "E",
        "📅",
        "column",
        "relation",
        "faults",
    ),
)
ODD_FILES = (
    *("Crime Export (2) final.csv", "ünïcode 🚔.csv", "-rf.csv", "'; DROP TABLE persons.csv", ".hidden.csv", "%s.csv"),
    *(
        "nominals.2023.csv",
        "nominals.2024.csv",
        "nominals.csv",
        "a" * 180 + ".csv",
        "a b.csv.gz",
        "x.parquet",
        'q"uote.csv',
    ),
    *(
        "back\\slash.csv",
        "[1-9].csv",
        "star*.parquet",
        "{a,b}.csv",
        "tab.csv.csv",
        "file.parquet",
        "~$x.csv",
        "NUL.csv",
    ),
)


@dataclass
class Extract:
    """A folder to be ingested and what must come of it.

    Attributes
    ----------
    name
        What is hostile about it.
    files
        What lies in the folder beside the manifest.
    hostile
        How many of the files count as hostile.
    expected
        Whether it must be loaded, must be refused as a whole, or may be either.
    mapping
        The mapping to read it through, if any.
    manifest
        The manifest; None where the folder has none.
    rows
        Rows that must be read in all, where that can be said without the files' own plan.
    arrange
        Anything else to do to the folder (links, folders in the place of files).
    """

    name: str
    files: list[File]
    hostile: int = 1
    expected: Expected = "load"
    mapping: bytes | None = None
    manifest: bytes | None = MANIFEST
    rows: int | None = None
    arrange: Callable[[Path], None] = field(default=lambda _: None)

    def write(self, folder: Path) -> None:
        """Write it into a new folder."""
        folder.mkdir()
        for file in self.files:
            (folder / file.name).write_bytes(file.content)
        if self.manifest is not None:
            (folder / "manifest.yaml").write_bytes(self.manifest)
        self.arrange(folder)


@functools.cache
def reference_codes() -> Mapping[str, tuple[str, ...]]:
    """Return the codes of every reference table that a column of the contract names."""
    from records.reference import load_reference

    reference = load_reference(None)
    names = {column.reference for table in TABLES.values() for column in table.columns if column.reference}
    return {name: tuple(sorted(reference.codes(name))) for name in sorted(names)}


def plain(rng: random.Random, size: int) -> Extract:
    """Make an extract that follows the contract, of `size` tables in all sorts of files."""
    names = _tables(rng, size)
    suffix = {name: rng.choice((".csv", ".csv", ".csv", ".csv.gz", ".parquet")) for name in names}
    tidy = frozenset(name for name in names if suffix[name] == ".parquet")
    made = Maker(rng, reference_codes(), tidy).make(names)
    files = [
        parquet_file(name + suffix[name], rows, {})
        if name in tidy
        else csv_file(name + suffix[name], rows, rng, further=True)
        for name, rows in made.items()
    ]
    return Extract("rows", files, hostile=len(files))


def mapped(rng: random.Random, size: int, books: bool) -> Extract:
    """Make an extract of `size` files of a source's own, with odd names and headers, and the mapping to read it.

    Parameters
    ----------
    books
        True for workbooks among the files.
    """
    names = _tables(rng, size)
    called = dict(zip(names, rng.sample(ODD_FILES, len(names)), strict=True))
    if books:
        called |= {name: f"{called[name].partition('.')[0]} {name}.xlsx" for name in rng.sample(names, 3)}
    tidy = frozenset(name for name in names if called[name].endswith((".parquet", ".xlsx")))
    made = Maker(rng, reference_codes(), tidy).make(names)
    files, tables = [], {}
    for name, rows in made.items():
        headers = dict(zip(rows.columns, rng.sample(ODD_HEADERS, len(rows.columns)), strict=True))
        files.append(_file(called[name], rows, rng, headers))
        tables[name] = {"from": called[name], "columns": headers}
    content = {"source": "hostile", "extract_date": EXTRACT_DATE.isoformat(), "missing": ["[none]"], "tables": tables}
    text = json.dumps({**content, "synthetic": "true"}, ensure_ascii=False, indent=1)  # JSON is YAML
    return Extract("mapped books" if books else "mapped", files, len(files), "load", text.encode(), manifest=None)


def _file(name: str, rows: Rows, rng: random.Random, headers: Mapping[str, str]) -> File:
    if name.endswith(".xlsx"):
        return xlsx_file(name, rows, rng, headers)
    if name.endswith(".parquet"):
        return parquet_file(name, rows, headers)
    return csv_file(name, rows, rng, headers)


def _tables(rng: random.Random, size: int) -> list[str]:
    """Draw the tables of an extract: the mandatory ones, and what a table points to, always with it."""
    others = [name for name in TABLES if name not in ALWAYS]
    chosen = {*ALWAYS, "referrals", *rng.sample(sorted({*others} - {"referrals"}), size - len(ALWAYS) - 1)}
    return [name for name in TABLES if name in chosen]
