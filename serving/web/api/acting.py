"""What the API lets do with a case: decide, clear a hold, declare a conflict of interest.

Reviews are acts of a person at the pages or with a key.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from serving.people import Permission
from serving.web.access import FromCall, Seen, Served, enter
from serving.web.api.answers import need_read, repeat_of
from serving.web.api.bodies.decisions import ClearanceIn, ClearanceRecorded, DecisionIn, DecisionRecorded
from serving.web.api.bodies.fields import RepeatKey, WriteTag
from serving.web.api.bodies.filed import Carried, Nothing
from serving.web.api.description import ACTS
from serving.web.api.reading import case_document
from serving.web.api.sending import Sent
from serving.web.limiting import API, WRITES

router = APIRouter(prefix="/api/v1/lists/{run}/cases/{person}", responses=ACTS, dependencies=[API, WRITES])


@router.post("/decisions", status_code=201, response_model=DecisionRecorded)
def decide(
    request: Request,
    web: Served,
    session: FromCall,
    run: str,
    person: str,
    asked: DecisionIn,
    read: WriteTag = None,
    key: RepeatKey = None,
) -> dict[str, Any]:
    """Record a decision."""
    enter(web, session.person, run, Permission.DECIDE)
    repeat = repeat_of(request, session.person, key, asked)
    if repeat is None or not web.service.answered(repeat):
        need_read(lambda: case_document(web, session.person, run, person), read)
    number = web.service.decide(
        run,
        person,
        session.person,
        asked.decision,
        asked.reason_code,
        asked.reason,
        asked.until,
        asked.sensitive,
        safety_confirmed=asked.safety_confirmed,
        particulars=asked.particulars(),
        replaces=asked.replaces,
        repeat=repeat,
    )
    return {"run": run, "person": person, "decision_id": number}


@router.post("/clearances", status_code=201, response_model=ClearanceRecorded)
def clear(
    request: Request,
    web: Served,
    session: FromCall,
    run: str,
    person: str,
    asked: ClearanceIn,
    read: WriteTag = None,
    key: RepeatKey = None,
) -> dict[str, Any]:
    """Clear a hold; the next scoring run reads it."""
    enter(web, session.person, run, Permission.DECIDE)
    repeat = repeat_of(request, session.person, key, asked)
    if repeat is None or not web.service.answered(repeat):
        need_read(lambda: case_document(web, session.person, run, person), read)
    web.service.clear_hold(run, person, asked.kind, session.person, asked.reason, repeat)
    return {"run": run, "person": person, "kind": asked.kind}


@router.post("/conflict", status_code=201, response_model=Carried)
def declare_conflict(asked: Nothing, run: str, person: str, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Recuse the caller from a case, which is closed to them from then on."""
    sent.once(asked)
    seen.declare_conflict(run, person)
    return {"done": True}
