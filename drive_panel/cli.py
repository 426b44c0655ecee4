"""The command line: every command of ``drive-panel``, each a thin face over one workflow.

Workflows are imported inside the commands, so that ``serve`` never loads a model library.
Exit status: 0 done, 1 a clear error about the input, 2 usage, 3 refused by the gate.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from drive_panel import __version__
from drive_panel.output import INPUT_ERROR, REFUSED, complain, emit, note, progress_bars
from drive_panel.settings import Settings
from drive_panel.workspace import Workspace
from values import AsOf, DrivePanelError, Hash

app = typer.Typer(
    name="drive-panel",
    help="Ranked, explained and fairness-audited lists for domestic abuse perpetrator panels. "
    "It never decides: no score reaches a panel before its fairness has been audited and a named reviewer "
    "has released exactly that list.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
policy_app = typer.Typer(help="Check a fairness policy before anyone relies on it.", no_args_is_help=True)
ledger_app = typer.Typer(help="Verify the record of who saw and did what.", no_args_is_help=True)
app.add_typer(policy_app, name="policy")
app.add_typer(ledger_app, name="ledger")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
AsOfOption = Annotated[str, typer.Option("--as-of", metavar="DATE", help="Know what was known at the end of this day.")]
Run = Annotated[str, typer.Argument(metavar="RUN", help="The run's name, as `drive-panel runs` shows it.")]


class Act(StrEnum):
    """What a reviewer may do with a scoring run."""

    approve = "approve"
    refuse = "refuse"
    waive = "waive"
    withdraw = "withdraw"


class Engine(StrEnum):
    """Where indicators are computed."""

    local = "local"


def _fail(error: DrivePanelError, as_json: bool) -> NoReturn:
    from drive_panel.errors import ReleaseBlocked
    from serving.errors import NoLiveRelease, ReviewRefused

    complain(error, as_json, getattr(error, "details", {}))
    refused = isinstance(error, (NoLiveRelease, ReviewRefused, ReleaseBlocked))
    raise typer.Exit(REFUSED if refused else INPUT_ERROR)


def reports_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Turn errors that a user can cause into a message, a remedy and an exit status."""

    @functools.wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except DrivePanelError as error:
            _fail(error, bool(kwargs.get("as_json")))
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    return guarded


def _workspace(context: typer.Context) -> Workspace:
    return Workspace.open(context.obj)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"drive-panel {__version__}")
        raise typer.Exit()


