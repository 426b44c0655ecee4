"""The web process of the benchmark: the application as it is served, over the PostgreSQL of the benchmark."""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from benchmarks.service.area import now
from drive_panel.web import KEEP_ALIVE_SECONDS
from serving import Service
from serving.web import WebSettings, create_app, logs


def main(url: str, workspace: str, port: str) -> int:
    """Serve until stopped."""
    logs.configure(sys.stderr)
    service = Service(url, None, Path(workspace) / "keys", now)
    app = create_app(service, WebSettings(demo=False))
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(port),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
