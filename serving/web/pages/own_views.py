"""A chair's own view of a case, recorded on pages that do not show where the list put the person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.panel import own_views as kept
from serving.panel.own_views import VIEWED, Leaning
from serving.people import Permission, Person
from serving.web.access import FromForm, Seen, Served, SignedIn, enter
from serving.web.pages.cases import case_context
from serving.web.pages.filled import Filled, choices
from serving.web.pages.lists import names
from serving.web.render import Web, page

router = APIRouter(prefix="/lists/{run}")
_DONE = {"view": "Your own view is on file."}


@router.get("/own-views")
def show_all(request: Request, web: Served, session: SignedIn, run: str) -> HTMLResponse:
    """Show the cases of a list in no order of the list's, to form a view on each."""
    me = session.person
    enter(web, me, run, Permission.DECIDE)
    found = web.service.released_list(run)
    web.service.note(me.user, VIEWED, run)
    people, mine = kept.to_view(web.service, me.user, run)
    context = {
        "found": found,
        "people": people,
        "names": names(web, found, me),
        "mine": mine,
        "done": _DONE.get(request.query_params.get("done", "")),
    }
    return page(request, "own_views.html", context)


@router.get("/cases/{person}/own-view")
def ask(request: Request, web: Served, session: SignedIn, run: str, person: str) -> HTMLResponse:
    """Show the record of a case without place, band or reasons, and the form."""
    return _page(request, web, session.person, run, person, Filled())


@router.post("/cases/{person}/own-view")
def record(
    request: Request,
    web: Served,
    seen: Seen,
    session: FromForm,
    run: str,
    person: str,
    leaning: Annotated[str, Form()] = "",
    words: Annotated[str, Form()] = "",
) -> Response:
    """File the view, or show the form again with what is wrong."""
    enter(web, session.person, run, Permission.DECIDE)
    filled = Filled("own_view", {"leaning": leaning, "words": words})
    chosen = filled.one_of("leaning", Leaning, "Say what you would decide on the record alone")
    filled.need("words", "Write what on the record leads you to it")
    filled.carry_out(
        lambda: kept.record(seen, session.person, run, person, Leaning(chosen), words),
        "words",
        "#own-view",
        once=True,
    )
    if filled.errors:
        return _page(request, web, session.person, run, person, filled, filled.status)
    return RedirectResponse(f"/lists/{run}/own-views?done=view", 303)


def _page(
    request: Request, web: Web, me: Person, run: str, person: str, filled: Filled, status: int = 200
) -> HTMLResponse:
    enter(web, me, run, Permission.DECIDE)
    found = web.service.case(run, person)
    web.service.note(me.user, VIEWED, run, {"person": person})
    context = {
        **case_context(web, me, found),
        "mine": next(iter(kept.views_of(web.service, me.user, run, person)), None),
        "leanings": choices(Leaning),
        "filled": filled,
    }
    return page(request, "own_view.html", context, status)
