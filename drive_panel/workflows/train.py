"""Fit, compare, audit and keep: the candidates against the simple lists, and what earned its place."""

from __future__ import annotations

import dataclasses
import getpass
import os
from pathlib import Path
from typing import Any

import pandas as pd

from drive_panel.clock import now
from drive_panel.output import note
from drive_panel.workflows import cards, evaluation, registry, retraining
from drive_panel.workflows.audited import Communities
from drive_panel.workflows.diagnosis import diagnose
from drive_panel.workflows.gate import AUDITED
from drive_panel.workflows.release import batch_service, require_made_up
from drive_panel.workspace import Workspace
from fairness import AuditReport, Policy, audit, load_policy, select_at_audit_depth
from fairness.exchange import Exchange, compare_missed_harm
from features import CATALOGUE, EventStream, build_stream
from models import Bundle
from records import RecordStore, Snapshot
from records.communities import CommunityStore
from serving.access.accounts import Accounts
from serving.cards import CardKind
from serving.people import demo_people
from training import ablation, certificate, selection_words
from training.errors import MirrorFailed
from training.experiment import Experiment
from training.holding import Holder
from training.promotion import PromotionDecision
from training.running import run_experiment
from training.selection import selection
from training.settings import TrainSettings, load_settings
from training.stages import Stages
from training.unfinished import run_name, unfinished_run
from values import DrivePanelError, Hash, Progress, digest_file

CONDITION = "missed harm by community"
_AUDITED = ["person_id", "as_of", "area", "split", "score", "outcome", "selected"]


def run(
    workspace: Workspace,
    config: Path | None,
    progress: Progress,
    fresh: bool = False,
    by: str = "",
    command: str = "drive-panel train",
) -> dict[str, Any]:
    """Train on the latest snapshot and crown what earned its place; a run that was stopped goes on where it stopped.

    The bundle that won on harm found is saved before anything reads communities: an unreadable communities store
    stops promotion and audit with a clear error, and changes no model.

    Parameters
    ----------
    workspace
        Whose records, bundles and MLflow.
    config
        Training settings; the defaults where None.
    progress
        Told as each step moves on.
    fresh
        Begin anew, whatever an unfinished run on the same records and settings has found.
    by
        Who trains, as the service knows them; only made-up records need nobody.
    command
        What a person called; told to whoever trains on the same records and settings meanwhile.

    Raises
    ------
    DrivePanelError
        If records, settings or communities do not allow it; `details` then names the bundle that was saved.
    """
    require_made_up(workspace)
    settings = load_settings(config)
    snapshot = RecordStore(workspace.records).latest()
    trainer = trainer_of(workspace, snapshot.synthetic, by)
    name = run_name(str(snapshot.hash), settings, CATALOGUE)
    holder = Holder(command=command, process=os.getpid(), since=now())
    with unfinished_run(workspace.unfinished, name, fresh, holder) as stages:
        resumed = stages.begun
        if resumed:
            progress("take up an unfinished run", 1, 1)
        return {**_run(workspace, snapshot, settings, stages, progress, trainer), "resumed": resumed}


def trainer_of(workspace: Workspace, made_up: bool, by: str) -> str:
    """Return the name that the ledger keeps of who trains: the one under which they would review.

    Raises
    ------
    DrivePanelError
        If it is no user in force, or nobody is named though the records are not made up.
    """
    if by:
        with batch_service(workspace) as service:
            known = {account.user: account.active for account in Accounts(service.stores).all()}
            listed = demo_people() if made_up and workspace.mode == "demo" else ()  # with or without a sign-in so far
            if not known.get(by, any(each.user == by for each in listed)):
                raise DrivePanelError(
                    "There is no user of this name whose account is in force.",
                    "`drive-panel users list` shows all; `users add` adds one.",
                )
        return by
    if not made_up:
        raise DrivePanelError(
            "Training on records of real people needs to know who trains: they never review its lists.",
            "Say so: `drive-panel train --by USER`, a name of `drive-panel users list`.",
        )
    return "scientist" if workspace.mode == "demo" else getpass.getuser()


