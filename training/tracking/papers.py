"""The documents of a run in MLflow: why this ranker, its card, and what moves the margin; aggregates only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models import Bundle
from training import ablation, certificate, selection_words
from training.card import model_card
from training.experiment import Experiment
from training.plots import write_explanations
from training.selection import selection
from values import canonical_json


def write_papers(folder: Path, experiment: Experiment, bundle: Bundle, notes: Mapping[str, Any]) -> None:
    """Write the documents of a run into a folder.

    Parameters
    ----------
    folder
        Gets ``selection.json`` and ``.md``, ``model_card.json``, ``indicator_auc.json``, one file a note, and
        ``explanations/``.
    experiment, bundle
        The run with its final decision, and the bundle saved from it.
    notes
        Further plain values by name.
    """
    record = canonical_json(selection_record(experiment, bundle))
    (folder / "selection.json").write_text(record, encoding="utf-8")
    (folder / "selection.md").write_text(selection_page(experiment, bundle), encoding="utf-8")
    aucs = {name: round(area, 6) for name, area in experiment.indicator_aucs.items()}
    for name, plain in {"model_card": model_card(experiment), "indicator_auc": aucs, **notes}.items():
        (folder / f"{name}.json").write_text(json.dumps(plain, indent=1), encoding="utf-8")
    write_explanations(folder / "explanations", experiment, bundle)


def selection_record(experiment: Experiment, bundle: Bundle) -> dict[str, Any]:
    """Return what was compared, what was decided and why, as plain JSON values (aggregates only)."""
    return {"bundle": str(bundle.hash), "kind": bundle.kind, **bundle.card, **model_card(experiment)}


def selection_page(experiment: Experiment, bundle: Bundle) -> str:
    """Return the selection record as a Markdown page for people."""
    decision = experiment.decision
    lines = [
        f"# Selection record {bundle.hash.short}",
        "",
        f"Champion: **{decision.champion}**. "
        + ("The model is promoted." if decision.promoted else "The simple list stays."),
        "",
        "| condition | holds | figures |",
        "|---|---|---|",
        *(f"| {c.name} | {'yes' if c.holds else 'no'} | {c.why} |" for c in decision.conditions),
        "",
        "| ranker | measure | value | low | high |",
        "|---|---|---|---|---|",
        *(
            f"| {row['name']} | {row['metric']} | {_shown(row['value'])} | {_shown(row['low'])} "
            f"| {_shown(row['high'])} |"
            for row in experiment.candidates
        ),
        "",
        *_listed(selection_words.lines(selection(experiment))),
        "",
        *_listed(certificate.lines(bundle.card["certificate"])),
        *_listed(ablation.lines(list(experiment.ablations))),
    ]
    return "\n".join(lines) + "\n"


def _listed(lines: list[str]) -> list[str]:
    """Return lines as Markdown: what is indented becomes a list."""
    return [f"- {line.strip()}" if line.startswith(" ") else f"\n{line}\n" for line in lines]


def _shown(value: float | None) -> str:
    return "not stated" if value is None else f"{value:.4g}"
