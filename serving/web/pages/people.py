"""Who has access: alarms, conflicts of interest, users, service accounts and sites."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.access.cases import ALARMS
from serving.people import PEOPLE, Permission, Person
from serving.web.access import FromForm, Seen, SignedIn
from serving.web.render import page

router = APIRouter(prefix="/access")
_DONE = {
    "blocked": "The user is blocked and signed out everywhere.",
    "unblocked": "The user may sign in again.",
    "signed-out": "The user is signed out everywhere.",
    "lifted": "The conflict of interest is lifted.",
}
User = Annotated[str, Form(max_length=64)]


@router.get("")
def show(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show conflicts to those who may lift them, the rest to reviewers and administrators."""
    me = session.person
    context: dict[str, Any] = {"conflicts": seen.conflicts(), "done": _DONE.get(request.query_params.get("done", ""))}
    if me.may(Permission.SEE_ACCESS):
        seen.note(me.user, "view.access", "access")
        context["alarms"] = [{**row, "what": ALARMS[row["kind"]]} for row in seen.alarms()]
        context["users"] = seen.accounts()
        context["tokens"] = seen.tokens()
        context["sites"] = seen.sites()
        context["roles"] = [(role.label, allowed(Person("-", "-", role))) for role in PEOPLE]
    return page(request, "access.html", context)


def allowed(person: Person) -> str:
    """Return in words what a person's role may see and do."""
    words = ", ".join(permission.value for permission in Permission if person.may(permission))
    return f"{words[:1].upper()}{words[1:]}."


@router.post("/block")
def block(seen: Seen, session: FromForm, user: User = "", active: Annotated[str, Form()] = "no") -> Response:
    """Block a user, who is out at once, or let them in again; nobody blocks themselves."""
    letting_in = active == "yes"
    seen.block(user, letting_in)
    return RedirectResponse(f"/access?done={'unblocked' if letting_in else 'blocked'}", 303)


@router.post("/sign-out")
def sign_out(seen: Seen, session: FromForm, user: User = "") -> Response:
    """End every session of a user."""
    seen.sign_out(user)
    return RedirectResponse("/access?done=signed-out", 303)


@router.post("/lift")
def lift(
    seen: Seen,
    session: FromForm,
    user: User = "",
    person: Annotated[str, Form(max_length=64)] = "",
    reason: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Lift a conflict of interest."""
    seen.lift_conflict(user, person, reason)
    return RedirectResponse("/access?done=lifted", 303)
