"""Chairs' own views of a case, recorded before they see where the list put the person."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from serving.panel import own_views as kept
from serving.web.access import Seen, SignedIn
from serving.web.api.answers import tagged
from serving.web.api.bodies.fields import ReadTag
from serving.web.api.bodies.filed import FiledNumber
from serving.web.api.bodies.own_views import OwnViewIn, OwnViews, OwnViewsOfList
from serving.web.api.description import ACTS, READS
from serving.web.api.sending import Sent
from serving.web.limiting import API, WRITES

_CASE = "/cases/{person}"
_LIST = "/api/v1/lists/{run}"
reading = APIRouter(prefix=_LIST, responses=READS, dependencies=[API])
acting = APIRouter(prefix=f"{_LIST}{_CASE}", responses=ACTS, dependencies=[API, WRITES])


@reading.get("/own-views", response_model=OwnViewsOfList)
def own_views_of_list(seen: Seen, session: SignedIn, run: str, known: ReadTag = None) -> Response:
    """Return the people of a list in no order of the list's, and of whom the caller's own view is on file."""
    me = session.person.user
    people, mine = kept.to_view(seen, me, run)
    seen.note(me, kept.VIEWED, run)
    return tagged({"people": people, "mine": mine}, known)


@reading.get(f"{_CASE}/own-view", response_model=OwnViews)
def own_views(seen: Seen, session: SignedIn, run: str, person: str, known: ReadTag = None) -> Response:
    """Return the own views of a case that the caller may read; nothing of them tells its place."""
    seen.case(run, person)
    seen.note(session.person.user, kept.VIEWED, run, {"person": person})
    found = kept.own_views(seen, run, person)
    return tagged({"own_views": [each.to_dict() for each in found]}, known)


@acting.post("/own-view", status_code=201, response_model=FiledNumber)
def record_own_view(asked: OwnViewIn, run: str, person: str, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Put the caller's own view of a case on file."""
    sent.once(asked)
    return {"number": kept.record(seen, sent.me, run, person, asked.leaning, asked.words)}
