"""What every command shares: its options, its workspace, and how an error becomes a message and an exit status."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any, NoReturn

import typer

from drive_panel.errors import ErasureWaits, NotConfigured, RestoreUnfinished
from drive_panel.output import INPUT_ERROR, REFUSED, complain, note, progress_bars
from drive_panel.settings import read_settings
from drive_panel.workspace import Workspace
from values import DrivePanelError

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
AsOfOption = Annotated[str, typer.Option("--as-of", metavar="DATE", help="Know what was known at the end of this day.")]
Run = Annotated[str, typer.Argument(metavar="RUN", help="The run's name, as `drive-panel runs` shows it.")]


def _fail(error: DrivePanelError, as_json: bool) -> NoReturn:
    from drive_panel.errors import ReleaseBlocked
    from serving.errors import NoLiveRelease, ReviewRefused

    complain(error, as_json, getattr(error, "details", {}))
    refused = isinstance(error, (NoLiveRelease, ReviewRefused, ReleaseBlocked))
    raise typer.Exit(REFUSED if refused else INPUT_ERROR)


def reports_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Turn errors that a user can cause into a message, a remedy and an exit status."""

    @functools.wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except DrivePanelError as error:
            _fail(error, bool(kwargs.get("as_json")))
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except Exception as error:
            if not _out_of_memory(error):
                raise
            _fail(
                DrivePanelError(
                    "The database ran out of memory or of disk space to work in.",
                    "Free disk space beside the records and run the command again, with nothing else running.",
                ),
                bool(kwargs.get("as_json")),
            )

    return guarded


def _out_of_memory(error: Exception) -> bool:
    """Say whether DuckDB ran out of what it may use; told by name, so that `serve` need not load it."""
    kind = type(error)
    return kind.__name__ == "OutOfMemoryException" and kind.__module__.lstrip("_").partition(".")[0] == "duckdb"


def open_workspace(context: typer.Context, begins: bool = True) -> Workspace:
    """Return the workspace that the front door or the environment names, with the settings of the environment.

    Parameters
    ----------
    begins
        Whether the command may be the first one in a workspace; every other needs one that was begun.

    Raises
    ------
    NotConfigured
        If the environment says what cannot be, the workspace is of another kind than it says, or there is none.
    """
    settings = read_settings()
    home = context.obj or settings.home
    if not begins:
        Workspace.need(home)
    workspace = Workspace.open(home, settings.databases, settings.erasures)
    if settings.mode == "live" and workspace.mode == "demo":
        raise NotConfigured(
            "This workspace is a demonstration, and DRIVE_PANEL_MODE says live.",
            "Name the workspace of real people, or take the setting away.",
        )
    return workspace


def workspace_of(context: typer.Context, reads_records: bool = True, begins: bool = False) -> Workspace:
    """Return the workspace that the front door named; an erasure that was cut short there is finished first.

    Parameters
    ----------
    reads_records
        Whether the command reads more than was published; if so, and this process may not erase, it stops here.
    begins
        See `open_workspace`.
    """
    workspace = open_workspace(context, begins)
    if workspace.restore_underway:
        raise RestoreUnfinished(
            "A backup was being restored here and the restore was cut short.",
            "Run the same `drive-panel db restore` again; until then nothing of it is opened.",
        )
    if workspace.erasure_underway and not workspace.databases.reaches("owner"):
        if reads_records:
            raise ErasureWaits(
                "An erasure was cut short here, and this process may not finish it: only the owner may.",
                "Run any command as the owner, such as `deploy/as-owner runs`; then run this one again.",
            )
    elif workspace.erasure_underway:
        from drive_panel.workflows import erase
        from records.errors import ErasureUnfinished

        note("An erasure was interrupted in this workspace; finishing it first.")
        with progress_bars() as progress:
            try:
                erase.resume(workspace, progress)
            except ErasureUnfinished as error:
                if workspace.erasure_underway:  # not only the search: people would be read who must not be
                    raise
                note(str(error))
    elif workspace.erasure_left_traces:
        note("An erasure left traces that it could not remove. Run `drive-panel erase` for that person again.")
    return workspace
