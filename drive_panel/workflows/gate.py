"""The gate's decision on one list: the bundle's mature backtest, the run's own area, lists so far, the list itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from drive_panel.clock import today
from drive_panel.errors import NotConfigured, WorkspaceError
from drive_panel.workflows import evidence, exported, policies
from drive_panel.workflows.audited import Communities
from drive_panel.workflows.listing import INCUMBENTS, Standing
from drive_panel.workspace import Workspace
from fairness import AuditReport, GateVerdict, Verdict, audit, combine, load_policy
from fairness.audit import Gap
from fairness.cells import Cell
from fairness.disclosure import Register
from fairness.papers import labels
from fairness.papers.origins import origins
from fairness.papers.page_one import Found
from fairness.papers.shown import shown as suppressed
from fairness.papers.shown import shown_diagnosis
from fairness.stored import restore_report
from features import CATALOGUE, EventStream
from models import Bundle
from records import Snapshot
from records.communities import CommunityStore
from serving import Batch, Service
from serving.ledger import TRAINED
from training.candidates import LEARNED
from values import AsOf, Hash, digest_file

Document = dict[str, Any]
AUDITED = TRAINED
POOLED, OWN_AREA, LIST = "backtest over all areas", "backtest of this area", "this list"


@dataclass(frozen=True)
class Decision:
    """What is stored with the run: the audits, and the gate's decision with what blocks a release outside it."""

    audit: dict[str, Any]
    gate: dict[str, Any]
    trained_by: str
    trainers: tuple[str, ...]


def decide(
    workspace: Workspace,
    snapshot: Snapshot,
    stream: EventStream,
    bundle: Bundle,
    standing: Standing,
    as_of: AsOf,
    area: str,
    service: Batch,
) -> Decision:
    """Audit the list, combine it with the bundle's backtest, and return the gate's decision.

    Raises
    ------
    NotConfigured
        If the bundle has no backtest audit.
    PolicyMismatch
        If the policy changed since the bundle was audited.
    CommunitiesUnreadable
        If nothing can be audited.
    """
    policy = load_policy(workspace.policy)
    stored = workspace.read_audit(bundle.hash)
    if stored is None:
        raise NotConfigured(f"Bundle {bundle.hash.short} has no backtest audit.", "Run `drive-panel train` again.")
    trainers = noted_trainers(service, bundle.hash, workspace.audit_file(bundle.hash))
    reports: dict[str, AuditReport] = {POOLED: restore_report(stored["pooled"], policy)}
    if area in stored["areas"]:
        reports[OWN_AREA] = restore_report(stored["areas"][area], policy)
    communities = Communities(CommunityStore(workspace.records), snapshot)
    rows = communities.join(_selection(standing, as_of, area), stream, bundle.card["cohort"]["months"])
    reports[LIST] = audit(rows, policy, evidence="list")
    reports |= evidence.of_bundle(workspace, snapshot, stream, service, bundle, policy, as_of.day)
    policies.note_in_force(workspace, service)
    verdict = combine(reports, policy)
    audits = {name: report.to_dict() for name, report in reports.items()}
    leaves = _left(workspace, audits)
    diagnosis = _diagnosis(stored, area)
    document = verdict.to_dict() | {
        "verdict": verdict.verdict.value,
        "audits": audits,
        "cells": [cell for name, report in reports.items() for cell in _cells(name, report, leaves[name])],
        "incumbents": _incumbents(standing),
        "diagnosis": diagnosis,
        "origins": None if diagnosis is None else _origins(verdict, audits, leaves, diagnosis),
    }
    gate = {
        "verdict": verdict.verdict.value,
        "reasons": _telling(verdict),
        "acknowledge": list(dict.fromkeys(_gap_name(audit_name, gap) for audit_name, gap in verdict.not_assessable)),
        "blocks": _blocks(workspace, snapshot, bundle, as_of, str(policy.hash)),
        "lapses": _lapses(workspace, snapshot),
    }
    return Decision(document, gate, trainers[0], tuple(trainers))


def noted_trainers(service: Service, bundle: Hash, audit_file: Path) -> list[str]:
    """Return who trained a bundle, the first one first, by ledger entries that name exactly this backtest audit.

    Raises
    ------
    WorkspaceError
        If the ledger knows no such audit: the file was changed after it was made, or was made elsewhere.
    """
    digest = digest_file(audit_file)
    notes = [entry for entry in service.ledger(None) if entry.action == AUDITED and entry.subject == bundle]
    if not any(json.loads(entry.detail).get("audit") == digest for entry in notes):
        raise WorkspaceError(
            f"The backtest audit of bundle {bundle.short} is not the one that training made.",
            "Run `drive-panel train` again.",
        )
    return [entry.actor for entry in reversed(notes)]


def _selection(standing: Standing, as_of: AsOf, area: str) -> pd.DataFrame:
    """Return everybody who could have been ranked, with whether they stand above the line; no outcome is known yet."""
    ranked = standing.rows("ranked")
    return pd.DataFrame(
        {
            "person_id": ranked["person_id"],
            "as_of": pd.Timestamp(as_of.day).as_unit("s"),
            "area": area,
            "selected": standing.selected.astype(np.int64),
            "outcome": pd.array([pd.NA] * len(ranked), dtype="Int8"),
        }
    )


