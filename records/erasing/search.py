"""The decoding search: is anything of a person left in any file below a folder?

Every file is read in two ways: as bytes (UTF-8, UTF-16, UTF-32, Latin-1 and Base64 spellings of what is looked for, so
free database pages, write-ahead logs and footers count) and decoded: Parquet with dictionaries and metadata, SQLite
values, gzip, zip and xlsx members, JSON objects, CSV and text lines, NumPy arrays. What is found is a place, never
the value.

A trace that other people share proves nothing alone: a common name, a date that is also the day of an incident. Such
traces count only together, in one row, line or object.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import mmap
import sqlite3
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from records.erasing.sought import NAMING, Sought, as_text, mappings_of
from values import Progress, silent

_DEEPEST = 4
_BATCH = 20_000
_SQLITE = b"SQLite format 3\0"
_NO_TEXT = (dict, list, int, float)  # a count is nobody's id


@dataclass
class Searched:
    """What a search came to.

    Attributes
    ----------
    files, size
        Files and bytes that were read.
    found
        Places where something is left: a path, and where in it; never the value.
    undecoded
        Files of an unknown format, which were searched as bytes only.
    unreadable
        Files that could not be read: about these nothing is proved.
    """

    files: int = 0
    size: int = 0
    found: list[str] = field(default_factory=list)
    undecoded: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether everything could be read and nothing is left."""
        return not self.found and not self.unreadable

    def to_dict(self) -> dict[str, Any]:
        """Return the plain values that a command prints."""
        return {**self.__dict__, "clean": self.clean}


def search(
    home: Path,
    sought: Sought,
    except_for: Collection[Path] = (),
    progress: Progress = silent,
    keys: Collection[Path] = (),
) -> Searched:
    """Read every file below `home` and say where something of the person is left.

    Parameters
    ----------
    home
        The folder; links are not followed, their targets are read where they lie.
    sought
        What betrays the person.
    except_for
        Files that are known to hold it and go at the end.
    progress
        Told after each file.
    keys
        Files of random bytes: in these, beside what is stored as text, only what no chance puts there counts.
    """
    told = Searched()
    files = sorted(path for path in home.rglob("*") if path.is_file() and not path.is_symlink())
    for done, path in enumerate(files):
        if path not in except_for:
            look_into(home, path, sought, told, random=path in keys)
        progress("searching what is left", done + 1, len(files))
    return told


def look_into(home: Path, path: Path, sought: Sought, told: Searched, random: bool = False) -> None:
    """Read one file below `home`, perhaps one of random bytes, and add to `told` what is left in it."""
    name = str(path.relative_to(home))
    try:
        size = path.stat().st_size
        told.files, told.size = told.files + 1, told.size + size
        if sought.betrayed_by(name):
            told.found.append("the name of a file")
        if size:
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                held = sought.in_noise if random else sought.in_bytes
                if held(_footer(content) if content[:4] == b"PAR1" else content):
                    told.found.append(f"{name} (bytes)")
            if not random or _head(path) == _SQLITE:
                told.found += [f"{name} ({where})" for where in _decoded(path.name, path, sought, told, name)]
    except FileNotFoundError:  # a draft of another process, gone meanwhile
        return
    except (OSError, ValueError, sqlite3.Error, zipfile.BadZipFile, pa.ArrowException, zlib.error, EOFError):
        told.unreadable.append(name)


