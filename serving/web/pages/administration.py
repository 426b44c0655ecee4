"""What whoever runs the service looks after: accounts, panels and their places, retention, jobs, health."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.access.accounts import Account, Accounts
from serving.access.attention import attention, is_unidentified, is_unused, panel_of, panels, retention, work
from serving.access.cases import Cases
from serving.access.giving import wrong_with
from serving.access.viewing import Viewing
from serving.errors import NotPermitted
from serving.panel.capacity import set_capacity
from serving.panel.places import route_of
from serving.people import GIVEN_BY_COMMAND, PEOPLE, Role
from serving.web.access import FromForm, Seen, SignedIn
from serving.web.health import readiness
from serving.web.pages.filled import Filled, Long, Short
from serving.web.render import page, web_of

router = APIRouter(prefix="/administration")
Asked = Annotated[str, Query(max_length=200)]
_DONE = {
    "added": "The account is added. It waits for its first sign-in.",
    "changed": "The account is changed. Whoever holds it signs in anew.",
    "capacity": "The places are on file. The next scoring run reads them; lists scored before keep theirs.",
}
PARTS = {
    "database": ("Database", "The panel's database answers.", "Start it, or see to its disk."),
    "schema": ("Tables", "The tables are those of this version.", "drive-panel db migrate"),
    "files": (
        "Files of live lists",
        "Bundle, policy and governance file of every live release are those that were reviewed.",
        "Put the reviewed files back, or withdraw the list and score it again: drive-panel runs",
    ),
    "ledger": (
        "Ledger",
        "Its newest entry is whole and signed by this service's key.",
        "drive-panel ledger verify names the first entry that is not as it was written.",
    ),
}
"""What `readiness` looks at: its name, what it means, what to do where it does not hold."""
_STATES = {
    "": "Any",
    "active": "Active",
    "blocked": "Blocked",
    "unidentified": "Nothing says who they are",
    "unused": "Not used for 90 days",
}
_ROUTE = re.compile(r"([^\d:]{1,60}?)\s*:?\s*([0-9]{1,4})\s*")


@router.get("")
def show(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show what needs attention today."""
    health = readiness(web_of(request).service)
    context = {"found": attention(seen), "health": health, "parts": PARTS}
    return page(request, "administration.html", context)


@router.get("/users")
def users(
    request: Request, seen: Seen, session: SignedIn, name: Asked = "", role: Asked = "", state: Asked = ""
) -> HTMLResponse:
    """Show accounts by name, role and state."""
    everybody = seen.accounts()
    chosen = [each for each in everybody if fits(each, seen, name, role, state)]
    fields = {"name": name, "role": role, "state": state}
    context = {"found": chosen, "of": len(everybody), "filled": Filled("users", fields), "roles": PEOPLE}
    return page(request, "administration_users.html", {**context, "states": list(_STATES.items())})


def fits(account: Account, seen: Viewing, name: str, role: str, state: str) -> bool:
    """Say whether an account is of those that are looked for; an empty name, role or state is any."""
    wanted = name.strip().casefold()
    if wanted and not any(wanted in each.casefold() for each in (account.user, account.name, account.agency)):
        return False
    if role and account.role != role:
        return False
    is_in = {
        "active": account.active,
        "blocked": not account.active,
        "unidentified": is_unidentified(account),
        "unused": is_unused(account, seen.now()),
    }
    return is_in.get(state, True)


@router.get("/users/{user}")
def user(request: Request, seen: Seen, session: SignedIn, user: str) -> HTMLResponse:
    """Show one account."""
    return _account(request, seen, seen.account(user), Filled())


@router.post("/users/{user}")
def change(
    request: Request,
    seen: Seen,
    session: FromForm,
    user: str,
    role: Short = "",
    areas: Short = "",
    agency: Short = "",
    read: Short = "",
) -> Response:
    """Give an account another role, other areas or another agency, as far as the sign-in provider leaves that open."""
    account, said = seen.account(user), said_elsewhere(request)
    fields = {"role": role, "areas": areas, "agency": agency, "read": read}
    kept = {"role": account.role.value, "areas": ", ".join(sorted(account.areas)), "agency": account.agency}
    filled = Filled("account", {**fields, **{name: kept[name] for name in said}})
    chosen = frozenset(filled.fields["areas"].replace(",", " ").split())
    if filled.fields["role"] not in PEOPLE:
        filled.errors["role"] = "Choose their role"
    filled.errors |= wrong_with(seen, chosen, filled.fields["agency"].strip(), account)
    as_read = filled.number("read") if read else None
    try:
        to = filled.fields["agency"].strip()
        filled.carry_out(
            lambda: seen.change_account(user, Role(filled.fields["role"]), chosen, to, as_read), "role", "#account"
        )
    except NotPermitted as refused:
        filled.errors["role"] = f"{refused.message} {refused.remedy}"
    if filled.errors:
        return _account(request, seen, seen.account(user), filled, filled.status)
    return RedirectResponse(f"/administration/users/{user}?done=changed", 303)


