"""MLflow's own pages over the workspace's store, on this machine only, in one process that leaves nothing behind."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from drive_panel.errors import NotConfigured, WorkspaceError
from drive_panel.output import note
from drive_panel.workflows import registry
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from values import DrivePanelError

LOOPBACK = ("127.0.0.1", "::1", "localhost")
_EVERY = 60.0  # seconds; a release that expires or is withdrawn shows in MLflow within this time
_LINGER = 2  # seconds that a page may still be answered once the server has to stop
# An assistant that runs commands on this machine, and a way out to model providers.
_REFUSED = ("/mlflow/assistant", "/gateway")
_NOWHERE_ELSE = (
    b"content-security-policy",
    b"default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'self'",
)

_Send = Callable[[dict[str, Any]], Awaitable[None]]


def serve(workspace: Workspace, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve MLflow's pages until stopped; aliases are put right before, and once a minute.

    Jobs, telemetry, MLflow's assistant and its gateway are off, whatever the environment says; a request under another
    host's name is answered 403.

    Parameters
    ----------
    host, port
        A loopback address, and a port; 0 takes a free one.
    ready
        Told the address once it is taken.

    Raises
    ------
    NotConfigured
        If nothing was logged in this workspace yet.
    WorkspaceError
        If the address is not one of this machine alone, or is taken.
    """
    if host not in LOOPBACK:
        raise WorkspaceError(
            "MLflow knows no users and no roles, so it is served on this machine only.",
            "Leave out --host, or use 127.0.0.1.",
        )
    if not (workspace.mlflow / "mlflow.db").exists():
        raise NotConfigured("Nothing was logged in this workspace yet.", "Run `drive-panel train` first.")
    with _listening(host, port) as listening:
        _put_right(workspace, audits=True)
        application = _application(workspace)
        ready(f"http://{host}:{listening.getsockname()[1]}")
        stop = threading.Event()
        watch = threading.Thread(target=_watch, args=(workspace, stop), daemon=True)
        watch.start()
        try:
            _run(application, listening)
        finally:
            stop.set()
            watch.join()


def _put_right(workspace: Workspace, audits: bool = False) -> None:
    with batch_service(workspace) as service:
        for change in registry.sync(workspace, service, audits=audits)["changed"]:
            note(registry.told(change))


def _watch(workspace: Workspace, stop: threading.Event) -> None:
    while not stop.wait(_EVERY):
        try:
            _put_right(workspace)
        except DrivePanelError as error:
            note(str(error))


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "no such port"
        raise WorkspaceError(f"Port {port} cannot be used: {reason}.", "Choose another with --port.") from None


def _application(workspace: Workspace) -> Any:
    """Return MLflow's application for the workspace's store, without what it would do beyond showing it."""
    from training.tracking import DATABASE, mlflow_environment

    for name in [name for name in os.environ if name.lstrip("_").startswith("MLFLOW_")]:
        del os.environ[name]
    os.environ.update(mlflow_environment())
    store = workspace.mlflow.resolve()
    from mlflow.server.constants import ARTIFACT_ROOT_ENV_VAR, BACKEND_STORE_URI_ENV_VAR, REGISTRY_STORE_URI_ENV_VAR

    os.environ[BACKEND_STORE_URI_ENV_VAR] = os.environ[REGISTRY_STORE_URI_ENV_VAR] = f"sqlite:///{store / DATABASE}"
    os.environ[ARTIFACT_ROOT_ENV_VAR] = (store / "artifacts").as_uri()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow's own imports, at the version locked, warn about themselves
        from mlflow.server.fastapi_app import app
    return _shown_only(app)


def _shown_only(app: Any) -> Any:
    """Return the application without what it would do beyond showing; a page of it sends nothing to other machines."""

    async def shown(scope: dict[str, Any], receive: Any, send: _Send) -> None:
        async def kept_here(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), _NOWHERE_ELSE]}
            await send(message)

        if any(part in scope.get("path", "") for part in _REFUSED):
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"Switched off by drive-panel."})
        else:
            await app(scope, receive, kept_here)

    return shown


def _run(application: Any, listening: socket.socket) -> None:
    import uvicorn

    logging.getLogger("mlflow").setLevel(logging.WARNING)
    config = uvicorn.Config(application, log_level="warning", timeout_graceful_shutdown=_LINGER, server_header=False)
    with contextlib.suppress(KeyboardInterrupt):  # that is how it is stopped
        uvicorn.Server(config).run(sockets=[listening])