def _decoded(name: str, source: Path | bytes, sought: Sought, told: Searched, shown: str, depth: int = 0) -> list[str]:
    """Return the places inside one file, or one member of an archive, where something is left."""
    if depth > _DEEPEST:
        raise ValueError("archives nest too deeply")
    head = source[:16] if isinstance(source, bytes) else _head(source)
    if head[:4] == b"PAR1":
        return list(dict.fromkeys(_parquet(source, sought)))
    if head == _SQLITE:
        return list(dict.fromkeys(_sqlite(source, sought)))
    content = source if isinstance(source, bytes) else source.read_bytes()
    if head[:2] == b"\x1f\x8b":
        inner = gzip.decompress(content)
        return _member(Path(name).stem, inner, sought, told, shown, depth)
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [(each, archive.read(each)) for each in archive.namelist() if not each.endswith("/")]
        found = [f"{each}: {w}" for each, one in members for w in _member(each, one, sought, told, shown, depth)]
        return [*found, *(["the name of a member"] if any(sought.betrayed_by(each) for each, _ in members) else [])]
    if head[:6] == b"\x93NUMPY":
        array = np.load(io.BytesIO(content), allow_pickle=False)
        return _values(map(str, np.unique(array)), sought) if array.dtype.kind in "US" else []
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return ["picture text"] if any(sought.betrayed_by(each) for each in _png_texts(content)) else []
    text = _text(content)
    beside = name.endswith(("-wal", "-shm", "-journal"))  # what SQLite keeps with a database, read as bytes
    if "\0" in text[:4096] and not beside:
        told.undecoded.append(shown)
    return _lines(text, sought, name)


def _member(name: str, content: bytes, sought: Sought, told: Searched, shown: str, depth: int) -> list[str]:
    raw = ["bytes"] if sought.in_bytes(content) else []
    return raw + _decoded(name, content, sought, told, shown, depth + 1)


def _footer(content: mmap.mmap) -> bytes:
    """Return the footer of a Parquet file: names, statistics and metadata; its pages are compressed, and decoded."""
    size = int.from_bytes(content[-8:-4], "little") + 8 if content[-4:] == b"PAR1" else len(content)
    return content[-min(size, len(content)) :]


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def _text(content: bytes) -> str:
    """Return the text of a file; of one that is no text, its bytes as Latin-1."""
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _lines(text: str, sought: Sought, name: str) -> list[str]:
    if not _possible(text, sought) and not any(each in text for each in sought.named):
        return []
    try:
        document = json.loads(text)
        objects = list(_objects(document))
        if any(map(sought.betrayed_by_row, mappings_of(document))):
            return ["object"]
    except (ValueError, RecursionError):
        if name.endswith(".csv") and any(map(sought.betrayed_by_row, rows_of(text))):
            return ["row"]
        return [f"line {n}" for n, line in enumerate(text.splitlines(), 1) if sought.betrayed_by(line)] or (
            ["text"] if sought.lone_in(text) else []
        )
    return ["object"] if any(map(sought.betrayed_by, objects)) else []


def _possible(text: str, sought: Sought) -> bool:
    """Say whether a part of `text` could betray the person: it would then betray as a whole."""
    return sought.betrayed_by(text) or "\\u" in text