def _account(request: Request, seen: Viewing, account: Account, filled: Filled, status: int = 200) -> HTMLResponse:
    user = account.user
    context = {
        "account": account,
        "read": Accounts(seen.stores).newest(user),
        "filled": filled,
        "said": said_elsewhere(request),
        "roles": [(role.value, role.label) for role in PEOPLE if role not in GIVEN_BY_COMMAND or role is account.role],
        "by_command": sorted(role.label.lower() for role in GIVEN_BY_COMMAND),
        "declared": sum(row["user"] == user for row in seen.conflicts()),
        "named": sum(user in row["named"] for row in Cases(seen.stores).restricted()),
        "sign_ins": Accounts(seen.stores).sign_ins(user),
        "is_unidentified": is_unidentified(account),
        "done": _DONE.get(request.query_params.get("done", "")),
    }
    return page(request, "administration_user.html", context, status)


def said_elsewhere(request: Request) -> list[str]:
    """Return what the sign-in provider says of everybody, which a change here would not outlive."""
    provider = web_of(request).settings.provider
    if provider is None:
        return []
    said = {"role": provider.roles, "areas": provider.claims.areas, "agency": provider.claims.agency}
    return [name for name, claim in said.items() if claim]


@router.get("/panels")
def show_panels(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show the panel of each area with its places, and the sites."""
    return _panels(request, seen, Filled())


@router.post("/panels")
def change_places(
    request: Request,
    seen: Seen,
    session: FromForm,
    area: Short = "",
    places: Short = "",
    reserved: Short = "",
    list_factor: Short = "",
    reason: Long = "",
    newest: Short = "",
) -> Response:
    """Put the places of an area's panel on file."""
    fields = {"area": area, "places": places, "reserved": reserved, "list_factor": list_factor, "reason": reason}
    filled = Filled("places", fields)
    panel_of(seen, area)
    capacity = {
        "places": filled.number("places", "Enter how many places there are, as a whole number"),
        "list_factor": filled.number("list_factor", "Enter how many times as long the list is, as a whole number"),
        "reserved": _reserved(filled),
    }
    filled.need("reason", "Say why; name nobody")
    replaces = int(newest) if newest.isascii() and newest.isdigit() and len(newest) < 10 else None
    filled.carry_out(lambda: set_capacity(seen, session.person, area, capacity, reason, replaces), "places", "#on-file")
    if filled.errors:
        return _panels(request, seen, filled, filled.status)
    return RedirectResponse("/administration/panels?done=capacity", 303)


def _reserved(filled: Filled) -> dict[str, int]:
    """Return places by route, or note what is wrong with them."""
    found: dict[str, int] = {}
    for part in filter(str.strip, filled.fields["reserved"].split(",")):
        told = _ROUTE.fullmatch(part)
        if told is None or not route_of(told[1]):
            filled.errors["reserved"] = "Enter a route and a number, such as childrens_social_care: 1"
        else:
            found[route_of(told[1])] = int(told[2])
    return found


def _panels(request: Request, seen: Viewing, filled: Filled, status: int = 200) -> HTMLResponse:
    chosen = filled.fields.get("area") or request.query_params.get("area", "")
    found = panels(seen)
    context = {
        "found": found,
        "chosen": next((each for each in found if each.area == chosen), None),
        "sites": seen.sites(),
        "filled": filled,
        "done": _DONE.get(request.query_params.get("done", "")),
    }
    return page(request, "administration_panels.html", context, status)


@router.get("/retention")
def show_retention(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show how much is due for review; nobody erases from a page."""
    context = {"found": retention(seen), "everywhere": "*" in seen.person.areas}
    return page(request, "administration_retention.html", context)


@router.get("/jobs")
def show_jobs(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show long work: what waits, runs, failed and is done."""
    return page(request, "administration_jobs.html", {"found": work(seen)})


@router.get("/health")
def show_health(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show each part of the service as /health/ready says it."""
    return page(request, "administration_health.html", {"health": readiness(web_of(request).service), "parts": PARTS})
