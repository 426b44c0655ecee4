"""The service's databases as a whole: migrating them, and moving them from SQLite to PostgreSQL."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from drive_panel.errors import NotConfigured, WorkspaceError
from drive_panel.workflows.backup import databases
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from serving.keys import WritingKey
from serving.storage import migrating
from serving.storage.copying import copy, fits, ready
from serving.storage.roles import script
from serving.storage.showing import set_key
from values import Progress


def migrate(workspace: Workspace) -> dict[str, Any]:
    """Bring both databases to this version's revision, and let PostgreSQL know the key that whoever writes shows.

    Returns
    -------
    dict
        databases: [{database, before, after}].
    """
    moved = []
    with databases(workspace) as opened:
        for name, database in opened.items():
            before, after = migrating.migrate(database)
            moved.append({"database": name, "before": before, "after": after})
            with database.write() as connection:
                set_key(connection, WritingKey(workspace.keys))
    return {"databases": moved}


def describe_migration(result: dict[str, Any]) -> list[str]:
    """Return what moved, in plain lines."""
    return [
        f"{each['database']}: at revision {each['after']}"
        + ("" if each["before"] == each["after"] else f", before {each['before'] or 'none'}")
        for each in result["databases"]
    ]


def roles(workspace: Workspace, apply: bool) -> dict[str, Any]:
    """Return the statements that set PostgreSQL's roles up, and carry them out if asked to.

    Raises
    ------
    NotConfigured
        On SQLite, which has no roles.
    StoreError
        If the databases are not there, or whoever is signed in may not make roles.
    """
    if workspace.databases.of("owner") is None:
        raise NotConfigured("SQLite has no roles.", "Set DRIVE_PANEL_DATABASE_URL to a PostgreSQL database.")
    with databases(workspace) as opened:
        for database in opened.values():
            ready(database)
        statements = script(opened["panel"], opened["scores"])
        if apply:
            with opened["panel"].write() as connection:
                for statement in statements:
                    connection.exec_driver_sql(statement)
    return {"statements": statements, "applied": apply}


def move(workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Move the workspace's SQLite databases into the PostgreSQL database that it is set to use.

    Nobody writes meanwhile: both files are held for writing. Every table is read back and compared; the ledger is
    verified; only then do the files get another name (``….moved``). After a kill the same command goes on.

    Returns
    -------
    dict
        ok, entries, head, tables {database: {table: {rows, hash}}}.

    Raises
    ------
    NotConfigured
        If no PostgreSQL is set, or there is nothing to move.
    StoreError
        If PostgreSQL holds other rows, or a row did not arrive as it was.
    """
    if workspace.databases.of("owner") is None:
        raise NotConfigured(
            "No PostgreSQL database is set.", "Set DRIVE_PANEL_DATABASE_URL to where the databases are to go."
        )
    scores, panel = workspace.home / "unreleased" / "scores.db", workspace.home / "panel.db"
    if not panel.exists():
        raise NotConfigured("The workspace has no SQLite databases to move.", "Nothing is left to do.")
    tables = {} if _moved(scores).exists() else _copied(workspace, progress)  # else killed between the last two lines
    progress("verifying the ledger", 0, 1)
    with batch_service(workspace, "owner") as service:
        result = service.verify()
    progress("verifying the ledger", 1, 1)
    if not result.ok:
        raise WorkspaceError(f"The ledger does not verify: {result.why}.", "Nothing was moved; read the ledger.")
    for place in (scores, panel):
        if place.exists():
            place.rename(_moved(place))
    return {**result.to_dict(), "tables": tables}


def _copied(workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Copy both databases while nobody else has them open, and return what the tables hold."""
    files, tables = Workspace(workspace.home), {}
    with databases(files) as sources, databases(workspace) as targets, contextlib.ExitStack() as held:
        for source in sources.values():
            ready(source)
            source.close()
        _require_alone(workspace)
        reading = {name: held.enter_context(source.write()) for name, source in sources.items()}
        for name, target in targets.items():
            fits(reading[name], target)
        for name in ("scores", "panel"):
            found = copy(reading[name], targets[name], progress)
            tables[name] = {table: each.to_dict() for table, each in found.items()}
    _require_alone(workspace)
    return tables


def _require_alone(workspace: Workspace) -> None:
    """Pass if nobody has the files open: the last one to close a file takes its log away."""
    if (workspace.home / "panel.db-wal").exists():
        raise WorkspaceError(
            "Another process has the databases open.", "Stop `drive-panel serve` and its timers, then move again."
        )


def _moved(place: Path) -> Path:
    return place.with_name(f"{place.name}.moved")


def describe_move(result: dict[str, Any]) -> list[str]:
    """Return what was moved, in plain lines."""
    rows = sum(table["rows"] for tables in result["tables"].values() for table in tables.values())
    return [
        f"{rows:,} rows moved and compared; {result['entries']} ledger entries, head {result['head']}: unbroken.",
        "The SQLite files are named .moved; destroy them once the first backup from PostgreSQL is made.",
    ]
