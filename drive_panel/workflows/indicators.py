"""Indicators as of a date, written to a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from drive_panel.errors import WorkspaceError
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from features import CATALOGUE, build_stream, compute, select_cohort
from records import RecordStore
from values import AsOf, Hash, Progress, digest, digest_bytes


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


def _write(table: pd.DataFrame, out: Path) -> None:
    """Write person-level indicators for the owner's eyes only, in place of whatever was there."""
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with open(draft, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            table.to_parquet(file, index=False)
        draft.replace(out)
    except OSError as error:
        raise WorkspaceError(f"{out.name} cannot be written: {error.strerror}.", "Choose another place.") from None


def run(workspace: Workspace, as_of: AsOf, out: Path, area: str | None, progress: Progress) -> dict[str, Any]:
    """Compute the catalogue for the cohort at `as_of` and write it to `out` (Parquet, 0600)."""
    snapshot = RecordStore(workspace.records).latest()
    stream = build_stream(snapshot, progress)
    people = select_cohort(stream, as_of, area)
    table = compute(stream, spine(people, as_of), progress=progress)
    _write(table, out)
    with batch_service(workspace) as service:
        service.note("command-line", "export.indicators", str(snapshot.hash), {"as_of": str(as_of), "rows": len(table)})
    return {
        "rows": len(table),
        "columns": len(CATALOGUE.names),
        "as_of": str(as_of),
        "snapshot": snapshot.hash,
        "hash": frame_hash(table, "person_id"),
        "out": str(out),
    }