def _left(workspace: Workspace, audits: Mapping[str, Document]) -> dict[str, Document]:
    """Return what of each audit leaves by the page of a run, beside all that left before; later exports beside it."""
    with exported.register(workspace) as left:
        return {name: suppressed(report, register=left) for name, report in audits.items()}


def _diagnosis(stored: Document, area: str) -> Document | None:
    """Return the diagnosis of a bundle's backtest for a run: of single areas only its own, with what indicators ask."""
    found: Document | None = stored.get("diagnosis")
    if found is None:
        return None
    areas = {name: part for name, part in found.get("areas", {}).items() if name == area}
    drivers = [each for part in (found, *areas.values()) for each in part["drivers"]]
    named = {one["name"] for each in drivers for one in each["indicators"]}
    named |= {each["indicator"] for each in found["proxies"]}
    named |= {each["name"] for missing in found["missingness"] for each in missing.get("drivers", ())}
    questions = {name: CATALOGUE[name].question for name in sorted(named & set(CATALOGUE.names))}
    return {**found, "areas": areas, "questions": questions}


def _origins(
    verdict: GateVerdict, audits: Mapping[str, Document], leaves: Mapping[str, Document], diagnosis: Document
) -> Document:
    """Return where gaps may come from: ``exact``, which reviewers read, and what is ``shown`` to everybody else."""
    pooled = leaves[POOLED]
    told = {"exact": (audits, diagnosis), "shown": (_with_labels(audits, leaves), shown_diagnosis(diagnosis, pooled))}
    policy = verdict.policy.summary
    return {
        reader: origins(
            Found(verdict.verdict.value, [{"name": name, **part} for name, part in parts.items()], (), True, policy),
            found,
            leaves=reader == "shown",
        )
        for reader, (parts, found) in told.items()
    }


def _with_labels(audits: Mapping[str, Document], leaves: Mapping[str, Document]) -> dict[str, Document]:
    return {
        name: {**part, "label_sensitivity": labels.kept(audits[name], part["cells"])} for name, part in leaves.items()
    }


def page_cells(name: str, report: AuditReport, left: Register) -> list[dict[str, Any]]:
    """Return the cells that a reader of the page needs; every cell of every audit is kept beside them.

    ``withheld`` says whose figures only reviewers read, because they would tell of a few people, and
    ``withheld_figures`` which of the others. Of a backtest those that decide; of the list, whose outcomes nobody knows
    yet, how people were selected.
    """
    return _cells(name, report, suppressed(report.to_dict(), register=left))


def _cells(name: str, report: AuditReport, leaves: Document) -> list[dict[str, Any]]:
    shown = [c for c in report.cells if (c.metric == "selection" if report.evidence == "list" else c.binding)]
    left = {_key(cell): cell for cell in leaves["cells"]}
    return [_page_cell(name, cell, left.get(cell.key, {"suppressed": True})) for cell in shown]


def _page_cell(name: str, cell: Cell, leaves: Mapping[str, Any]) -> dict[str, Any]:
    figures = asdict(cell)
    few = [figure for figure, value in figures.items() if value is not None and leaves.get(figure) is None]
    told = {"withheld": bool(leaves.get("suppressed")), "withheld_figures": few}
    return {"audit": name, **figures, "verdict": cell.verdict.value, **told}


def _key(cell: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return cell["table"], cell["characteristic"], cell["group"], cell["metric"]


def _telling(verdict: GateVerdict) -> list[str]:
    """Return the sentences that made the verdict; what could not be assessed is acknowledged by name elsewhere."""
    wanted = {Verdict.REFUSE: ": Refused.", Verdict.INSUFFICIENT: ": Not settled.", Verdict.PASS: ": Passed."}
    telling = [reason for reason in verdict.reasons if wanted[verdict.verdict] in reason]
    return telling or [reason for reason in verdict.reasons if ": Not assessable." not in reason]


def _gap_name(audit_name: str, gap: Gap) -> str:
    group = "all groups" if gap.group is None else gap.group
    return f"{audit_name}: {gap.characteristic.replace('_', ' ')}, {group} ({gap.table})"


def _blocks(workspace: Workspace, snapshot: Snapshot, bundle: Bundle, as_of: AsOf, policy: str) -> list[str]:
    """Return what forbids a release whatever the gate says; on made-up people in a demonstration hardly anything."""
    learnt_until = str(bundle.card["extract_date"])
    late = [f"the bundle learnt from records up to {learnt_until}, after the date of this list"]
    blocks = late if bundle.kind in LEARNED and str(as_of) < learnt_until else []
    if workspace.mode == "demo" and snapshot.synthetic:
        return blocks
    blocks += [f"governance.yaml {missing}" for missing in workspace.missing_governance(today(), bundle.hash, policy)]
    if snapshot.harm_illustrative:
        blocks.append("harm weights are illustrative; supply a verified offence table")
    return blocks


def _lapses(workspace: Workspace, snapshot: Snapshot) -> list[dict[str, str]]:
    """Return the last day of everything that a release rests on and that ends: it may end before a review."""
    if workspace.mode == "demo" and snapshot.synthetic:
        return []
    return [{"what": what, "on": day.isoformat()} for what, day in workspace.lapses().items()]


def _incumbents(standing: Standing) -> dict[str, int]:
    """Return how many of the people above the line each simple list would also have placed there."""
    line = standing.capacity.ranked_places
    above = standing.rows("ranked")
    above = above[standing.selected]
    return {name: int((above[f"place_{name}"] <= line).sum()) for name in INCUMBENTS}
