"""From indicators to a scoring run: the time-travel proof, training, scoring, auditing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from drive_panel.commands.shared import AsOfOption, Json, Run, reports_errors, workspace_of
from drive_panel.output import INPUT_ERROR, emit, progress_bars
from values import AsOf, DrivePanelError, Hash

app = typer.Typer()
policy_app = typer.Typer(help="Check a fairness policy before anyone relies on it.", no_args_is_help=True)
app.add_typer(policy_app, name="policy")


@app.command(epilog="Example: drive-panel timetravel --as-of 2025-03-31 --area castlebridge --people 500")
@reports_errors
def timetravel(
    context: typer.Context,
    as_of: AsOfOption,
    area: Annotated[str | None, typer.Option(help="Only this area's cohort, and the people in it.")] = None,
    people: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only N people of the cohort, chosen at random.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the choice and of the random content.")] = 0,
    as_json: Json = False,
) -> None:
    """Prove that no indicator and no cohort as of a date moves when everything learnt later is removed or scrambled.

    Exit status 1 where something moves; it is named.
    """
    from drive_panel.workflows import timetravel as workflow

    with progress_bars() as progress:
        result = workflow.run(workspace_of(context), AsOf.parse(as_of), area, people, seed, progress)
    emit(result, workflow.describe(result), as_json)
    if not result["holds"]:
        raise typer.Exit(INPUT_ERROR)


@app.command(epilog="Example: drive-panel train --by s.lee --config train.yaml   (killed? the same command goes on)")
@reports_errors
def train(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Training settings (YAML); sensible defaults without.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin anew instead of going on with an unfinished run.")
    ] = False,
    by: Annotated[
        str,
        typer.Option("--by", metavar="USER", help="Who trains, as `users list` names them; needed for real records."),
    ] = "",
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Print every figure; the report has them in any case.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fit the candidates, compare them with the simple lists over time, audit, and keep what earned its place.

    A run that was stopped is gone on with: on the same records, with the same settings and the same version of
    drive-panel, the same command takes up what was finished and comes to the same bundle.
    """
    from drive_panel.workflows import train as workflow

    with progress_bars() as progress:
        result = workflow.run(workspace_of(context), config, progress, fresh, by)
    emit(result, workflow.describe(result, verbose), as_json)


def _bundle(bundle: str | None) -> Hash | None:
    if not bundle:
        return None
    if not re.fullmatch("[0-9a-f]{64}", bundle):
        raise DrivePanelError("A bundle's hash has 64 hexadecimal digits.", "Copy it from `drive-panel train`.")
    return Hash(bundle)