def _run(
    workspace: Workspace,
    snapshot: Snapshot,
    settings: TrainSettings,
    stages: Stages,
    progress: Progress,
    trainer: str,
) -> dict[str, Any]:
    stream = build_stream(snapshot, progress)
    live = workspace.champion if workspace.has_champion else None
    experiment = run_experiment(snapshot, stream, settings, progress=progress, stages=stages)
    progress("fit the champion", 0, 1)
    bundle = experiment.save_bundle(workspace.bundles)
    progress("fit the champion", 1, 1)
    try:
        audited = _Audited(workspace, snapshot, stream, experiment)
        decision, why = audited.condition(experiment.decision)
        if decision.champion != experiment.decision.champion:
            bundle = experiment.save_bundle(workspace.bundles, decision)
        pooled, areas = audited.reports(decision.champion, progress)
        diagnosis = audited.diagnosis(decision.champion, areas, progress)
        by_split = audited.by_split(decision.champion)
    except DrivePanelError as error:
        error.details |= {"bundle": bundle.hash}
        raise
    decided = dataclasses.replace(experiment, decision=decision)
    changes = retraining.against_live(workspace, live, bundle, snapshot, stream, settings, progress)
    document = evaluation.figures(decided, bundle, snapshot, changes)
    progress("write the report", 0, 1)
    report = evaluation.write(workspace, bundle.hash, document)
    progress("write the report", 1, 1)
    progress("log to MLflow", 0, 1)
    mlflow_run = _log(decided, bundle, workspace, snapshot, report)
    progress("log to MLflow", 1, 1)
    audit_hash = _keep(workspace, bundle, audited.policy, snapshot, pooled, areas, by_split, why, trainer, diagnosis)
    verdicts = {area: report.verdict.value for area, report in areas.items()}
    card = cards.training(
        document,
        decided,
        bundle,
        audited.exchanges,
        {"all": pooled.verdict.value, "areas": verdicts},
        {"audit": str(audit_hash), "policy": str(audited.policy.hash)},
        trained_by=trainer,
        mlflow_run=mlflow_run,
        scores=workspace.champion == bundle.hash,
    )
    cards.keep(workspace, CardKind.TRAINING, str(bundle.hash), card, trainer)
    return {
        "bundle": bundle.hash,
        "kind": bundle.kind,
        "for_panel": bundle.for_panel,
        "promoted": decision.promoted,
        "champion": decision.champion,
        "candidates": experiment.candidates,
        "differences": _differences(experiment),
        "conditions": decision.to_dict()["conditions"],
        "missed_harm_by_community": why,
        "selection": selection(decided),
        "certificate": bundle.card["certificate"],
        "ablations": list(experiment.ablations),
        "retraining": changes,
        "alarms": [alarm.to_dict() for alarm in experiment.alarms],
        "splits": [str(split.test) for split in experiment.splits],
        "tuning": {"trials": settings.tuning.trials, "rankers": [each.to_dict() for each in experiment.tuned]},
        "people": experiment.comparison.people,
        "outcomes": int(experiment.lists.outcome.sum()),
        "backtest_verdict": pooled.verdict.value,
        "area_verdicts": verdicts,
        "report": report,
        "mlflow_run": mlflow_run,
    }


