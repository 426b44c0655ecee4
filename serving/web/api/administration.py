"""What whoever runs the service looks after, as documents: accounts, panels and places, retention, jobs, health."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from serving.access import adding
from serving.access import attention as kept
from serving.access.accounts import Accounts
from serving.access.attention import Panel, Work
from serving.access.cases import Cases
from serving.access.giving import wrong_with
from serving.access.viewing import Viewing
from serving.errors import FilingRefused
from serving.filing import Filed
from serving.panel.capacity import set_capacity
from serving.panel.places import route_of
from serving.people import PEOPLE, Person, Role
from serving.web.access import Seen, Served, SignedIn
from serving.web.api.answers import part, tagged
from serving.web.api.bodies.access import AccountDetail, AccountIn, NewAccountIn
from serving.web.api.bodies.access import Accounts as AccountsOut
from serving.web.api.bodies.administration import Attention, Health, Jobs, Panels, PlacesIn, Retention
from serving.web.api.bodies.fields import Limit, ReadTag
from serving.web.api.bodies.filed import Carried, FiledNumber
from serving.web.api.description import ACTS, READS
from serving.web.api.reading import Cursor
from serving.web.api.sending import Sending, Sent
from serving.web.health import readiness
from serving.web.limiting import API, WRITES
from serving.web.pages.administration import fits, said_elsewhere

reading = APIRouter(prefix="/api/v1/administration", responses=READS, dependencies=[API])
acting = APIRouter(prefix="/api/v1/administration", responses=ACTS, dependencies=[API, WRITES])
Asked = Annotated[str, Query(max_length=200, description="Only those that match; leave out for all.")]


@reading.get("", response_model=Attention)
def attention(web: Served, seen: Seen, session: SignedIn, known: ReadTag = None) -> Response:
    """Return what to look at today."""
    found = kept.attention(seen)
    told = {
        "unidentified": [each.user for each in found.unidentified],
        "unused": [each.user for each in found.unused],
        "without_places": list(found.without_places),
        "jobs": [_work(each) for each in found.work],
        "retention": _filed(found.retention),
        "panels": [_panel(each) for each in found.panels],
        "stops": [each.__dict__ for each in found.stops],
        "health": readiness(web.service),
    }
    return tagged(told, known)


@reading.get("/users", response_model=AccountsOut)
def accounts(
    seen: Seen,
    session: SignedIn,
    name: Asked = "",
    role: Asked = "",
    state: Asked = "",
    limit: Limit = 50,
    cursor: Cursor = None,
    known: ReadTag = None,
) -> Response:
    """Return accounts; `state` is active, blocked, unidentified or unused."""
    chosen = [each for each in seen.accounts() if fits(each, seen, name, role, state)]
    found, following = part(chosen, limit, cursor, lambda each: each.user)
    return tagged({"users": [each.to_dict() for each in found], "next": following}, known)


@reading.get("/users/{user}", response_model=AccountDetail)
def account(request: Request, seen: Seen, session: SignedIn, user: str, known: ReadTag = None) -> Response:
    """Return one account."""
    found, accounts_kept = seen.account(user), Accounts(seen.stores)
    told = {
        "user": found.to_dict(),
        "newest": accounts_kept.newest(user),
        "said": said_elsewhere(request),
        "conflicts": sum(row["user"] == user for row in seen.conflicts()),
        "named": sum(user in row["named"] for row in Cases(seen.stores).restricted()),
        "sign_ins": [dict(each.__dict__) for each in accounts_kept.sign_ins(user)],
    }
    return tagged(told, known)


@acting.post("/users/{user}", status_code=201, response_model=Carried)
def change_account(asked: AccountIn, user: str, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Give an account another role, other areas or another agency, as far as the sign-in provider leaves that open."""
    if not sent.once(asked):
        _refuse_wrong(asked, seen, sent, user)
    seen.change_account(user, asked.role, frozenset(asked.areas), asked.agency.strip(), asked.newest)
    return {"done": True}


