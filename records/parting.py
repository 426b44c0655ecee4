"""Checked rows parted as they pass: sound ones in the form in which a delivery keeps them, the others marked.

On the way it is noted which keys come more than once. In nearly every table none does, and the file of its sound rows
becomes the delivery's as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow
from numpy.typing import NDArray

from records.parquet import ParquetRows, stream
from records.spill import spill_file

SOUND, REFUSED, DISORDERED = 0, 1, 2
STATE, KEY, UNUSABLE = "state", "key_hash", "unusable"


@dataclass(frozen=True)
class Parted:
    """What the rows of a table were parted into.

    Parameters
    ----------
    sound
        Parquet file of the sound rows, without state, key and usability.
    others
        Parquet file of the others, with their state.
    unusable
        Number of rows, refused ones aside, that do not say since when they were known.
    again
        The hashes of the keys that come more than once among the sound rows, each once.
    """

    sound: Path
    others: Path
    unusable: int
    again: NDArray[np.uint64]


def part(db: duckdb.DuckDBPyConnection, query: str) -> Parted:
    """Run a query once and part its rows; eight bytes a row are held in memory.

    Parameters
    ----------
    db
        A `records.database.workbench`.
    query
        SQL that gives a table's own columns and beside them the row's `STATE`, the hash of its `KEY`, and whether it
        is `UNUSABLE` before the extract date.
    """
    sound, others = spill_file(db, "sound"), spill_file(db, "others")
    reader = stream(db, query)
    kept = [each for each in reader.schema if each.name not in (STATE, KEY, UNUSABLE)]
    marked = [*kept, reader.schema.field(STATE)]
    keys: list[NDArray[np.uint64]] = []
    unusable = 0
    with (
        ParquetRows(sound, pyarrow.schema(kept)) as good,
        ParquetRows(others, pyarrow.schema(marked), "lz4") as bad,
    ):
        for batch in reader:
            state = batch.column(STATE).to_numpy()
            is_sound = state == SOUND
            unusable += int(np.count_nonzero(_flags(batch.column(UNUSABLE)) & (state != REFUSED)))
            keys.append(batch.column(KEY).to_numpy()[is_sound])
            good.write(_only(batch, is_sound).select([each.name for each in kept]))
            bad.write(_only(batch, ~is_sound).select([each.name for each in marked]))
    return Parted(sound, others, unusable, _again(keys))


def _only(batch: pyarrow.RecordBatch, wanted: NDArray[np.bool_]) -> pyarrow.RecordBatch:
    return batch if wanted.all() else batch.filter(pyarrow.array(wanted))


def _flags(column: Any) -> NDArray[np.bool_]:
    flags: NDArray[np.bool_] = column.to_numpy(zero_copy_only=False)
    return flags


def _again(keys: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    every = np.concatenate([np.array([], dtype=np.uint64), *keys])
    keys.clear()
    every.sort()
    return np.unique(every[1:][every[1:] == every[:-1]])
