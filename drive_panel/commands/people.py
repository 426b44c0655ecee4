"""One person is one person, and may have to go: linkage with its clerical review, retention, erasure."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drive_panel.clock import today
from drive_panel.commands.shared import Json, reports_errors, workspace_of
from drive_panel.output import emit, progress_bars
from values import AsOf, DrivePanelError

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer()
link_app = typer.Typer(help="Link person records to persons; decide what the model leaves open.")
retention_app = typer.Typer(help="Whose records are due for review.", no_args_is_help=True)
app.add_typer(link_app, name="link")
app.add_typer(retention_app, name="retention")

By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")]
Reason = Annotated[str, typer.Option(help="Why, in your own words; without naming anybody.")]
Record = Annotated[str, typer.Argument(metavar="RECORD", help="Id of a person record.")]
Person = Annotated[str, typer.Argument(metavar="PERSON", help="Key of a person, as lists and the crosswalk show it.")]


class Verdict(StrEnum):
    """What a person may decide about two records."""

    link = "link"
    separate = "separate"


def _known(truth: Path | None) -> pd.DataFrame | None:
    """Read which made-up person is behind each made-up record."""
    if truth is None:
        return None
    import pandas as pd

    try:
        return pd.read_parquet(truth, columns=["record_id", "person"])
    except (OSError, ValueError, KeyError) as error:
        raise DrivePanelError(
            f"{truth.name} cannot be read as the truth of a made-up force ({type(error).__name__}).",
            "Name truth/person_records.parquet of `drive-panel synth --plant duplicate_records`.",
        ) from None


@link_app.callback(invoke_without_command=True, epilog="Example: drive-panel link")
@reports_errors
def link(
    context: typer.Context,
    truth: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Of a made-up force: truth/person_records.parquet, to say how right it is."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Decide which person records are one person; what stays open waits for a person and raises no score."""
    if context.invoked_subcommand is not None:
        return
    from drive_panel.workflows import link as workflow

    with progress_bars() as progress:
        result = workflow.run(workspace_of(context), progress, _known(truth))
    emit(result.to_dict(), workflow.describe(result), as_json)


@link_app.command("queue", epilog="Example: drive-panel link queue --top 20")
@reports_errors
def link_queue(
    context: typer.Context,
    top: Annotated[int, typer.Option(min=1, help="How many pairs to show.")] = 20,
    as_json: Json = False,
) -> None:
    """List the pairs left to decide, those that matter most first."""
    from drive_panel.workflows import link as workflow

    pairs = workflow.review_queue(workspace_of(context))
    shown = pairs.head(top)
    lines = [
        f"{len(pairs):,} pairs are left to decide; the first {len(shown)}:",
        *shown.to_string(index=False).split("\n"),
    ]
    emit(
        {"pairs": len(pairs), "queue": shown.to_dict("records")}, lines if len(pairs) else ["Nothing is left."], as_json
    )


@link_app.command("show", epilog="Example: drive-panel link show R12 R345")
@reports_errors
def link_show(context: typer.Context, first: Record, second: Record, as_json: Json = False) -> None:
    """Put two records side by side with what speaks for and against one person. Prints personal data."""
    from dataclasses import asdict

    from drive_panel.workflows import link as workflow

    found = workflow.review_show(workspace_of(context), first, second)
    emit(asdict(found), found.lines(), as_json)


