"""Starts the batch side from the web process, where that may: to publish a list, to make reports and papers."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from drive_panel.errors import WorkspaceError
from drive_panel.workspace import Workspace

if TYPE_CHECKING:
    from serving import Service

_PUBLISHING_SECONDS = 60
_MAKING_SECONDS = 1800
"""Longer than any report takes; whoever hangs for so long keeps nobody else waiting."""
_log = structlog.get_logger("serving.web")


def publisher(workspace: Workspace, service: Service, at_once: bool) -> Callable[[str], None]:
    """Return a function that asks for the publication of a released list by the batch side (ADR 3).

    If asked to (`at_once`), and where this process knows how the batch side reaches the databases, it starts one; else
    the list waits for the worker. Either way the job outlives both processes.
    """

    def publish(run: str) -> None:
        from serving.jobs import Jobs

        Jobs(service.stores).ask("publish", run, "web")
        if not (at_once and workspace.databases.reaches("batch")):
            return
        command = _work(workspace, "publish")
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PUBLISHING_SECONDS, check=False)
        if done.returncode:
            raise WorkspaceError(
                "The list is released but could not be published.",
                "Run `drive-panel jobs` and read what it says.",
            )

    return publish


class Worker:
    """Has the batch side make reports and papers: one process at a time, and nobody waits for it.

    Whoever asks while a process is at work is served by that or by the next one: it may have looked for work just
    before.
    """

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._turn, self._asked = threading.Lock(), threading.Event()

    def __call__(self) -> None:
        """Start a process now or after the one that is at work."""
        if self._asked.is_set():
            return  # somebody waits to start one already
        self._asked.set()
        threading.Thread(target=self._carry_on, daemon=True).start()

    def _carry_on(self) -> None:
        with self._turn:
            if not self._asked.is_set():
                return
            self._asked.clear()
            try:
                # A session of its own: what stops the pages does not stop it half way.
                subprocess.run(
                    self._command, capture_output=True, start_new_session=True, check=False, timeout=_MAKING_SECONDS
                )
            except (OSError, subprocess.TimeoutExpired) as problem:
                _log.error("no worker", kind=type(problem).__name__)  # what was asked for waits


def worker(workspace: Workspace, at_once: bool) -> Worker | None:
    """Return what starts the batch side where this process may; None where a timer does (see `publisher`)."""
    if not (at_once and workspace.databases.reaches("batch")):
        return None
    return Worker(_work(workspace, "report", "papers"))


def _work(workspace: Workspace, *kinds: str) -> list[str]:
    """Return the command that carries out waiting work of some kinds."""
    only = [word for kind in kinds for word in ("--only", kind)]
    return [sys.executable, "-m", "drive_panel", "--home", str(workspace.home), "work", *only]
