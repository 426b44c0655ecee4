"""Taking a list, or something of a meeting, as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from serving.access.agency import agencies, providers
from serving.access.viewing import Viewing
from serving.errors import FilingRefused
from serving.panel.meetings import meeting_of
from serving.people import Permission, Person
from serving.web.access import FromForm, Seen, Served, SignedIn
from serving.web.exports.making import OF_LIST, OF_MEETING, Taken, take_list, take_meeting
from serving.web.exports.paper import NoPaper
from serving.web.headers import attachment
from serving.web.pages.filled import Filled, Short
from serving.web.render import page
from serving.web.words import area_name, day

router = APIRouter()
OWN, WHOLE_PANEL = "own", "panel"
_AGENCY = "agency:"


@router.get("/lists/{run}/exports")
def of_list(request: Request, seen: Seen, session: SignedIn, run: str) -> HTMLResponse:
    """Show what of a list can be taken as a file."""
    return _list_page(request, seen, run, Filled())


@router.post("/lists/{run}/exports")
def take_of_list(
    request: Request, web: Served, seen: Seen, session: FromForm, run: str, what: Short = "", reader: Short = OWN
) -> Response:
    """Give a list out as a file, once it is in the ledger."""
    filled = Filled("take", {"what": what, "reader": reader})
    taken = _take(filled, lambda agency: take_list(web, seen, run, what, agency))
    return _file(taken) if taken else _list_page(request, seen, run, filled, 422)


@router.get("/meetings/{meeting}/exports")
def of_meeting(request: Request, seen: Seen, session: SignedIn, meeting: str) -> HTMLResponse:
    """Show what of a meeting can be taken as a file."""
    return _meeting_page(request, seen, meeting, Filled())


@router.post("/meetings/{meeting}/exports")
def take_of_meeting(
    request: Request, web: Served, seen: Seen, session: FromForm, meeting: str, what: Short = "", reader: Short = OWN
) -> Response:
    """Give something of a meeting out as a file, once it is in the ledger."""
    filled = Filled("take", {"what": what, "reader": reader})
    taken = _take(filled, lambda agency: take_meeting(web, seen, meeting, what, agency))
    return _file(taken) if taken else _meeting_page(request, seen, meeting, filled, 422)


def _take(filled: Filled, make: Callable[[str | None], Taken]) -> Taken | None:
    try:
        return make(agency_of(filled.fields["reader"]))
    except (FilingRefused, NoPaper) as refused:
        told = f"{refused.message} {refused.remedy}"
        filled.errors["what"] = told if filled.fields["what"] else "Choose what you need"
        return None


def agency_of(reader: str) -> str | None:
    """Return whose members will read a file, as `take_list` takes it."""
    if reader == OWN:
        return None
    return "" if reader == WHOLE_PANEL else reader.removeprefix(_AGENCY)


def _file(taken: Taken) -> Response:
    return Response(taken.content, media_type=taken.media_type, headers=attachment(taken.name))


def _list_page(request: Request, seen: Viewing, run: str, filled: Filled, status: int = 200) -> HTMLResponse:
    found = seen.released_list(run)
    seen.note(seen.person.user, "view.exports", run)
    title = f"List of {area_name(found.area)}, as of {day(found.header['as_of'])}"
    return _page(request, seen, OF_LIST, title, f"/lists/{run}", found.area, filled, status)


def _meeting_page(request: Request, seen: Viewing, meeting: str, filled: Filled, status: int = 200) -> HTMLResponse:
    known = meeting_of(seen, meeting)
    seen.note(seen.person.user, "view.exports", meeting)
    title = f"Meeting of {area_name(known.area)}, {day(known.day)}"
    return _page(request, seen, OF_MEETING, title, f"/meetings/{meeting}", known.area, filled, status)


def _page(
    request: Request,
    seen: Viewing,
    kinds: Mapping[str, str],
    title: str,
    back: str,
    area: str,
    filled: Filled,
    status: int,
) -> HTMLResponse:
    context: dict[str, Any] = {
        "kinds": list(kinds.items()),
        "readers": readers(seen, seen.person, area),
        "agencies": agencies(seen, area),
        "providers": providers(seen, area),
        "about": title,
        "back": back,
        "filled": filled,
    }
    return page(request, "exports.html", context, status)


def readers(seen: Viewing, me: Person, area: str) -> list[tuple[str, str]]:
    """Return for whom a chair may take a file; nobody else chooses."""
    if not me.may(Permission.DECIDE):
        return []
    sent = [(f"{_AGENCY}{agency}", f"Members of {area_name(agency)}") for agency in agencies(seen, area)]
    whole = [(WHOLE_PANEL, "The whole panel: nothing that one agency keeps to itself")]
    return [(OWN, "You, as the chair: what every agency told"), *sent, *([] if providers(seen, area) else whole)]
