"""MLflow beside the workspace: its pages on this machine, and its aliases put right."""

from __future__ import annotations

from typing import Annotated

import typer

from drive_panel.commands.shared import Json, reports_errors, workspace_of
from drive_panel.output import emit, note

app = typer.Typer()
mlflow_app = typer.Typer()
app.add_typer(mlflow_app, name="mlflow")


@mlflow_app.callback(invoke_without_command=True, epilog="Example: drive-panel mlflow --port 5000")
@reports_errors
def mlflow(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 5000,
    host: Annotated[str, typer.Option(help="Address to listen on; this machine only.")] = "127.0.0.1",
    as_json: Json = False,
) -> None:
    """Open MLflow's pages over the training runs and models of this workspace, on this machine only."""
    if context.invoked_subcommand is not None:
        return
    from drive_panel.workflows import tracking_pages

    def ready(address: str) -> None:
        if as_json:
            emit({"address": address}, [], as_json)
        note(f"MLflow on {address} (stop with Ctrl+C)")

    tracking_pages.serve(workspace_of(context), host, port, ready)


@mlflow_app.command(epilog="Example: drive-panel mlflow sync")
@reports_errors
def sync(context: typer.Context, as_json: Json = False) -> None:
    """Put MLflow's aliases right by the workspace and the ledger, and say what was changed in it by hand."""
    from drive_panel.workflows import registry
    from drive_panel.workflows.release import batch_service

    workspace = workspace_of(context)
    with batch_service(workspace) as service:
        result = registry.sync(workspace, service)
    emit(result, registry.describe(result), as_json)
