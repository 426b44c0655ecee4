"""Indicators: compute them, say what changed between two files, and how they are spread."""

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
    spark = "spark"


@indicators_app.callback(
    epilog="Example: drive-panel indicators --as-of 2025-03-31 --as-of 2026-03-31 --out indicators.parquet"
)
@reports_errors
def indicators(
    context: typer.Context,
    as_of: Annotated[
        list[str] | None,
        typer.Option("--as-of", metavar="DATE", help="Know what was known at the end of this day; once a date."),
    ] = None,
    out: Annotated[str | None, typer.Option(metavar="FILE", help="Parquet file to write (0600), or a URL.")] = None,
    area: Annotated[str | None, typer.Option(help="One area only.")] = None,
    engine: Annotated[Engine, typer.Option(help="Where to compute.")] = Engine.local,
    spark_master: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="The Spark cluster (default: the one that started this command, else this machine)."
        ),
    ] = None,
    stream: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Compute from a stored stream (path or URL), not from the workspace."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compute every indicator of the catalogue for the cohort of each date, into one file."""
    if context.invoked_subcommand is not None:
        _refuse_options_before(context)
        return
    if not as_of or out is None:
        raise typer.BadParameter("Give both --as-of DATE and --out FILE, or the name of a command.")
    if spark_master is not None and engine is not Engine.spark:
        raise typer.BadParameter("--spark-master needs --engine spark.")
    from drive_panel.workflows import indicators as workflow
    from features.engines import Asked

    asked = Asked(tuple(sorted({AsOf.parse(each) for each in as_of})), area)
    with progress_bars() as progress:
        if stream is not None:
            result = workflow.run_stored(stream, asked, out, engine.value, spark_master, progress)
        else:
            result = workflow.run(workspace_of(context), asked, out, engine.value, spark_master, progress)
    dates = ", ".join(str(each) for each in asked.dates)
    emit(
        result,
        [
            f"{result['rows']} rows × {result['columns']} indicators as of {dates} → {result['out']}",
            f"hash {result['hash']}",
        ],
        as_json,
    )


@indicators_app.command("store-stream", epilog="Example: drive-panel indicators store-stream /mnt/private/stream")
@reports_errors
def store_stream(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder outside the workspace (0700).")],
    as_json: Json = False,
) -> None:
    """Write what the indicators read as a folder that a cluster computes from; it is about people: delete it after."""
    from drive_panel.workflows import indicators as workflow

    with progress_bars() as progress:
        result = workflow.store_stream(workspace_of(context), folder, progress)
    emit(
        result,
        [f"{result['rows']} rows in {result['parts']} parts → {folder}", f"hash {result['hash']}"],
        as_json,
    )


@indicators_app.command("diff", epilog="Example: drive-panel indicators diff march.parquet april.parquet")
@reports_errors
def diff(
    context: typer.Context,
    before: Annotated[str, typer.Argument(metavar="A", help="The earlier file of `drive-panel indicators`.")],
    after: Annotated[
        str, typer.Argument(metavar="B", help="The later one; the same file to compare two of its dates.")
    ],
    from_date: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="The date of A to compare (default: those in both).")
    ] = None,
    to_date: Annotated[str | None, typer.Option("--to", metavar="DATE", help="The date of B to compare.")] = None,
    people: Annotated[
        bool, typer.Option("--people", help="Name the people and their numbers: personal data. It enters the ledger.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --people: a CSV file (0600) instead of the terminal.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what changed between two files of indicators, for how many people, and why."""
    if out is not None and not people:
        raise typer.BadParameter("--out holds people: give --people with it.")
    from drive_panel.workflows import indicator_diff as workflow

    named = (AsOf.parse(from_date) if from_date else None, AsOf.parse(to_date) if to_date else None)
    with progress_bars() as progress:
        result = workflow.run(workspace_of(context, begins=True), (before, after), named, people, out, progress)
    emit(result, workflow.describe(result), as_json)


@indicators_app.command(
    "profile", epilog="Example: drive-panel indicators profile indicators.parquet --out profile.html"
)
@reports_errors
def profile(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A file of `drive-panel indicators`.")],
    out: Annotated[
        Path | None, typer.Option(metavar="HTML", help="Where the page goes (default: reports/ in the workspace).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say how each indicator is spread, how often it is missing, whether it moved, and which are alike."""
    from drive_panel.workflows import indicator_profile as workflow

    with progress_bars() as progress:
        result = workflow.run(workspace_of(context, begins=True), file, out, progress)
    emit(result, workflow.describe(result), as_json)


def _refuse_options_before(context: typer.Context) -> None:
    """Refuse options that stand before the name of a command: it would never see them."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(f"Put {parameter.opts[0]} after '{context.invoked_subcommand}'.")
