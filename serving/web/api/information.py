"""What agencies are asked about a case and answer, and challenges to its links, as documents."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from serving.panel import requests as kept
from serving.panel.requests import Question
from serving.web.access import Seen, SignedIn
from serving.web.api.answers import tagged
from serving.web.api.bodies.fields import ReadTag
from serving.web.api.bodies.filed import Carried, FiledNumber
from serving.web.api.bodies.information import AnswerIn, Information, QuestionIn, Waiting, WhyIn
from serving.web.api.description import ACTS, READS
from serving.web.api.sending import Sent
from serving.web.limiting import API, WRITES

_CASE = "/lists/{run}/cases/{person}"
reading = APIRouter(prefix="/api/v1", responses=READS, dependencies=[API])
acting = APIRouter(prefix=f"/api/v1{_CASE}", responses=ACTS, dependencies=[API, WRITES])


@reading.get("/requests", response_model=Waiting)
def waiting_requests(seen: Seen, session: SignedIn, known: ReadTag = None) -> Response:
    """Return what the caller's agency was asked and has not answered."""
    agency = session.person.agency
    seen.note(session.person.user, "view.requests", "requests")
    waiting = kept.waiting_for(seen, agency) if agency else []
    return tagged({"agency": agency, "waiting": [each.to_dict() for each in waiting]}, known)


@reading.get(f"{_CASE}/information", response_model=Information)
def information(seen: Seen, session: SignedIn, run: str, person: str, known: ReadTag = None) -> Response:
    """Return what was asked and answered about a case, and the challenges to its links."""
    seen.case(run, person)
    seen.note(session.person.user, "view.case", run, {"person": person, "view": "information"})
    asked = [
        {
            "asked": each.asked.to_dict(),
            "answered": each.answered,
            "answer": each.answer.to_dict() if each.answer else None,
        }
        for each in kept.requests(seen, run, person)
    ]
    challenges = [each.to_dict() for each in kept.link_challenges(seen, run, person)]
    return tagged({"requests": asked, "challenges": challenges}, known)


@acting.post("/information", status_code=201, response_model=FiledNumber)
def ask_agency(asked: QuestionIn, run: str, person: str, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Ask an agency about a case."""
    sent.once(asked)
    return {"number": kept.ask(seen, sent.me, run, person, Question(asked.agency, asked.what, asked.due))}


@acting.post("/information/{number}", status_code=201, response_model=Carried)
def answer_request(asked: AnswerIn, run: str, person: str, number: int, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Answer what the caller's agency was asked."""
    sent.once(asked)
    kept.answer(seen, sent.me, run, person, number, asked.words, asked.for_all)
    return {"done": True}


@acting.post("/link", status_code=201, response_model=FiledNumber)
def challenge_link(asked: WhyIn, run: str, person: str, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Challenge how records of a case are linked."""
    sent.once(asked)
    return {"number": kept.challenge_link(seen, sent.me, run, person, asked.why)}
