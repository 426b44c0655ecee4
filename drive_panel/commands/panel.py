"""What reviewers and panels do: release a list, read it, verify the ledger, serve the pages."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from drive_panel.commands.reviewers import PassphraseFile, passphrase
from drive_panel.commands.shared import Json, Run, open_workspace, reports_errors, workspace_of
from drive_panel.output import INPUT_ERROR, emit, note, progress_bars
from drive_panel.workspace import Workspace
from values import AsOf

app = typer.Typer()
ledger_app = typer.Typer(help="Verify the record of who saw and did what.", no_args_is_help=True)
app.add_typer(ledger_app, name="ledger")


class Act(StrEnum):
    """What a reviewer may do with a scoring run."""

    approve = "approve"
    refuse = "refuse"
    waive = "waive"
    withdraw = "withdraw"


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

    workspace = open_workspace(context)
    with progress_bars() as progress:
        result = workflow.run(workspace, persons=persons, years=years, seed=seed, progress=progress)
    emit(result, workflow.describe(result), as_json)
    if serve:
        _serve(workspace, "127.0.0.1", port)


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
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your own signing key; see `drive-panel reviewer enrol`.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    acknowledge: Annotated[
        list[str] | None,
        typer.Option(metavar="CELL", help="A cell that could not be assessed, acknowledged by name; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Approve, refuse, waive or withdraw exactly one list."""
    from drive_panel.workflows import release as workflow
    from serving.keys import ReviewerKey

    until, names = AsOf.parse(expires).day if expires else None, acknowledge or []
    if key is not None:
        signer = ReviewerKey.open(key, passphrase(passphrase_file))
        result = workflow.act_signed(workspace_of(context), run, act.value, reason, until, signer, names)
    else:
        result = workflow.act(workspace_of(context), run, act.value, reason, until, reviewer, names)
    emit(result, workflow.describe(result), as_json)


@app.command("publish", hidden=True)
@reports_errors
def publish(context: typer.Context, run: Run, as_json: Json = False) -> None:
    """Copy a released list into the database that the pages read (called by the service itself)."""
    from drive_panel.workflows import release as workflow

    workflow.publish(workspace_of(context), run)
    emit({"run": run, "published": True}, [f"{run} is published."], as_json)


@app.command(epilog="Example: drive-panel runs --json")
@reports_errors
def runs(context: typer.Context, as_json: Json = False) -> None:
    """List every scoring run and its state."""
    from drive_panel.workflows import release as workflow

    workspace = workspace_of(context)
    result = workflow.runs(workspace)
    lines = [f"{r['run']}  {r['state']:<10} verdict {r['verdict']}" for r in result["runs"]] or [
        f"No run yet in the workspace {workspace.home}."
    ]
    emit(result, lines, as_json)


@app.command("list", epilog="Example: drive-panel list RUN --json")
@reports_errors
def show_list(context: typer.Context, run: Run, as_json: Json = False) -> None:
    """Print the released list; exit 3 where there is no live release."""
    from drive_panel.workflows import release as workflow

    result = workflow.released_list(workspace_of(context), run)
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

    result = workflow.verify_ledger(workspace_of(context), against)
    lines = [
        f"{result['entries']} entries, head {result['head']}: "
        + ("unbroken" if result["ok"] else f"broken at entry {result['first_broken']}, because {result['why']}"),
        f"Signed with the key {result['key']}",
    ]
    if result["row"]:
        lines.append(f"The row: {result['row']}")
    if result["disowned"]:
        lines.append(f"Disowned before: {result['disowned']} (the entries ledger.disowned say what, by whom and why)")
    emit(result, lines, as_json)
    if not result["ok"]:
        raise typer.Exit(INPUT_ERROR)


