"""Starts the web process: pages and API over the panel's database, never the one with unreleased scores."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from drive_panel import sign_in
from drive_panel.batch_side import publisher, worker
from drive_panel.errors import NotDemo
from drive_panel.workflows.release import require_made_up
from drive_panel.workspace import Workspace
from serving.web.settings import LOOPBACK

if TYPE_CHECKING:
    from fastapi import FastAPI

# Longer than a proxy or a browser keeps an idle connection: a server that closes first may close on a request.
KEEP_ALIVE_SECONDS = 75


def build(
    workspace: Workspace, publishes: bool = True, rates: Mapping[str, str] | None = None, mlflow: str = ""
) -> FastAPI:
    """Return the web application of a workspace.

    Parameters
    ----------
    publishes
        Whether it starts processes that publish a list after its release and make reports and papers; a timer does
        otherwise.
    rates
        How often somebody may do what, where the operator says so; see `serving.web.rates.RateSettings`.
    mlflow
        Where browsers reach MLflow, for links; empty where nobody said.

    Raises
    ------
    NotConfigured
        If it is a real one and nobody has said how people sign in.
    """
    from serving import Service
    from serving.web import WebSettings, create_app
    from serving.web.rates import RateSettings

    if workspace.mode == "demo":
        settings = WebSettings(demo=True, mark="OFFICIAL")
    else:
        settings = sign_in.web_settings(workspace, sign_in.read(workspace))
    panel, reviewing = workspace.panel_database("web"), workspace.panel_database("reviewer")
    service = Service(panel, None, workspace.keys, lambda: datetime.now(UTC), workspace.home, reviewing)
    settings = replace(settings, rates=RateSettings(**(rates or {})), mlflow=mlflow.rstrip("/"))
    return create_app(service, settings, publisher(workspace, service, publishes), worker(workspace, publishes))


def run(
    workspace: Workspace,
    host: str,
    port: int,
    socket: Path | None = None,
    metrics_port: int | None = None,
    publishes: bool = True,
    rates: Mapping[str, str] | None = None,
    mlflow: str = "",
) -> None:
    """Serve until stopped.

    Parameters
    ----------
    socket
        Listen here, for a reverse proxy on this machine, and not on an address.
    metrics_port
        Where metrics can be read, on loopback only; nowhere if None.
    publishes, rates, mlflow
        See `build`.

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
    import uvicorn
    from prometheus_client import start_http_server

    from serving.web import logs

    logs.configure(sys.stderr)
    app = build(workspace, publishes, rates, mlflow)
    if metrics_port is not None:
        start_http_server(metrics_port, "127.0.0.1", app.state.web.metrics.registry)
    uvicorn.run(
        app,
        host=host,
        port=port,
        uds=str(socket) if socket else None,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        # What a stranger writes into X-Forwarded-For is believed of nobody but these; a socket opens to the proxy only.
        proxy_headers=bool(proxies or socket),
        forwarded_allow_ips="*" if socket else proxies,
    )
