"""What lists released so far show together, and which policies they were judged by."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drive_panel.commands.models import policy_app
from drive_panel.commands.shared import Json, reports_errors, workspace_of
from drive_panel.output import emit, progress_bars

app = typer.Typer()


@app.command(epilog="Example: drive-panel evidence --json")
@reports_errors
def evidence(context: typer.Context, as_json: Json = False) -> None:
    """Audit all lists released so far, those whose outcomes are known with them; tell trends, alarms and decisions.

    Run it by a timer after each delivery: it finds by itself whose outcomes are known now.
    """
    from drive_panel.workflows import evidence as workflow

    with progress_bars() as progress:
        result = workflow.run(workspace_of(context), progress)
    emit(result, workflow.describe(result), as_json)


@policy_app.command("history", epilog="Example: drive-panel policy history")
@reports_errors
def policy_history(context: typer.Context, as_json: Json = False) -> None:
    """Tell which policy was in force from when, who set it, why, and what each version changed."""
    from drive_panel.workflows import policies as workflow

    result = workflow.history(workspace_of(context))
    emit(result, workflow.describe(result), as_json)


@policy_app.command(
    "set",
    epilog="Example: drive-panel policy set new.yaml --by r.reviewer --reason 'Agreed by the ethics committee'",
)
@reports_errors
def policy_set(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The policy that is to be in force.")],
    by: Annotated[str, typer.Option("--by", metavar="USER", help="Who sets it, as `users list` names them.")],
    reason: Annotated[str, typer.Option(help="Why; it enters the ledger.")],
    as_json: Json = False,
) -> None:
    """Put a policy in force by name and reason; it must load, as `policy check` says.

    Bundles are audited under a policy: train again before the next list.
    """
    from drive_panel.workflows import policies as workflow

    result = workflow.put_in_force(workspace_of(context, begins=True), file, by, reason)
    emit(result, workflow.describe(result), as_json)
