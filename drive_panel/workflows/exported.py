"""The register of what left of which audits, kept beside them, so that no export is the missing piece of another."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from drive_panel.errors import WorkspaceError
from drive_panel.workspace import Workspace
from fairness.disclosure import Register
from records.storage.locking import only_writer

NAME = "register.json"


@contextlib.contextmanager
def register(workspace: Workspace) -> Iterator[Register]:
    """Yield the register to one export at a time; what it adds is kept if the export was written.

    Raises
    ------
    WorkspaceError
        If the register cannot be read: without it nobody knows what left.
    """
    folder = workspace.folder("audits", "exported")
    with only_writer(folder):
        known = read(workspace)
        before = len(known.released)
        yield known
        if len(known.released) > before:
            workspace.write_document(folder / NAME, {"version": 1, "exports": known.to_list()})


def read(workspace: Workspace) -> Register:
    """Return the register as it is; raises `WorkspaceError` if it cannot be read."""
    place: Path = workspace.folder("audits", "exported") / NAME
    if not place.exists():
        return Register()
    try:
        return Register.from_list(json.loads(place.read_text(encoding="utf-8"))["exports"])
    except (OSError, ValueError, KeyError, TypeError):
        raise WorkspaceError(
            "The register of what left of the audits cannot be read, so nothing more can leave.",
            f"Restore audits/exported/{NAME} from a backup.",
        ) from None
