"""Files: a list or something of a meeting, made when it is asked for; kept reports and papers, as they were made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from serving.access.viewing import Viewing
from serving.errors import FilingRefused
from serving.panel.meetings import meeting_of
from serving.papers import KINDS as PAPERS
from serving.papers import Papers
from serving.reports import KINDS as REPORTS
from serving.reports import Reports
from serving.web.access import Seen, Served, SignedIn
from serving.web.api.answers import as_file, tagged
from serving.web.api.bodies.exports import Exports, ListExportIn, MeetingExportIn
from serving.web.api.bodies.fields import ReadTag
from serving.web.api.description import ACTS, READS, files_of
from serving.web.api.sending import Sent
from serving.web.exports.making import MEDIA, OF_LIST, OF_MEETING, Taken, take_list, take_meeting
from serving.web.exports.paper import NoPaper
from serving.web.limiting import API, WRITES
from serving.web.pages.exports import agency_of, readers

reading = APIRouter(prefix="/api/v1", responses=READS, dependencies=[API])
acting = APIRouter(prefix="/api/v1", responses=ACTS, dependencies=[API, WRITES])
_MADE: dict[int | str, dict[str, Any]] = {201: files_of(MEDIA.values())}


@reading.get("/lists/{run}/exports", response_model=Exports)
def list_exports(seen: Seen, session: SignedIn, run: str, known: ReadTag = None) -> Response:
    """Return what of a list can be taken as a file, and for whom."""
    found = seen.released_list(run)
    seen.note(session.person.user, "view.exports", run)
    return tagged(_offered(seen, OF_LIST, found.area), known)


@acting.post("/lists/{run}/exports", status_code=201, response_class=Response, responses=_MADE)
def take_of_list(asked: ListExportIn, web: Served, seen: Seen, sent: Sent, run: str) -> Response:
    """Give a list out as a file, once it is in the ledger; each call makes a file and an entry of its own."""
    return _given(lambda: take_list(web, seen, run, asked.what, agency_of(asked.reader)))


@reading.get("/meetings/{meeting}/exports", response_model=Exports)
def meeting_exports(seen: Seen, session: SignedIn, meeting: str, known: ReadTag = None) -> Response:
    """Return what of a meeting can be taken as a file, and for whom."""
    found = meeting_of(seen, meeting)
    seen.note(session.person.user, "view.exports", meeting)
    return tagged(_offered(seen, OF_MEETING, found.area), known)


@acting.post("/meetings/{meeting}/exports", status_code=201, response_class=Response, responses=_MADE)
def take_of_meeting(asked: MeetingExportIn, web: Served, seen: Seen, sent: Sent, meeting: str) -> Response:
    """Give something of a meeting out as a file, once it is in the ledger; each call makes a file of its own."""
    return _given(lambda: take_meeting(web, seen, meeting, asked.what, agency_of(asked.reader)))


@reading.get(
    "/audits/{run}/report/{kind}",
    response_class=Response,
    responses={200: files_of(media_type for _, media_type in REPORTS.values())},
)
def report_file(seen: Seen, session: SignedIn, run: str, kind: str, known: ReadTag = None) -> Response:
    """Give out a file of a run's report, as the ledger vouches for it; `kind` is one that the report names."""
    content = Reports(seen.stores).read(run, seen.state(run), kind)
    seen.note(session.person.user, "view.report", run, {"kind": kind})
    return as_file(content, REPORTS[kind][1], f"audit-{run}.{kind}", known)


@reading.get(
    "/papers/{run}/{name}",
    response_class=Response,
    responses={200: files_of(media_type for _, media_type in PAPERS.values())},
)
def paper_file(seen: Seen, session: SignedIn, run: str, name: str, known: ReadTag = None) -> Response:
    """Give out a governance paper, as the ledger vouches for it; a stale one is not given out."""
    content = Papers(seen.stores).read(run, seen.state(run), name)
    seen.note(session.person.user, "view.paper", run, {"name": name})
    return as_file(content, PAPERS[name.rpartition(".")[2]][1], f"{run}-{name}", known)


def _offered(seen: Viewing, kinds: Mapping[str, str], area: str) -> dict[str, Any]:
    """Return the files that can be taken, and for whom: nobody but a chair chooses."""
    return {
        "files": [{"what": what, "called": called} for what, called in kinds.items()],
        "readers": [{"reader": reader, "called": called} for reader, called in readers(seen, seen.person, area)],
    }


def _given(make: Callable[[], Taken]) -> Response:
    try:
        taken = make()
    except NoPaper as refused:
        raise FilingRefused(refused.message, refused.remedy) from None
    return as_file(taken.content, taken.media_type, taken.name, status=201)
