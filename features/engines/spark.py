"""Compute a snapshot on a Spark cluster: each task takes one part of a stored stream and writes one file.

Spark itself sees numbers of parts, names of files and hashes: no person ever passes through its shuffles, its
logs or the driver's memory as a row. The parts are read and written with Arrow, as on one machine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import asdict
from typing import Any

import pyarrow.parquet as pq

from features.catalogue import CATALOGUE
from features.engines.asked import Asked
from features.engines.worker import SEEN_BY_ALL, Batches, Task
from features.errors import ClusterFailed, PlaceUnusable
from features.places import Place
from features.snapshots import Blocks, Written, snapshot_at
from features.stored import StoredStream
from values import Progress, silent

_SCHEMA = "part long, file string, rows long, buckets string, error string, remedy string"
_LOOK = "Look at the executors' standard error; docs/guides/spark.md says how drive-panel gets to the workers."


def compute_on_spark(
    session: Any,
    stored: StoredStream,
    asked: Asked,
    out: Place,
    worker: Callable[[str], Callable[[Batches], Batches]],
    progress: Progress = silent,
) -> Written:
    """Compute the indicators of the cohort of each date on a cluster and write them as one snapshot.

    Parameters
    ----------
    session
        A Spark session.
    stored
        The event stream, where every worker can read it.
    asked
        Dates and area.
    out
        The Parquet file to write; the workers write their parts into a folder beside it.
    worker
        Makes the function that each worker runs from a task's text. It must import this project safely there and
        then call `parts_computed`.
    progress
        Told as files of parts appear, and after each part that is put into the snapshot.

    Raises
    ------
    ClusterFailed
        If a worker has another catalogue, cannot see the stored stream, finds it changed, or fails.
    PlaceUnusable
        If `out` cannot be written.
    """
    with out.workplace() as staging:
        task = Task(
            stream=stored.place.absolute,
            stream_hash=stored.hash,
            catalogue=CATALOGUE.version,
            staging=staging.absolute,
            dates=tuple(str(each) for each in asked.dates),
            area=asked.area,
        )
        numbers = session.range(0, len(stored), 1, len(stored))
        done = numbers.mapInArrow(worker(json.dumps(asdict(task))), _SCHEMA)
        rows = _collected(done, staging, len(stored), progress)
        with snapshot_at(out, asked.dates, asked.area, CATALOGUE, stored.lineage) as blocks:
            for row in rows:
                progress("put the parts together", row["part"], len(rows))
                _copy(staging / row["file"], row, blocks)
            progress("put the parts together", len(rows), len(rows))
    return blocks.written


def _collected(done: Any, staging: Place, parts: int, progress: Progress) -> list[Any]:
    """Run the job and return one row a part, in order."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(done.collect)
        while True:
            progress("indicators", min(staging.count(), parts), parts)
            wait([running], timeout=1)
            if not running.done():
                continue
            try:
                rows = running.result()
                break
            except (PySparkException, Py4JError) as failure:
                raise ClusterFailed(f"Spark could not compute the parts: {_kind(failure)}.", _LOOK) from None
    progress("indicators", parts, parts)
    _raise_told(rows)
    return sorted(rows, key=lambda row: int(row["part"]))


def _kind(failure: Exception) -> str:
    """Name a failure by the last error that it tells of.

    What follows an error's name may hold a person's data and stays away, but for what stopped the import of our own
    packages, which says where they are hidden.
    """
    named = re.findall(
        r"^\s*([\w.]*(?:Error|Exception|Failed|Exit))\b(?:: (drive-panel: .*))?", str(failure), re.MULTILINE
    )
    name, told = named[-1] if named else (type(failure).__name__, "")
    return str(told or name).rstrip(".")


def _raise_told(rows: Iterable[Any]) -> None:
    for row in rows:
        if row["error"]:
            raise ClusterFailed(row["error"], row["remedy"] or _LOOK)


def _copy(place: Place, row: Any, blocks: Blocks) -> None:
    try:
        with place.opened() as file:
            part = pq.ParquetFile(file)
            complete = part.metadata.num_rows == row["rows"]
            if complete:
                blocks.copy(part, {int(number): each for number, each in json.loads(row["buckets"]).items()})
    except PlaceUnusable:
        complete = False
    if not complete:
        raise ClusterFailed("What a worker wrote cannot be seen here.", SEEN_BY_ALL)
