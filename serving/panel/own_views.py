"""What a chair thinks of a case before seeing where the list put the person.

Whoever reads a place first tends to find reasons for it. A view formed on the record alone shows what the place added.
It is on file (`serving.filing`), never changed, read by chairs and reviewers, and says whether its writer had opened
the list or the case before: then it is no view without the place, whatever was intended.
"""

from __future__ import annotations

import json
from enum import StrEnum

from sqlalchemy import select

from serving.access.accounts.one_person import accounts_of
from serving.errors import FilingConflict, FilingRefused
from serving.filing import CHAIRS, Draft, Filed
from serving.people import Permission, Person
from serving.service import Service
from serving.storage import tables
from values import canonical_json

OWN_VIEW = "own_view"
VIEWED = "view.own_view"
"""How opening a page without the places is noted among who saw what."""
_SHOW_NO_PLACE = frozenset({VIEWED, "view.refused", "view.audit", "view.report", "view.oversight", "view.exports"})


class Leaning(StrEnum):
    """What a chair would decide on the record alone."""

    PLACE = "place"
    NO_PLACE = "no_place"
    CANNOT_TELL = "cannot_tell"

    @property
    def label(self) -> str:
        """The leaning in words."""
        return _LABELS[self]


_LABELS = {
    Leaning.PLACE: "I would give a place",
    Leaning.NO_PLACE: "I would not give a place",
    Leaning.CANNOT_TELL: "I cannot tell from the record",
}


def record(service: Service, by: Person, run: str, person: str, leaning: Leaning, words: str) -> int:
    """File a chair's own view of a case and return its number.

    Raises
    ------
    NotPermitted, NotFound, NoLiveRelease, FilingRefused, FilingConflict
        The last if the same chair's view is on file already.
    """
    by.need(Permission.DECIDE)
    area = service.case(run, person).released.area
    if not words.strip():
        raise FilingRefused("A view needs a reason.", "Write what on the record leads you to it.")
    mine = views_of(service, by.user, run, person)
    if mine and not service.is_done():
        raise FilingConflict(
            "Your view of this case is on file.", "It is not changed; read it on the case.", mine[0].by, mine[0].at
        )
    seen = _has_seen_place(service, by.user, run, person)
    document = {"leaning": leaning.value, "words": words.strip(), "place_seen": seen}
    return service.file(by, Draft(OWN_VIEW, run, area, document, person, CHAIRS))


def own_views(service: Service, run: str, person: str | None = None) -> list[Filed]:
    """Return the views of one case, or of all cases of a list, oldest first."""
    return service.filed([OWN_VIEW], subject=run, person=person)


def views_of(service: Service, user: str, run: str, person: str | None = None) -> list[Filed]:
    """Return the views that somebody put on file by any of their accounts."""
    accounts = _accounts(service, user)
    return [each for each in own_views(service, run, person) if each.by in accounts]


def to_view(service: Service, user: str, run: str) -> tuple[list[str], list[str]]:
    """Return who is up for a place on a list, in no order of the list's, and of whom somebody's view is on file."""
    people = sorted(row["person"] for row in service.released_list(run).rows if row["section"] != "apart")
    return people, sorted({str(each.person) for each in views_of(service, user, run)})


def _accounts(service: Service, user: str) -> frozenset[str]:
    """Return every account of whoever holds one: it is the human being who has seen a place."""
    with service.stores.panel.read() as connection:
        return accounts_of(connection, user)


def _has_seen_place(service: Service, user: str, run: str, person: str) -> bool:
    """Say whether somebody opened anything that shows where a list put a person.

    That is whatever is of the list, but for what shows no place; a later list's page that tells of this one (``before``
    among its detail); a file that somebody else took for them (``account``).
    """
    views, accounts = tables.views.c, _accounts(service, user)
    tells = views.detail.contains(canonical_json({"before": run})[1:-1], autoescape=True)
    query = select(views.actor, views.detail).where((views.subject == run) | tells, views.action.not_in(_SHOW_NO_PLACE))
    with service.stores.panel.read() as connection:
        opened = [(row.actor, json.loads(row.detail)) for row in connection.execute(query)]
    return any(
        detail.get("person", person) == person
        for actor, detail in opened
        if actor in accounts or detail.get("account") in accounts
    )
