"""What a command says: one JSON object or plain lines on standard output, progress and errors on standard error."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from values import DrivePanelError, Progress

DONE, INPUT_ERROR, USAGE, REFUSED = 0, 1, 2, 3
_stderr = Console(stderr=True, highlight=False)


def say(text: str = "") -> None:
    """Print a line for a person on standard output."""
    print(text)


def emit(result: dict[str, Any], lines: list[str], as_json: bool) -> None:
    """Print `result` as one JSON object, or `lines` for a person."""
    if as_json:
        print(json.dumps(result, ensure_ascii=False, default=str))
    else:
        say("\n".join(lines))


def complain(error: DrivePanelError, as_json: bool, details: dict[str, Any]) -> None:
    """Say what was wrong and what to do; with ``--json`` the same as one object."""
    if as_json:
        body = {"kind": type(error).__name__, "message": error.message, "remedy": error.remedy}
        print(json.dumps({"error": body, **details}, ensure_ascii=False, default=str))
    _stderr.print(f"[bold red]Error:[/] {_escape(error.message)}", soft_wrap=True)
    if error.remedy:
        _stderr.print(_escape(error.remedy), soft_wrap=True)


@contextlib.contextmanager
def usage_as_json(as_json: bool) -> Iterator[None]:
    """Print one object where the words of a call are wrong (exit 2) and nothing else was printed."""
    try:
        yield
    except SystemExit as end:
        if as_json and end.code == USAGE:
            body = {"kind": "Usage", "message": "The call's words are wrong.", "remedy": "See the command's --help."}
            print(json.dumps({"error": body}))
        raise


def note(text: str) -> None:
    """Print a line about the work itself on standard error."""
    _stderr.print(_escape(text), soft_wrap=True)


def _escape(text: str) -> str:
    return text.replace("[", r"\[")


@contextlib.contextmanager
def progress_bars() -> Iterator[Progress]:
    """Yield a listener that shows on standard error what is being done: a bar on a terminal, elsewhere a line a step.

    A step that comes again after another, as in a second training, is shown again.
    """
    if not sys.stderr.isatty():
        yield _Lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=_stderr, transient=True) as bars:
        shown = _BarOfNow(bars)
        try:
            yield shown
        except BaseException:
            shown.end("[red]✗[/]")
            raise
        shown.end("[green]✓[/]")


class _Lines:
    def __init__(self) -> None:
        self._step = ""

    def __call__(self, step: str, done: int, total: int) -> None:
        if step != self._step:
            self._step = step
            note(f"… {step}")


class _BarOfNow:
    """The bar of the step that is at work; one that is over becomes a line above it, so that it stays in the window."""

    def __init__(self, bars: Bars) -> None:
        self._bars, self._step = bars, ""

    def __call__(self, step: str, done: int, total: int) -> None:
        if step != self._step:
            self.end("[green]✓[/]")
            self._step = step
            self._bars.add_task(_escape(step), total=total)
        self._bars.update(self._bars.task_ids[-1], completed=done, total=total)

    def end(self, mark: str) -> None:
        for task in self._bars.tasks:
            took = timedelta(seconds=int(task.elapsed or 0))
            self._bars.remove_task(task.id)
            self._bars.console.print(f"{mark} {task.description} {took}", soft_wrap=True)
