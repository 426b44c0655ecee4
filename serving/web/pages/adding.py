"""Adding an account: a form of its own below the list of users."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.access.adding import add_account
from serving.access.giving import known_areas, wrong_with
from serving.access.viewing import Viewing
from serving.errors import NotPermitted
from serving.people import GIVEN_BY_COMMAND, PEOPLE, Person, Role
from serving.web.access import FromForm, Seen, SignedIn
from serving.web.pages.administration import said_elsewhere
from serving.web.pages.filled import Filled, Short
from serving.web.render import page

router = APIRouter(prefix="/administration/add-account")
ROLES = tuple(role for role in PEOPLE if role not in GIVEN_BY_COMMAND)
_LOGIN = 200


@router.get("")
def show(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show the form, or that the sign-in provider makes accounts by itself."""
    return _form(request, seen, Filled())


@router.post("")
def add(
    request: Request,
    seen: Seen,
    session: FromForm,
    user: Short = "",
    name: Short = "",
    login: Short = "",
    role: Short = "",
    areas: Short = "",
    agency: Short = "",
) -> Response:
    """Add an account; what the sign-in provider says of it is overwritten at the first sign-in."""
    filled = Filled(
        "add",
        {"name": name, "user": user, "login": login, "role": role, "areas": areas, "agency": agency},
    )
    short, called = user.strip(), filled.need("name", "Enter their name", _LOGIN).strip()
    filled.need("user", "Enter a short name")
    filled.one_of("role", ROLES, "Choose their role")
    chosen = frozenset(areas.replace(",", " ").split())
    filled.errors |= wrong_with(seen, chosen, agency.strip())
    try:
        filled.carry_out(
            lambda: add_account(seen, Person(short, called, Role(role), chosen, agency.strip()), login.strip()), "user"
        )
    except NotPermitted as refused:
        filled.errors["user"] = f"{refused.message} {refused.remedy}"
    if filled.errors:
        return _form(request, seen, filled, filled.status)
    return RedirectResponse(f"/administration/users/{short}?done=added", 303)


def _form(request: Request, seen: Viewing, filled: Filled, status: int = 200) -> HTMLResponse:
    said = said_elsewhere(request)
    context = {
        "filled": filled,
        "roles": [(role.value, role.label) for role in ROLES],
        "by_command": sorted(role.label.lower() for role in GIVEN_BY_COMMAND),
        "known": sorted(known_areas(seen) - {"*"}),
        "comes_by_itself": {"role", "areas"} <= set(said),
        "said": said,
    }
    return page(request, "administration_add.html", context, status)
