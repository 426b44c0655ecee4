"""The report of an audit as a page, a PDF, a workbook, a table or a JSON file; the file's name says which."""

from __future__ import annotations

import contextlib
import csv
import getpass
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from drive_panel.errors import WorkspaceError
from drive_panel.pages.page import page
from drive_panel.workflows.exported import register
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from fairness.disclosure import Register
from fairness.papers import audit_report, cell_rows, workbook
from records.reading.spreadsheets import neutral
from serving.reports import KEPT, place_of
from serving.reports import KINDS as KEPT_KINDS
from serving.web.words import area_name, day, words
from training.errors import PdfUnavailable
from training.report.pdf import pdf
from values import Progress, canonical_json, digest_bytes, silent

KINDS = (".html", ".pdf", ".xlsx", ".csv", ".json")


def write(
    workspace: Workspace,
    audit: Mapping[str, Any],
    places: Sequence[Path],
    run: str | None,
    table: Path | None,
    all_cells: bool = False,
) -> list[str]:
    """Write the report of an audit (0600) in the formats that the files' names ask for, and return where they are.

    Parameters
    ----------
    workspace, run
        Where the scoring run is whose audit it is; None for the audit of a table.
    table
        The audited table, where it is no run's.
    all_cells
        Whether page and PDF hold every cell; workbook, CSV and JSON always do.

    Raises
    ------
    WorkspaceError
        If a name asks for no format there is, or a file cannot be written.
    PdfUnavailable
        If a PDF cannot be drawn on this machine.
    """
    for place in places:  # before anything is drawn
        if place.suffix.lower() not in KINDS:
            raise WorkspaceError(f"{place.name} is no name for a report.", f"End it in one of {', '.join(KINDS)}.")
    with register(workspace) as left:
        report = (
            of_table(audit, table, left, all_cells) if run is None else of_run(workspace, run, audit, left, all_cells)
        )
        for place in places:
            workspace.write_outside(place, content_of(report, place.suffix.lower()))
    return [str(place) for place in places]


def keep(
    workspace: Workspace, audit: Mapping[str, Any], run: str, asked_by: str = "", progress: Progress = silent
) -> dict[str, Any]:
    """Draw the report of a run in every format, keep it in the workspace and note its hashes in the ledger.

    The audit's page gives these files out. Where a PDF cannot be drawn on this machine, it is left out.

    Parameters
    ----------
    asked_by
        Who asked for it on a page, which the ledger then says; empty where that was the command's user.

    Returns
    -------
    dict
        ``files``: kind to place; ``state``, the state of the run that the report speaks of.
    """
    files: dict[str, str | bytes] = {}
    with batch_service(workspace) as service, register(workspace) as left:
        state = service.state(run)
        progress("the audit", 0, len(KEPT_KINDS))
        report = of_run(workspace, run, audit, left)
        for done, (kind, (name, _)) in enumerate(KEPT_KINDS.items()):
            progress(name, done, len(KEPT_KINDS))
            with contextlib.suppress(PdfUnavailable):
                files[kind] = content_of(report, f".{kind}")
        for kind, content in files.items():
            workspace.write(place_of(workspace.home, run, kind), content)
        hashes = {kind: str(digest_bytes(_bytes(content))) for kind, content in files.items()}
        asked = {"asked_by": asked_by} if asked_by else {}
        service.note(getpass.getuser(), KEPT, run, {"state": state, "files": hashes, **asked})
    return {"files": {kind: str(place_of(workspace.home, run, kind)) for kind in files}, "state": state}


def _bytes(content: str | bytes) -> bytes:
    return content.encode("utf-8") if isinstance(content, str) else content


def of_table(audit: Mapping[str, Any], table: Path | None, left: Register, all_cells: bool = False) -> dict[str, Any]:
    """Return the report of an audit of the table in a file; `left` knows what left before."""
    title = "a table" if table is None else f"the table {table.name}"
    return audit_report(
        audit, title=title, about=(("Policy", audit["policy"]["name"]),), register=left, all_cells=all_cells
    )


def of_run(
    workspace: Workspace, run: str, audit: Mapping[str, Any], left: Register, all_cells: bool = False
) -> dict[str, Any]:
    """Return the report of the audit that was stored with a scoring run; `left` knows what left before."""
    with batch_service(workspace) as service:
        detail, over_time = service.run(run), service.evidence()
    summary, record = detail.summary, detail.record
    about = (
        ("Run", run),
        ("State", words(summary.state)),
        ("Ranks by", f"{words(record['bundle']['kind'])}, bundle {record['hashes']['bundle'][:12]}"),
        ("Policy", audit["policy"]["name"]),
    )
    return audit_report(
        audit,
        title=f"{area_name(summary.area)}, list as of {day(summary.as_of)}",
        about=about,
        synthetic=record["synthetic"],
        state=summary.state,
        blocks=detail.gate.get("blocks") or [],
        register=left,
        all_cells=all_cells,
        over_time=over_time if over_time and over_time["policy"]["hash"] == audit["policy"]["hash"] else None,
    )


def content_of(report: dict[str, Any], kind: str) -> str | bytes:
    """Return a report in one of `KINDS`; a PDF raises `PdfUnavailable` where it cannot be drawn."""
    if kind == ".json":
        return canonical_json(report)
    if kind == ".xlsx":
        return workbook(report)
    if kind == ".csv":
        return _table(report)
    shown = page(report, "audit_report.html")
    return shown if kind == ".html" else pdf(shown)


def _table(report: dict[str, Any]) -> str:
    """Return every cell as CSV; text that a spreadsheet would run is made harmless."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in cell_rows(report):
        writer.writerow([neutral(value) if isinstance(value, str) else value for value in row])
    return text.getvalue()
