"""Parquet files of any column types as text in DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow
import pyarrow.compute
import pyarrow.parquet

from records.errors import ExtractError
from records.reading.header import header_names
from records.reading.staged import Staged
from records.reading.staging import Staging
from records.reading.undecoded import decoded
from values import Progress, silent

ROWS = 1 << 16
"""Rows read at once."""


def stage_parquet(db: duckdb.DuckDBPyConnection, path: Path, progress: Progress = silent) -> Staged:
    """Read a Parquet file as the text that a CSV file would hold; a row's line is its number.

    Raises
    ------
    ExtractError
        If the file is cut off or no Parquet file.
    """
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            header = header_names(path.name, file.schema_arrow.names)
            total = file.metadata.num_rows
            with Staging(db, path.name, header) as staging:
                for batch in file.iter_batches(ROWS):
                    progress(f"read {path.name}", staging.rows, total)
                    _blame_nested(staging, header, list(batch.columns))
                    add_batch(staging, list(batch.columns), batch.num_rows)
    except (pyarrow.ArrowException, OSError) as error:
        why = type(error).__name__
        raise ExtractError(f"{path.name} is not a whole Parquet file ({why}).", "Deliver it again.") from error
    progress(f"read {path.name}", total, total)
    return staging.staged()


def _blame_nested(staging: Staging, header: Sequence[str], columns: Sequence[Any]) -> None:
    """Note each list or record that stands where one value belongs: any text for it would be made up."""
    for name, column in zip(header, columns, strict=True):
        if name and pyarrow.types.is_nested(column.type):
            for row in np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False)).tolist():
                number = staging.rows + row
                staging.fault(number, number + 1, name, "nested_value", "")


def add_batch(staging: Staging, columns: list[Any], rows: int) -> None:
    """Add rows of typed columns whose line is their number, from 1."""
    numbers = np.arange(staging.rows, staging.rows + rows, dtype=np.int64)
    staging.add(numbers, numbers + 1, [as_text(column) for column in columns])
    staging.rows += rows


def as_text(column: Any) -> Any:
    """Return an Arrow array as strings; missing is blank, and so is what holds several values."""
    kind = column.type
    if pyarrow.types.is_nested(kind):
        return pyarrow.array([""] * len(column), pyarrow.string())
    if pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind):
        try:
            column.validate(full=True)
            return pyarrow.compute.fill_null(column.cast(pyarrow.string()), "")
        except pyarrow.ArrowInvalid:
            column = column.cast(pyarrow.large_binary())
    if pyarrow.types.is_integer(kind) or pyarrow.types.is_boolean(kind) or pyarrow.types.is_date(kind):
        return pyarrow.compute.fill_null(column.cast(pyarrow.string()), "")
    try:
        values = column.to_pylist()
    except OverflowError:  # a time or a duration beyond what Python holds
        values = [_value(each) for each in column]
    return pyarrow.array([plain_text(value) for value in values], pyarrow.string())


def _value(scalar: Any) -> Any:
    """Return the value of an Arrow scalar; of one beyond the calendar the count as stored, which is no date."""
    try:
        return scalar.as_py()
    except OverflowError:
        return f"{scalar.value} {scalar.type.unit}"


def plain_text(value: Any) -> str:
    """Return the text that a CSV file would hold for a value."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bytes):
        return decoded(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value.isoformat() if hasattr(value, "isoformat") else value)
    return text.encode("utf-8", errors="backslashreplace").decode("utf-8")
