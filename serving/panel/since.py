"""What changed since the last panel, told by bands and sides of the line and never by places.

A place moves whenever somebody else does; a band moves with the person. Only who stood or stands for a place is
compared: people shown apart take none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from serving.panel.decisions import Decision, kinds_of

Row = Mapping[str, Any]
BANDS = ("very high", "high", "raised", "lower")
"""Highest first."""


@dataclass(frozen=True)
class Change:
    """One person's rows on the two lists; None where they were not on it, or were shown apart."""

    person: str
    before: Row | None
    now: Row | None


@dataclass(frozen=True)
class Since:
    """What changed between two lists, each group in the order of the list that its people stand on.

    Parameters
    ----------
    entered, left
        People who stand on the newer list only, and on the older one only.
    rose, fell
        People in another band, or in the same band on the other side of the line, or newly sharing the place at it.
    held
        People with a kind of hold that they did not have.
    """

    entered: tuple[Change, ...]
    left: tuple[Change, ...]
    rose: tuple[Change, ...]
    fell: tuple[Change, ...]
    held: tuple[Change, ...]


def standing(rows: Iterable[Row]) -> dict[str, Row]:
    """Return, by pseudonym, the rows of those who are up for a place."""
    return {row["person"]: row for row in rows if row["section"] != "apart"}


def changes(before: Sequence[Row], now: Sequence[Row]) -> Since:
    """Compare the rows of two lists."""
    then, rows = standing(before), standing(now)
    both = [Change(person, then[person], row) for person, row in rows.items() if person in then]
    return Since(
        entered=tuple(Change(person, None, row) for person, row in rows.items() if person not in then),
        left=tuple(Change(person, row, None) for person, row in then.items() if person not in rows),
        rose=tuple(each for each in both if _moved(each) > 0),
        fell=tuple(each for each in both if _moved(each) < 0),
        held=tuple(Change(p, then.get(p), row) for p, row in rows.items() if _kinds(row) - _kinds(then.get(p))),
    )


def latest(decisions: Iterable[Row]) -> dict[str, Row]:
    """Return the newest decision on each pseudonym, whichever list it was made on."""
    return {row["person"]: row for row in sorted(decisions, key=lambda row: row["decision_id"])}


def falling_due(decisions: Iterable[Row], by: date) -> list[Row]:
    """Return the deferrals that nobody decided on since and that end by a day, the first to end first."""
    due = [
        row
        for row in latest(decisions).values()
        if row["decision"] == Decision.DEFER and row["until"] and row["until"] <= by.isoformat()
    ]
    return sorted(due, key=lambda row: (row["until"], row["decision_id"]))


def _moved(change: Change) -> int:
    """Return above 0 for who rose, below 0 for who fell; 0 where no band tells."""
    before, now = _height(change.before), _height(change.now)
    if before is None or now is None:
        return 0
    return (now > before) - (now < before)


def _height(row: Row | None) -> tuple[int, int] | None:
    if row is None or row["band"] not in BANDS:
        return None
    return -BANDS.index(row["band"]), 2 if row["above_line"] else 1 if row.get("at_line") else 0


def _kinds(row: Row | None) -> set[str]:
    return set(kinds_of(row["hold"])) if row else set()
