"""What a ranker would be without one part of what it reads: risk grades, gravity, each group of indicators."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from features.catalogue import Catalogue
from training.evaluate import auc, found_at
from training.lists import Floats, Lists
from training.refitting import Refitting
from training.stages import Stages
from values import Progress, digest, silent

NOTHING = "nothing"
GRAVITY = "gravity (everything counted in harm days)"
_DIGITS = 6


def parts(catalogue: Catalogue) -> dict[str, frozenset[str]]:
    """Return what is left out, by name: everything counted in harm days, and each group of the catalogue."""
    gravity = frozenset(each.name for each in catalogue if each.unit == "harm days" or each.group == "harm")
    groups: dict[str, set[str]] = {}
    for each in catalogue:
        groups.setdefault(each.group, set()).add(each.name)
    return {GRAVITY: gravity, **{group: frozenset(names) for group, names in groups.items()}}


def ablations(refitting: Refitting, stages: Stages | None = None, progress: Progress = silent) -> list[dict[str, Any]]:
    """Return how a ranker does at one test date, and how without each part, refitted every time.

    Parameters
    ----------
    stages
        Where the margins of each refit are kept, so that a run that is stopped need not begin anew.

    Returns
    -------
    list of dict
        The whole first (without ``nothing``): without, indicators (how many were left out), auc, and harm_found by
        weight set (harm days a round of lists, averaged over the declared lengths). A part that is worth nothing may
        be covered by others that say the same; none of these differences has an interval.
    """
    lists, places, stages = refitting.lists(), refitting.settings.capacity.places, stages or Stages()
    offered = {NOTHING: frozenset[str](), **parts(refitting.catalogue)}
    found = []
    for number, (name, without) in enumerate(offered.items()):
        kept = f"ablation-{refitting.ranker.name}-{digest(sorted(without)).short}"
        margins = stages.array(kept, functools.partial(refitting.margin, without=without))
        found.append({"without": name, "indicators": len(without), **_measured(lists, margins, places)})
        progress("ablations", number + 1, len(offered))
    return found


def _measured(lists: Lists, margins: Floats, places: Sequence[int]) -> dict[str, Any]:
    harm = np.stack([days * lists.weight for days in lists.harm.values()], axis=1)
    days = found_at(lists, margins, harm, places)[0].mean(axis=0)
    return {
        "auc": _number(auc(lists, margins)[0]),
        "harm_found": {name: _number(number) for name, number in zip(lists.harm, days, strict=True)},
    }


def _number(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def lines(found: list[dict[str, Any]]) -> list[str]:
    """Return the ablations in plain lines, with the change that each part makes."""
    if not found:
        return []
    whole, *rest = found
    told = [f"Left out one at a time (area under the curve {whole['auc']:.3f} with everything):"]
    for each in rest:
        changes = ", ".join(
            f"{name} {days - whole['harm_found'][name]:+,.0f}" for name, days in each["harm_found"].items()
        )
        told.append(f"  without {each['without']}: {each['auc'] - whole['auc']:+.3f}; harm days found {changes}")
    return told
