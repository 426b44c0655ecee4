"""Photographs the pages of a demonstration for the README and the guides; everybody on them is made up."""

from __future__ import annotations

import socket
import sys
import threading
import time
from pathlib import Path

import uvicorn
from playwright.sync_api import Page, sync_playwright

from drive_panel import web
from drive_panel.workflows import release
from drive_panel.workspace import Workspace

HERE = Path(__file__).parent


def serve(workspace: Workspace) -> str:
    """Serve the workspace's pages on a free port of this machine and return their address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(web.build(workspace), host="127.0.0.1", port=port, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.1)
    return f"http://127.0.0.1:{port}"


def photograph(page: Page, address: str, name: str, scroll: int) -> None:
    """Open `address` and keep what a person sees there, `scroll` pixels further down."""
    page.goto(address)
    page.evaluate(f"window.scrollBy(0, {scroll})")
    page.screenshot(path=HERE / f"{name}.png")


def main(home: Path) -> None:
    """Take all pictures."""
    workspace = Workspace.open(home)
    runs = {run["state"]: run["run"] for run in release.runs(workspace)["runs"]}
    listed = release.released_list(workspace, runs["released"])
    person = listed["rows"][0]["person"]
    listing = f"/lists/{runs['released']}"
    case = f"{listing}/cases/{person}"
    base = serve(workspace)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for user, width, pictures in (
            ("chair", 1180, ((f"{listing}#ranked", "list", 0), (f"{case}/why", "case", 160))),
            ("chair", 980, ((f"{case}/decision", "decision", 0),)),
            ("member", 980, (("/mine", "own-work", 0),)),
            ("reviewer-1", 1180, ((f"/audits/{runs['refused']}", "audit", 800), ("/oversight", "oversight", 0))),
            ("scientist", 980, (("/models", "models", 0),)),
            ("admin", 980, (("/administration", "administration", 0),)),
            ("chair", 360, ((f"{listing}#ranked", "list-phone", 0),)),
        ):
            context = browser.new_context(viewport={"width": width, "height": 800 if width > 400 else 720})
            context.request.post(f"{base}/sign-in", form={"user": user})
            page = context.new_page()
            for path, name, scroll in pictures:
                photograph(page, base + path, name, scroll)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
