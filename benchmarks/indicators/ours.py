"""The catalogue as this project computes it, from rows in the order of their recording.

Like the others it is given people by number, and puts the identifiers of the persons asked beside the answers.
"""

from __future__ import annotations

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
from features.indicators import compute_numbers
from features.ordering import row_order

LEAST_BLOCK, BLOCKS = 100_000, 200  # asked rows whose answers are held at once: so many, or this part of all events


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
    """Return the answers as a table in memory."""
    stream = stream_of(events)
    spine = pd.read_parquet(events.spine(dates))
    days = spine["as_of"].to_numpy().astype("datetime64[D]").astype(np.int64)
    values = compute_numbers(stream, spine["person"].to_numpy().astype(np.int64), days)
    answers = pd.DataFrame(values.T, columns=list(CATALOGUE.names), copy=False)
    return pd.concat([spine[["person_id", "as_of"]], answers], axis=1)


def compute_to_file(events: Events, dates: int, questions: Mapping[str, object], path: Path) -> None:
    """Write the answers to Parquet, person by person, block by block."""
    stream = stream_of(events)
    spine = pq.read_table(events.spine(dates))
    people = spine["person"].to_numpy().astype(np.int64)
    days = spine["as_of"].to_numpy().astype("datetime64[D]").astype(np.int64)
    names = spine.select(["person_id", "as_of"])
    schema = pa.schema([*names.schema, *((name, pa.float64()) for name in CATALOGUE.names)])
    with pq.ParquetWriter(path, schema) as out:
        for rows in _blocks(people, max(LEAST_BLOCK, len(stream) // BLOCKS)):
            values = compute_numbers(stream, people[rows], days[rows])
            columns = [*names.take(pa.array(rows)).columns, *map(pa.array, values)]
            out.write_table(pa.table(columns, schema=schema))


def _blocks(people: Any, length: int) -> Iterator[Any]:
    """Yield rows of the spine by person, about `length` at a time, all dates of a person in one block."""
    order = np.argsort(people, kind="stable")
    starts = np.flatnonzero(np.diff(people[order], prepend=-1))
    cuts: Any = starts[np.searchsorted(starts, np.arange(0, len(order), length), side="right") - 1]
    yield from np.split(order, np.unique(cuts)[1:])


def frame(answers: pd.DataFrame) -> pd.DataFrame:
    """Return the answers, which are a data frame."""
    return answers
