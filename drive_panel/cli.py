"""The command line: every command of ``drive-panel``, each a thin face over one workflow.

Workflows are imported inside the commands, so that ``serve`` never loads a model library.
Exit status: 0 done, 1 a clear error about the input, 2 usage, 3 refused by the gate.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from drive_panel import __version__
from drive_panel.commands import (
    access,
    databases,
    deliveries,
    evidence,
    extracts,
    indicators,
    jobs,
    models,
    panel,
    people,
    reviewers,
    tracking,
)

app = typer.Typer(
    name="drive-panel",
    help="Ranked, explained and fairness-audited lists for domestic abuse perpetrator panels. "
    "It never decides: no score reaches a panel before its fairness has been audited and a named reviewer "
    "has released exactly that list.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
GROUPS = (
    extracts,
    deliveries,
    people,
    indicators,
    models,
    evidence,
    panel,
    databases,
    jobs,
    access,
    reviewers,
    tracking,
)
for group in GROUPS:
    app.add_typer(group.app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"drive-panel {__version__}")
        raise typer.Exit()


@app.callback()
def front_door(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option("--home", metavar="DIR", help="The workspace (default: DRIVE_PANEL_HOME, else ./workspace)."),
    ] = None,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False,
) -> None:
    """Say where the workspace is."""
    os.umask(0o077)  # whatever is written is about people
    for name in ("MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
        os.environ[name] = "true"
    context.obj = home