@app.callback()
def front_door(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option("--home", metavar="DIR", help="The workspace (default: DRIVE_PANEL_HOME, else ./workspace)."),
    ] = None,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False,
) -> None:
    """Say where the workspace is."""
    os.umask(0o077)  # whatever is written is about people
    for name in ("MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
        os.environ[name] = "true"
    context.obj = home or Settings().home


@app.command(epilog="Example: drive-panel demo --no-serve")
@reports_errors
def demo(
    context: typer.Context,
    serve: Annotated[bool, typer.Option(help="Serve the pages at the end.")] = True,
    persons: Annotated[int, typer.Option(min=2000, help="People ever suspected in the made-up force.")] = 80_000,
    years: Annotated[int, typer.Option(min=6, max=12, help="Years of made-up history.")] = 8,
    seed: Annotated[int, typer.Option(help="Seed of the made-up force.")] = 2026,
    port: Annotated[int, typer.Option(help="Port to serve on.")] = 8000,
    as_json: Json = False,
) -> None:
    """Make a force, ingest, train, score three areas: one list released, one awaiting review, one refused."""
    from drive_panel.workflows import demo as workflow

    workspace = Workspace.open(context.obj)
    with progress_bars() as progress:
        result = workflow.run(workspace, persons=persons, years=years, seed=seed, progress=progress)
    emit(result, workflow.describe(result), as_json)
    if serve:
        _serve(workspace, "127.0.0.1", port)


@app.command(epilog="Example: drive-panel synth force --persons 20000 --years 8 --seed 1 --plant leaking_column")
@reports_errors
def synth(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new folder; gets extract/ and, apart from it, truth/.")],
    persons: Annotated[int, typer.Option(min=100, help="People ever suspected.")] = 80_000,
    years: Annotated[int, typer.Option(min=3, max=20, help="Years of history.")] = 8,
    seed: Annotated[int, typer.Option(help="Same settings and seed, same files.")] = 2026,
    plant: Annotated[
        list[str] | None,
        typer.Option(metavar="DEFECT", help="A defect to plant; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a made-up police force with known truth, to the data contract."""
    from synthetic import ForceSettings, Plant, make_force

    plants = tuple(Plant.parse(text) for text in plant or ())
    with progress_bars() as progress:
        summary = make_force(out, ForceSettings(persons=persons, years=years, seed=seed, plants=plants), progress)
    lines = [f"Made a synthetic force in {out}: every person in it is made up."]
    lines += [f"  {name}: {value}" for name, value in summary.to_dict().items() if not isinstance(value, dict)]
    lines.append(f"Next: drive-panel ingest {out / 'extract'}")
    emit(summary.to_dict(), lines, as_json)


@app.command(epilog="Example: drive-panel ingest extract/ --mapping docs/examples/seattle_terry_stops/mapping.yaml")
@reports_errors
def ingest(
    context: typer.Context,
    extract_dir: Annotated[
        Path, typer.Argument(metavar="EXTRACT_DIR", help="Folder with one file a table and a manifest.")
    ],
    mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", help="How the source's columns become the contract's.")
    ] = None,
    reference: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Reference tables that replace the shipped ones.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read an extract: accepted rows become a snapshot, every other row goes to quarantine with its reason."""
    from drive_panel.workflows import ingest as workflow

    with progress_bars() as progress:
        report = workflow.run(_workspace(context), extract_dir, mapping, reference, progress)
    emit(report.to_dict(), workflow.describe(report), as_json)


@app.command(epilog="Example: drive-panel indicators --as-of 2026-03-31 --out indicators.parquet")
@reports_errors
def indicators(
    context: typer.Context,
    as_of: AsOfOption,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Parquet file to write (0600).")],
    area: Annotated[str | None, typer.Option(help="One area only.")] = None,
    engine: Annotated[Engine, typer.Option(help="Where to compute.")] = Engine.local,
    as_json: Json = False,
) -> None:
    """Compute every indicator of the catalogue for the cohort as of a date."""
    from drive_panel.workflows import indicators as workflow

    with progress_bars() as progress:
        result = workflow.run(_workspace(context), AsOf.parse(as_of), out, area, progress)
    emit(
        result,
        [
            f"{result['rows']} people × {result['columns']} indicators as of {as_of} → {out}",
            f"hash {result['hash']}",
        ],
        as_json,
    )


@app.command(epilog="Example: drive-panel timetravel --as-of 2025-03-31")
@reports_errors
def timetravel(context: typer.Context, as_of: AsOfOption, as_json: Json = False) -> None:
    """Prove that no indicator as of a date moves when everything learnt later is removed or scrambled."""
    from drive_panel.workflows import evidence as workflow

    with progress_bars() as progress:
        result = workflow.run(_workspace(context), AsOf.parse(as_of), progress)
    moved = ", ".join(result["moved"]) or "none"
    emit(result, [f"{result['checked']} indicators checked as of {as_of}; moved: {moved}"], as_json)
    if result["moved"]:
        raise typer.Exit(INPUT_ERROR)


@app.command(epilog="Example: drive-panel train --config train.yaml")
@reports_errors
def train(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Training settings (YAML); sensible defaults without.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fit the candidates, compare them with the simple lists over time, audit, and keep what earned its place."""
    from drive_panel.workflows import train as workflow

    with progress_bars() as progress:
        result = workflow.run(_workspace(context), config, progress)
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
    as_json: Json = False,
) -> None:
    """Make one scoring run with its audit and gate decision; nothing is shown to a panel yet."""
    from drive_panel.workflows import score as workflow

    with progress_bars() as progress:
        chosen = Hash(bundle) if bundle and re.fullmatch("[0-9a-f]{64}", bundle) else None
        if bundle and chosen is None:
            raise DrivePanelError("A bundle's hash has 64 hexadecimal digits.", "Copy it from `drive-panel train`.")
        result = workflow.run(_workspace(context), AsOf.parse(as_of), area, progress, chosen)
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
    as_json: Json = False,
) -> None:
    """Audit a run, or any table of people, by community against a policy."""
    from drive_panel.workflows import audit as workflow

    if (run is None) == (table is None):
        raise typer.BadParameter("Give either a RUN or --table FILE.")
    result = workflow.of_table(table, policy) if table is not None else workflow.of_run(_workspace(context), str(run))
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


@app.command(
    epilog="Example: drive-panel release approve RUN --reason 'Audit read, no gap found' --reviewer reviewer-1"
)
@reports_errors
def release(
    context: typer.Context,
    act: Annotated[Act, typer.Argument(help="What to do with the run.")],
    run: Run,
    reason: Annotated[str, typer.Option(help="Why, in your own words; it enters the ledger.")],
    expires: Annotated[
        str | None, typer.Option(metavar="DATE", help="Last day of the release (default: 35 days).")
    ] = None,
    reviewer: Annotated[
        str | None, typer.Option(metavar="NAME", help="Made-up reviewer; demonstration mode only.")
    ] = None,
    acknowledge: Annotated[
        list[str] | None,
        typer.Option(metavar="CELL", help="A cell that could not be assessed, acknowledged by name; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Approve, refuse, waive or withdraw exactly one list."""
    from drive_panel.workflows import release as workflow

    until = AsOf.parse(expires).day if expires else None
    result = workflow.act(_workspace(context), run, act.value, reason, until, reviewer, acknowledge or [])
    emit(result, workflow.describe(result), as_json)


@app.command("publish", hidden=True)
@reports_errors
def publish(context: typer.Context, run: Run, as_json: Json = False) -> None:
    """Copy a released list into the database that the pages read (called by the service itself)."""
    from drive_panel.workflows import release as workflow

    workflow.publish(_workspace(context), run)
    emit({"run": run, "published": True}, [f"{run} is published."], as_json)


@app.command(epilog="Example: drive-panel runs --json")
@reports_errors
def runs(context: typer.Context, as_json: Json = False) -> None:
    """List every scoring run and its state."""
    from drive_panel.workflows import release as workflow

    result = workflow.runs(_workspace(context))
    lines = [f"{r['run']}  {r['state']:<10} verdict {r['verdict']}" for r in result["runs"]] or [
        f"No run yet in the workspace {context.obj}."
    ]
    emit(result, lines, as_json)


@app.command("list", epilog="Example: drive-panel list RUN --json")
@reports_errors
def show_list(context: typer.Context, run: Run, as_json: Json = False) -> None:
    """Print the released list; exit 3 where there is no live release."""
    from drive_panel.workflows import release as workflow

    result = workflow.released_list(_workspace(context), run)
    emit(result, workflow.describe_list(result), as_json)


@ledger_app.command("verify", epilog="Example: drive-panel ledger verify --against HEAD-FROM-A-PRINTED-PACK")
@reports_errors
def ledger_verify(
    context: typer.Context,
    against: Annotated[
        str | None, typer.Option(metavar="HEAD", help="A head noted earlier, to detect a full rewrite.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check the whole ledger and name the first broken row."""
    from drive_panel.workflows import release as workflow

    result = workflow.verify_ledger(_workspace(context), against)
    lines = [
        f"{result['entries']} entries, head {result['head']}: "
        + ("unbroken" if result["ok"] else f"broken at entry {result['first_broken']}")
    ]
    emit(result, lines, as_json)
    if not result["ok"]:
        raise typer.Exit(INPUT_ERROR)


@app.command(epilog="Example: drive-panel --home demo-workspace serve --port 8000")
@reports_errors
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on; loopback only with made-up users.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    as_json: Json = False,
) -> None:
    """Serve the pages and the JSON API."""
    if as_json:
        emit({"address": f"http://{host}:{port}"}, [], as_json)
    _serve(_workspace(context), host, port)


def _serve(workspace: Workspace, host: str, port: int) -> None:
    from drive_panel import web

    note(f"Serving on http://{host}:{port} (stop with Ctrl+C)")
    web.run(workspace, host, port)
