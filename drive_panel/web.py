"""Starts the web process: pages and API over the panel's database, never the one with unreleased scores."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from drive_panel.errors import NotDemo, WorkspaceError
from drive_panel.workflows.release import require_made_up
from drive_panel.workspace import Workspace

if TYPE_CHECKING:
    from fastapi import FastAPI

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_PUBLISHING_SECONDS = 60


def _publisher(workspace: Workspace) -> Callable[[str], None]:
    """Return a function that publishes a released list through a batch process of its own (ADR 3)."""

    def publish(run: str) -> None:
        command = [sys.executable, "-m", "drive_panel", "--home", str(workspace.home), "publish", run]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PUBLISHING_SECONDS, check=False)
        if done.returncode:
            raise WorkspaceError(
                "The list is released but could not be published.",
                f"Run `drive-panel publish {run}` and read what it says.",
            )

    return publish


def build(workspace: Workspace) -> FastAPI:
    """Return the web application of a workspace."""
    from serving import Service
    from serving.web import WebSettings, create_app

    demo = workspace.mode == "demo"
    service = Service(
        workspace.panel_database("web"), None, workspace.keys, lambda: datetime.now(UTC), workspace=workspace.home
    )
    return create_app(
        service, WebSettings(demo=demo, mark="OFFICIAL" if demo else "OFFICIAL-SENSITIVE"), _publisher(workspace)
    )


def run(workspace: Workspace, host: str, port: int) -> None:
    """Serve until stopped.

    Raises
    ------
    NotDemo
        If made-up users would be reachable from other machines, or no other way to sign in is set up.
    """
    if workspace.mode != "demo":
        raise NotDemo(
            "Sign-in for real users is not set up in this version, so a real workspace is not served.",
            "Try the pages on made-up people: drive-panel --home DIR demo",
        )
    require_made_up(workspace)
    if host not in _LOOPBACK:
        raise NotDemo("Made-up users sign in on this machine only.", "Leave out --host, or use 127.0.0.1.")
    import structlog
    import uvicorn

    structlog.configure(
        processors=[structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    uvicorn.run(build(workspace), host=host, port=port, log_level="warning", server_header=False)
