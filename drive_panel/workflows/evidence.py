"""Evidence over time: what all lists released so far show together, by community, and whether anything has moved.

Two audiences. The gate asks of one bundle whether its own lists, taken together, refuse the next one. Everybody else
reads one document over all lists: audits, trend, alarms, panels' decisions, policy history. It holds
no small number and no person, is kept in the service's database and entered in the ledger. Either judges every list by
the policy in force, whatever it was released under: a policy reworded or changed forgets no list.
"""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from drive_panel.workflows import exported, policies
from drive_panel.workflows.audited import Communities
from drive_panel.workflows.funnel import MOVES, STAGES, moved, referred
from drive_panel.workflows.release import batch_service, require_made_up
from drive_panel.workflows.released_lists import CLEARED, DECISIONS, PLACES, Listed, ReleasedLists
from drive_panel.workspace import Workspace
from fairness import AuditReport, Policy, audit, check, load_policy, select_at_audit_depth
from fairness.decisions import by_community
from fairness.disclosure import Register
from fairness.papers.shown import shown
from fairness.stored import restore_report
from fairness.trend import ListTable, Point, alarms, as_json, points
from features import EventStream, build_stream
from models import Bundle
from records import RecordStore, Snapshot
from records.communities import CommunityStore
from serving import Batch
from serving.release.past import PastList
from values import Hash, Progress, digest, digest_file

SO_FAR = "lists released so far"
KNOWN = "released lists whose outcomes are known"
CUMULATED = "evidence.cumulated"
_AUDITED = ["person_id", "as_of", "area", "split", "selected", "outcome"]
_TOLD = ("table", "characteristic", "group", "metric", "n", "events", "value", "ratio", "ratio_low", "ratio_high")
_NO_LIST = "No list was released yet, so there is nothing to add up."


