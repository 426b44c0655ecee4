"""A small sound extract, and a small flat file with its mapping, of which other modules spoil one thing at a time."""

from __future__ import annotations

import gzip
import io
import random
from collections.abc import Mapping
from typing import Any

from benchmarks.hostile.cells import MARK
from benchmarks.hostile.extracts import Expected, Extract
from benchmarks.hostile.files import File

PERSONS = f"person_id,given_name,date_of_birth,source\n{MARK}P1,{MARK}Ada,1980-02-29,niche\n{MARK}P2,,,niche\n"
INCIDENTS = (
    "incident_id,force,area,occurred_from,reported_on,offence_code,is_crime,domestic\n"
    f"{MARK}I1,northshire,east,2023-01-01,2023-01-05,00806,true,true\n"
    f"{MARK}I2,northshire,west,2023-02-01,2023-02-01,,false,true\n"
)
INVOLVEMENTS = (
    f"incident_id,person_id,role\n{MARK}I1,{MARK}P1,suspect\n{MARK}I1,{MARK}P2,victim\n"
    f"{MARK}I2,{MARK}P1,suspect\n{MARK}I2,{MARK}P2,victim\n"
)
SOUND: Mapping[str, bytes] = {
    "persons.csv": PERSONS.encode(),
    "incidents.csv": INCIDENTS.encode(),
    "involvements.csv": INVOLVEMENTS.encode(),
}
ROWS = 8
FLAT = "person,name,day,crime,other\n" + "".join(f"{MARK}F{i},{MARK}n,2023-01-0{i},C{i},x\n" for i in range(1, 6))
FLAT_MAPPING = """\
source: hostile
extract_date: 2024-03-31
synthetic: true
file: flat.csv
tables:
  persons: {unique: key, columns: {person_id: person, given_name: name, source: {constant: x}}}
  incidents:
    columns:
      incident_id: crime
      force: {constant: f}
      area: {constant: a}
      occurred_from: day
      is_crime: {constant: "true"}
      domestic: {constant: "true"}
  involvements: {columns: {incident_id: crime, person_id: person, role: {constant: suspect}}}
"""


def spoilt(
    name: str,
    expected: Expected,
    files: Mapping[str, bytes | None],
    rows: int | None = None,
    **more: Any,
) -> Extract:
    """Return the small sound extract with some files replaced, added or (None) left out."""
    present = [File(each, content) for each, content in {**SOUND, **files}.items() if content is not None]
    return Extract(name, present, 1, expected, rows=rows, **more)


def cut(content: bytes, rng: random.Random) -> bytes:
    """Return the content without its end."""
    return content[: rng.randrange(1, len(content) - 1)]


def packed(content: bytes) -> bytes:
    """Return the content as gzip, the same bytes every time."""
    return gzip.compress(content, mtime=0)


def parquet(columns: Mapping[str, Any], **options: Any) -> bytes:
    """Return columns as Parquet."""
    import pyarrow
    import pyarrow.parquet

    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), buffer, **options)
    return buffer.getvalue()


def persons_parquet() -> bytes:
    """Return the persons of the small extract as Parquet."""
    return parquet({"person_id": [f"{MARK}P1", f"{MARK}P2"], "source": ["a", "b"]})
