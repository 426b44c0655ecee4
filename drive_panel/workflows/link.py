"""Person records become persons: a crosswalk, a linked snapshot, a report, and the pairs left for people."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from drive_panel.workflows import link_review
from drive_panel.workspace import Workspace
from records import RecordStore, Snapshot
from records.errors import LinkageError
from records.linkage import (
    Applied,
    Comparison,
    Crosswalk,
    Decision,
    Decisions,
    apply,
    export_queue,
    latest_crosswalk,
    link,
    load_settings,
    merge,
    queue,
    read_queue,
    show,
    split,
)
from records.linkage.evaluation import accuracy, curve, has_pairs
from records.linkage.for_review import contradictions
from records.linkage.report import make_report
from records.linkage.review import impact_of
from records.linkage.tables import behind
from records.storage.database import workbench
from records.storage.files import write_private
from records.storage.locking import only_writer
from values import Progress, silent

SETTINGS = "linkage.yaml"
MEMORY = "4GB"


@dataclass(frozen=True)
class Linked:
    """What came of linking.

    Attributes
    ----------
    crosswalk, snapshot
        The versions made (or found again).
    applied
        What was set aside and what fell together.
    report
        The HTML report; the figures lie beside it as JSON.
    contradictions
        The pairs of records whose decision does not hold, since other decisions stand against it.
    read_back, asked
        How many answers of reviewers were read back, and how many pairs they are asked about now.
    """

    crosswalk: Crosswalk
    snapshot: Snapshot
    applied: Applied
    report: Path
    contradictions: tuple[tuple[str, str], ...] = ()
    read_back: int = 0
    asked: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the keys that scripts may rely on; nothing in it names anybody."""
        counts = self.crosswalk.card["counts"]
        return {
            "records": counts["records"],
            "persons": counts["persons"],
            "linked": counts["linked"],
            "grey": counts["grey"],
            "grey_by_bar": counts["grey_by_bar"],
            "changes": len(self.crosswalk.card["changes"]),
            "contradictions": len(self.contradictions),
            "read_back": self.read_back,
            "asked": self.asked,
            "set_aside": self.applied.set_aside,
            "merged_rows": self.applied.merged,
            "weights": self.crosswalk.card["model"]["origin"],
            "snapshot": str(self.snapshot.hash),
            "crosswalk": str(self.crosswalk.version),
            "report": str(self.report),
        }


def run(workspace: Workspace, progress: Progress = silent, truth: pd.DataFrame | None = None) -> Linked:
    """Link the latest snapshot's person records and make the linked snapshot the latest.

    What reviewers settled on the pages is read back first; what is open is put up for them afterwards.

    Parameters
    ----------
    workspace
        Where records, decisions and ``linkage.yaml`` lie.
    progress
        Told of each step.
    truth
        For a made-up force record_id and person, so that the report can say how right linkage is.
    """
    root = workspace.records
    RecordStore(root).latest()  # before anything else: without records there is nothing to link
    read = link_review.read_back(workspace)
    with only_writer(root, progress), workbench(root, memory=MEMORY) as db:
        base = behind(RecordStore(root).latest())
        crosswalk = link(db, root, base, load_settings(workspace.home / SETTINGS), progress)
        applied = apply(db, base, crosswalk, progress)
        path = _report(workspace, db, base, crosswalk, truth)
        write_private(root / "snapshots" / "latest", applied.snapshot.hash.encode())
    decided = Decisions(root).current()
    asked = link_review.publish(workspace, applied.snapshot, crosswalk, decided)
    return Linked(crosswalk, applied.snapshot, applied, path, tuple(contradictions(crosswalk, decided)), read, asked)


