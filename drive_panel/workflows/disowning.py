"""Disowning what nobody vouches for, after somebody changed the service's databases by SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from drive_panel.errors import WorkspaceError
from drive_panel.workflows.access import operator
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from serving.ledger.disowning import disown_entry, disown_row
from values import canonical_json


def disown(workspace: Workspace, keep: Path, entry: int | None, row: str | None, reason: str) -> dict[str, Any]:
    """Disown an entry or a row that nobody vouches for; see `serving.ledger.disowning`.

    Parameters
    ----------
    keep
        A new file for what was found.
    row
        Table and key with a blank between, as verifying names it.

    Returns
    -------
    dict
        entry, removed, disowned (how many), kept.

    Raises
    ------
    NotDisowned, WorkspaceError
        If it is genuine or not there; if not exactly one of entry and row is named, or the file is there already.
    """
    if (entry is None) == (row is None):
        raise WorkspaceError("Name one entry or one row.", "Say --entry NUMBER, or --row 'TABLE KEY'.")

    def keeping(found: list[dict[str, Any]]) -> None:
        if keep.exists():
            raise WorkspaceError(f"{keep.name} is there already.", "Name a new file.")
        workspace.write_outside(keep, canonical_json(found))

    with batch_service(workspace, "owner") as service:
        if entry is not None:
            made = disown_entry(service.stores, entry, operator(), reason, keeping)
        else:
            table, _, key = str(row).strip().partition(" ")
            made = disown_row(service.stores, table, key, operator(), reason, keeping)
    content = made.content
    count = len(content.get("entries", [])) + len(content.get("rows", []))
    return {"entry": made.seq, "removed": content["removed"], "disowned": count, "kept": str(keep)}