class _Audited:
    """The backtest beside communities: every ranking at its own audit depth."""

    def __init__(self, workspace: Workspace, snapshot: Snapshot, stream: EventStream, experiment: Experiment) -> None:
        self.policy: Policy = load_policy(workspace.policy)
        self._experiment, self._stream, self._snapshot = experiment, stream, snapshot
        self._communities = Communities(CommunityStore(workspace.records), snapshot)
        self._tables: dict[str, pd.DataFrame] = {}
        self.exchanges: list[Exchange] | None = None

    def table(self, name: str) -> pd.DataFrame:
        """Return the audited table of ranker `name`: subjects and victims, selected above its audit depth."""
        if name not in self._tables:
            rows = self._experiment.backtest(name)
            # A simple list has long runs of ties; the audit's line goes through them by lot, as a panel's would.
            rows = rows.assign(score=rows["order"])[[c for c in _AUDITED if c != "selected"]]
            rows = select_at_audit_depth(rows, self.policy)
            months = self._experiment.settings.cohort.months
            self._tables[name] = self._communities.join(rows[_AUDITED], self._stream, months)
        return self._tables[name]

    @property
    def areas(self) -> list[str]:
        """The areas of the backtest."""
        return sorted(self.table(self._experiment.decision.champion)["area"].dropna().unique())

    def reports(self, name: str, progress: Progress) -> tuple[AuditReport, dict[str, AuditReport]]:
        """Return the mature backtest audit of ranker `name` over all areas, and of each area."""
        found = []
        for number, area in enumerate([None, *self.areas]):
            progress("audit the backtest", number, 1 + len(self.areas))
            found.append(audit(self.table(name), self.policy, evidence="backtest", area=area))
        progress("audit the backtest", len(found), len(found))
        return found[0], dict(zip(self.areas, found[1:], strict=True))

    def diagnosis(self, name: str, areas: dict[str, AuditReport], progress: Progress) -> dict[str, Any]:
        """Return where disparities in the lists of ranker `name` may come from; it decides nothing."""
        snapshot, stream, communities = self._snapshot, self._stream, self._communities
        return diagnose(self._experiment, name, snapshot, stream, communities, self.policy, areas, progress)

    def by_split(self, name: str) -> dict[str, AuditReport]:
        """Return the backtest audit of each test date by itself: the first points of the evidence over time."""
        table, splits = self.table(name), self._experiment.splits
        return {
            str(split.test): audit(table[table["split"] == number], self.policy, evidence="backtest")
            for number, split in enumerate(splits)
        }

    def condition(self, decision: PromotionDecision) -> tuple[PromotionDecision, str]:
        """Return the decision with the fairness condition of promotion applied, and what was found by community.

        The decision goes into the bundle's card and into MLflow, where nothing about communities belongs.
        """
        if not decision.promoted:
            return decision, ""
        exchanges = compare_missed_harm(self.table(decision.champion), self.table(decision.incumbent), self.policy)
        self.exchanges = exchanges
        worse = [exchange for exchange in exchanges if exchange.worse]
        why = _why(decision.incumbent, exchanges, worse)
        return decision.with_condition(CONDITION, not worse, "the audit document says for whom"), why


def _why(incumbent: str, exchanges: list[Exchange], worse: list[Exchange]) -> str:
    if not exchanges:
        return "No binding community has enough outcomes to compare."
    if not worse:
        return f"No binding community's harm is missed more often than by {incumbent} ({len(exchanges)} compared)."
    told = "; ".join(f"{e.characteristic} {e.group!r} by {e.change:+.1%} (adjusted p {e.p_holm:.2g})" for e in worse)
    return f"Harm is missed more often than by {incumbent}: {told}."


def _log(
    experiment: Experiment, bundle: Bundle, workspace: Workspace, snapshot: Snapshot, report: dict[str, str]
) -> str | None:
    """Return MLflow's run id; None where its store fails, which is told and stops nothing."""
    from training.tracking import log_experiment

    files = [Path(report[kind]) for kind in ("html", "json", "pdf") if kind in report]
    try:
        return log_experiment(experiment, bundle, workspace.mlflow, snapshot=str(snapshot.hash), reports=files)
    except MirrorFailed as error:
        note(f"Warning: this training run is not in MLflow. {error.message} {error.remedy}")
        return None


def _differences(experiment: Experiment) -> list[dict[str, Any]]:
    return [
        {
            "name": d.name,
            "other": d.other,
            "weights": d.weights,
            "value": d.interval.value,
            "low": d.interval.low,
            "high": d.interval.high,
        }
        for d in experiment.comparison.differences
        if d.name in {ranker.name for ranker in experiment.settings.candidates}
    ]


