"""How people decided beside the order: figures for those who ask whether a human being really decides.

The order is advice (Police covenant for using AI: meaningful human involvement). Nobody can read a mind from figures;
they show where to look: a panel that never departs from the order, decides in seconds, or writes one reason for all.
No figure is of one person on a list, and none names who decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from serving.panel.decisions import Decision

_LONGEST = timedelta(hours=8)
"""A case that was opened longer before its decision was not read for it: another day, another meeting."""


@dataclass(frozen=True)
class Involvement:
    """Figures of the decisions that stand on one released list.

    Parameters
    ----------
    decided
        People with a decision.
    accepted_below, declined_above
        Decisions against the order: a place for somebody below the line; none for somebody above it.
    changed
        Decisions that replaced an earlier one.
    opened
        Decisions before which the case was opened within eight hours.
    minutes
        Median minutes between the first such opening and the decision; None where no case was opened.
    under_a_minute
        Decisions less than a minute after the case was first opened, or without its being opened.
    repeated_words
        Decisions whose reason is, word for word, that of another decision on the list.
    """

    decided: int
    accepted_below: int
    declined_above: int
    changed: int
    opened: int
    minutes: float | None
    under_a_minute: int
    repeated_words: int

    @property
    def overrides(self) -> int:
        """Decisions against the order."""
        return self.accepted_below + self.declined_above


def involvement(
    rows: Iterable[Mapping[str, Any]], decisions: Iterable[Mapping[str, Any]], views: Iterable[Mapping[str, Any]]
) -> Involvement:
    """Return the figures of one list.

    Parameters
    ----------
    rows
        The list's rows (`person`, `section`, `above_line`).
    decisions
        Every decision on it, each with `current`.
    views
        Who opened which case of it when (`actor`, `at`, `detail` with `person`).
    """
    above = {row["person"]: bool(row["above_line"]) for row in rows if row["section"] == "ranked"}
    made = list(decisions)
    current = [each for each in made if each["current"]]
    accepts = {each["decision_id"]: Decision(each["decision"]).accepts for each in current}
    opened = _opened(views)
    waits = [_read_for(each, opened) for each in current]
    known = [wait for wait in waits if wait is not None]
    said = Counter(" ".join(each["reason"].casefold().split()) for each in current)
    return Involvement(
        decided=len(current),
        accepted_below=sum(accepts[each["decision_id"]] and above.get(each["person"]) is False for each in current),
        declined_above=sum(not accepts[each["decision_id"]] and above.get(each["person"], False) for each in current),
        changed=len(made) - len(current),
        opened=len(known),
        minutes=round(median(known) / 60, 1) if known else None,
        under_a_minute=sum(wait is None or wait < 60 for wait in waits),
        repeated_words=sum(count for count in said.values() if count > 1),
    )


def _opened(views: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], list[datetime]]:
    """Return when each person opened each case."""
    found: dict[tuple[str, str], list[datetime]] = {}
    for view in views:
        if "person" in view["detail"]:
            at = datetime.fromisoformat(view["at"])
            found.setdefault((view["actor"], view["detail"]["person"]), []).append(at)
    return found


def _read_for(decision: Mapping[str, Any], opened: Mapping[tuple[str, str], list[datetime]]) -> float | None:
    """Return the seconds between who decided first opening the case for it and deciding; None where they did not."""
    at = datetime.fromisoformat(decision["at"])
    times = opened.get((decision["by"], decision["person"]), [])
    since = [at - each for each in times if timedelta(0) <= at - each <= _LONGEST]
    return max(since).total_seconds() if since else None
