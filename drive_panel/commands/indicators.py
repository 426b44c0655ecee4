"""Indicators: compute them, and later say what changed and how they are spread."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from drive_panel.commands.shared import Json, reports_errors, workspace_of
from drive_panel.output import emit, progress_bars
from values import AsOf

app = typer.Typer()
indicators_app = typer.Typer(invoke_without_command=True)
app.add_typer(indicators_app, name="indicators")


class Engine(StrEnum):
    """Where indicators are computed."""

    local = "local"


@indicators_app.callback(epilog="Example: drive-panel indicators --as-of 2026-03-31 --out indicators.parquet")
@reports_errors
def indicators(
    context: typer.Context,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Know what was known at the end of this day."),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Parquet file to write (0600).")] = None,
    area: Annotated[str | None, typer.Option(help="One area only.")] = None,
    engine: Annotated[Engine, typer.Option(help="Where to compute.")] = Engine.local,
    as_json: Json = False,
) -> None:
    """Compute every indicator of the catalogue for the cohort as of a date."""
    if context.invoked_subcommand is not None:
        _refuse_options_before(context)
        return
    if as_of is None or out is None:
        raise typer.BadParameter("Give both --as-of DATE and --out FILE, or the name of a command.")
    from drive_panel.workflows import indicators as workflow

    with progress_bars() as progress:
        result = workflow.run(workspace_of(context), AsOf.parse(as_of), out, area, progress)
    emit(
        result,
        [
            f"{result['rows']} people × {result['columns']} indicators as of {as_of} → {out}",
            f"hash {result['hash']}",
        ],
        as_json,
    )


def _refuse_options_before(context: typer.Context) -> None:
    """Refuse options that stand before the name of a command: it would never see them."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(f"Put {parameter.opts[0]} after '{context.invoked_subcommand}'.")
