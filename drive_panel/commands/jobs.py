"""Long work: what waits, and carrying it out."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from drive_panel.commands.shared import Json, reports_errors, workspace_of
from drive_panel.output import INPUT_ERROR, emit

app = typer.Typer()
_LOOK_AGAIN = 2.0  # seconds


@app.command(epilog="Example: drive-panel jobs --json")
@reports_errors
def jobs(context: typer.Context, as_json: Json = False) -> None:
    """List long work: what waits, how far it is, how it ended."""
    from drive_panel.workflows import jobs as workflow

    result = workflow.listed(workspace_of(context))
    emit(result, workflow.describe(result), as_json)


@app.command(epilog="Example: drive-panel work --only publish")
@reports_errors
def work(
    context: typer.Context,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="KIND", help="publish, report or papers; can be repeated. All by default."),
    ] = None,
    stay: Annotated[bool, typer.Option("--stay", help="Look for more every two seconds until stopped.")] = False,
    as_json: Json = False,
) -> None:
    """Carry out the jobs that wait: publications first, then reports of audits and governance papers.

    A report can take a minute to draw. Where nobody is to wait for their list that long, let one worker do --only
    publish and another --only report --only papers.
    """
    from drive_panel.workflows import jobs as workflow

    workspace = workspace_of(context)
    while True:
        result = workflow.work(workspace, only or ())
        if result["jobs"] or not stay:
            emit(result, workflow.describe(result), as_json)
        if not stay:
            break
        time.sleep(_LOOK_AGAIN)
    if any(job["state"] == "failed" for job in result["jobs"]):
        raise typer.Exit(INPUT_ERROR)
