"""What the bar at the top of every page holds: a few groups, and the pages of the one that is open.

One bar of all pages is two lines on a desk and a screen on a telephone. A group leads to the first of its pages that
the person may open, and is left out where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from serving.people import Permission, Person

_P = Permission


@dataclass(frozen=True)
class Place:
    """A page in the bar.

    Parameters
    ----------
    permissions
        Any one of them is enough; none where everybody may open it.
    also
        Where the addresses of further pages begin that belong to it; those below its own do without saying.
    panel_members
        Whether panel members alone have it (True), or everybody but them (False).
    """

    href: str
    text: str
    permissions: tuple[Permission, ...] = ()
    also: tuple[str, ...] = ()
    panel_members: bool | None = None

    def is_for(self, person: Person) -> bool:
        """Say whether the person finds the page in the bar."""
        is_member = person.may(_P.SEE_LIST) and not person.may(_P.SEE_EVERY_CASE)
        if self.panel_members not in (None, is_member):
            return False
        return not self.permissions or any(map(person.may, self.permissions))

    def reach(self, path: str) -> int:
        """Return how much of an address is this page's: none where it is neither this page nor one below it."""
        return max((len(each) for each in (self.href, *self.also) if f"{path}/".startswith(f"{each}/")), default=0)


@dataclass(frozen=True)
class Group:
    """Pages that belong together, as one person finds them.

    Parameters
    ----------
    open
        The page among them that is open, or that the open page belongs to; None where it is elsewhere.
    """

    text: str
    places: tuple[Place, ...]
    open: Place | None

    @property
    def href(self) -> str:
        """Where the group leads."""
        return self.places[0].href


_ADMINISTRATION = "/administration"
_GROUPS: tuple[tuple[str, tuple[Place, ...]], ...] = (
    ("Your work", (Place("/mine", "Your work", (_P.SEE_LIST,), panel_members=True),)),
    (
        "Lists",
        (
            Place("/", "Runs and lists", also=("/lists", "/audits")),
            Place("/stops", "Stop lists", (_P.WITHDRAW, _P.SEE_LIST)),
        ),
    ),
    (
        "Panel",
        (
            Place("/meetings", "Meetings", (_P.SEE_LIST,)),
            Place("/referrals", "Referrals", (_P.SEE_LIST,)),
            Place("/requests", "Requests", (_P.SEE_LIST,), panel_members=False),
        ),
    ),
    (
        "Evidence",
        (
            Place("/evidence", "Evidence over time", (_P.SEE_AUDIT,)),
            Place("/models", "Models", (_P.SEE_AUDIT,)),
            Place("/data-quality", "Data quality", (_P.SEE_MODELS,)),
            Place("/policy", "Fairness policy", (_P.SEE_AUDIT,)),
        ),
    ),
    ("Record links", (Place("/links", "Record links", (_P.REVIEW_LINKS,)),)),
    (
        "Governance",
        (
            Place("/oversight", "Oversight", (_P.SEE_LEDGER,)),
            Place("/papers", "Transparency", (_P.SEE_AUDIT,)),
            Place("/registers", "Incidents", (_P.SEE_RUNS,)),
            Place("/ledger", "Ledger", (_P.SEE_LEDGER,)),
        ),
    ),
    (
        "Administration",
        (
            Place(_ADMINISTRATION, "Overview", (_P.MANAGE_ACCESS,)),
            Place(f"{_ADMINISTRATION}/users", "Users", (_P.MANAGE_ACCESS,), (f"{_ADMINISTRATION}/add-account",)),
            Place("/access", "Access", (_P.SEE_ACCESS, _P.LIFT_CONFLICT)),
            Place(f"{_ADMINISTRATION}/panels", "Panels and sites", (_P.MANAGE_ACCESS,)),
            Place(f"{_ADMINISTRATION}/retention", "Retention", (_P.MANAGE_ACCESS,)),
            Place(f"{_ADMINISTRATION}/jobs", "Jobs", (_P.MANAGE_ACCESS,)),
            Place(f"{_ADMINISTRATION}/health", "Health", (_P.MANAGE_ACCESS,)),
        ),
    ),
    ("About", (Place("/about", "About"), Place("/about/api", "Calling the API"))),
)


def groups_for(person: Person, path: str) -> list[Group]:
    """Return the groups that a person finds in the bar, with the page that is open.

    Parameters
    ----------
    path
        The address of the page.
    """
    return list(_groups(person, path))


def _groups(person: Person, path: str) -> Iterable[Group]:
    for text, places in _GROUPS:
        theirs = tuple(place for place in places if place.is_for(person))
        if theirs:
            # A group of one page is called what the page is called.
            name = theirs[0].text if len(theirs) == 1 else text
            nearest = max(theirs, key=lambda place: place.reach(path))
            yield Group(name, theirs, nearest if nearest.reach(path) else None)
