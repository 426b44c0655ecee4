"""As of which days anything is known."""

from __future__ import annotations

from datetime import date

from drive_panel.errors import WorkspaceError
from values import AsOf


def require_known(*asked: AsOf, ends: date) -> None:
    """Refuse dates after the day on which the records end: days of which nothing can be known would count as quiet.

    Raises
    ------
    WorkspaceError
        If one of the dates lies later.
    """
    later = ", ".join(str(each) for each in asked if each.day > ends)
    if later:
        raise WorkspaceError(
            f"The records end on {ends}; nothing is known as of {later}.",
            "Ask as of that day or earlier, or ingest a newer extract.",
        )
