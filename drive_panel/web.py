"""Starts the web process: pages and API over the panel's database, never the one with unreleased scores."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from drive_panel import sign_in
from drive_panel.errors import NotDemo, WorkspaceError
from drive_panel.workflows.release import require_made_up
from drive_panel.workspace import Workspace
from serving.web.settings import LOOPBACK

if TYPE_CHECKING:
    from fastapi import FastAPI

    from serving import Service

_PUBLISHING_SECONDS = 60


def _publisher(workspace: Workspace, service: Service) -> Callable[[str], None]:
    """Return a function that asks for the publication of a released list by the batch side (ADR 3).

    Where this process knows how the batch side reaches the databases it starts one at once; else the list waits for the
    worker. Either way the job outlives both processes.
    """

    def publish(run: str) -> None:
        from serving.jobs import Jobs

        Jobs(service.stores).ask("publish", run, "web")
        if not workspace.databases.reaches("batch"):
            return
        command = [sys.executable, "-m", "drive_panel", "--home", str(workspace.home), "work"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PUBLISHING_SECONDS, check=False)
        if done.returncode:
            raise WorkspaceError(
                "The list is released but could not be published.",
                "Run `drive-panel jobs` and read what it says.",
            )

    return publish


def build(workspace: Workspace) -> FastAPI:
    """Return the web application of a workspace.

    Raises
    ------
    NotConfigured
        If it is a real one and nobody has said how people sign in.
    """
    from serving import Service
    from serving.web import WebSettings, create_app

    if workspace.mode == "demo":
        settings = WebSettings(demo=True, mark="OFFICIAL")
    else:
        settings = sign_in.web_settings(workspace, sign_in.read(workspace))
    panel, reviewing = workspace.panel_database("web"), workspace.panel_database("reviewer")
    service = Service(panel, None, workspace.keys, lambda: datetime.now(UTC), workspace.home, reviewing)
    return create_app(service, settings, _publisher(workspace, service))


def run(workspace: Workspace, host: str, port: int) -> None:
    """Serve until stopped.

    Raises
    ------
    NotDemo
        If made-up users would be reachable from other machines.
    NotConfigured
        If nobody has said how people of a real workspace sign in.
    """
    require_made_up(workspace)
    demo = workspace.mode == "demo"
    if demo and host not in LOOPBACK:
        raise NotDemo("Made-up users sign in on this machine only.", "Leave out --host, or use 127.0.0.1.")
    proxies = [] if demo else sign_in.read(workspace).trusted_proxies
    import structlog
    import uvicorn

    structlog.configure(
        processors=[structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    uvicorn.run(
        build(workspace),
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        # What a stranger writes into X-Forwarded-For is believed of nobody but these.
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
    )
