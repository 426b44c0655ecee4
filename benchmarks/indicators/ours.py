"""The catalogue as this project computes it, from rows in the order of their recording.

Like the others it is given people by number, and puts the identifiers of the persons asked beside the answers.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.indicators.inputs import Events
from features.catalogue import CATALOGUE
from features.events import ROW_COLUMNS, EventStream, Homes
from features.indicators import compute_numbers, values_of
from features.loaded import Loaded
from features.ordering import row_order

Numbers = npt.NDArray[np.int64]

_DAY_BITS = 16
BLOCK = 65_536  # asked rows whose answers are held at once when they are handed over in batches


def stream_of(events: Events) -> EventStream:
    """Read the rows and put them in order; the names of people and events, which no indicator reads, are left empty."""
    rows: dict[str, Any] = {name: events.column(name) for name in ROW_COLUMNS}
    order = row_order(rows)
    for name in ROW_COLUMNS:
        rows[name] = rows[name][order]
    none = np.empty(0, dtype=np.int32)
    return EventStream(
        **rows,
        person_ids=np.empty(events.about["people"], dtype="U1"),
        event_refs=np.empty(0, dtype="U1"),
        areas=np.array(events.about["areas"], dtype=np.str_),
        homes=Homes(none, none.astype(np.int16), none, none, none, none),
        available=frozenset(events.about["available"]),
        recorded=events.recorded,
    )


def compute(events: Events, dates: int, questions: Mapping[str, object]) -> pd.DataFrame:
    """Return the answers as a table in memory, by person and date."""
    stream, spine = stream_of(events), Spine(events, dates)
    answers = pd.DataFrame(compute_numbers(stream, *spine.rows()).T, columns=list(CATALOGUE.names), copy=False)
    return pd.concat([spine.named().to_pandas(), answers], axis=1)


def batches(events: Events, dates: int, questions: Mapping[str, object]) -> Iterator[pa.RecordBatch]:
    """Yield the answers by person and date, block by block; a block stands until the next one is asked for."""
    stream, spine = stream_of(events), Spine(events, dates)
    room = np.empty((len(CATALOGUE), BLOCK))  # one room for all blocks: fresh memory costs more than the answers
    program = Loaded(CATALOGUE.compiled[0], stream, stream.offsets)
    for start in range(0, len(spine), BLOCK):
        people, days = spine.rows(start, BLOCK)
        values = values_of(stream, CATALOGUE, program, people, days, out=room[:, : len(people)])
        named = spine.named(start, BLOCK)
        schema = pa.schema([*named.schema, *((name, pa.float64()) for name in CATALOGUE.names)])
        yield pa.RecordBatch.from_arrays([*named.columns, *map(pa.array, values)], schema=schema)


def compute_to_file(events: Events, dates: int, questions: Mapping[str, object], path: Path) -> None:
    """Write the answers to Parquet, by person and date, block by block."""
    answers = batches(events, dates, questions)
    first = next(answers)
    with pq.ParquetWriter(path, first.schema) as out:
        for batch in itertools.chain([first], answers):
            out.write_batch(batch)


class Spine:
    """Who is asked as of which days, in eight bytes a row; the days of a person follow one another."""

    def __init__(self, events: Events, dates: int) -> None:
        asked = pq.ParquetFile(events.spine(dates)).read(columns=["person", "as_of"])
        days = asked["as_of"].to_numpy().astype("datetime64[D]").astype(np.int64)
        self._first = int(days.min())
        self._keys = asked["person"].to_numpy().astype(np.int64) << _DAY_BITS | (days - self._first)
        self._keys.sort()
        self._names = pq.ParquetFile(events.people).read(columns=["person_id"])["person_id"].combine_chunks()

    def __len__(self) -> int:
        return len(self._keys)

    def rows(self, start: int = 0, block: int | None = None) -> tuple[Numbers, Numbers]:
        """Return the numbers and days of a block of rows; of all where `block` is None."""
        keys = self._keys[start : None if block is None else start + block]
        return keys >> _DAY_BITS, (keys & ((1 << _DAY_BITS) - 1)) + self._first

    def named(self, start: int = 0, block: int | None = None) -> pa.RecordBatch:
        """Return the same rows with the person's identifier and the date."""
        people, days = self.rows(start, block)
        dates = pa.array(days.astype("datetime64[D]").astype("datetime64[ms]"))
        return pa.RecordBatch.from_arrays([self._names.take(pa.array(people)), dates], names=["person_id", "as_of"])


def frame(answers: pd.DataFrame) -> pd.DataFrame:
    """Return the answers, which are a data frame."""
    return answers
