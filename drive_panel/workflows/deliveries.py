"""The deliveries a site has taken in: which there are, which wait, and letting a waiting one count."""

from __future__ import annotations

from typing import Any

from drive_panel.workspace import Workspace
from records import RecordStore
from values import Progress


def listed(workspace: Workspace) -> dict[str, Any]:
    """Return every delivery by name, with what it waits for, and the mandatory tables still awaited."""
    store = RecordStore(workspace.records)
    return {
        "deliveries": [
            {
                "delivery": each.name,
                **each.manifest.to_dict(),
                "tables": sorted(each.tables),
                "replays": each.replays,
                "waiting": each.shrinks if each.waiting else {},
            }
            for each in store.deliveries()
        ],
        "awaited": store.awaited(),
    }


def confirm(workspace: Workspace, name: str, progress: Progress) -> dict[str, Any]:
    """Let a waiting delivery count; return the latest snapshot.

    Raises
    ------
    NoDelivery
        If there is none of that name, or it does not wait.
    """
    snapshot = RecordStore(workspace.records).confirm(name, progress)
    return {"delivery": name, "snapshot": None if snapshot is None else snapshot.hash}


def describe(result: dict[str, Any]) -> list[str]:
    """Return the list of deliveries in plain lines."""
    lines = []
    for each in result["deliveries"]:
        kind = f"replay of {each['replays']}" if each["replays"] else each["kind"]
        lines.append(f"{each['delivery']}  {each['extract_date']}  {each['source']}  {kind}")
        lines += [
            f"  WAITS: {table} would lose {found['withdrawn']:,} of {found['before']:,} rows"
            for table, found in each["waiting"].items()
        ]
    if result["awaited"]:
        lines.append(f"No snapshot yet: no delivery has brought {', '.join(result['awaited'])}.")
    return lines or ["Nothing has been delivered yet."]
