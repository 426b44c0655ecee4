"""What whoever runs the service does with its databases."""

from __future__ import annotations

import typer

from drive_panel.commands.shared import Json, reports_errors, workspace_of
from drive_panel.output import emit

app = typer.Typer()
db_app = typer.Typer(help="Migrate the service's databases.", no_args_is_help=True)
app.add_typer(db_app, name="db")


@db_app.command("migrate", epilog="Example: drive-panel db migrate")
@reports_errors
def migrate(context: typer.Context, as_json: Json = False) -> None:
    """Bring both databases to the revision of this version; nothing is lost, and doing it again changes nothing."""
    from drive_panel.workflows import databases as workflow

    result = workflow.migrate(workspace_of(context))
    emit(result, workflow.describe_migration(result), as_json)
