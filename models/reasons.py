"""Why a person stands where they stand: grouped contributions that a panel can check.

Contributions of a bundle's indicators are summed by the catalogue's groups. A group that raises a person is told
with the incidents and hearings behind it, and only if the margin really falls when these are taken out of the
record and everything is computed again; what did not pass, or has no record to cite, is counted in
`Explanation.suppressed_share`. What lowers a person rests on absence: it is worded so and cites nothing. What is not
known is told as missing, with a bound: how far it could move the person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import Catalogue, EventFact, EventStream, Indicator, PersonEvents, compute, compute_without
from models import unknown
from models.bundle import Bundle
from models.errors import ModelsError
from models.wording import not_known, sentence
from values import AsOf

Push = Literal["raises", "lowers"]
_LEADS = 2  # indicators that word a group: more make a paragraph, not a reason
_LEAST_FALL = 1e-9  # of the margin, above the noise of summing


@dataclass(frozen=True)
class Reason:
    """One group of indicators and how it moves one person's margin.

    Attributes
    ----------
    group
        The catalogue's group.
    text
        What is recorded, in plain English.
    push
        ``raises`` or ``lowers``, against the average of the people the bundle was fitted on.
    contribution
        The group's part of the margin.
    share
        Its part of all movement, 0 to 1.
    indicators
        The indicators that `text` tells of.
    events
        Events known at T behind them, latest first; none where the reason rests on absence.
    removal_checked
        True where the margin fell when the events were taken out.
    margin_without
        The margin without the events; None where nothing was taken out.
    """

    group: str
    text: str
    push: Push
    contribution: float
    share: float
    indicators: tuple[str, ...]
    events: tuple[EventFact, ...] = ()
    removal_checked: bool = False
    margin_without: float | None = None

    @property
    def rests_on_absence(self) -> bool:
        """Say whether nothing is cited, so that no removal can check it."""
        return not self.events

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a stored document, without the other people in the events."""
        return {
            "group": self.group,
            "text": self.text,
            "push": self.push,
            "contribution": self.contribution,
            "share": self.share,
            "indicators": list(self.indicators),
            "events": [
                {"event": e.event_ref, "occurred": e.occurred, "kind": e.kind, "family": e.family} for e in self.events
            ],
            "removal_checked": self.removal_checked,
        }


@dataclass(frozen=True)
class Contrast:
    """How far a group separates a person from the person at the line; the differences sum to that of the margins."""

    group: str
    difference: float


@dataclass(frozen=True)
class Provisional:
    """How far a person could move if what is not known or out of date about them took any value.

    Attributes
    ----------
    low, high
        The margin's bounds; no completion lies outside. Infinite for a list that sums an unknown column.
    best, worst
        The places that go with them, everybody else staying as they are; None where no list was given.
    indicators
        What is not known or out of date.
    """

    low: float
    high: float
    best: int | None
    worst: int | None
    indicators: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """Everything told about one person's margin.

    Attributes
    ----------
    margin
        The raw margin.
    reasons
        Raising and lowering reasons, strongest first.
    suppressed_share
        Part of all movement (0 to 1) in raising groups that were withheld: the removal of their events did not
        lower the margin, or there was none to remove.
    withheld
        How many reasons that is.
    contrast
        Differences to the person at the line by group, largest first; empty without a line.
    missing
        What is not known, a sentence an indicator.
    provisional
        How far what is not known or out of date could move the person; None where nothing is.
    """

    person_id: str
    margin: float
    reasons: tuple[Reason, ...]
    suppressed_share: float
    contrast: tuple[Contrast, ...]
    missing: tuple[str, ...]
    withheld: int = 0
    provisional: Provisional | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a stored document, without the person's identity."""
        return {
            "reasons": [reason.to_dict() for reason in self.reasons],
            "suppressed_share": self.suppressed_share,
            "contrast": [{"group": c.group, "difference": c.difference} for c in self.contrast],
            "missing": list(self.missing),
            "provisional": None if self.provisional is None else _plain(self.provisional),
        }


