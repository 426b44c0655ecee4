"""The data-quality report of a snapshot, as a page to read and a file to compute with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from drive_panel.workflows import cards
from drive_panel.workspace import Workspace
from features import CATALOGUE
from records import RecordStore, Snapshot
from records.communities import CommunityStore
from records.quality import Reads, assess, delivery_cards, page
from serving.cards import CardKind
from values import Progress


def run(workspace: Workspace, snapshot: str | None, out: Path | None, progress: Progress) -> dict[str, Any]:
    """Write the report of a snapshot as HTML and JSON (0600) and return it.

    Parameters
    ----------
    workspace
        Where the records are and the report goes: ``reports/quality-<snapshot>.html`` and ``.json``.
    snapshot
        The hash of a snapshot; the latest where None.
    out
        Another place for the page; the JSON lies beside it.
    progress
        Told of each section.

    Raises
    ------
    NoSnapshot
        If there is no such snapshot, or none at all.
    WorkspaceError
        If the report cannot be written there.
    """
    store = RecordStore(workspace.records)
    found = store.latest() if snapshot is None else store.snapshot(snapshot)
    communities = CommunityStore(workspace.records)
    document = assess(
        found,
        communities=communities.read(found.hash) if communities.has(found.hash) else None,
        indicators={each.name: Reads(each.reads, sorted(each.tables), sorted(each.requires)) for each in CATALOGUE},
        cards=delivery_cards(workspace.records, found),
        linkage=_linkage(found),
        progress=progress,
    )
    cards.keep(workspace, CardKind.QUALITY, str(found.hash), cards.quality(document), "batch")
    place = out or workspace.folder("reports") / f"quality-{found.hash.short}.html"
    return {**document, **workspace.write_report(place, page(document), document)}


def _linkage(snapshot: Snapshot) -> dict[str, Any] | None:
    """Return what the crosswalk behind a linked snapshot says of itself; None where records were not linked."""
    linked = snapshot.card.get("linked")
    if linked is None:
        return None
    from records.linkage import read_crosswalk  # heavy, and only linked records need it

    crosswalk = read_crosswalk(snapshot.path.parents[1], linked["crosswalk"])
    return {"crosswalk": linked["crosswalk"], **crosswalk.card["counts"]}


def describe(result: dict[str, Any]) -> list[str]:
    """Return what to look at first in plain lines, and where the report is."""
    lines = [f"Data quality of snapshot {result['snapshot'][:12]}, extract of {result['extract_date']}"]
    for level, title in (("act", "Act before you train or score"), ("know", "Know when you read results")):
        chosen = [each for each in result["findings"] if each["level"] == level]
        if chosen:
            lines.append(f"{title}:")
            lines += [f"  - {each['text']} {each['do']}" for each in chosen]
    return [*lines, f"Report: {result['html']}", f"Numbers: {result['json']}"]