def _keep(
    workspace: Workspace,
    bundle: Bundle,
    policy: Policy,
    snapshot: Snapshot,
    pooled: AuditReport,
    areas: dict[str, AuditReport],
    by_split: dict[str, AuditReport],
    why: str,
    trainer: str,
    diagnosis: dict[str, Any],
) -> Hash:
    """Store the backtest audit, let the ledger vouch for it and for who trained, crown the bundle; return the hash.

    A rehearsal is not crowned while a bundle that may be shown to a panel is there.
    """
    document = {
        "bundle": bundle.hash,
        "policy": str(policy.hash),
        "snapshot": snapshot.hash,
        "pooled": pooled.to_dict(),
        "areas": {area: report.to_dict() for area, report in areas.items()},
        "splits": {day: report.to_dict() for day, report in by_split.items()},
        "missed_harm_by_community": why,
        "diagnosis": diagnosis,
    }
    place = workspace.audit_file(bundle.hash)
    workspace.write_document(place, document)
    hashed = digest_file(place)
    with batch_service(workspace) as service:
        service.note(trainer, AUDITED, bundle.hash, {"audit": hashed, "account": getpass.getuser()})
        if bundle.for_panel or not workspace.has_champion:
            workspace.crown(bundle.hash)
        registry.after_act(workspace, service, audits=True)
    return hashed


def describe(result: dict[str, Any], verbose: bool = False) -> list[str]:
    """Return what came of a training in plain lines, the decision last; with every figure where asked."""
    told = "every figure is in the report" + ("." if verbose else " (and printed with --verbose).")
    return [
        *_tuning(result["tuning"]),
        f"{result['people']:,} people at {', '.join(result['splits'])}; {result['outcomes']:,} outcomes.",
        *(_figures(result) if verbose else []),
        f"Rules of promotion, all of which must hold; {told}",
        *(f"  {'holds' if c['holds'] else 'does not hold'}: {c['name']}. {c['why']}" for c in result["conditions"]),
        *retraining.describe(result["retraining"]),
        "",
        *evaluation.told(result["report"]),
        *(f"ALARM ({alarm['kind']}): {alarm['message']}" for alarm in result["alarms"]),
        f"Mature backtest audit: {result['backtest_verdict']}",
        f"{'Promoted' if result['promoted'] else 'Not promoted; the simple list stays'}: {result['champion']}, "
        f"bundle {result['bundle']}",
    ]


def _figures(result: dict[str, Any]) -> list[str]:
    """Return the figures of every ranker, why this one, and whose place rests on chance."""
    return [
        *(
            _measure(row)
            for row in result["candidates"]
            if row["metric"] in ("auc", "harm_found") or row["low"] is not None
        ),
        "",
        *(
            f"  {d['name']} − {d['other']:<12} harm found, {d['weights']:<18} {d['value']:+,.0f} "
            f"({d['low']:+,.0f} to {d['high']:+,.0f})"
            for d in result["differences"]
        ),
        "",
        *selection_words.lines(result["selection"]),
        *certificate.lines(result["certificate"]),
        *ablation.lines(result["ablations"]),
        "",
    ]


def _tuning(found: dict[str, Any]) -> list[str]:
    if not found["trials"]:
        return []
    if not found["rankers"]:
        return ["No parameters were searched for: history is too short for dates before those that are compared."]
    return [
        f"{each['name']}: {each['trials']} sets of parameters tried at {', '.join(each['dates'])}; "
        + (f"found {_plainly(each['found'])}" if each["adopted"] else "none was better at every date; as declared")
        for each in found["rankers"]
    ]


def _plainly(parameters: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in parameters.items())


def _measure(row: dict[str, Any]) -> str:
    interval = "" if row["low"] is None else f" ({row['low']:.3g} to {row['high']:.3g})"
    return f"  {row['name']:<12} {row['metric']:<28} {row['value']:.4g}{interval}"