@ledger_app.command(
    "disown",
    epilog="Example: drive-panel ledger disown found.json --entry 812 --reason 'Put in by SQL on 3 May, see IT-771'",
)
@reports_errors
def ledger_disown(
    context: typer.Context,
    keep: Annotated[Path, typer.Argument(metavar="FILE", help="A new file for what was found: keep it as evidence.")],
    reason: Annotated[str, typer.Option(help="What happened; it enters the ledger. Name nobody.")],
    entry: Annotated[int | None, typer.Option(metavar="NUMBER", help="An entry that is not this service's.")] = None,
    row: Annotated[
        str | None, typer.Option(metavar="'TABLE KEY'", help="A row of an act, as `ledger verify` names it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Let the ledger say that an entry or a row counts for nothing, so that the service can go on after damage by SQL.

    Only what nobody vouches for is disowned; stop the service first. It needs the owner of the tables.
    """
    from drive_panel.workflows import disowning as workflow

    result = workflow.disown(workspace_of(context), keep, entry, row, reason)
    done = "taken out" if result["removed"] else "left as found, and counts for nothing"
    lines = [f"Entry {result['entry']} disowns {result['disowned']}: {done}. What was found is in {result['kept']}."]
    emit(result, lines, as_json)


@ledger_app.command("export", epilog="Example: drive-panel ledger export audit-2027-01")
@reports_errors
def ledger_export(
    context: typer.Context,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new folder.")],
    as_json: Json = False,
) -> None:
    """Write the ledger out for an outside auditor, with a script that verifies it by itself."""
    from drive_panel.workflows import release as workflow

    result = workflow.export_ledger(workspace_of(context), out)
    lines = [
        f"{result['entries']} entries and {result['rows']} rows in {result['folder']}, head {result['head']}",
        f"Signed with the key {result['key']}",
        f"Verify: python3 -I {result['folder']}/verify_export.py {result['folder']} --key {result['key']}",
    ]
    emit(result, lines, as_json)


@app.command(
    epilog="Example: drive-panel export pack.pdf 2026-04-01-eastmere-5c0ffe housing.pdf --user casey --agency housing"
)
@reports_errors
def export(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="WHAT",
            help="list.xlsx, list.csv; pack.pdf, minutes.pdf, meeting.xlsx, decisions.csv or actions.csv.",
        ),
    ],
    subject: Annotated[
        str,
        typer.Argument(
            metavar="RUN|MEETING", help="The run of a list; else the meeting, as the address of its page ends."
        ),
    ],
    out: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")],
    user: Annotated[str, typer.Option(help="The account whose eyes it is for, as `users list` names it.")],
    agency: Annotated[
        str | None,
        typer.Option(help="Of a chair's account: for the members of this agency; `panel` for the whole panel."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Take a released list, or something of a meeting, as a file: what an account may see, marked, in the ledger."""
    from drive_panel.workflows import export as workflow

    result = workflow.run(workspace_of(context, reads_records=False), what, subject, out, user, agency)
    emit(
        result, [f"{result['file']}: {result['bytes']:,} bytes, for {result['for']}", f"Hash {result['hash']}"], as_json
    )


@app.command(epilog="Example: drive-panel --home demo-workspace serve --port 8000")
@reports_errors
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on; loopback only with made-up users.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    socket: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Listen on this socket, for a proxy on this machine.")
    ] = None,
    metrics_port: Annotated[
        int | None, typer.Option(help="Where Prometheus reads metrics, on this machine only.")
    ] = None,
    publish: Annotated[bool, typer.Option(help="Publish lists after their release; else a timer does.")] = True,
    as_json: Json = False,
) -> None:
    """Serve the pages and the JSON API."""
    if as_json:
        emit({"address": str(socket) if socket else f"http://{host}:{port}"}, [], as_json)
    _serve(workspace_of(context, reads_records=False), host, port, socket, metrics_port, publish)


def _serve(
    workspace: Workspace,
    host: str,
    port: int,
    socket: Path | None = None,
    metrics_port: int | None = None,
    publish: bool = True,
) -> None:
    from drive_panel import web
    from drive_panel.settings import read_settings

    note(f"Serving on {socket or f'http://{host}:{port}'} (stop with Ctrl+C)")
    settings = read_settings()
    web.run(workspace, host, port, socket, metrics_port, publish, settings.rates, settings.mlflow_address)
