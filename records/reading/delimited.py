"""CSV files of any size as text in DuckDB: plain lines with Arrow, the others one by one, each with its line."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import duckdb
import numpy as np
import pyarrow
import pyarrow.csv

from records.errors import ExtractError
from records.reading.blocks import Block, find_lines, whole_lines
from records.reading.header import header_names
from records.reading.limits import LIMITS, Limits
from records.reading.rows import Row, Unfinished, row_at, rows_of
from records.reading.staged import Staged
from records.reading.staging import Staging
from records.reading.undecoded import carried
from records.storage.spill import spill_file
from values import Progress, silent

LONGEST_FIELD = 1_000_000
"""Characters from which a field is no value of a table."""


def stage_csv(
    db: duckdb.DuckDBPyConnection, path: Path, progress: Progress = silent, limits: Limits = LIMITS
) -> Staged:
    """Read a CSV file, gzipped or not, as text.

    Raises
    ------
    ExtractError
        If it cannot be read, unpacks to more than `limits` allow, has no header, or is UTF-16.
    """
    try:
        with _plain_file(db, path, limits) as (file, size):
            return _stage(db, path.name, file, size, progress)
    except (OSError, EOFError, zlib.error) as error:
        why = type(error).__name__
        raise ExtractError(f"{path.name} cannot be read ({why}).", "Deliver the file again.") from error


@contextlib.contextmanager
def _plain_file(db: duckdb.DuckDBPyConnection, path: Path, limits: Limits) -> Iterator[tuple[IO[bytes], int]]:
    """Open `path`, unpacked into a private file first where it is gzipped."""
    if not path.name.endswith(".gz"):
        with path.open("rb") as file:
            yield file, path.stat().st_size
        return
    unpacked = spill_file(db, "unpacked")
    packed_size, size = path.stat().st_size, 0
    with gzip.open(path) as packed, unpacked.open("wb") as target:
        while chunk := packed.read(1 << 20):
            size += len(chunk)
            limits.check(path.name, packed_size, size)
            target.write(chunk)
    try:
        with unpacked.open("rb") as file:
            yield file, size
    finally:
        unpacked.unlink()


def _stage(db: duckdb.DuckDBPyConnection, name: str, file: IO[bytes], size: int, progress: Progress) -> Staged:
    mac = _only_returns(file)
    blocks = whole_lines(_MacFile(file) if mac else file, name)
    content, last = next(blocks)
    header, content, line = _header(name, content)
    with Staging(db, name, header) as staging:
        reader = _Reader(staging, name, len(header), line)
        rest = b""
        while True:
            progress(f"read {name}", min(file.tell(), size), size)
            rest = reader.read(rest + content, last)
            if last:
                break
            content, last = next(blocks)
    return staging.staged()


def _only_returns(file: IO[bytes]) -> bool:
    """Say whether lines end in a bare carriage return: a classic Mac file."""
    returns = False
    found = False
    while not found and (chunk := file.read(1 << 20)):
        returns = returns or b"\r" in chunk
        found = b"\n" in chunk
    file.seek(0)
    return returns and not found


class _MacFile:
    """A file whose carriage returns read as line feeds."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int) -> bytes:
        return self._file.read(size).replace(b"\r", b"\n")


def _header(name: str, content: bytes) -> tuple[tuple[str, ...], bytes, int]:
    """Return the column names, what follows the header, and the line it begins on."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ExtractError(f"{name} is UTF-16 text.", "Save it as UTF-8.")
    content = content.removeprefix(b"\xef\xbb\xbf")
    text = content[: 1 << 20].decode("utf-8", errors="surrogateescape")
    row = next(rows_of(text), None)
    if row is None or row.fields is None:
        raise ExtractError(f"{name} has no header line.", "Write the column names on its first line.")
    after = row.line + row.text.count("\n")
    position = 0
    for _ in range(after):
        position = content.index(b"\n", position) + 1
    return header_names(name, row.fields), content[position:], after + 1


@dataclass
class _Reader:
    """Turns blocks into rows, keeping count of lines across them."""

    staging: Staging
    name: str
    width: int
    line: int
    """The line on which the next block begins."""

    def read(self, content: bytes, last: bool) -> bytes:
        """Read a block; return the bytes that only the next can decide."""
        if not content:
            return b""
        block = find_lines(content, self.width)
        odd, plain, stop = self._odd_rows(block, last)
        is_row = plain.copy()
        is_row[[index for index, _ in odd]] = True
        numbers = self.staging.rows + np.cumsum(is_row) - 1
        lines = np.arange(self.line, self.line + len(block), dtype=np.int64)
        if plain.any():
            self.staging.add(numbers[plain], lines[plain], self._parse(block, plain))
        self._add_odd([(int(numbers[index]), row) for index, row in odd])
        self.staging.rows += int(is_row.sum())
        self.line += stop
        return content[block.starts[stop] :] if stop < len(block) else b""

    def _odd_rows(self, block: Block, last: bool) -> tuple[list[tuple[int, Row]], np.ndarray[Any, Any], int]:
        """Read the rows that begin on lines which are not plain, up to the one that needs the next block."""
        plain = block.plain.copy()
        lines = _Lines(block)
        found: list[tuple[int, Row]] = []
        following = 0
        for index in np.flatnonzero(~block.plain & ~block.blank).tolist():
            if index < following:
                continue
            try:
                row, end = row_at(lines, index, self.line + index, more=not last)
            except Unfinished:
                plain[index:] = False
                return found, plain, index
            found.append((index, row))
            plain[index : end + 1] = False
            following = end + 1
        return found, plain, len(block)

    def _parse(self, block: Block, plain: np.ndarray[Any, Any]) -> list[pyarrow.Array]:
        content = block.only(plain | block.blank)
        names = [str(number) for number in range(self.width)]
        table = pyarrow.csv.read_csv(
            pyarrow.BufferReader(content),
            read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=1 << 20),
            parse_options=pyarrow.csv.ParseOptions(ignore_empty_lines=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pyarrow.string()), check_utf8=False, strings_can_be_null=False
            ),
        )
        if table.num_rows != int(plain.sum()):
            raise RuntimeError(f"{self.name}: Arrow found {table.num_rows} rows on {int(plain.sum())} plain lines.")
        return list(table.columns)

    def _add_odd(self, odd: Sequence[tuple[int, Row]]) -> None:
        good = [(number, row.line, row.fields) for number, row in odd if self._fault(number, row) is None]
        if good:
            numbers, lines, fields = zip(*good, strict=True)
            columns = [pyarrow.array(map(carried, values), pyarrow.string()) for values in zip(*fields, strict=True)]
            self.staging.add(np.array(numbers), np.array(lines), columns)

    def _fault(self, number: int, row: Row) -> str | None:
        """Note what is wrong with a row as a whole."""
        if row.fields is None:
            reason = "bad_quoting"
        elif len(row.fields) != self.width:
            reason = "too_many_fields" if len(row.fields) > self.width else "too_few_fields"
        elif any(len(field) > LONGEST_FIELD for field in row.fields):
            reason = "field_too_long"
        else:
            return None
        self.staging.fault(number, row.line, "", reason, carried(row.text))
        return reason


class _Lines(Sequence[str]):
    """The lines of a block as text, each decoded when asked for."""

    def __init__(self, block: Block) -> None:
        self._block = block

    def __len__(self) -> int:
        return len(self._block)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        start, stop = int(self._block.starts[index]), int(self._block.stops[index])
        return self._block.content[start:stop].decode("utf-8", errors="surrogateescape")
