"""Rows that were kept out: count them, take them away to be mended, bring them back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from drive_panel.workspace import Workspace
from records import RecordStore
from values import Progress

LISTED = 20
"""Rows that are still wrong and are listed in plain lines."""


def listed(workspace: Workspace, delivery: str | None = None) -> dict[str, Any]:
    """Return the rows in quarantine by delivery, table (or file) and reason.

    Raises
    ------
    NoDelivery
        If there is none of that name.
    """
    return {"quarantine": RecordStore(workspace.records).quarantine(delivery)}


def export(workspace: Workspace, delivery: str, file: str, out: Path) -> dict[str, Any]:
    """Write the rows of a delivered file that are in quarantine as CSV, with what is wrong in front.

    Raises
    ------
    NoDelivery
        If there is no such delivery, or it had no such file.
    """
    rows = RecordStore(workspace.records).export(delivery, file, out)
    return {"delivery": delivery, "file": file, "rows": rows, "written": out.name}


def replay(workspace: Workspace, mended: Path, progress: Progress) -> dict[str, Any]:
    """Take mended rows into the delivery they come from.

    Raises
    ------
    ReplayError
        If the file does not fit what is in quarantine.
    """
    found = RecordStore(workspace.records).replay(mended, progress)
    return {
        "delivery": found.delivery,
        "replay": found.replay,
        "quarantined_before": found.before,
        "replayed_accepted": found.accepted,
        "still_quarantined": found.still,
        "refused": [dict(zip(("file", "line", "column", "reason"), each, strict=True)) for each in found.refused],
        "snapshot": found.snapshot,
    }


def describe(result: dict[str, Any]) -> list[str]:
    """Return the result of any of the three in plain lines."""
    if "quarantine" in result:
        lines = [
            f"{each['delivery']}  {each['table']}  {each['rows']:,} × {each['reason']}" for each in result["quarantine"]
        ]
        return lines or ["Nothing is in quarantine."]
    if "written" in result:
        return [
            f"Wrote {result['rows']:,} rows to {result['written']}. Mend them there, keep the first seven columns, "
            f"then: drive-panel quarantine replay {result['written']}"
        ]
    return [
        f"Of {result['quarantined_before']:,} rows in quarantine {result['replayed_accepted']:,} are now accepted, "
        f"{result['still_quarantined']:,} remain.",
        *(
            f"Still wrong: {each['file']}, line {each['line']}"
            f"{', ' + each['column'] if each['column'] else ''}: {each['reason']}"
            for each in result["refused"][:LISTED]
        ),
        *([f"and {len(result['refused']) - LISTED:,} more (--json lists all)."] if result["refused"][LISTED:] else []),
        f"Snapshot {result['snapshot']}" if result["snapshot"] else "No snapshot yet.",
    ]
