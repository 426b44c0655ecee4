"""How people decided beside the order: figures for those who ask whether a human being really decides.

The order is advice (Police covenant for using AI: meaningful human involvement). Nobody can read a mind from figures;
they show where to look: a panel that never departs from the order, decides in seconds, or writes one reason for all.
No figure is of one person on a list, and none names who decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from serving.filing import Filed
from serving.panel.decisions import Decision
from serving.panel.order import UNORDERED, Override, against_order, has_side
from serving.panel.own_views import Leaning
from serving.panel.particulars import Opinion

UNSEEN = frozenset({"agency_information", "record_wrong"})
"""Main reasons that no list can give, since its records hold none of it."""
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
        Decisions against the order (`serving.panel.order`): a place below the line; none above it.
    ordered
        Decisions on which the order has a word: those that could have gone against it.
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
    marked, disagreed
        Decisions that say of at least one of the list's reasons what the panel makes of it; that disagree with one.
    unseen
        Decisions whose main reason no list can give.
    own_first, own_kept
        Decisions on a place before which who decided put their own view on file without having seen the place, a view
        that leans one way; those that went as that view did. None where the reader may not read own views.
    """

    decided: int
    accepted_below: int
    declined_above: int
    changed: int
    opened: int
    minutes: float | None
    under_a_minute: int
    repeated_words: int
    ordered: int
    marked: int
    disagreed: int
    unseen: int
    own_first: int | None
    own_kept: int | None

    @property
    def overrides(self) -> int:
        """Decisions against the order."""
        return self.accepted_below + self.declined_above

    @property
    def override_rate(self) -> float | None:
        """Decisions against the order, of those that could have been; None where none could."""
        return self.overrides / self.ordered if self.ordered else None


def together(figures: Iterable[Involvement]) -> Involvement | None:
    """Return the figures of several lists added up, without median minutes, which do not add up; None of none."""
    found = list(figures)
    if not found:
        return None
    told = [{**asdict(each), "minutes": None} for each in found]
    return Involvement(**{name: _added([each[name] for each in told]) for name in told[0]})


def _added(values: list[Any]) -> Any:
    """Return a sum; None where one of the figures is not known, or not for the reader."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def involvement(
    header: Mapping[str, Any],
    rows: Iterable[Mapping[str, Any]],
    decisions: Iterable[Mapping[str, Any]],
    views: Iterable[Mapping[str, Any]],
    own_views: Iterable[Filed] | None,
) -> Involvement:
    """Return the figures of one list.

    Parameters
    ----------
    header, rows
        The list's header (`line_band`) and its rows (`person`, `section`, `place`, `above_line`, `at_line`).
    decisions
        Every decision on it, each with `current` and `particulars`.
    views
        Who opened which case of it when (`actor`, `at`, `detail` with `person`).
    own_views
        Views on file of those who chair; None where the reader may not read them.
    """
    listed = {row["person"]: row for row in rows}
    made = list(decisions)
    current = [each for each in made if each["current"]]
    placed = [each for each in current if each["person"] in listed]
    against = Counter(against_order(header, listed[each["person"]], each["decision"]) for each in placed)
    opinions = [_opinions(each) for each in current]
    kept = None if own_views is None else _kept(current, own_views)
    opened = _opened(views)
    waits = [_read_for(each, opened) for each in current]
    known = [wait for wait in waits if wait is not None]
    said = Counter(" ".join(each["reason"].casefold().split()) for each in current)
    return Involvement(
        decided=len(current),
        accepted_below=against[Override.ACCEPTED_BELOW],
        declined_above=against[Override.DECLINED_ABOVE],
        changed=len(made) - len(current),
        opened=len(known),
        minutes=round(median(known) / 60, 1) if known else None,
        under_a_minute=sum(wait is None or wait < 60 for wait in waits),
        repeated_words=sum(count for count in said.values() if count > 1),
        ordered=sum(has_side(header, listed[each["person"]]) and each["decision"] not in UNORDERED for each in placed),
        marked=sum(bool(each) for each in opinions),
        disagreed=sum(Opinion.DISAGREE in each for each in opinions),
        unseen=sum(each["reason_code"] in UNSEEN for each in current),
        own_first=None if kept is None else len(kept),
        own_kept=None if kept is None else sum(kept),
    )


def _opinions(decision: Mapping[str, Any]) -> list[str]:
    """Return what a decision says of the list's reasons."""
    return [each["opinion"] for each in (decision["particulars"] or {}).get("opinions", [])]


def _kept(current: Iterable[Mapping[str, Any]], own_views: Iterable[Filed]) -> list[bool]:
    """Return, for each decision after an own view without the place, whether it went as that view did."""
    views = {
        (each.by, each.person): each
        for each in own_views
        if not each.document["place_seen"] and each.document["leaning"] != Leaning.CANNOT_TELL
    }
    found = []
    for each in [made for made in current if made["decision"] not in UNORDERED]:
        view = views.get((each["by"], each["person"]))
        if view is not None and datetime.fromisoformat(view.at) <= datetime.fromisoformat(each["at"]):
            wanted = Leaning.PLACE if Decision(each["decision"]).accepts else Leaning.NO_PLACE
            found.append(view.document["leaning"] == wanted)
    return found


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
