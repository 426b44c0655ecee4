"""The tables of one part as Parquet: rows, homes, people and event references."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from features.events import ROW_COLUMNS, ROW_TYPES, EventStream, Homes

EVENTS, HOMES, PEOPLE, REFERENCES = "events", "homes", "people", "references"
TABLES = (EVENTS, HOMES, PEOPLE, REFERENCES)
HOME_COLUMNS = tuple(field.name for field in dataclasses.fields(Homes))

Arrays = Mapping[str, npt.NDArray[Any]]


def columns_declared() -> dict[str, str]:
    """Return the stream's row columns with their types, as a stored stream writes them down."""
    return {name: np.dtype(ROW_TYPES[name]).name for name in ROW_COLUMNS}


def tables_of(part: EventStream) -> dict[str, bytes]:
    """Return each table of a part as the bytes of a Parquet file."""
    tables: dict[str, Arrays] = {
        EVENTS: {name: getattr(part, name) for name in ROW_COLUMNS},
        HOMES: {name: getattr(part.homes, name) for name in HOME_COLUMNS},
        PEOPLE: {"person_id": part.person_ids},
        REFERENCES: {"event_ref": part.event_refs},
    }
    return {name: _parquet(columns) for name, columns in tables.items()}


def arrays_in(content: bytes) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of a Parquet file as arrays."""
    table = pq.read_table(pa.BufferReader(content), use_threads=False)
    return {name: _array(table.column(name)) for name in table.column_names}


def _parquet(columns: Arrays) -> bytes:
    """Write integers as differences (days and codes lie close together), text by what it shares with the line above."""
    table = pa.table({name: _arrow(values) for name, values in columns.items()})
    encodings = {name: _encoding(table.schema.field(name).type) for name in table.column_names}
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd", use_dictionary=False, column_encoding=encodings)
    return file.getvalue()


def _arrow(values: npt.NDArray[Any]) -> pa.Array:
    return pa.array(values.tolist(), pa.string()) if values.dtype.kind == "U" else pa.array(values)


def _encoding(kind: pa.DataType) -> str:
    return "DELTA_BYTE_ARRAY" if pa.types.is_string(kind) else "DELTA_BINARY_PACKED"


def _array(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    if pa.types.is_string(column.type):
        return np.array(column.to_pylist(), dtype=np.str_)
    return np.asarray(column.to_numpy())
