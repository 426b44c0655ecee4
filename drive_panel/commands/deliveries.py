"""What was delivered and what was kept out of it: waiting deliveries, rows in quarantine and their way back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drive_panel.commands.shared import Json, reports_errors, workspace_of
from drive_panel.output import emit, progress_bars

app = typer.Typer()
deliveries_app = typer.Typer(help="The deliveries taken in so far, and those that wait.", no_args_is_help=True)
quarantine_app = typer.Typer(help="Rows kept out: count them, mend them, bring them back.", no_args_is_help=True)
app.add_typer(deliveries_app, name="deliveries")
app.add_typer(quarantine_app, name="quarantine")

Delivery = Annotated[str, typer.Argument(metavar="NAME", help="A delivery, as `drive-panel deliveries list` names it.")]


@deliveries_app.command("list", epilog="Example: drive-panel deliveries list")
@reports_errors
def deliveries_list(context: typer.Context, as_json: Json = False) -> None:
    """List every delivery, which of them wait for confirmation, and which tables are still awaited."""
    from drive_panel.workflows import deliveries as workflow

    result = workflow.listed(workspace_of(context))
    emit(result, workflow.describe(result), as_json)


@deliveries_app.command("confirm", epilog="Example: drive-panel deliveries confirm 2026-03-31-1f2e3d4c5b6a")
@reports_errors
def deliveries_confirm(context: typer.Context, name: Delivery, as_json: Json = False) -> None:
    """Let a delivery count that waits because it would withdraw too much."""
    from drive_panel.workflows import deliveries as workflow

    with progress_bars() as progress:
        result = workflow.confirm(workspace_of(context), name, progress)
    emit(result, [f"{name} counts now. Snapshot {result['snapshot'] or 'not yet: tables are awaited'}"], as_json)


@quarantine_app.command("list", epilog="Example: drive-panel quarantine list")
@reports_errors
def quarantine_list(
    context: typer.Context,
    delivery: Annotated[str | None, typer.Option(metavar="NAME", help="One delivery only.")] = None,
    as_json: Json = False,
) -> None:
    """Count the rows in quarantine by delivery, table and reason."""
    from drive_panel.workflows import quarantine as workflow

    result = workflow.listed(workspace_of(context), delivery)
    emit(result, workflow.describe(result), as_json)


@quarantine_app.command("export", epilog="Example: drive-panel quarantine export NAME incidents.csv mend.csv")
@reports_errors
def quarantine_export(
    context: typer.Context,
    delivery: Delivery,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The delivered file whose rows to write.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="CSV to write (0600), to be mended in a spreadsheet.")],
    as_json: Json = False,
) -> None:
    """Write a file's rows in quarantine as CSV, each with what is wrong and what to do in front."""
    from drive_panel.workflows import quarantine as workflow

    result = workflow.export(workspace_of(context), delivery, file, out)
    emit(result, workflow.describe(result), as_json)


@quarantine_app.command("replay", epilog="Example: drive-panel quarantine replay mend.csv")
@reports_errors
def quarantine_replay(
    context: typer.Context,
    mended: Annotated[Path, typer.Argument(metavar="FILE", help="The mended export.")],
    as_json: Json = False,
) -> None:
    """Take mended rows into the delivery that they come from; what is still wrong stays in quarantine."""
    from drive_panel.workflows import quarantine as workflow

    with progress_bars() as progress:
        result = workflow.replay(workspace_of(context), mended, progress)
    emit(result, workflow.describe(result), as_json)
