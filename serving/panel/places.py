"""How many places of a panel decisions take, and how many would be taken after the next one.

Places that are reserved for a referral route are taken first by those who came by it, in the order in which they were
accepted; everybody else, and more of them than places were reserved for, takes a place of the ranking's share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class Share:
    """Places of one kind: how many there are, how many are taken, and how many would be if one person is accepted.

    Parameters
    ----------
    route
        The referral route that they are reserved for; empty for the ranking's share.
    """

    route: str
    places: int
    otherwise: int
    if_accepted: int


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
    unlisted: Sequence[str] = (),
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
        The routes by which those came whom no list holds and who have a place of this panel.
    """
    routes = {row["person"]: route_of(str((row["referral"] or {}).get("route") or "")) for row in rows}
    reserved = {route_of(route): places for route, places in reserved.items()}
    made = sorted(decided.values(), key=lambda each: each["decision_id"])
    accepted = [each["person"] for each in made if Decision(each["decision"]).accepts and each["person"] != person]
    without = _taken([*unlisted, *(routes.get(each, "") for each in accepted)], reserved)
    added = _taken([*unlisted, *(routes.get(each, "") for each in [*accepted, person])], reserved)
    places = {"": ranked, **reserved}
    return [Share(route, places[route], without[route], added[route]) for route in places]


def _taken(routes: Iterable[str], reserved: Mapping[str, int]) -> dict[str, int]:
    taken = {"": 0, **dict.fromkeys(reserved, 0)}
    for route in routes:
        share = route if taken.get(route, 0) < reserved.get(route, 0) else ""
        taken[share] += 1
    return taken
