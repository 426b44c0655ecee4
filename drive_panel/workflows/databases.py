"""The service's databases as a whole: migrating them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from drive_panel.settings import Seat
from drive_panel.workspace import Workspace
from serving.storage import PANEL, SCORES, Database, migrating


@contextlib.contextmanager
def opened(workspace: Workspace, seat: Seat = "owner") -> Iterator[dict[str, Database]]:
    """Yield both databases, whatever their revision."""
    with contextlib.ExitStack() as stack:
        yield {
            "panel": stack.enter_context(contextlib.closing(Database(workspace.panel_database(seat), PANEL))),
            "scores": stack.enter_context(contextlib.closing(Database(workspace.scores_database(seat), SCORES))),
        }


def migrate(workspace: Workspace) -> dict[str, Any]:
    """Bring both databases to this version's revision.

    Returns
    -------
    dict
        databases: [{database, before, after}].
    """
    moved = []
    with opened(workspace) as databases:
        for name, database in databases.items():
            before, after = migrating.migrate(database)
            moved.append({"database": name, "before": before, "after": after})
    return {"databases": moved}


def describe_migration(result: dict[str, Any]) -> list[str]:
    """Return what moved, in plain lines."""
    return [
        f"{each['database']}: at revision {each['after']}"
        + ("" if each["before"] == each["after"] else f", before {each['before'] or 'none'}")
        for each in result["databases"]
    ]
