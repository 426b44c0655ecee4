"""The cards that training, scoring, shadows, proofs and data reports leave for the service's pages.

What a card says is taken from documents that are made to leave the workspace: counts of people from 1 to 9 are
withheld in them. Nothing of a person, no place and no score is on one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drive_panel.output import note
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from fairness.exchange import Exchange
from features import CATALOGUE
from models import Bundle
from serving import Batch
from serving.cards import EVERYWHERE, CardKind
from training.card import SMALLEST_COUNT
from training.experiment import Experiment
from training.report.beside import told_shadows
from values import Hash

_OF_EVALUATION = (
    "synthetic", "champion", "for_panel", "people_compared", "splits", "record", "decision", "measures",
    "weight_sets", "alarms", "certificate", "ablations", "findings", "live", "extract_date", "not_available", "seed",
    "bootstrap_draws", "promote", "cohort", "label", "capacity", "rankers", "tuning", "candidates", "incumbents",
)  # fmt: skip
_OF_DELIVERY = ("name", "source", "extract_date", "read", "accepted", "quarantined")
_OF_COLUMN = ("column", "recorded", "of", "share_recorded")
_LEAST_RECORDED = 12
_NAMES_AREAS = ("volumes",)
"""Sections of the data report whose sentences name areas."""
_OF_CHECKS = ("dates", "copies", "links")
"""Sections whose sentences count people or rows one by one; a card gives each count of its own, or withholds it."""


def keep(
    workspace: Workspace, kind: CardKind, subject: str, document: dict[str, Any], by: str, area: str = EVERYWHERE
) -> None:
    """Keep a card; say so, and go on, where this process does not know how the batch side reaches the database."""
    if not workspace.databases.reaches("batch"):
        note("The service's pages do not show this: the address of the database is not set for batch work.")
        return
    with batch_service(workspace) as service:
        service.keep_card(kind, subject, document, by, area)


def training(
    evaluation: Mapping[str, Any],
    experiment: Experiment,
    bundle: Bundle,
    exchanges: Sequence[Exchange] | None,
    backtest: Mapping[str, Any],
    hashes: Mapping[str, str],
    **about: Any,
) -> dict[str, Any]:
    """Return the card of a training run.

    Parameters
    ----------
    evaluation
        The evaluation report's figures, from which small counts are withheld.
    exchanges
        What the promotion would have done to each community's missed harm; None where no model came that far.
    backtest
        The verdicts of the backtest audit: ``all`` and by area under ``areas``.
    hashes
        Of the audit document and the policy; those of bundle, records and catalogue are added.
    about
        Who trained, MLflow's run, whether the bundle scores from now on.
    """
    limits = experiment.settings.alarms
    return {
        **{name: evaluation[name] for name in _OF_EVALUATION},
        **about,
        "kind": bundle.kind,
        "why": evaluation["selection"]["why"],
        "why_not": evaluation["selection"]["why_not"],
        "differences": [
            each
            for each in evaluation["differences"]
            if each["name"] in evaluation["candidates"] and each["other"] in evaluation["incumbents"]
        ],
        "hashes": {
            "bundle": str(bundle.hash),
            "snapshot": evaluation["snapshot"],
            "catalogue": evaluation["catalogue"],
            **hashes,
        },
        "limits": {"candidate_auc": limits.candidate_auc, "indicator_auc": limits.indicator_auc},
        "highest_indicator_auc": round(max(experiment.indicator_aucs.values(), default=0.5), 4),
        "indicators": [
            {"name": name, "question": CATALOGUE[name].question, "group": CATALOGUE.group_of(name)}
            for name in bundle.indicators
        ],
        "communities": None if exchanges is None else _communities(exchanges),
        "backtest": backtest,
    }


def _communities(exchanges: Sequence[Exchange]) -> dict[str, Any]:
    """Return the fairness condition of promotion: how many communities were compared, and who would be missed more."""
    return {
        "compared": len(exchanges),
        "worse": [
            # Whole percentage points: the rate itself stands in the audit, where small groups are withheld together.
            {
                "table": each.table,
                "characteristic": each.characteristic,
                "group": each.group,
                "change": round(each.change, 2),
                "p": float(f"{each.p_holm:.1g}"),
            }
            for each in exchanges
            if each.worse
        ],
    }


def scoring(
    bundle: Bundle, snapshot: Hash, as_of: str, drift: Mapping[str, Any] | None, proof: Mapping[str, Any], verdict: str
) -> dict[str, Any]:
    """Return the card of a scoring run: with what it scored, how far its people have moved, and the proof it made."""
    return {
        "bundle": str(bundle.hash),
        "kind": bundle.kind,
        "snapshot": str(snapshot),
        "as_of": as_of,
        "drift": drift,
        "proof": dict(proof),
        "verdict": verdict,
    }


def keep_scoring(service: Batch, run: str, area: str, card: dict[str, Any], shadowed: Mapping[str, Any] | None) -> None:
    """Keep the card of a scoring run, and that of the bundle that was scored in its shadow."""
    service.keep_card(CardKind.SCORING, run, card, "batch", area)
    if shadowed is not None:
        (told,) = told_shadows([shadowed])
        about = {"bundle": str(shadowed["bundle"]), "kind": shadowed["kind"], "live": card["bundle"]}
        service.keep_card(CardKind.SHADOW, run, {**told, **about, "as_of": card["as_of"]}, "batch", area)


def quality(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the card of a data-quality report."""
    columns = [
        {"table": table["table"], **{name: row[name] for name in _OF_COLUMN}}
        for table in document["completeness"]["tables"]
        for row in table["columns"]
        if row["delivered"] and not row["blank_is_ordinary"] and row["of"]
    ]
    columns = [row for row in columns if row["share_recorded"] < 1]
    columns.sort(key=lambda row: (row["share_recorded"], row["table"], row["column"]))
    return {
        **{name: document[name] for name in ("synthetic", "extract_date", "period", "source")},
        "deliveries": [
            {name: each[name] for name in _OF_DELIVERY} | {"reasons": _shown(each["reasons"])}
            for each in document["deliveries"].get("deliveries", [])
        ],
        "linked": document["linkage"]["available"],
        "tables": [
            {
                **{name: table[name] for name in ("table", "meaning", "delivered")},
                **_shown({"rows": table.get("rows", 0)}),
            }
            for table in document["completeness"]["tables"]
        ],
        "least_recorded": [_column(row) for row in columns[:_LEAST_RECORDED]],
        "findings": [
            {**each, "names_areas": each["section"] in _NAMES_AREAS}
            for each in document["findings"]
            if each["section"] not in _OF_CHECKS
        ],
        "checks": [
            {
                "section": section,
                "meaning": check["meaning"],
                "do": check["do"],
                **_shown({"rows": check["rows"]}),
            }
            for section in _OF_CHECKS
            for check in document[section]["checks"]
            if check["available"] and check["rows"]
        ],
    }


def _shown(counts: Mapping[str, int]) -> dict[str, int | None]:
    return {name: None if 0 < count < SMALLEST_COUNT else count for name, count in counts.items()}


def _column(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return how often a column is recorded; not told where so few rows are, or are not, that they are somebody's."""
    few = min(row["recorded"], row["of"] - row["recorded"]) < SMALLEST_COUNT
    return {
        "table": row["table"],
        "column": row["column"],
        "share": None if few and 0 < row["recorded"] < row["of"] else round(row["share_recorded"], 3),
    }


def time_travel(result: Mapping[str, Any], snapshot: Hash) -> dict[str, Any]:
    """Return the card of a time-travel proof: what was checked, and what moved, without how many people."""
    told = ("checked", "cohorts_checked", "as_of", "seed", "holds", "moved")
    return {
        **{name: result[name] for name in told},
        **_shown({"people": result["rows"]}),
        "cohorts_moved": sorted(result["cohorts_moved"]),
        "snapshot": str(snapshot),
    }