def _report(
    workspace: Workspace,
    db: duckdb.DuckDBPyConnection,
    base: Snapshot,
    crosswalk: Crosswalk,
    truth: pd.DataFrame | None,
) -> Path:
    """Write the report; one that was written when the crosswalk was made, with its curve, stays."""
    path = workspace.folder("reports") / f"linkage-{crosswalk.version.short}.html"
    fresh = has_pairs(db)
    if fresh or not path.exists():
        found = accuracy(crosswalk.persons, truth) if truth is not None else None
        points = curve(db, truth) if truth is not None and fresh else None
        report = make_report(crosswalk, found, points, base.synthetic)
        workspace.write(path, report.html)
        workspace.write_document(path.with_suffix(".json"), report.figures)
    return path


def describe(result: Linked) -> list[str]:
    """Return the result in plain lines."""
    found = result.to_dict()
    lines = [
        f"{found['records']:,} person records are {found['persons']:,} people.",
        f"{found['grey']:,} pairs of records are left for a person to decide; none of them raises a score.",
        f"Answers of reviewers read back: {found['read_back']:,}; pairs put up for them now: {found['asked']:,}.",
        f"Changes of person keys since the last crosswalk: {found['changes']:,}.",
        f"Snapshot {found['snapshot']}",
        f"Crosswalk {found['crosswalk']}",
        f"Report {found['report']}",
    ]
    if found["weights"] != "learnt":
        lines.append("Too little to learn from: the shipped weights were used.")
    lines += [
        f"Decisions contradict each other: {left} and {right} are not as decided. Review them again."
        for left, right in result.contradictions
    ]
    lines += [
        f"Set aside: {count:,} rows of {table} that name one person on both sides"
        for table, count in found["set_aside"].items()
    ]
    return lines


def review_queue(workspace: Workspace, bars: Collection[str] = ()) -> pd.DataFrame:
    """Return the pairs to decide, those that matter most first (see `records.linkage.queue`)."""
    return queue(_crosswalk(workspace), impact_of(RecordStore(workspace.records).latest()), bars)


def review_show(workspace: Workspace, record_l: str, record_r: str) -> Comparison:
    """Return a pair side by side with the weight of each comparison."""
    return show(RecordStore(workspace.records).latest(), _crosswalk(workspace), record_l, record_r)


def review_decide(
    workspace: Workspace, record_l: str, record_r: str, decision: str, *, by: str, reason: str, on: date
) -> Decision:
    """Store a decision (link or separate) about two records; it holds from the next linkage on."""
    known = _crosswalk(workspace).keys
    for record in (record_l, record_r):
        if record not in known:
            raise LinkageError("There is no such record in the crosswalk.", "Name two record ids of the review queue.")
    decided = Decision.of((record_l, record_r), decision, by, reason, on)
    _keep(workspace, [decided])
    return decided


def review_split(
    workspace: Workspace, person: str, records: Collection[str], *, by: str, reason: str, on: date
) -> list[Decision]:
    """Store that some records are not this person."""
    decided = split(_crosswalk(workspace), person, records, by, reason, on)
    _keep(workspace, decided)
    return decided


def review_merge(workspace: Workspace, one: str, other: str, *, by: str, reason: str, on: date) -> list[Decision]:
    """Store that two persons are one."""
    decided = merge(_crosswalk(workspace), one, other, by, reason, on)
    _keep(workspace, decided)
    return decided


def review_export(workspace: Workspace, path: Path, bars: Collection[str] = ()) -> int:
    """Write the review queue as CSV; return the number of pairs."""
    return export_queue(path, review_queue(workspace, bars))


def review_import(workspace: Workspace, path: Path, on: date) -> list[Decision]:
    """Store the decisions of a filled-in review queue; all of them, or none where one is wrong."""
    decided = read_queue(path, on, _crosswalk(workspace).keys)
    _keep(workspace, decided)
    return decided


def _keep(workspace: Workspace, decided: list[Decision]) -> None:
    with only_writer(workspace.records):
        Decisions(workspace.records).add(decided)


def _crosswalk(workspace: Workspace) -> Crosswalk:
    found = latest_crosswalk(workspace.records)
    if found is None:
        raise LinkageError("Nothing has been linked yet.", "Run drive-panel link.")
    return found
