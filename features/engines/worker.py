"""What a worker of a cluster does: compute some parts of a stored stream, each into a file of its own."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from features.catalogue import CATALOGUE
from features.engines.asked import Asked
from features.errors import ClusterFailed, FeaturesError
from features.places import Place
from features.snapshots import Blocks
from features.stored import StoredStream
from features.stored.stream import DESCRIPTION
from values import AsOf

SEEN_BY_ALL = "Put the stored stream and --out where the driver and every worker can read and write."

Batches = Iterator[pa.RecordBatch]


@dataclass(frozen=True)
class Task:
    """What a worker has to know; plain text, so that nothing but Python's own types is sent to it."""

    stream: str
    stream_hash: str
    catalogue: str
    staging: str
    dates: tuple[str, ...]
    area: str | None


def parts_computed(task_text: str, batches: Batches) -> Batches:
    """Compute the parts whose numbers come in; run on a worker.

    Errors that a user can cause come back as a row, so that no cluster repeats or hides them.
    """
    told = json.loads(task_text)
    task = Task(**{**told, "dates": tuple(told["dates"])})
    for batch in batches:
        rows = [_outcome(task, number) for number in batch.column(0).to_pylist()]
        yield pa.RecordBatch.from_pylist(rows, schema=_ARROW)


_TEXT = ("file", "buckets", "error", "remedy")
_ARROW = pa.schema(
    [(name, pa.string() if name in _TEXT else pa.int64()) for name in ("part", "file", "rows", *_TEXT[1:])]
)


def _outcome(task: Task, number: int) -> dict[str, Any]:
    try:
        return {"part": number, **_computed(task, number), "error": None, "remedy": None}
    except FeaturesError as error:
        return {**dict.fromkeys(_ARROW.names), "part": number, "error": error.message, "remedy": error.remedy}


def _computed(task: Task, number: int) -> dict[str, Any]:
    """Write the indicators of one part to a file that no other attempt at this part can have written."""
    if CATALOGUE.version != task.catalogue:
        raise ClusterFailed(
            "A worker has another version of drive-panel than the driver.", "Install the same on every node."
        )
    place = Place.of(task.stream)
    if not (place / DESCRIPTION).exists():
        raise ClusterFailed(f"A worker cannot see the stored stream {place.name}.", SEEN_BY_ALL)
    stored = StoredStream(place)
    if stored.hash != task.stream_hash:
        raise ClusterFailed(f"A worker sees another stored stream at {place.name} than the driver.", SEEN_BY_ALL)
    asked = Asked(tuple(AsOf(date.fromisoformat(each)) for each in task.dates), task.area)
    name = f"{number:05d}-{uuid.uuid4().hex}.parquet"
    with (Place.of(task.staging) / name).published() as file, Blocks(file, CATALOGUE.names) as blocks:
        for block in asked.blocks(stored.part(number), CATALOGUE):
            blocks.write(block)
    return {"file": name, "rows": blocks.rows, "buckets": json.dumps(blocks.content.buckets)}
