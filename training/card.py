"""The model card: what was compared, on whom, and what was found; aggregates only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from training.selection import selection

if TYPE_CHECKING:
    from training.experiment import Experiment

SMALLEST_COUNT = 10
"""Counts from 1 up to this are not printed."""
_DIGITS = 6
_TELLS = {
    "outcomes": ("rate", "rate_low", "rate_high"),
    "treated": ("effective_size", "rate_low", "rate_high"),
    "censored": ("effective_size",),
    "moved": ("effective_size",),
    "died": ("effective_size",),
}
"""By count: figures that, with the number of people, say what it is."""


def model_card(experiment: Experiment) -> dict[str, Any]:
    """Return the card of a training run as plain JSON values, the same for the same data and settings.

    Small counts are withheld and figures rounded, so that the card describes groups and never a person.
    """
    settings = experiment.settings
    return {
        "label": settings.label.model_dump(mode="json"),
        "cohort": settings.cohort.model_dump(mode="json"),
        "capacity": settings.capacity.model_dump(mode="json"),
        "seed": settings.seed,
        "promote": settings.promote,
        "extract_date": str(experiment.extract_date),
        "splits": [
            {"test": str(split.test), "train": [str(day) for day in split.train]} for split in experiment.splits
        ],
        "weight_sets": [
            {"name": weights.name, "source": weights.source, "verified": weights.verified}
            for weights in settings.weight_sets
        ],
        "rankers": [ranker.model_dump(mode="json") for ranker in settings.rankers],
        "tuning": [each.to_dict() for each in experiment.tuned],
        "people_compared": experiment.comparison.people,
        "bootstrap_draws": experiment.comparison.draws,
        "measures": [_rounded(row) for row in experiment.candidates],
        "alarms": [_rounded(alarm.to_dict()) for alarm in experiment.alarms],
        "decision": experiment.decision.to_dict(),
        "selection": selection(experiment),
        "ablations": list(experiment.ablations),
        "audit_depth": dict(experiment.depth),
        "dates": [_rounded(_withheld(row)) for row in experiment.report],
        "not_available": list(experiment.missing),
        "limits": [
            "A move is followed only to an address recorded in none of the areas; custody is dated by its start only.",
            "Brier score and log-loss need an earlier split whose labels were known by then.",
        ],
    }


def _withheld(row: dict[str, object]) -> dict[str, object]:
    """Withhold small counts, and what they could be worked out from."""
    small = {key for key, value in row.items() if isinstance(value, int) and 0 < value < SMALLEST_COUNT}
    told = {key for count in small for key in _TELLS.get(count, ())}
    return {
        key: f"fewer than {SMALLEST_COUNT}" if key in small else None if key in told else value
        for key, value in row.items()
    }


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {key: _round(value) for key, value in row.items()}


def _round(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return float(f"{value:.{_DIGITS}g}") if np.isfinite(value) else None
