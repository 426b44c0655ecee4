"""What agencies are asked about a case and answer, and records said to be another person's."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.access.agency import agencies
from serving.access.humans import same_agency
from serving.panel import requests as kept
from serving.panel.requests import Question
from serving.people import Permission, Person
from serving.web.access import FromForm, Seen, Served, SignedIn
from serving.web.pages.agenda import turn_of
from serving.web.pages.cases import VIEWS, case_context
from serving.web.pages.dates import Due
from serving.web.pages.filled import Filled, Long, Short
from serving.web.render import Web, page

router = APIRouter()
_CASE = "/lists/{run}/cases/{person}"
_DONE = {
    "asked": "The agency is asked.",
    "answered": "The answer is given.",
    "challenged": "The link is challenged. Whoever links the records looks into it.",
}


@router.get("/requests")
def show_waiting(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show what the person's own agency was asked and has not answered."""
    agency = session.person.agency
    seen.note(session.person.user, "view.requests", "requests")
    return page(
        request, "requests.html", {"agency": agency, "waiting": kept.waiting_for(seen, agency) if agency else []}
    )


@router.get(f"{_CASE}/information")
def show(request: Request, web: Served, session: SignedIn, run: str, person: str) -> HTMLResponse:
    """Show what was asked and answered about a case."""
    return _page(request, web, session.person, run, person, Filled())


@router.post(f"{_CASE}/information")
def ask(
    request: Request,
    web: Served,
    seen: Seen,
    session: FromForm,
    run: str,
    person: str,
    due_parts: Due,
    agency: Short = "",
    what: Long = "",
    read_again: Short = "",
) -> Response:
    """Ask an agency."""
    fields = {"agency": agency, "what": what, "read_again": read_again, **due_parts}
    filled = Filled("ask", fields)
    filled.need("agency", "Enter the agency that is asked")
    filled.need("what", "Say what the panel needs to know")
    due = filled.day("due", "the day by which the agency answers")
    filled.read_again("what")
    filled.carry_out(lambda: kept.ask(seen, session.person, run, person, Question(agency, what, due)), "agency")
    return _answer(request, web, session.person, run, person, filled, "asked")


@router.post(f"{_CASE}/information/{{number}}")
def answer(
    request: Request,
    web: Served,
    seen: Seen,
    session: FromForm,
    run: str,
    person: str,
    number: int,
    words: Long = "",
    for_all: Short = "",
    read_again: Short = "",
) -> Response:
    """Answer what the person's agency was asked."""
    readers = f"for-all-{number}"
    filled = Filled(f"answer-{number}", {"words": words, readers: for_all, "read_again": read_again})
    if filled.one_of(readers, ("yes", "no"), "Say who may read the answer") == "yes":
        filled.read_again("words", instead="give it to the chair alone,")
    filled.carry_out(
        lambda: kept.answer(seen, session.person, run, person, number, words, for_all == "yes"),
        f"words-{number}",
        "#asked",
        once=True,
    )
    return _answer(request, web, session.person, run, person, filled, "answered")


@router.post(f"{_CASE}/link")
def challenge(
    request: Request,
    web: Served,
    seen: Seen,
    session: FromForm,
    run: str,
    person: str,
    why: Long = "",
    read_again: Short = "",
) -> Response:
    """Challenge how records of a case are linked."""
    filled = Filled("link", {"why": why, "read_again": read_again})
    filled.read_again("why")
    filled.carry_out(lambda: kept.challenge_link(seen, session.person, run, person, why), "why")
    return _answer(request, web, session.person, run, person, filled, "challenged")


def _answer(request: Request, web: Web, me: Person, run: str, person: str, filled: Filled, done: str) -> Response:
    if filled.errors:
        return _page(request, web, me, run, person, filled, filled.status)
    return RedirectResponse(f"/lists/{run}/cases/{person}/information?done={done}", 303)


def _page(
    request: Request, web: Web, me: Person, run: str, person: str, filled: Filled, status: int = 200
) -> HTMLResponse:
    me.need(Permission.SEE_LIST)
    found = web.service.case(run, person)
    web.service.note(me.user, "view.case", run, {"person": person, "view": "information"})
    context: dict[str, Any] = {
        **case_context(web, me, found),
        "agencies": agencies(web.service, found.released.area) if me.may(Permission.DECIDE) else [],
        "turn": turn_of(web, me, run, person),
        "view": "information",
        "views": VIEWS,
        "requests": kept.requests(web.service, run, person),
        "challenges": kept.link_challenges(web.service, run, person),
        "is_mine": partial(same_agency, me.agency),
        "filled": filled,
        "done": _DONE.get(request.query_params.get("done", "")),
    }
    return page(request, "case_information.html", context, status)