@app.command(epilog="Example: drive-panel evaluation --out evaluation.html")
@reports_errors
def evaluation(
    context: typer.Context,
    bundle: Annotated[
        str | None, typer.Option(metavar="HASH", help="A bundle that was trained here (default: the one that scores).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where the page goes; PDF and JSON beside it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a bundle's model card and evaluation again, as a page, a PDF and JSON; training leaves them by itself."""
    from drive_panel.workflows import evaluation as workflow

    result = workflow.run(workspace_of(context), _bundle(bundle), out)
    emit(result, workflow.describe(result), as_json)


@app.command(epilog="Example: drive-panel score --as-of 2026-03-31 --area castlebridge")
@reports_errors
def score(
    context: typer.Context,
    as_of: AsOfOption,
    area: Annotated[str, typer.Option(help="The panel's area.")],
    bundle: Annotated[
        str | None, typer.Option(metavar="HASH", help="Another bundle than the one that scores (a rehearsal).")
    ] = None,
    shadow: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="A bundle whose list is compared with this one and can never be released."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make one scoring run with its audit and gate decision; nothing is shown to a panel yet."""
    from drive_panel.workflows import score as workflow

    with progress_bars() as progress:
        chosen, beside = _bundle(bundle), _bundle(shadow)
        result = workflow.run(workspace_of(context), AsOf.parse(as_of), area, progress, chosen, beside)
    emit(result, workflow.describe(result), as_json)


@app.command(epilog="Example: drive-panel audit --table decisions.csv --policy fairness/policy.yaml --json")
@reports_errors
def audit(
    context: typer.Context,
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="A scoring run whose audit to show.")] = None,
    table: Annotated[Path | None, typer.Option(metavar="FILE", help="Any CSV or Parquet table to audit.")] = None,
    policy: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Fairness policy (default: the shipped one).")
    ] = None,
    report: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Write a report (.html, .pdf, .xlsx, .csv, .json); may be repeated."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="With --table: write every number by group and pair of groups (CSV, Parquet)."
        ),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="With RUN: keep its report in every format, for its page in the service.")
    ] = False,
    all_cells: Annotated[
        bool, typer.Option("--all-cells", help="In .html and .pdf: every cell, also those that do not decide.")
    ] = False,
    exact: Annotated[
        bool, typer.Option("--exact", help="With --out: also what is about a few people; such a file is not to leave.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Audit a run, or any table of people, by community against a policy.

    A report begins with one page in plain English. What it and --out write tells no count of fewer than ten (or what
    the policy says), neither alone nor together with what was written before. What is printed is exact.
    """
    from drive_panel.workflows import audit as workflow

    if (run is None) == (table is None):
        raise typer.BadParameter("Give either a RUN or --table FILE.")
    if table is None and out is not None:
        raise typer.BadParameter("--out goes with --table FILE.")
    if run is None and keep:
        raise typer.BadParameter("--keep goes with a RUN.")
    if exact and out is None:
        raise typer.BadParameter("--exact goes with --out FILE.")
    left = workspace_of(context, begins=True) if out is not None and not exact else None
    found = None if table is None else workflow.of_table(table, policy, out, left)
    result = workflow.of_run(workspace_of(context), str(run)) if found is None else found
    lines = workflow.describe(result)
    if keep:
        from drive_panel.workflows import audit_report as reports

        kept = reports.keep(workspace_of(context), result, str(run))
        result = {**result, "kept": kept}
        lines = [
            *lines,
            f"Kept for the audit's page: {', '.join(kept['files'])}. Make it again when the state changes.",
        ]
    if report:
        from drive_panel.workflows import audit_report as reports

        beside = workspace_of(context, begins=run is None)
        places = reports.write(beside, result, report, run, table, all_cells)
        result, lines = {**result, "reports": places}, [*lines, *(f"Report: {place}" for place in places)]
    emit(result, lines, as_json)


@app.command(epilog="Example: drive-panel papers RUN --out papers/")
@reports_errors
def papers(
    context: typer.Context,
    run: Run,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder to write the papers into.")] = None,
    check: Annotated[Path | None, typer.Option(metavar="DIR", help="Say which papers in a folder are stale.")] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep them in the workspace, for their page in the service.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write a run's governance papers: ATRS, DPIA annex, ALGO-CARE, NPCC covenant, metrics, ethics pack.

    Each answer comes from the run or from governance.yaml; what is missing says who fills it in, and where.
    """
    if sum((out is not None, check is not None, keep)) != 1:
        raise typer.BadParameter("Give one of --out DIR, --check DIR and --keep.")
    from drive_panel.workflows import papers as workflow

    workspace = workspace_of(context)
    if keep:
        result = workflow.keep(workspace, run)
    else:
        result = workflow.write(workspace, run, out) if out else workflow.check(workspace, run, Path(str(check)))
    emit(result, workflow.describe(result), as_json)
    if result.get("stale"):
        raise typer.Exit(INPUT_ERROR)


@app.command(epilog="Example: drive-panel mitigate --config train.yaml --alternatives alternatives.yaml")
@reports_errors
def mitigate(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The training settings that the champion was trained with.")
    ] = None,
    alternatives: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What to try (YAML); without, what the champion's diagnosis suggests."),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where the page goes; JSON beside it.")] = None,
    as_json: Json = False,
) -> None:
    """Draw harm found against disparity for alternatives to the champion; nothing is saved or promoted.

    Alternatives leave indicators out, read them more coarsely, direct them, or (challengers that no bundle is made of)
    read a characteristic while they are fitted. No group ever has a threshold of its own.
    """
    from drive_panel.workflows import mitigate as workflow

    with progress_bars() as progress:
        result = workflow.run(workspace_of(context), config, alternatives, out, progress)
    emit(result, workflow.describe(result), as_json)


@policy_app.command("check", epilog="Example: drive-panel policy check fairness/policy.yaml")
@reports_errors
def policy_check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The policy to check.")],
    as_json: Json = False,
) -> None:
    """Say how often each binding cell would pass with no gap, and be refused with a real one."""
    from drive_panel.workflows import audit as workflow

    result = workflow.check_policy(file)
    emit(result, workflow.describe_policy(result), as_json)
    if not result["loadable"]:
        raise typer.Exit(INPUT_ERROR)