def explain(
    bundle: Bundle,
    stream: EventStream,
    catalogue: Catalogue,
    people: pd.DataFrame,
    line_person: str | None = None,
    *,
    ranked: Mapping[str, float] | None = None,
    most: int = 6,
    least_share: float = 0.02,
) -> dict[str, Explanation]:
    """Return the explanation of each person's margin.

    Parameters
    ----------
    bundle
        The ranker; incumbents are explained by the same road.
    stream, catalogue
        What the indicators are computed from.
    people
        ``person_id`` and ``as_of``, each person once.
    line_person
        The person at the line, one of `people`.
    ranked
        The margin of everybody on the list, by person: with it a bound has places.
    most
        Most reasons told for one person.
    least_share
        Groups below this part of all movement are not told.

    Raises
    ------
    CatalogueMismatch
        If the bundle was made with another catalogue.
    ModelsError
        If a person is asked for twice or the person at the line is not among them.
    """
    bundle.require_catalogue(catalogue.version)
    if people["person_id"].duplicated().any():
        raise ModelsError("A person is asked for twice.", "Give each person once.")
    if line_person is not None and line_person not in set(people["person_id"]):
        raise ModelsError("The person at the line is not among the people.", "Add them.")
    used = catalogue.only(bundle.indicators)
    scored = _Scored(bundle, stream, used, compute(stream, people, used))
    told = [scored.candidates(row, least_share) for row in range(len(people))]
    checked = _removal_checked(scored, told)
    at_line = None if line_person is None else scored.people.index(line_person)
    bounds = _bounds(scored, {} if ranked is None else ranked)
    return {
        person: _explanation(scored, row, checked[row], at_line, most, bounds[row])
        for row, person in enumerate(scored.people)
    }


class _Scored:
    """Indicators, margins and grouped contributions of some people, one row each."""

    def __init__(self, bundle: Bundle, stream: EventStream, catalogue: Catalogue, table: pd.DataFrame) -> None:
        self.bundle, self.stream, self.catalogue = bundle, stream, catalogue
        self.names = np.array(bundle.indicators)
        self.people = [str(person) for person in table["person_id"]]
        self.dates = [AsOf(day.date()) for day in table["as_of"]]
        self.table, self.values = table, table[list(bundle.indicators)].to_numpy(dtype=np.float64)
        self.margins = bundle.margin(table)
        self.parts = bundle.contributions(table).drop(columns="base").to_numpy()
        self.members = _members(catalogue, bundle.indicators)
        self.groups = np.column_stack([self.parts[:, columns].sum(axis=1) for columns in self.members.values()])
        self.movement = np.abs(self.groups).sum(axis=1)

    def share(self, row: int, contribution: float) -> float:
        movement = float(self.movement[row])
        return abs(contribution) / movement if movement > 0 else 0.0

    def candidates(self, row: int, least_share: float) -> list[Reason]:
        """Return a reason for each group that moves the person enough, strongest first, not yet checked."""
        known = PersonEvents(self.stream, self.people[row], self.dates[row])
        reasons = []
        for group, contribution in zip(self.members, self.groups[row].tolist(), strict=True):
            share = self.share(row, contribution)
            if contribution != 0.0 and share >= least_share:
                reasons.append(self._reason(row, group, contribution, share, known))
        return sorted(reasons, key=lambda reason: (-abs(reason.contribution), reason.group))

    def _reason(self, row: int, group: str, contribution: float, share: float, known: PersonEvents) -> Reason:
        columns = self.members[group]
        pushed = self.parts[row, columns] * (1.0 if contribution > 0 else -1.0)
        strongest = columns[np.lexsort((self.names[columns], -pushed))][: int((pushed > 0).sum())]
        leads = [(self.catalogue[self.names[at]], float(self.values[row, at])) for at in strongest[:_LEADS]]
        text = ". ".join(sentence(indicator, value) for indicator, value in leads)
        events = _cited(known, leads) if contribution > 0 else ()
        push: Push = "raises" if contribution > 0 else "lowers"
        return Reason(group, f"{text}.", push, contribution, share, tuple(one.name for one, _ in leads), events)


def _members(catalogue: Catalogue, names: Sequence[str]) -> dict[str, npt.NDArray[np.intp]]:
    """Return the columns of each group, groups in alphabetical order."""
    groups = np.array([catalogue[name].group for name in names])
    return {str(group): np.flatnonzero(groups == group) for group in np.unique(groups)}


