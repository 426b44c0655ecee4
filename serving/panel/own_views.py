"""What a chair thinks of a case before seeing where the list put the person.

Whoever reads a place first tends to find reasons for it. A view formed on the record alone shows what the place added.
It is on file (`serving.filing`), never changed, read by chairs and reviewers, and says whether its writer had opened
the list or the case before: then it is no view without the place, whatever was intended.
"""

from __future__ import annotations

import json
from enum import StrEnum

from sqlalchemy import select

from serving.errors import FilingConflict, FilingRefused
from serving.filing import CHAIRS, Draft, Filed
from serving.people import Permission, Person
from serving.service import Service
from serving.storage import tables

OWN_VIEW = "own_view"
VIEWED = "view.own_view"
"""How opening a page without the places is noted among who saw what."""
_SHOW_NO_PLACE = frozenset({VIEWED, "view.refused", "view.audit", "view.report", "view.oversight"})


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
    mine = [each for each in own_views(service, run, person) if each.by == by.user]
    if mine and not service.is_done():
        raise FilingConflict(
            "Your view of this case is on file.", "It is not changed; read it on the case.", by.user, mine[0].at
        )
    seen = _has_seen_place(service, by.user, run, person)
    document = {"leaning": leaning.value, "words": words.strip(), "place_seen": seen}
    return service.file(by, Draft(OWN_VIEW, run, area, document, person, CHAIRS))


def own_views(service: Service, run: str, person: str | None = None) -> list[Filed]:
    """Return the views of one case, or of all cases of a list, oldest first."""
    return service.filed([OWN_VIEW], subject=run, person=person)


def _has_seen_place(service: Service, user: str, run: str, person: str) -> bool:
    """Say whether somebody opened anything of a list that shows where it put a person."""
    views = tables.views.c
    query = select(views.detail).where(views.subject == run, views.actor == user, views.action.not_in(_SHOW_NO_PLACE))
    with service.stores.panel.read() as connection:
        opened = [json.loads(detail) for detail in connection.execute(query).scalars()]
    return any(detail.get("person", person) == person for detail in opened)
