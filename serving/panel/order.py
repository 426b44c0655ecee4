"""When a decision goes against the order of a list: the one place that says so.

The order is advice and the panel departs from it without penalty, in either direction. That it did is marked for good
on the case, and counted, because a panel that never departs from an order may not be deciding.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from serving.panel.decisions import Decision

UNORDERED = frozenset({Decision.DEFER, Decision.REMOVE, Decision.ESCALATE})
"""Decisions of which no order speaks: nothing is decided yet, a place that was given ends, a MARAC comes first."""


class Override(StrEnum):
    """How a decision goes against the order."""

    ACCEPTED_BELOW = "accepted_below"
    DECLINED_ABOVE = "declined_above"

    @property
    def label(self) -> str:
        """The marker in words."""
        return _LABELS[self]


_LABELS = {
    Override.ACCEPTED_BELOW: "Against the order: a place given below the capacity line",
    Override.DECLINED_ABOVE: "Against the order: no place given above the capacity line",
}


def line_band(header: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the band of places at the line whose order is no finding; None where it is not known."""
    band: dict[str, Any] = header.get("line_band", {})
    return band if "from_place" in band else None


def is_near(header: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Say whether a row of a list stands, or would stand, in the band at its line."""
    band = line_band(header)
    return band is not None and row["place"] is not None and band["from_place"] <= row["place"] <= band["to_place"]


def has_side(header: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Say whether the order speaks of a person at all.

    Only of who is ranked: people on hold, referred or shown apart have no side of the line, and neither have those
    who share the place at which it falls or stand in the band around it, among whom the panel chooses.
    """
    return row["section"] == "ranked" and not row.get("at_line", False) and not is_near(header, row)


def against_order(header: Mapping[str, Any], row: Mapping[str, Any], decision: str) -> Override | None:
    """Return how a decision on a row of a list goes against its order; None where it does not.

    A decision that says nothing of whether somebody should have a place goes against nothing; see `UNORDERED`.

    Parameters
    ----------
    header, row
        The list's header (`line_band`) and the row as they were released (`section`, `place`, `above_line`, `at_line`).
    """
    made = Decision(decision)
    if made in UNORDERED or not has_side(header, row) or made.accepts == bool(row["above_line"]):
        return None
    return Override.ACCEPTED_BELOW if made.accepts else Override.DECLINED_ABOVE