def rows_of(text: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file by the names of its header; what is beyond it by number, its own line number not."""
    limit = csv.field_size_limit(max(len(text), 131_072) + 1)
    try:
        rows = csv.reader(io.StringIO(text, newline=""))
        header = next(rows, [])
        yield {str(number): each for number, each in enumerate(header)}
        for row in rows:
            named = {key: each for key, each in zip(header, row, strict=False) if key != "line" or "row" not in header}
            yield named | {str(number): row[number] for number in range(len(header), len(row))}
    finally:
        csv.field_size_limit(limit)


def _objects(value: Any) -> Iterator[str]:
    """Yield the plain values of each JSON object as one text, and each text by itself."""
    if isinstance(value, dict):
        plain = [str(each) for each in value.values() if not isinstance(each, _NO_TEXT)]
        yield "\n".join([*map(str, value), *plain])
        for each in value.values():
            yield from _objects(each)
    elif isinstance(value, list):
        yield "\n".join(str(each) for each in value if not isinstance(each, _NO_TEXT))
        for each in value:
            yield from _objects(each)
    elif isinstance(value, str):
        yield value
        if value[:1] in "{[":  # documents are stored as JSON inside JSON
            try:
                yield from _objects(json.loads(value))
            except ValueError:
                return


def _values(values: Iterable[str], sought: Sought) -> list[str]:
    return ["values"] if any(map(sought.betrayed_by, values)) else []


def _parquet(source: Path | bytes, sought: Sought) -> Iterator[str]:
    """Read all row groups, with dictionaries whole: an entry that no row uses any more counts too."""
    opened = pq.ParquetFile(io.BytesIO(source) if isinstance(source, bytes) else source)
    texts = [each.name for each in opened.schema_arrow if pa.types.is_string(each.type)]
    file = pq.ParquetFile(io.BytesIO(source) if isinstance(source, bytes) else source, read_dictionary=texts)
    for key, value in (file.schema_arrow.metadata or {}).items():
        if sought.betrayed_by((key + b" " + value).decode("utf-8", "replace")):
            yield "metadata"
    for number, batch in enumerate(file.iter_batches(batch_size=_BATCH)):
        yield from (f"{where}, rows from {number * _BATCH}" for where in _columns(batch, sought))


def _columns(batch: Any, sought: Sought) -> Iterator[str]:
    distinct, near = [], False
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
        if number and name not in NAMING:  # a number is nobody's id elsewhere: the line of a file, a count
            continue
        values = column.dictionary if pa.types.is_dictionary(column.type) else column.unique()
        text = "\n".join(as_text(each) for each in values.to_pylist() if each is not None)
        if sought.lone_in(text):
            yield f"column {name}"
        distinct.append(text)
        near = near or any(each in text for each in sought.named)
    if near or _possible("\n".join(distinct), sought):
        for row in batch.to_pylist():
            if sought.betrayed_by_row(row):
                yield "row"
                return


def _sqlite(source: Path | bytes, sought: Sought) -> Iterator[str]:
    """Read every value of every table; free pages and logs are read as bytes."""
    if isinstance(source, bytes):
        database = sqlite3.connect(":memory:")
        database.deserialize(source)
    else:
        database = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    with closing(database):
        database.text_factory = lambda raw: raw.decode("utf-8", "replace")
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            quoted = '"' + table.replace('"', '""') + '"'
            rows = database.execute(f"SELECT * FROM {quoted}")  # noqa: S608 - a table's own name
            names = [name for name, *_ in rows.description]
            for row in rows:
                values = [_readable(each) for each in row if each is not None and not isinstance(each, (int, float))]
                by_name = dict(zip(names, row, strict=True))
                sealed = any(sought.in_noise(each) for each in row if isinstance(each, bytes))
                told = sought.betrayed_by("\n".join(values)) and _really(values, sought)
                if sealed or told or sought._named_in(by_name):
                    yield f"table {table}"
                    break


def _readable(value: Any) -> str:
    """Return a value of a database as text; of bytes that are none, such as a key, nothing."""
    try:
        return value.decode("utf-8") if isinstance(value, bytes) else as_text(value)
    except UnicodeDecodeError:
        return ""


def _really(values: Sequence[str], sought: Sought) -> bool:
    """Say whether a row betrays the person once documents in it are taken apart, object by object."""
    plain = [each for each in values if each[:1] not in "{["]
    nested = (part for each in values if each[:1] in "{[" for part in _parts(each))
    return sought.betrayed_by("\n".join(plain)) or any(map(sought.betrayed_by, nested))


def _parts(text: str) -> list[str]:
    try:
        return list(_objects(json.loads(text)))
    except ValueError:
        return [text]


def _png_texts(content: bytes) -> Iterator[str]:
    at = 8
    while at + 8 <= len(content):
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        body = content[at + 8 : at + 8 + size]
        if kind == b"tEXt":
            yield body.decode("latin-1")
        elif kind in (b"zTXt", b"iTXt"):
            packed = body.partition(b"\0")[2][1:] if kind == b"zTXt" else body
            yield (zlib.decompress(packed) if kind == b"zTXt" else packed).decode("utf-8", "replace")
        at += size + 12
