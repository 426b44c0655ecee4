"""The model card and evaluation report of a bundle: a page, a PDF and the figures, for the owner of the workspace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from drive_panel.errors import NotConfigured
from drive_panel.workflows import shadow
from drive_panel.workspace import Workspace
from models import Bundle
from records import Snapshot
from training.errors import PdfUnavailable
from training.experiment import Experiment
from training.report import evaluation, page
from training.report.beside import told_shadows
from training.report.document import VERSION
from training.report.pdf import pdf
from values import Hash


def figures(experiment: Experiment, bundle: Bundle, snapshot: Snapshot, live: dict[str, Any] | None) -> dict[str, Any]:
    """Return what the report of a training run says, as plain values.

    Parameters
    ----------
    experiment, bundle, snapshot
        The run with its final decision, the bundle saved from it, and the records it was trained on.
    live
        How the bundle compares with the one that scores (`retraining.against_live`); None where none does.
    """
    return evaluation(experiment, bundle, synthetic=snapshot.synthetic, snapshot=str(snapshot.hash), live=live)


def write(workspace: Workspace, bundle: Hash, document: dict[str, Any]) -> dict[str, str]:
    """Write the report of a training run (0600) and return its places: ``html``, ``json`` and, where drawn, ``pdf``.

    Parameters
    ----------
    workspace
        Where it goes: ``reports/evaluation-<bundle>.html``, ``.pdf`` and ``.json``.
    document
        As `figures` returned it.
    """
    return _write(workspace, _place(workspace, bundle), document)


def run(workspace: Workspace, bundle: Hash | None, out: Path | None) -> dict[str, Any]:
    """Write the report of a bundle again from the figures that its training run left, and return them.

    Lists that the bundle has since given in the shadow of another one are added.

    Parameters
    ----------
    workspace
        Where the figures are.
    bundle
        The bundle; the one that scores where None.
    out
        Another place for the page; PDF and JSON lie beside it.

    Raises
    ------
    NotConfigured
        If no training run of this workspace left such a report, or one of another version did.
    WorkspaceError
        If it cannot be written there.
    """
    chosen = workspace.champion if bundle is None else bundle
    figures = _place(workspace, chosen).with_suffix(".json")
    if not figures.exists():
        raise NotConfigured(
            f"There is no evaluation of bundle {chosen.short} in this workspace.",
            "Every run of `drive-panel train` leaves one; name the bundle that it printed.",
        )
    document = json.loads(figures.read_text(encoding="utf-8"))
    if document["version"] != VERSION:
        raise NotConfigured(
            f"The evaluation of bundle {chosen.short} was made by another version of drive-panel.",
            "The page that lies beside its figures stands; train again for a new one.",
        )
    document |= {"shadow": told_shadows(shadow.given(workspace, chosen))}
    return {**document, **_write(workspace, out or _place(workspace, chosen), document)}


def _place(workspace: Workspace, bundle: Hash) -> Path:
    return workspace.folder("reports") / f"evaluation-{bundle.short}.html"


def _write(workspace: Workspace, place: Path, document: dict[str, Any]) -> dict[str, str]:
    shown = page(document)
    places = workspace.write_report(place, shown, document)
    try:
        printed = pdf(shown)
    except PdfUnavailable as error:
        return places | {"no_pdf": str(error)}
    workspace.write(place.with_suffix(".pdf"), printed)
    return places | {"pdf": str(place.with_suffix(".pdf"))}


def describe(result: dict[str, Any]) -> list[str]:
    """Return what to look at first in plain lines, and where the report is."""
    lines = [f"Evaluation of {result['title']}, bundle {result['bundle'][:12]}"]
    for level, title in (("act", "Act before a panel sees a list"), ("know", "Know when you read results")):
        chosen = [each for each in result["findings"] if each["level"] == level]
        if chosen:
            lines.append(f"{title}:")
            lines += [f"  - {each['text']} {each['do']}" for each in chosen]
    return [*lines, *told(result)]


def told(places: dict[str, str]) -> list[str]:
    """Return the lines that say where a report is."""
    printed = f"PDF: {places['pdf']}" if "pdf" in places else places["no_pdf"]
    return [f"Report: {places['html']}", printed, f"Numbers: {places['json']}"]
