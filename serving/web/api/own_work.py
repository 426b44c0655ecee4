"""What waits for the caller, as a document."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from serving.panel import own_work as kept
from serving.web.access import Seen, SignedIn
from serving.web.api.answers import tagged
from serving.web.api.bodies.fields import ReadTag
from serving.web.api.bodies.own_work import OwnWork
from serving.web.api.description import READS
from serving.web.limiting import API

reading = APIRouter(prefix="/api/v1/mine", responses=READS, dependencies=[API])


@reading.get("", response_model=OwnWork)
def own_work(seen: Seen, session: SignedIn, known: ReadTag = None) -> Response:
    """Return questions to the caller's agency, actions, meetings and lists, and what came of what they said."""
    me = session.person
    found = kept.own_work(seen, me)
    seen.note(me.user, "view.own_work", "own work")
    told = {
        "agency": me.agency,
        **{name: [each.to_dict() for each in getattr(found, name)] for name in ("waiting", "meetings", "lists")},
        "actions": {
            "own": [each.to_dict() for each in found.actions.own],
            "others": [each.to_dict() for each in found.actions.others],
        },
        "answered": [{"asked": each.asked.to_dict(), "answer": each.answer.to_dict()} for each in found.answered],
        "challenged": [each.to_dict() for each in found.challenged],
    }
    return tagged(told, known)
