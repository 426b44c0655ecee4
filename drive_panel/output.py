"""What a command says: one JSON object or plain lines on standard output, progress and errors on standard error."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
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
    """Yield a listener that draws one bar a step on standard error, nothing where that is not a terminal."""
    if not sys.stderr.isatty():
        yield _steps_only()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=_stderr, transient=False) as bars:
        tasks: dict[str, Any] = {}

        def listen(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield listen


def _steps_only() -> Progress:
    seen: set[str] = set()

    def listen(step: str, done: int, total: int) -> None:
        if step not in seen:
            seen.add(step)
            note(f"… {step}")

    return listen