def _refuse_wrong(asked: AccountIn, seen: Viewing, sent: Sending, user: str) -> None:
    """Pass, or raise `FilingRefused` where an account cannot have what is asked, or would not keep it."""
    before, agency = seen.account(user), asked.agency.strip()
    as_asked = {"role": asked.role, "areas": frozenset(asked.areas), "agency": agency}
    said = [name for name in said_elsewhere(sent.request) if as_asked[name] != getattr(before, name)]
    if said:
        raise FilingRefused(f"The sign-in provider says {' and '.join(said)}.", "Change it there.")
    _refuse(asked.role, wrong_with(seen, asked.areas, agency, before))


def _refuse(role: Role, wrong: Mapping[str, str]) -> None:
    if role not in PEOPLE:
        raise FilingRefused("Nobody has this role.", "Choose a role that people have.")
    if wrong:
        raise FilingRefused("An account cannot have this.", f"{'. '.join(wrong.values())}.")


@acting.post("/add-account", status_code=201, response_model=Carried)
def add_account(asked: NewAccountIn, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Add an account; what the sign-in provider says of it is overwritten at the first sign-in."""
    agency = asked.agency.strip()
    if not sent.once(asked):
        _refuse(asked.role, wrong_with(seen, asked.areas, agency))
    person = Person(asked.user.strip(), asked.name.strip(), asked.role, frozenset(asked.areas), agency)
    adding.add_account(seen, person, asked.login.strip())
    return {"done": True}


@reading.get("/panels", response_model=Panels)
def panels(seen: Seen, session: SignedIn, known: ReadTag = None) -> Response:
    """Return the panel of each area with its places, and the sites."""
    told = {
        "panels": [_panel(each) for each in kept.panels(seen)],
        "sites": [each.to_dict() for each in seen.sites()],
    }
    return tagged(told, known)


@acting.post("/panels", status_code=201, response_model=FiledNumber)
def change_places(asked: PlacesIn, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Put the places of an area's panel on file; the next scoring run reads them."""
    kept.panel_of(seen, asked.area)
    routes = {route_of(route): count for route, count in asked.reserved.items()}
    if not all(routes):
        raise FilingRefused("There is no such route.", "Name it as it is on file, such as childrens_social_care.")
    sent.once(asked)
    places = {"places": asked.places, "reserved": routes, "list_factor": asked.list_factor}
    return {"number": set_capacity(seen, sent.me, asked.area, places, asked.reason, asked.newest)}


@reading.get("/retention", response_model=Retention)
def retention(seen: Seen, session: SignedIn, known: ReadTag = None) -> Response:
    """Return how much is due for review; nobody erases by a call."""
    return tagged({"due": _filed(kept.retention(seen))}, known)


@reading.get("/jobs", response_model=Jobs)
def jobs(seen: Seen, session: SignedIn, known: ReadTag = None) -> Response:
    """Return long work: what waits, runs, failed and is done."""
    return tagged({"jobs": [_work(each) for each in kept.work(seen)]}, known)


@reading.get("/health", response_model=Health)
def health(web: Served, session: SignedIn, known: ReadTag = None) -> Response:
    """Return each part of the service as /health/ready says it."""
    return tagged({"parts": readiness(web.service)}, known)


def _filed(found: Filed | None) -> dict[str, Any] | None:
    return found.to_dict() if found else None


def _work(found: Work) -> dict[str, Any]:
    return {**found.job.to_dict(), "why": found.why, "remedy": found.remedy}


def _panel(found: Panel) -> dict[str, Any]:
    scored = found.scored_with
    return {
        "area": found.area,
        "site": found.site.site if found.site else None,
        "filed": _filed(found.filed),
        "newest": found.newest.to_dict() if found.newest else None,
        "scored_with": {**scored.__dict__, "reserved": dict(scored.reserved)} if scored else None,
        "age": found.age,
    }
