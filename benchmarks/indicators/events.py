"""The input of the measurements: the rows of a made-up force's event stream, in the order in which they were recorded.

A force of two million incidents is made, ingested and turned into a stream; its rows are written to Parquet by the day
on which they became known, in random order within the day. A larger input holds further copies of the same people
with numbers of their own and dates a few days earlier; it is written day by day, so that it never has to fit in memory.
Beside the rows stand the people's identifiers, what the stream says about all rows, and the persons and dates asked:
on each date everybody with a domestic incident as suspect, known by then, of the two years before.

    python -m benchmarks.indicators.events --incidents 20000000
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import features
from benchmarks.indicators.inputs import DATES, FOLDER, Events
from drive_panel.output import progress_bars
from features import build_stream
from features.cohort import months_before
from features.events import ROW_COLUMNS
from features.kinds import FOREVER, Flag, Kind, Role
from features.knowledge import NEVER, union_of_intervals
from records import RecordStore
from synthetic import EXTRACT_DATE, ForceSettings, make_force
from values import AsOf, Progress, digest, digest_file, silent

BASE = 2_000_000
_INCIDENTS_A_PERSON = 2
_DAYS_BETWEEN_COPIES = 3
_DAYS_A_BLOCK = 30
_DAYS = ("occurred", "reported", "known_from", "known_to", "stated")
_SEED = 20

Rows = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Force:
    """The rows of one made-up force by the day of their recording, and what the stream says about all of them."""

    rows: Rows
    names: pa.Array
    events: int
    areas: list[str]
    available: list[str]
    recorded: Mapping[str, npt.NDArray[np.int32]]


def made(folder: Path, incidents: int, progress: Progress = silent, base: int = BASE) -> Events:
    """Return the input of about so many incidents; made where `folder` does not hold it yet, or holds an older one."""
    events = Events(folder / str(incidents))
    stamp = _stamp()
    if (events.folder / "about.json").exists() and events.about["made_by"] == stamp:
        return events
    copies = max(1, incidents // base)
    force = _read(made(folder, base, progress, base)) if copies > 1 else _built(folder, incidents, progress)
    shutil.rmtree(events.folder, ignore_errors=True)
    events.folder.mkdir(parents=True)
    _write_rows(events.rows, force, copies, progress)
    _write_people(events.people, force, copies)
    _write_spines(events, progress)
    about = {
        "synthetic": True,
        "incidents": incidents,
        "copies": copies,
        "rows": pq.read_metadata(events.rows).num_rows,
        "people": len(force.names) * copies,
        "events": force.events * copies,
        "days": [as_of.number for as_of in as_of_dates(max(DATES))],
        "asked": {dates: pq.read_metadata(events.spine(dates)).num_rows for dates in DATES},
        "areas": force.areas,
        "available": force.available,
        "recorded": {name: _moved(spans, copies).tolist() for name, spans in force.recorded.items()},
        "rows_hash": digest_file(events.rows),
        "made_by": stamp,
    }
    (events.folder / "about.json").write_text(json.dumps(about), encoding="utf-8")
    return Events(events.folder)


def as_of_dates(dates: int) -> list[AsOf]:
    """Return so many dates, a quarter apart, back from the end of the records."""
    end = pd.Timestamp(EXTRACT_DATE)
    return [AsOf((end - pd.DateOffset(months=3 * back)).date()) for back in reversed(range(dates))]


def _stamp() -> str:
    """Return the hash of what decides how rows come out, so that an older input is made again."""
    room = Path(features.__file__).parent
    names = ("building.py", "coalescing.py", "dyads.py", "events.py", "kinds.py", "knowledge.py", "overwritten.py")
    files = (Path(__file__), *(room / name for name in names))
    return digest([digest_file(path) for path in files])


def _snapshot(folder: Path, incidents: int, progress: Progress) -> Any:
    """Return the snapshot of a force of so many incidents; it is kept, for it takes minutes."""
    kept = folder / f"records-{incidents}"
    if not (kept / "done").exists():
        shutil.rmtree(kept, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=_made_folder(folder)) as away:
            progress("force", 0, 1)
            make_force(Path(away) / "force", ForceSettings(persons=incidents // _INCIDENTS_A_PERSON))
            RecordStore(kept).ingest(Path(away) / "force" / "extract", progress=progress)
        (kept / "done").touch()
    return RecordStore(kept).latest()


def _made_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _built(folder: Path, incidents: int, progress: Progress) -> Force:
    stream = build_stream(_snapshot(folder, incidents, progress), progress)
    order = np.argsort(stream.known_from, kind="stable")
    return Force(
        {name: getattr(stream, name)[order] for name in ROW_COLUMNS},
        pa.array(stream.person_ids).cast(pa.string()),
        len(stream.event_refs),
        stream.areas.tolist(),
        sorted(stream.available),
        stream.recorded,
    )


def _read(base: Events) -> Force:
    names = pq.read_table(base.people)["person_id"].combine_chunks()
    rows = {name: base.column(name) for name in ROW_COLUMNS}
    told = base.about
    return Force(rows, names, told["events"], told["areas"], told["available"], base.recorded)


def _write_rows(path: Path, force: Force, copies: int, progress: Progress) -> None:
    random = np.random.default_rng(_SEED)
    schema = pa.schema([(name, pa.from_numpy_dtype(values.dtype)) for name, values in force.rows.items()])
    blocks = list(_blocks(force.rows["known_from"], copies))
    with pq.ParquetWriter(path, schema) as out:
        for number, (low, high) in enumerate(blocks):
            pieces = [_copy(force, copy, low, high) for copy in range(copies)]
            block = {name: np.concatenate([piece[name] for piece in pieces]) for name in ROW_COLUMNS}
            shuffled = np.lexsort([random.random(len(block["person"])), block["known_from"]])
            if len(shuffled):
                out.write_table(pa.table({name: values[shuffled] for name, values in block.items()}, schema))
            progress("rows", number + 1, len(blocks))


def _blocks(known_from: npt.NDArray[np.int32], copies: int) -> Iterator[tuple[int, int]]:
    """Yield spans of days that hold every recording of every copy."""
    first = int(known_from[0]) - _DAYS_BETWEEN_COPIES * (copies - 1)
    for low in range(first, int(known_from[-1]) + 1, _DAYS_A_BLOCK):
        yield low, low + _DAYS_A_BLOCK


def _copy(force: Force, copy: int, low: int, high: int) -> Rows:
    """Return one copy's rows recorded in ``[low, high)``, with people, events and days of its own."""
    back = _DAYS_BETWEEN_COPIES * copy
    there = slice(*np.searchsorted(force.rows["known_from"], [low + back, high + back]))
    piece = {name: values[there] for name, values in force.rows.items()}
    first_person, first_event = np.int32(copy * len(force.names)), np.int32(copy * force.events)
    other = piece["counterpart"]
    piece["counterpart"] = np.where(other < 0, other, other + first_person)
    piece["person"], piece["event_id"] = piece["person"] + first_person, piece["event_id"] + first_event
    for name in piece.keys() & set(_DAYS):
        days = piece[name]
        piece[name] = np.where((days == NEVER) | (days == FOREVER), days, days - np.int32(back))
    return piece


