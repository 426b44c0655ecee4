"""How many places of a panel decisions take, and how many would be taken after the next one.

Places that are reserved for a referral route are taken first by those who came by it, in the order in which they were
accepted; everybody else, and more of them than places were reserved for, takes a place of the ranking's share. Whoever
is accepted for disruption only takes as much of a place as the panel's settings say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from serving.panel.decisions import Decision

ON_DRIVE, ACCEPTED = "on Drive since", "accepted on"
"""How a list begins to say why somebody who has a place takes none of its own."""


def decided_before(decision: str) -> str:
    """Return how a list begins to say that somebody is shown apart because a panel has decided.

    >>> decided_before("not_suitable")
    "panel decision 'not suitable'"
    """
    return f"panel decision '{decision.replace('_', ' ')}'"


_HAVE_ONE = (ON_DRIVE, ACCEPTED, *(decided_before(each) for each in Decision if each.accepts))


def has_place(row: Mapping[str, Any]) -> bool:
    """Say whether a list shows somebody apart as having a place; others are apart as deferred or decided against."""
    return row["section"] == "apart" and str(row.get("note") or "").startswith(_HAVE_ONE)


class Given(NamedTuple):
    """A place that a decision gives: the referral route by which somebody came, empty for none, and for which work."""

    route: str
    decision: str


@dataclass(frozen=True)
class Taken:
    """What decisions take of a panel's places.

    Parameters
    ----------
    places
        How many places; whole where everybody takes a whole one.
    disrupted
        How many people were accepted for disruption only.
    each
        How much of a place each of those takes.
    """

    places: float
    disrupted: int
    each: float


def taken(decisions: Iterable[str], disrupt_only: float = 1) -> Taken:
    """Return what decisions take of a panel's places; those that accept nobody take none.

    >>> taken(["accept_direct", "disrupt_only", "defer"], 0.5)
    Taken(places=1.5, disrupted=1, each=0.5)
    """
    made = [Decision(each) for each in decisions]
    places = sum(_weight(each, disrupt_only) for each in made if each.accepts)
    return Taken(_counted(places), made.count(Decision.DISRUPT_ONLY), _counted(disrupt_only))


def _weight(decision: str, disrupt_only: float) -> float:
    return disrupt_only if decision == Decision.DISRUPT_ONLY else 1


def _counted(places: float) -> float:
    """Return a number of places without what adding fractions leaves over; a whole one as a whole number."""
    rounded = round(places, 6)
    return int(rounded) if rounded == int(rounded) else rounded


@dataclass(frozen=True)
class Share:
    """Places of one kind: how many there are, how many are taken, and how many would be if one person is accepted.

    Parameters
    ----------
    route
        The referral route that they are reserved for; empty for the ranking's share.
    if_disrupted
        How many would be taken if the person is accepted for disruption only; None where that takes a whole place.
    """

    route: str
    places: int
    otherwise: float
    if_accepted: float
    if_disrupted: float | None = None


def route_of(agency: str) -> str:
    """Return an agency or a referral route as places are reserved for it: lower case, with ``_`` between words.

    >>> route_of("Children's Social-Care"), route_of("childrens_social_care")
    ('childrens_social_care', 'childrens_social_care')
    """
    parted = "".join(" " if sign in "_-" else sign for sign in agency.casefold())
    return "_".join("".join(sign for sign in parted if sign.isalnum() or sign.isspace()).split())


def shares(
    ranked: int,
    reserved: Mapping[str, int],
    rows: Iterable[Mapping[str, Any]],
    decided: Mapping[str, Mapping[str, Any]],
    person: str,
    unlisted: Sequence[Given] = (),
    disrupt_only: float = 1,
) -> list[Share]:
    """Return the ranking's share of places, then the reserved ones, as decisions on a list take them.

    Parameters
    ----------
    ranked, reserved
        Places filled from the ranking, and by referral route.
    rows
        The list's rows (`person`, `referral`).
    decided
        The decision that stands for each person.
    person
        Who is decided on next; what stands for them is replaced.
    unlisted
        The places of this panel that those have whom no list holds.
    disrupt_only
        How much of a place disruption only takes.
    """
    routes = {row["person"]: route_of(str((row["referral"] or {}).get("route") or "")) for row in rows}
    reserved = {route_of(route): places for route, places in reserved.items()}
    made = sorted(decided.values(), key=lambda each: each["decision_id"])
    accepted = [
        Given(routes.get(each["person"], ""), each["decision"])
        for each in made
        if Decision(each["decision"]).accepts and each["person"] != person
    ]
    standing, route = [*unlisted, *accepted], routes.get(person, "")
    without = _taken(standing, reserved, disrupt_only)
    added = _taken([*standing, Given(route, Decision.ACCEPT_DIRECT)], reserved, disrupt_only)
    disrupted = _taken([*standing, Given(route, Decision.DISRUPT_ONLY)], reserved, disrupt_only)
    places = {"": ranked, **reserved}
    return [
        Share(each, places[each], without[each], added[each], None if disrupt_only == 1 else disrupted[each])
        for each in places
    ]


def _taken(given: Iterable[Given], reserved: Mapping[str, int], disrupt_only: float) -> dict[str, float]:
    found: dict[str, float] = {"": 0, **dict.fromkeys(reserved, 0)}
    for route, decision in given:
        weight = _weight(decision, disrupt_only)
        room = max(reserved.get(route, 0) - found.get(route, 0), 0)
        if route in reserved:
            found[route] += min(weight, room)
        found[""] += max(weight - room, 0)
    return {share: _counted(places) for share, places in found.items()}
