"""Who has access: alarms, conflicts of interest, accounts, service accounts and sites, as documents."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from serving.people import Permission
from serving.web.access import Seen, SignedIn
from serving.web.api.answers import tagged
from serving.web.api.bodies.access import Access, BlockIn, LiftIn, UserIn
from serving.web.api.bodies.fields import ReadTag
from serving.web.api.bodies.filed import Carried
from serving.web.api.description import ACTS, READS
from serving.web.api.sending import Sent
from serving.web.limiting import API, WRITES

reading = APIRouter(prefix="/api/v1/access", responses=READS, dependencies=[API])
acting = APIRouter(prefix="/api/v1/access", responses=ACTS, dependencies=[API, WRITES])


@reading.get("", response_model=Access)
def access(seen: Seen, session: SignedIn, known: ReadTag = None) -> Response:
    """Return conflicts of interest, and who has access to those who see that."""
    told: dict[str, Any] = {"conflicts": seen.conflicts(), **dict.fromkeys(("alarms", "users", "tokens", "sites"))}
    if session.person.may(Permission.SEE_ACCESS):
        seen.note(session.person.user, "view.access", "access")
        told["alarms"] = seen.alarms()
        for name, found in (("users", seen.accounts()), ("tokens", seen.tokens()), ("sites", seen.sites())):
            told[name] = [each.to_dict() for each in found]
    return tagged(told, known)


@acting.post("/block", status_code=201, response_model=Carried)
def block_account(asked: BlockIn, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Block an account, whose holder is out at once, or let them in again; nobody blocks themselves."""
    sent.once(asked)
    seen.block(asked.user, asked.active)
    return {"done": True}


@acting.post("/sign-out", status_code=201, response_model=Carried)
def end_sessions(asked: UserIn, seen: Seen, sent: Sent) -> dict[str, Any]:
    """End every session of an account."""
    sent.once(asked)
    seen.sign_out(asked.user)
    return {"done": True}


@acting.post("/lift", status_code=201, response_model=Carried)
def lift_conflict(asked: LiftIn, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Lift somebody's conflict of interest; nobody lifts their own."""
    sent.once(asked)
    seen.lift_conflict(asked.user, asked.person, asked.reason)
    return {"done": True}
