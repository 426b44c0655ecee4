"""The catalogue as this project computes it, from rows in the order of their recording.

Like the others it is given people by number, and puts the identifiers of the persons asked beside the answers.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.indicators.inputs import Events
from features.catalogue import CATALOGUE
from features.events import ROW_COLUMNS, EventStream, Homes
from features.indicators import compute_numbers, values_of
from features.loaded import Loaded
from features.ordering import row_order

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
    stream = stream_of(events)
    people, days, names = _spine(events, dates)
    answers = pd.DataFrame(compute_numbers(stream, people, days).T, columns=list(CATALOGUE.names), copy=False)
    return pd.concat([names.to_pandas(), answers], axis=1)


def batches(events: Events, dates: int, questions: Mapping[str, object]) -> Iterator[pa.RecordBatch]:
    """Yield the answers by person and date, block by block; a block stands until the next one is asked for."""
    stream = stream_of(events)
    people, days, names = _spine(events, dates)
    room = np.empty((len(CATALOGUE), BLOCK))  # one room for all blocks: fresh memory costs more than the answers
    program = Loaded(CATALOGUE.compiled[0], stream, stream.offsets)
    for start in range(0, len(people), BLOCK):
        rows = slice(start, start + BLOCK)
        values = values_of(stream, CATALOGUE, program, people[rows], days[rows], out=room[:, : len(people[rows])])
        named = names.slice(start, BLOCK).combine_chunks().to_batches()[0]
        yield pa.RecordBatch.from_arrays([*named.columns, *map(pa.array, values)], schema=_schema(names))


def compute_to_file(events: Events, dates: int, questions: Mapping[str, object], path: Path) -> None:
    """Write the answers to Parquet, by person and date, block by block."""
    answers = batches(events, dates, questions)
    first = next(answers)
    with pq.ParquetWriter(path, first.schema) as out:
        for batch in itertools.chain([first], answers):
            out.write_batch(batch)


def _schema(names: pa.Table) -> pa.Schema:
    return pa.schema([*names.schema, *((name, pa.float64()) for name in CATALOGUE.names)])


def _spine(events: Events, dates: int) -> tuple[Any, Any, pa.Table]:
    """Return who is asked, as of which days, and both by name; the dates of a person follow one another."""
    spine = pq.ParquetFile(events.spine(dates)).read()
    people = spine["person"].to_numpy().astype(np.int64)
    days = spine["as_of"].to_numpy().astype("datetime64[D]").astype(np.int64)
    order = np.lexsort((days, people))
    return people[order], days[order], spine.select(["person_id", "as_of"]).take(pa.array(order))


def frame(answers: pd.DataFrame) -> pd.DataFrame:
    """Return the answers, which are a data frame."""
    return answers
