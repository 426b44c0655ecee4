"""What whoever runs the service does with its databases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drive_panel.commands.shared import Json, open_workspace, reports_errors, workspace_of
from drive_panel.output import INPUT_ERROR, emit, progress_bars

app = typer.Typer()
db_app = typer.Typer(help="Migrate, back up, restore and move the service's databases.", no_args_is_help=True)
app.add_typer(db_app, name="db")

Key = Annotated[Path, typer.Option("--key", metavar="FILE", help="The backup's key, kept apart from every backup.")]


@db_app.command("migrate", epilog="Example: drive-panel db migrate")
@reports_errors
def migrate(context: typer.Context, as_json: Json = False) -> None:
    """Bring both databases to the revision of this version; nothing is lost, and doing it again changes nothing."""
    from drive_panel.workflows import databases as workflow

    result = workflow.migrate(workspace_of(context, begins=True))
    emit(result, workflow.describe_migration(result), as_json)


@db_app.command("roles", epilog="Example: drive-panel db roles > roles.sql")
@reports_errors
def roles(
    context: typer.Context,
    apply: Annotated[bool, typer.Option("--apply", help="Run them; needs a superuser's address.")] = False,
    as_json: Json = False,
) -> None:
    """Print the SQL that makes PostgreSQL's roles (web, reviewer, batch, ledger) with the least rights that do."""
    from drive_panel.workflows import databases as workflow

    result = workflow.roles(workspace_of(context, begins=True), apply)
    emit(result, ["The roles are set up."] if apply else [f"{each};" for each in result["statements"]], as_json)


@db_app.command("key", epilog="Example: drive-panel db key /media/safe/backup.key")
@reports_errors
def key(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, on another disk.")], as_json: Json = False
) -> None:
    """Make a key for backups. Without it no backup can be opened, by anybody."""
    from serving.storage.sealed import make_secret

    make_secret(target)
    emit({"key": str(target)}, [f"{target} is the key. Keep a second copy in another place."], as_json)


@db_app.command("backup", epilog="Example: drive-panel db backup /backups/monday.backup --key /media/safe/backup.key")
@reports_errors
def backup(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")],
    key: Key,
    records: Annotated[bool, typer.Option("--records/--no-records", help="Whether records are in it.")] = True,
    as_json: Json = False,
) -> None:
    """Write an encrypted backup of databases, keys, bundles, audits, settings and records, while the service runs."""
    from drive_panel.workflows import backup as workflow

    with progress_bars() as progress:
        result = workflow.run(workspace_of(context), target, key, records, progress)
    emit(result, workflow.describe(result), as_json)


@db_app.command(
    "restore",
    epilog="Example: drive-panel db restore /backups/monday.backup --key /media/safe/backup.key "
    "--erasures /media/safe/erasures.jsonl",
)
@reports_errors
def restore(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")],
    key: Key,
    erasures: Annotated[
        Path, typer.Option(metavar="FILE", help="The register of erased people as it is now (erasures.jsonl).")
    ],
    against: Annotated[
        str | None, typer.Option(metavar="HEAD", help="A head printed before the backup, which must be in it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Restore a backup into an empty workspace; erased people are erased again before anything can be read."""
    from drive_panel.workflows import restore as workflow

    with progress_bars() as progress:
        result = workflow.run(open_workspace(context), source, key, erasures, against, progress)
    emit(result, workflow.describe(result), as_json)
    if not result["ok"]:
        raise typer.Exit(INPUT_ERROR)


@db_app.command("move", epilog="Example: DRIVE_PANEL_DATABASE_URL=postgresql:///drive_panel drive-panel db move")
@reports_errors
def move(context: typer.Context, as_json: Json = False) -> None:
    """Move the SQLite databases of the workspace to PostgreSQL; every row is compared, the ledger verified."""
    from drive_panel.workflows import databases as workflow

    with progress_bars() as progress:
        result = workflow.move(workspace_of(context), progress)
    emit(result, workflow.describe_move(result), as_json)