def run(workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Gather the evidence over all lists released so far, by the policy in force, keep it, and return it.

    Raises
    ------
    DrivePanelError
        If records, communities or a stored list do not allow it.
    """
    require_made_up(workspace)
    snapshot = RecordStore(workspace.records).latest()
    stream = build_stream(snapshot, progress)
    with batch_service(workspace) as service:
        return gather(workspace, snapshot, stream, service, progress)


def gather(
    workspace: Workspace, snapshot: Snapshot, stream: EventStream, service: Batch, progress: Progress
) -> dict[str, Any]:
    """Gather the evidence by the policy in force, and keep it; see `run`."""
    policy = load_policy(workspace.policy)
    policies.note_in_force(workspace, service)
    past = service.past_lists()
    lists = _Lists(workspace, snapshot, stream, service, past, policy, progress)
    with exported.register(workspace) as left:
        document = _document(workspace, snapshot, service, policy, lists, left)
        kept = service.keep_evidence(document, getpass.getuser())
    return document | {"kept": str(kept)}


def _document(
    workspace: Workspace, snapshot: Snapshot, service: Batch, policy: Policy, lists: _Lists, left: Register
) -> dict[str, Any]:
    """Return what may leave: with what left before nobody works out what is withheld of it."""
    return {
        "as_of": snapshot.extract_date.isoformat(),
        "snapshot": str(snapshot.hash),
        "synthetic": snapshot.synthetic,
        "policy": {"name": policy.name, "hash": str(policy.hash)},
        "lists": [_about(each) for each in lists.read],
        "not_available": lists.not_available(),
        "audits": {name: shown(report.to_dict(), register=left) for name, report in lists.reports().items()},
        "points": [*_backtest_points(workspace, policy, left), *lists.points(left)],
        "alarms": lists.alarms(),
        "placed": lists.placed(left),
        "decisions": lists.decisions(left),
        "holds": lists.holds(left),
        "changes": lists.changes(left),
        "funnel": lists.funnel(snapshot, left),
        "policies": policies.history_of(workspace, service),
        "policy_check": check(policy).to_dict(),
    }


def of_bundle(
    workspace: Workspace,
    snapshot: Snapshot,
    stream: EventStream,
    service: Batch,
    bundle: Bundle,
    policy: Policy,
    before: date,
) -> dict[str, AuditReport]:
    """Return the audits, by this policy, over all lists of earlier days that this bundle made; none without one.

    A list is no evidence about itself: one that is scored again, or another area's of the same day, changes nothing.
    They are made once for a set of lists, records and policy, and kept with an entry in the ledger.
    """
    made_by = [each for each in service.past_lists() if each.header["hashes"]["bundle"] == bundle.hash]
    past = [each for each in made_by if each.header["as_of"] < before.isoformat()]
    if not past:
        return {}
    what = {"snapshot": snapshot.hash, "policy": policy.hash, "runs": [[each.run, each.erased] for each in past]}
    name = digest(what)
    place = workspace.folder("evidence") / f"{name}.json"
    if place.exists() and _vouched(service, name, digest_file(place)):
        stored = json.loads(place.read_text(encoding="utf-8"))
        return {each: restore_report(report, policy) for each, report in stored["audits"].items()}
    made = _Lists(workspace, snapshot, stream, service, past, policy).reports()
    workspace.write_document(place, {"audits": {each: report.to_dict() for each, report in made.items()}})
    service.note(getpass.getuser(), CUMULATED, name, {"audit": digest_file(place), "bundle": bundle.hash})
    return made


def _vouched(service: Batch, name: Hash, held: Hash) -> bool:
    entries = (each for each in service.ledger(None) if each.action == CUMULATED and each.subject == name)
    return any(each.content.get("audit") == held for each in entries)


class _Lists:
    """Lists beside communities, as each part of the evidence needs them."""

    def __init__(
        self,
        workspace: Workspace,
        snapshot: Snapshot,
        stream: EventStream,
        service: Batch,
        past: Sequence[PastList],
        policy: Policy,
        progress: Progress | None = None,
    ) -> None:
        self._workspace, self._stream, self._policy = workspace, stream, policy
        self._communities = Communities(CommunityStore(workspace.records), snapshot)
        again = ReleasedLists(workspace, snapshot, stream, service)
        self.read: list[Listed] = []
        for number, each in enumerate(past):
            if progress is not None:
                progress("read released lists again", number, len(past))
            self.read.append(again.read(each))
        if progress is not None and past:
            progress("read released lists again", len(past), len(past))
        self._joined: dict[str, pd.DataFrame] = {}

    def reports(self) -> dict[str, AuditReport]:
        """Return the audit over all lists, without outcomes, and over those whose outcomes are known."""
        found = {}
        if self.read:
            # At the line of one meeting every community misses nearly all harm, so missed harm is judged below only.
            rows = pd.concat([self._at_line(each, labelled=False) for each in self.read], ignore_index=True)
            found[SO_FAR] = audit(rows, self._policy, evidence="cumulative")
        known = self._at_depth()
        if known:
            rows = pd.concat([each.table for each in known], ignore_index=True)
            found[KNOWN] = audit(rows, self._policy, evidence="cumulative")
        return found

    def points(self, left: Register) -> list[dict[str, Any]]:
        """Return each list as a point: at its own line, and at the audit depth once its outcomes are known."""
        own = [(each.past, _list_table(each, self._at_line(each, labelled=True))) for each in self.read]
        deep = [(each.past, _list_table(each, table)) for each in self.read if (table := self._deep(each)) is not None]
        return [
            _point(past, point, line, left)
            for line, lists in (("own line", own), ("audit depth", deep))
            for (past, _), point in zip(lists, points([table for _, table in lists], self._policy), strict=True)
        ]

    def alarms(self) -> dict[str, Any]:
        """Return the charts over successive lists; what the bundle of the first known list showed comes before them."""
        selected = [_list_table(each, self._at_line(each, labelled=False)) for each in self.read]
        return as_json(alarms(selected, self._at_depth(), self._policy, self._backtest()), self._policy)

    def placed(self, left: Register) -> dict[str, Any] | None:
        """Return how often people of each community were above the line, listed, held or referred."""
        return self._by_community(self.read, PLACES, left) if self.read else None

    def decisions(self, left: Register) -> dict[str, Any] | None:
        """Return what panels decided by community, apart from where the list put people; None before any decision."""
        decided = [each for each in self.read if each.decided]
        return self._by_community(decided, DECISIONS, left, "position") if decided else None

    def holds(self, left: Register) -> dict[str, Any] | None:
        """Return how often holds were cleared, and by their deadline, by community; None where nobody was held."""
        if not any(each.table["held"].any() for each in self.read):
            return None
        return self._by_community(self.read, CLEARED, left, among="held")

    def changes(self, left: Register) -> dict[str, Any] | None:
        """Return how often people of each community entered or left the first places with another bundle; or None."""
        rows = moved(self.read)
        return None if rows is None else self._told(rows, MOVES, left)

    def funnel(self, snapshot: Snapshot, left: Register) -> dict[str, Any] | None:
        """Return what became of people who were referred, by community; None where records do not say."""
        rows = referred(snapshot)
        return None if rows is None else self._told(rows, STAGES, left)

    def not_available(self) -> list[str]:
        """Return in words what cannot be told yet, and why."""
        if not self.read:
            return [_NO_LIST]
        said = []
        waiting = sorted(each.known_from for each in self.read if not each.mature)
        if waiting:
            said.append(
                f"The outcomes of {_lists(len(waiting))} are not known yet: those of the first from {waiting[0]}, "
                "in an extract of that day or later."
            )
        unscored = [each for each in self.read if each.mature and "score" not in each.table]
        said += [
            f"{each.past.run} has known outcomes, but cannot be scored again for the audit depth: {each.why_not}"
            for each in unscored
        ]
        if not any(each.decided for each in self.read):
            said.append("No panel has recorded a decision on a released list yet, so none can be compared.")
        erased = sum(each.past.erased for each in self.read)
        if erased:
            said.append("People erased since are on no list any more and are left out of every figure.")
        return said

    def _by_community(
        self,
        lists: Iterable[Listed],
        families: Sequence[Sequence[str]],
        left: Register,
        given: str | None = None,
        among: str | None = None,
    ) -> dict[str, Any]:
        kinds = [kind for family in families for kind in family]
        columns = ["person_id", "as_of", "area", "split", *kinds, *([given] if given else [])]
        rows = pd.concat([each.table if among is None else each.table[each.table[among] == 1] for each in lists])
        return self._told(rows[columns].reset_index(drop=True), families, left, given)

    def _told(
        self, rows: pd.DataFrame, families: Sequence[Sequence[str]], left: Register, given: str | None = None
    ) -> dict[str, Any]:
        table = self._communities.of_subjects(rows).drop(columns=["as_of"])
        return by_community(table, self._policy, families, given, left)

    def _at_line(self, each: Listed, labelled: bool) -> pd.DataFrame:
        """Return a list beside communities as it was released."""
        name = f"{each.past.run} at its line"
        if name not in self._joined:
            self._joined[name] = self._communities.join(each.table[_AUDITED], self._stream, each.months)
        table = self._joined[name]
        return table if labelled else table.assign(outcome=pd.array([pd.NA] * len(table), dtype="Int8"))

    def _at_depth(self) -> list[ListTable]:
        """Return the lists whose outcomes are known, beside communities, with `selected` at their audit depth."""
        return [_list_table(each, table) for each in self.read if (table := self._deep(each)) is not None]

    def _deep(self, each: Listed) -> pd.DataFrame | None:
        if "score" not in each.table:
            return None
        name = f"{each.past.run} at its depth"
        if name not in self._joined:
            scored = each.table[each.table["score"].notna()]
            if not scored["outcome"].eq(1).any():
                return None
            deep = select_at_audit_depth(scored[[*_AUDITED, "score"]], self._policy)
            self._joined[name] = self._communities.join(deep, self._stream, each.months)
        return self._joined[name]

    def _backtest(self) -> AuditReport | None:
        """Return the backtest of the bundle that made the first list whose outcomes are known."""
        first = next((each for each in self.read if self._deep(each) is not None), None)
        stored = None if first is None else self._workspace.read_audit(Hash(first.past.header["hashes"]["bundle"]))
        if stored is None or stored["policy"] != str(self._policy.hash):
            return None
        return restore_report(stored["pooled"], self._policy)


def _list_table(each: Listed, table: pd.DataFrame) -> ListTable:
    # An alarm names lists by their dates: a run's name says its area, which not everybody covers.
    return ListTable(each.past.as_of, each.past.as_of, "released", table)


def _lists(number: int) -> str:
    return "1 released list" if number == 1 else f"{number} released lists"


def _about(each: Listed) -> dict[str, Any]:
    return {
        "run": each.past.run,
        "area": each.past.area,
        "as_of": each.past.as_of,
        "state": each.past.state,
        "bundle": each.past.header["hashes"]["bundle"],
        "policy": each.past.policy,
        "outcomes_known_from": each.known_from,
        "outcomes_known": each.mature,
    }


def _point(past: PastList, point: Point, line: str, left: Register) -> dict[str, Any]:
    return {
        "label": past.run,
        "area": past.area,
        "as_of": point.as_of,
        "kind": point.kind,
        "line": line,
        "cells": _cells(shown(point.report.to_dict(), register=left), point.report.policy),
    }


def _cells(report: Mapping[str, Any], policy: Policy) -> list[dict[str, Any]]:
    """Return the figures of the binding characteristics that may leave; a suppressed cell has none."""
    bound = {(each.table, each.characteristic) for each in policy.binding}
    kept = [cell for cell in report["cells"] if (cell["table"], cell["characteristic"]) in bound and cell["n"] != 0]
    return [
        {name: cell[name] for name in _TOLD} | ({"suppressed": True} if cell.get("suppressed") else {}) for cell in kept
    ]


def _backtest_points(workspace: Workspace, policy: Policy, left: Register) -> list[dict[str, Any]]:
    """Return the lists of the present bundle's backtest, as training audited each of them."""
    stored = workspace.read_audit(workspace.champion) if workspace.has_champion else None
    if stored is None or stored["policy"] != str(policy.hash):
        return []
    return [
        {
            "label": f"backtest {day}",
            "area": None,
            "as_of": day,
            "kind": "backtest",
            "line": "audit depth",
            "cells": _cells(shown(report, register=left), policy),
        }
        for day, report in stored.get("splits", {}).items()
    ]


def describe(result: dict[str, Any]) -> list[str]:
    """Return the evidence in plain lines: lists, audits, alarms, what is not available."""
    known = sum(each["outcomes_known"] for each in result["lists"])
    lines = [
        f"{_lists(len(result['lists']))} by the policy {result['policy']['name']!r}, outcomes known of {known} "
        f"(records up to {result['as_of']}).",
        *(f"{name}: {report['verdict']}" for name, report in result["audits"].items()),
        f"{len(result['points'])} points of the trend.",
        result["alarms"]["rule"],
        *(f"ALARM: {line}" for line in result["alarms"]["rang"]),
    ]
    if not result["alarms"]["rang"]:
        lines.append("No alarm rings.")
    for title, part in (("Panel decisions", result["decisions"]), ("Placement", result["placed"])):
        if part is not None:
            told = [row for row in part["rows"] if not row.get("suppressed")]
            lines.append(
                f"{title}: {len(told)} figures by community, {len(part['rows']) - len(told)} withheld as small."
            )
    return [*lines, *(f"Not available: {each}" for each in result["not_available"])]