def _cited(known: PersonEvents, leads: Sequence[tuple[Indicator, float]]) -> tuple[EventFact, ...]:
    """Return the events behind the known ones of some indicators, each once, latest first."""
    facts = [fact for indicator, value in leads if not np.isnan(value) for fact in known.behind(indicator)]
    once = {fact.event_ref: fact for fact in facts}
    return tuple(sorted(once.values(), key=lambda fact: (fact.occurred, fact.event_ref), reverse=True))


def _removal_checked(scored: _Scored, told: Sequence[Sequence[Reason]]) -> list[list[tuple[Reason, bool]]]:
    """Return each reason with its margin without its events, and whether it may be shown."""
    asked = [(row, at) for row, reasons in enumerate(told) for at, reason in enumerate(reasons) if reason.events]
    requests = [
        (scored.people[row], scored.dates[row], frozenset(fact.event_ref for fact in told[row][at].events))
        for row, at in asked
    ]
    without: dict[tuple[int, int], float] = {}
    if requests:
        margins = scored.bundle.margin(compute_without(scored.stream, requests, scored.catalogue))
        without = {place: float(margin) for place, margin in zip(asked, margins, strict=True)}
    return [
        [_checked(reason, float(scored.margins[row]), without.get((row, at))) for at, reason in enumerate(reasons)]
        for row, reasons in enumerate(told)
    ]


def _checked(reason: Reason, margin: float, without: float | None) -> tuple[Reason, bool]:
    if without is None:  # nothing to take out: what raises somebody for want of a record is told as missing
        return reason, reason.push == "lowers"
    fell = without < margin - _LEAST_FALL
    told = {**vars(reason), "removal_checked": fell, "margin_without": without}
    return Reason(**told), fell


def _explanation(
    scored: _Scored,
    row: int,
    checked: list[tuple[Reason, bool]],
    at_line: int | None,
    most: int,
    provisional: Provisional | None,
) -> Explanation:
    missing = [scored.bundle.indicators[at] for at in np.flatnonzero(np.isnan(scored.values[row]))]
    return Explanation(
        person_id=scored.people[row],
        margin=float(scored.margins[row]),
        reasons=tuple(reason for reason, shown in checked if shown)[:most],
        suppressed_share=sum(reason.share for reason, shown in checked if not shown),
        contrast=() if at_line is None else _contrast(scored, row, at_line),
        missing=tuple(not_known(scored.catalogue[name]) for name in missing),
        withheld=sum(not shown for _, shown in checked),
        provisional=provisional,
    )


def _bounds(scored: _Scored, ranked: Mapping[str, float]) -> list[Provisional | None]:
    """Return how far each person could move, in the order of `scored`."""
    is_open = unknown.not_known(scored.catalogue, scored.values)
    for day in set(scored.dates):
        rows = [row for row, date in enumerate(scored.dates) if date == day]
        is_open[rows] |= unknown.stale(scored.stream, scored.catalogue, day)
    low, high = scored.bundle.reachable(scored.table, is_open)
    standing = np.sort(np.fromiter(ranked.values(), np.float64))
    bounds: list[Provisional | None] = []
    for row, person in enumerate(scored.people):
        ends, names = (float(low[row]), float(high[row])), tuple(scored.names[is_open[row]].tolist())
        worst, best = (_place(standing, end, ranked.get(person, -np.inf)) for end in ends)
        bounds.append(Provisional(*ends, best, worst, names) if names else None)
    return bounds


def _place(standing: npt.NDArray[np.float64], margin: float, own: float) -> int | None:
    """Return the place that a person whose margin is now `own` would have with another `margin`."""
    above = len(standing) - int(np.searchsorted(standing, margin, side="right"))
    return 1 + above - int(own > margin) if len(standing) else None


def _plain(provisional: Provisional) -> dict[str, Any]:
    """Return a bound as values that JSON has; what has no end is null."""
    found = {**vars(provisional), "indicators": list(provisional.indicators)}
    return {name: None if value in (-np.inf, np.inf) else value for name, value in found.items()}


def _contrast(scored: _Scored, row: int, at_line: int) -> tuple[Contrast, ...]:
    difference = (scored.groups[row] - scored.groups[at_line]).tolist()
    found = [Contrast(group, value) for group, value in zip(scored.members, difference, strict=True) if value != 0.0]
    return tuple(sorted(found, key=lambda contrast: (-abs(contrast.difference), contrast.group)))
