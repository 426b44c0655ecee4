"""The time-travel proof as a command."""

from __future__ import annotations

from typing import Any

from drive_panel.workspace import Workspace
from features import prove_time_travel
from records import RecordStore
from values import AsOf, Progress


def run(workspace: Workspace, as_of: AsOf, progress: Progress) -> dict[str, Any]:
    """Remove, then scramble, everything not known at `as_of`, and name every indicator that moves."""
    progress("proving that nothing known later is read", 0, 1)
    report = prove_time_travel(RecordStore(workspace.records).latest(), as_of)
    progress("proving that nothing known later is read", 1, 1)
    return {"checked": report.checked, "moved": list(report.moved), "rows": report.rows, "as_of": str(as_of)}
