"""Who saw what beside lists: people referred, meetings and pairs of records, as far as the reader may know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from serving.access.links import open_to
from serving.access.viewing import Viewing
from serving.ledger.views import read_views
from serving.panel.meetings import MEETING
from serving.panel.referrals import REFERRAL
from serving.people import EVERYWHERE, Permission
from serving.storage import tables

KINDS: Mapping[str, str] = {
    "view.referral": "Person referred",
    "view.referrals": "All who were referred",
    "view.meeting": "Meeting",
    "view.exports": "Files of a meeting",
    "view.link": "Pair of records",
    "view.links": "Pairs of records to review",
}
"""What was seen, by the action that the ledger knows it by."""
_OF_ALL_AREAS = {"view.referrals": "referrals", "view.links": "links"}


def views_elsewhere(seen: Viewing, limit: int) -> list[dict[str, Any]]:
    """Return who saw what beside lists (actor, action, subject, detail, at), the newest first.

    What is of one area is told to who works there; pages that show several areas at once only to who works in all.
    """
    seen.person.need(Permission.SEE_LEDGER)
    everywhere = seen.person.areas >= EVERYWHERE
    found = seen.filed([REFERRAL, MEETING])
    parts = [
        _of(["view.referral"], [str(each.number) for each in found if each.kind == REFERRAL]),
        _of(["view.meeting", "view.exports"], {each.subject for each in found if each.kind == MEETING}),
    ]
    if everywhere:
        parts += [_of([action], [subject]) for action, subject in _OF_ALL_AREAS.items()]
        parts.append(tables.views.c.action == "view.link")  # a pair goes with the next linkage, who saw it does not
    else:
        parts.append(_of(["view.link"], [each.pair for each in open_to(seen)]))
    return read_views(seen.stores, or_(*parts), limit)


def _of(actions: list[str], subjects: Iterable[str]) -> ColumnElement[bool]:
    return and_(tables.views.c.action.in_(actions), tables.views.c.subject.in_(sorted(subjects)))
