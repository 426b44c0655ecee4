"""What a group's figures tell, taken apart into five parts that can be withheld one without the other.

``outcomes`` is how many had the outcome and how many had not; ``unknown`` of how many nobody knows; the other three
say how many of each were selected. A rate is shown where all the parts that it tells of are.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from fairness.metrics import OUTCOME_NO, OUTCOME_UNKNOWN, OUTCOME_YES


class Part(StrEnum):
    """A part of a group's figures."""

    OUTCOMES = "outcomes"
    UNKNOWN = "unknown"
    FOUND = "found"
    ALARMS = "alarms"
    UNKNOWN_SELECTED = "unknown selected"


SPLITS: Mapping[Part, tuple[Part, int, int]] = {
    Part.FOUND: (Part.OUTCOMES, OUTCOME_YES * 2, OUTCOME_YES * 2 + 1),
    Part.ALARMS: (Part.OUTCOMES, OUTCOME_NO * 2, OUTCOME_NO * 2 + 1),
    Part.UNKNOWN_SELECTED: (Part.UNKNOWN, OUTCOME_UNKNOWN * 2, OUTCOME_UNKNOWN * 2 + 1),
}
"""A split -> the part that says how many there are to split, and the two states."""

WHOLES: Mapping[Part, tuple[tuple[int, int], ...]] = {
    whole: tuple((low, high) for of, low, high in SPLITS.values() if of == whole)
    for whole in (Part.OUTCOMES, Part.UNKNOWN)
}
"""A part that is no split -> the pairs of states whose sums it tells."""

HARMED = SPLITS[Part.FOUND][1:]
"""The states of those who had the outcome."""

_LABELLED = (Part.OUTCOMES,)
_SIZE = (Part.OUTCOMES, Part.UNKNOWN)
NEEDED: Mapping[str, tuple[Part, ...]] = {
    "outcome": _LABELLED,
    "calibration": _LABELLED,
    "missed_harm": (*_LABELLED, Part.FOUND),
    "found": (*_LABELLED, Part.FOUND),
    "fpr": (*_LABELLED, Part.ALARMS),
    "precision": (*_LABELLED, Part.FOUND, Part.ALARMS),
}
"""Metric -> the parts that its figures tell; any other metric tells all of them."""
_TURNS = ("turns_if_seldom", "reverses_if_seldom", "turns_if_often", "reverses_if_often")
COLUMNS: Mapping[str, tuple[Part, ...]] = {
    "rows": _SIZE,
    "people": _SIZE,
    "outcomes": _LABELLED,
    **dict.fromkeys(_TURNS, (*_LABELLED, Part.FOUND, Part.ALARMS)),
}
"""What stands in every cell of a group -> the parts that it tells."""


def needed(metric: str) -> tuple[Part, ...]:
    """Return the parts that the figures of a metric tell.

    >>> [part.value for part in needed("fpr")]
    ['outcomes', 'alarms']
    """
    return NEEDED.get(metric, tuple(Part))
