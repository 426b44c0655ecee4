"""Write an event stream as a stored stream."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from features.catalogue import SEMANTICS
from features.errors import StreamUnusable
from features.events import EventStream
from features.lineage import Lineage
from features.places import Place
from features.stored.parting import PART_ROWS, Parting
from features.stored.stream import DESCRIPTION, FORMAT, StoredStream, file_of
from features.stored.tables import REFERENCES, columns_declared, tables_of
from records.storage.files import write_private
from values import Progress, canonical_json, digest, digest_bytes, silent


def write_stream(
    stream: EventStream,
    folder: Path,
    lineage: Lineage,
    rows: int = PART_ROWS,
    references: bool = True,
    progress: Progress = silent,
) -> StoredStream:
    """Write an event stream as a folder for its owner only (0700, files 0600), removed again where that fails.

    Parameters
    ----------
    stream
        The stream.
    folder
        A folder that does not exist yet.
    lineage
        What the stream was built from.
    rows
        How many rows a part should have.
    references
        Whether to keep the numbers of incidents, hearings and orders. The indicators do not need them.
    progress
        Told after each part.

    Raises
    ------
    StreamUnusable
        If `folder` exists.
    PlaceUnusable
        If it cannot be written.
    """
    if folder.exists():
        raise StreamUnusable(f"{folder} exists already.", "Choose a new folder, or remove this one first.")
    place = Place.of(folder)
    with place.named():
        folder.mkdir(mode=0o700)
        try:
            _write(Parting(stream, rows), stream, folder, lineage, references, progress)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return StoredStream(place)


def _write(
    parts: Parting, stream: EventStream, folder: Path, lineage: Lineage, references: bool, progress: Progress
) -> None:
    """Write the parts, and last the description, without which a folder is unfinished."""
    told = []
    for number in range(len(parts)):
        progress("store the stream", number, len(parts))
        part = parts.part(number)
        kept = {name: table for name, table in tables_of(part).items() if references or name != REFERENCES}
        for name, content in kept.items():
            write_private(folder / file_of(number, name), content)
        hashes = {name: digest_bytes(content) for name, content in kept.items()}
        told.append({"rows": len(part), "events": len(part.event_refs), "files": hashes})
    description: dict[str, Any] = {
        "format": FORMAT,
        "semantics": SEMANTICS,
        "columns": columns_declared(),
        "rows": len(stream),
        "areas": stream.areas.tolist(),
        "available": sorted(stream.available),
        "recorded": {name: spans.tolist() for name, spans in stream.recorded.items()},
        **lineage.to_dict(),
        "parts": told,
    }
    write_private(folder / DESCRIPTION, canonical_json(description | {"hash": digest(description)}).encode())
    progress("store the stream", len(parts), len(parts))