@link_app.command(
    "decide", epilog="Example: drive-panel link decide R12 R345 separate --by 'Records team' --reason Twins"
)
@reports_errors
def link_decide(
    context: typer.Context,
    first: Record,
    second: Record,
    verdict: Annotated[Verdict, typer.Argument(help="One person (link), or two (separate).")],
    by: By,
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Decide about two records; it holds from the next `drive-panel link` on, whatever the model says."""
    from drive_panel.workflows import link as workflow

    workspace, day = workspace_of(context), today()
    workflow.review_decide(workspace, first, second, verdict.value, by=by, reason=reason, on=day)
    emit({"stored": 1}, ["Stored. Run `drive-panel link` to apply it."], as_json)


@link_app.command(
    "split", epilog="Example: drive-panel link split P12 R345 R678 --by 'Records team' --reason 'Two men'"
)
@reports_errors
def link_split(
    context: typer.Context,
    person: Person,
    records: Annotated[list[str], typer.Argument(metavar="RECORD...", help="Records that are somebody else.")],
    by: By,
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Say that some records are not this person."""
    from drive_panel.workflows import link as workflow

    stored = workflow.review_split(workspace_of(context), person, records, by=by, reason=reason, on=today())
    emit({"stored": len(stored)}, ["Stored. Run `drive-panel link` to apply it."], as_json)


@link_app.command("merge", epilog="Example: drive-panel link merge P12 P345 --by 'Records team' --reason 'Same prints'")
@reports_errors
def link_merge(
    context: typer.Context, one: Person, other: Person, by: By, reason: Reason, as_json: Json = False
) -> None:
    """Say that two persons are one."""
    from drive_panel.workflows import link as workflow

    stored = workflow.review_merge(workspace_of(context), one, other, by=by, reason=reason, on=today())
    emit({"stored": len(stored)}, ["Stored. Run `drive-panel link` to apply it."], as_json)


@link_app.command("export", epilog="Example: drive-panel link export queue.csv")
@reports_errors
def link_export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV to write (0600).")],
    as_json: Json = False,
) -> None:
    """Write the pairs left to decide as CSV, to be filled in."""
    from drive_panel.workflows import link as workflow

    pairs = workflow.review_export(workspace_of(context), file)
    emit({"pairs": pairs}, [f"{pairs:,} pairs → {file}"], as_json)


@link_app.command("import", epilog="Example: drive-panel link import queue.csv")
@reports_errors
def link_import(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A filled-in export.")],
    as_json: Json = False,
) -> None:
    """Store the decisions of a filled-in export: all of them, or none where one is wrong."""
    from drive_panel.workflows import link as workflow

    stored = workflow.review_import(workspace_of(context), file, today())
    emit({"stored": len(stored)}, [f"{len(stored):,} decisions stored. Run `drive-panel link` to apply them."], as_json)


@retention_app.command("due", epilog="Example: drive-panel retention due --as-of 2026-03-31")
@reports_errors
def retention_due(
    context: typer.Context,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="What is due on this day (default: today).")
    ] = None,
    ids: Annotated[bool, typer.Option("--ids", help="Also print ids; the reading enters the ledger.")] = False,
    as_json: Json = False,
) -> None:
    """List what is due for review as of a date; nothing is deleted by itself."""
    from drive_panel.workflows import retention as workflow

    result = workflow.due(workspace_of(context), AsOf.parse(as_of) if as_of else AsOf(today()), ids)
    emit(result, workflow.describe(result), as_json)


@retention_app.command(
    "keep", epilog="Example: drive-panel retention keep PERSON --by 'Records team' --reason 'Open case'"
)
@reports_errors
def retention_keep(context: typer.Context, person: Person, by: By, reason: Reason, as_json: Json = False) -> None:
    """Record a decision to keep somebody's records, which restarts the clock."""
    from drive_panel.workflows import retention as workflow

    result = workflow.keep(workspace_of(context), person, by=by, reason=reason, as_of=AsOf(today()))
    emit(result, workflow.describe(result), as_json)


@app.command(epilog="Example: drive-panel erase PERSON --by 'Data protection officer' --reason 'Request upheld'")
@reports_errors
def erase(
    context: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="A person's id, or the pseudonym on a list.")],
    by: By,
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Remove a person from everything the workspace holds, and prove by a decoding search that nothing is left."""
    from drive_panel.workflows import erase as workflow

    with progress_bars() as progress:
        result = workflow.run(workspace_of(context), person, by=by, reason=reason, progress=progress)
    emit(result, workflow.describe(result), as_json)
