"""Indicators as of dates, written to a file; and what a cluster needs to compute them elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from drive_panel.errors import WorkspaceError
from drive_panel.spark_workers import worker
from drive_panel.workflows.known import require_known
from drive_panel.workflows.release import batch_service
from drive_panel.workflows.spark import require_spark, spark_session
from drive_panel.workspace import Workspace
from features import CATALOGUE, EventStream, build_stream
from features.engines import Asked, compute_locally
from features.engines.spark import compute_on_spark
from features.lineage import Lineage
from features.places import Place
from features.snapshots import Written
from features.stored import Parting, StoredStream, clear_scratch, scratch_folder, write_stream
from records import RecordStore
from values import AsOf, Hash, Progress, digest, digest_bytes

Engine = Literal["local", "spark"]


def frame_hash(frame: pd.DataFrame, key: str) -> Hash:
    """Return the hash of an indicator table: its column names and the exact bits of its values, in order of `key`."""
    ordered = frame.sort_values(key)
    numbers = ordered.drop(columns=[key, "as_of"], errors="ignore")
    values = np.ascontiguousarray(numbers.to_numpy(dtype="<f8")) + 0.0  # one zero: -0.0 hashes as 0.0
    values[np.isnan(values)] = np.nan  # one NaN
    return digest([list(numbers.columns), list(ordered[key]), digest_bytes(values.tobytes())])


def spine(people: pd.DataFrame, as_of: AsOf) -> pd.DataFrame:
    """Return one row a person at `as_of`."""
    return pd.DataFrame({"person_id": people["person_id"].to_numpy(), "as_of": pd.Timestamp(as_of.day).as_unit("s")})


def run(
    workspace: Workspace, asked: Asked, out: str, engine: Engine, master: str | None, progress: Progress
) -> dict[str, Any]:
    """Compute the catalogue for the cohort of each date from the newest records and write a snapshot to `out`.

    Parameters
    ----------
    workspace
        Whose records; the export is entered in its ledger.
    asked
        Dates and area.
    out
        The Parquet file (0600): a path, or the URL of an object store.
    engine
        Where to compute.
    master
        The Spark cluster; None for the one that started this program, else this machine.

    Raises
    ------
    WorkspaceError
        If no record names the area, or the records end before one of the dates.
    """
    clear_scratch()
    if engine == "spark":
        require_spark(master)
    snapshot = RecordStore(workspace.records).latest()
    lineage = Lineage.of(snapshot)
    require_known(*asked.dates, ends=lineage.records_end)
    stream = build_stream(snapshot, progress)
    _require_area(asked, stream)
    place = Place.of(out)
    if engine == "spark":
        with scratch_folder() as scratch:
            stored = write_stream(stream, scratch / "stream", lineage, references=False, progress=progress)
            written = _on_spark(stored, asked, place, master, progress)
    else:
        written = compute_locally(Parting(stream), asked, place, lineage, progress=progress)
    detail = {"as_of": told_dates(asked), "rows": written.rows}
    with batch_service(workspace) as service:
        service.note("command-line", "export.indicators", str(snapshot.hash), detail)
    return _result(written, asked, snapshot.hash, place)


def run_stored(
    stream: str, asked: Asked, out: str, engine: Engine, master: str | None, progress: Progress
) -> dict[str, Any]:
    """Compute the catalogue from a stored stream, as `run` does from records; no workspace is needed."""
    clear_scratch()
    if engine == "spark":
        require_spark(master)
    stored, place = StoredStream(stream), Place.of(out)
    require_known(*asked.dates, ends=stored.lineage.records_end)
    _require_area(asked, stored)
    if engine == "spark":
        written = _on_spark(stored, asked, place, master, progress)
    else:
        written = compute_locally(stored, asked, place, stored.lineage, progress=progress)
    return _result(written, asked, stored.lineage.snapshot, place)


def store_stream(workspace: Workspace, folder: Path, progress: Progress) -> dict[str, Any]:
    """Write the event stream of the newest records to a folder, for a cluster.

    Raises
    ------
    WorkspaceError
        If the folder lies in the workspace, where an erasure could not find the people in it.
    """
    if folder.resolve().is_relative_to(workspace.home.resolve()):
        raise WorkspaceError(
            f"{folder} lies in the workspace, where an erasure would not find the people in a stored stream.",
            "Choose a private folder elsewhere, and delete it when the indicators are computed.",
        )
    snapshot = RecordStore(workspace.records).latest()
    lineage = Lineage.of(snapshot)
    stored = write_stream(build_stream(snapshot, progress), folder, lineage, references=False, progress=progress)
    with batch_service(workspace) as service:
        service.note("command-line", "export.stream", str(snapshot.hash), {"rows": stored.rows, "hash": stored.hash})
    return {
        "rows": stored.rows,
        "parts": len(stored),
        "snapshot": snapshot.hash,
        "hash": stored.hash,
        "out": str(folder),
    }


def told_dates(asked: Asked) -> str | list[str]:
    """Return the date asked for, or the list of them where there are several."""
    dates = [str(each) for each in asked.dates]
    return dates[0] if len(dates) == 1 else dates


def _require_area(asked: Asked, stream: EventStream | StoredStream) -> None:
    if asked.area is not None and asked.area not in stream.areas:
        told = ", ".join(stream.areas.tolist()) or "none"
        raise WorkspaceError(f"No record names the area '{asked.area}'.", f"Areas in the records: {told}.")


def _on_spark(stored: StoredStream, asked: Asked, out: Place, master: str | None, progress: Progress) -> Written:
    progress("start Spark", 0, 1)
    with spark_session(master) as session:
        progress("start Spark", 1, 1)
        return compute_on_spark(session, stored, asked, out, worker, progress)


def _result(written: Written, asked: Asked, snapshot: str, out: Place) -> dict[str, Any]:
    return {
        "rows": written.rows,
        "columns": len(CATALOGUE.names),
        "as_of": told_dates(asked),
        "snapshot": snapshot,
        "hash": written.hash,
        "out": out.name,
    }