def _moved(spans: npt.NDArray[np.int32], copies: int) -> npt.NDArray[np.int32]:
    """Return the days on which any copy has a value."""
    back = [np.where(spans == FOREVER, spans, spans - _DAYS_BETWEEN_COPIES * copy) for copy in range(copies)]
    every = np.concatenate(back)
    return union_of_intervals(every[:, 0], every[:, 1])


def _write_people(path: Path, force: Force, copies: int) -> None:
    """Write the people in the order of their numbers; a copy's identifiers begin with its own letter."""
    people = len(force.names)
    with pq.ParquetWriter(path, pa.schema([("person", pa.int32()), ("person_id", pa.string())])) as out:
        for copy in range(copies):
            numbers = pa.array(np.arange(people, dtype=np.int32) + np.int32(copy * people))
            own = pc.binary_join_element_wise(chr(ord("A") + copy), force.names, "") if copies > 1 else force.names
            out.write_table(pa.table({"person": numbers, "person_id": own}))


def _write_spines(events: Events, progress: Progress) -> None:
    """Find who is asked on each date, and write it for the last date, the last twelve and so on."""
    asked = as_of_dates(max(DATES))
    names = pq.read_table(events.people)["person_id"].combine_chunks()
    found = _found(events, asked, len(names), progress)
    schema = pa.schema([("person", pa.int32()), ("person_id", pa.string()), ("as_of", pa.timestamp("ms"))])
    for dates in DATES:
        with pq.ParquetWriter(events.spine(dates), schema) as out:
            for as_of, there in zip(asked[-dates:], found[-dates:], strict=True):
                people = pa.array(np.flatnonzero(there).astype(np.int32))
                days = pa.array(np.full(len(people), np.datetime64(as_of.day, "ms")))
                out.write_table(pa.table([people, names.take(people), days], schema=schema))


def _found(events: Events, asked: list[AsOf], people: int, progress: Progress) -> npt.NDArray[np.bool_]:
    found = np.zeros((len(asked), people), dtype=np.bool_)
    columns = ["person", "occurred", "known_from", "known_to", "kind", "role", "flags"]
    file = pq.ParquetFile(events.rows)
    for done in range(file.num_row_groups):
        group = file.read_row_group(done, columns=columns)
        rows = {name: group[name].to_numpy() for name in columns}
        suspects = (rows["kind"] == Kind.INCIDENT) & (rows["role"] == Role.SUSPECT)
        suspects &= (rows["flags"] & int(Flag.DOMESTIC)) != 0
        rows = {name: values[suspects] for name, values in rows.items()}
        for number, as_of in enumerate(asked):
            recent = (rows["occurred"] <= as_of.number) & (rows["occurred"] > months_before(as_of, 24))
            known = (rows["known_from"] <= as_of.number) & (as_of.number < rows["known_to"])
            found[number, rows["person"][recent & known]] = True
        progress("persons asked", done + 1, file.num_row_groups)
    return found


def main() -> None:
    """Make the input."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--incidents", type=int, default=BASE)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="kept between runs; outside the checkout")
    asked = parser.parse_args()
    with progress_bars() as progress:
        events = made(asked.folder, asked.incidents, progress)
    print(f"{events.folder}: {events.about['rows']} rows, {events.about['people']} people")


if __name__ == "__main__":
    main()
