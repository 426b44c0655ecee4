"""The pages of a case: its summary, why it stands where it does, its records and what panels made of it."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving import redaction
from serving.errors import NotFound
from serving.panel import is_near, kinds_of, line_band
from serving.panel.own_views import own_views
from serving.panel.referrals import referrals
from serving.people import Permission, Person
from serving.release.reading import Case
from serving.web import words
from serving.web.access import Served, SignedIn, enter
from serving.web.pages.agenda import opened_for, turn_of
from serving.web.pages.lists import cleared, names, redacted
from serving.web.render import Web, page

router = APIRouter()
VIEWS = {
    "summary": "Summary",
    "why": "Why this place",
    "criteria": "Criteria",
    "chronology": "Chronology",
    "missing": "What is missing",
    "history": "History",
}
_ABSENT = "Not available: "
_COMPLETE = {"records_as_of": "Records up to"}
HIGH_BANDS = ("very high", "high")
_HEARD_WITHIN = timedelta(days=365)
_DONE = {
    "decision": "The decision is recorded.",
    "hold": "The hold is cleared. The next scoring run will take it into account.",
}


@router.get("/lists/{run}/cases/{person}")
def show_case(request: Request, web: Served, session: SignedIn, run: str, person: str) -> HTMLResponse:
    """Show the summary of a case."""
    return _case_page(request, web, session.person, run, person, "summary")


@router.get("/lists/{run}/cases/{person}/{view}")
def show_view(request: Request, web: Served, session: SignedIn, run: str, person: str, view: str) -> HTMLResponse:
    """Show another side of a case: why this place, criteria, chronology, what is missing."""
    if view not in VIEWS or view == "summary":
        raise NotFound("There is no such page.", "Go back to the case.")
    return _case_page(request, web, session.person, run, person, view)


def _case_page(request: Request, web: Web, me: Person, run: str, person: str, view: str) -> HTMLResponse:
    enter(web, me, run, Permission.SEE_LIST)
    found = web.service.case(run, person)
    context = {**case_context(web, me, found), "turn": turn_of(web, me, run, person, opened_for(request))}
    told = {"person": person, "view": view}
    if view == "history":
        context |= across_panels(web, me, found)
        told |= {"before": context["before"].found.run} if context["before"] else {}
    web.service.note(me.user, "view.case", run, told)
    done = _DONE.get(request.query_params.get("done", ""))
    return page(request, f"case_{view}.html", {**context, "view": view, "views": VIEWS, "done": done})


def case_context(web: Web, me: Person, found: Case) -> dict[str, Any]:
    """Return what every page of a case shows."""
    run, person = found.released.run, found.row["person"]
    clearances = cleared(web, run).get(person, {})
    history = [redacted(row, me) for row in web.service.decisions(run=run, person=person)]
    return {
        "found": found.released,
        "row": found.row,
        "case": found.document,
        "identity": names(web, found.released, me).get(person),
        "glance": glance(found.document),
        "complete": complete(found.document),
        "statuses": statuses(found.document),
        "absent": absent(found.document),
        "is_near": is_near(found.released.header, found.row) and found.row["section"] != "apart",
        "line_band": line_band(found.released.header),
        "newer": web.service.newer_list(run, person),
        "days_old": (web.service.today() - date.fromisoformat(found.released.header["as_of"])).days,
        "safeguarding": safeguarding(found.row, found.document, date.fromisoformat(found.released.header["as_of"])),
        # Newest first; a record without a date comes last rather than nowhere.
        "chronology": sorted(found.document["chronology"], key=lambda item: item.get("date") or "", reverse=True),
        "history": history,
        "own_views": own_views(web.service, run, person),
        "decision_now": next((row for row in history if row["current"]), None),
        "confirmed": next((row for row in reversed(history) if row["safety_confirmed"]), None),
        "clearances": clearances,
        "open_kinds": [kind for kind in kinds_of(found.row["hold"]) if kind not in clearances],
        "synthetic": found.released.header["synthetic"],
    }


def across_panels(web: Web, me: Person, found: Case) -> dict[str, Any]:
    """Return what earlier panels made of a case, and where it stood on the list before."""
    seen, person, run = web.service, found.row["person"], found.released.run
    before = seen.list_before(run)
    rows = before.found.rows if before else ()
    return {
        "before": before,
        "stood": next((row for row in rows if row["person"] == person), None),
        "lists": {each.run: each for each in seen.runs([found.released.area])},
        "every_decision": [redacted(row, me) for row in seen.decisions(person=person)],
        "every_clearance": [row for row in seen.clearances() if row["person"] == person],
        "every_referral": [each for each in referrals(seen, found.released.area) if each.person == person],
    }


def safeguarding(row: dict[str, Any], document: dict[str, Any], as_of: date) -> str:
    """Return why somebody should ask today whether a MARAC knows this case; empty where the record answers it.

    Harm as grave as a high band tells of usually meets a MARAC's threshold; what the panel decides later helps nobody
    tonight. A hearing answers it for twelve months, the window in which SafeLives counts a repeat; which victim it was
    about is for whoever reads it to see.
    """
    if row["band"] not in HIGH_BANDS:
        return ""
    if not document["marac"]:
        if "marac hearings" in absent(document):
            return "No MARAC records reached this service, so nobody can tell here whether a MARAC knows this case."
        return "The band is high, and no MARAC hearing is on record."
    if {"kind": redaction.RECORD} in document["marac"]:  # not this reader's to see
        return ""
    last = max((str(each["heard_at"])[:10] for each in document["marac"] if each.get("heard_at")), default="")
    if last and last > (as_of - _HEARD_WITHIN).isoformat():
        return ""
    when = f"The last one was on {words.day(last)}." if last else "When one was held is not recorded."
    return f"The band is high, and no MARAC hearing of the last 12 months is on record. {when}"


def glance(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what a chair looks for first, counted from the case document itself."""
    as_suspect = [item for item in document["chronology"] if item.get("role") == "suspect"]
    dates = [item["date"] for item in as_suspect if item.get("date")]
    gone = absent(document)
    return [
        ("Records as suspect", str(len(as_suspect))),
        ("Most recent", words.day(max(dates)) if dates else "none"),
        ("Records as victim", str(sum(item.get("role") == "victim" for item in document["chronology"]))),
        ("Different victims identified", _fact(document, "victims_ever")),
        ("Records with children present", _with_children(as_suspect)),
        ("Children named at the last MARAC hearing", _children(document["marac"])),
        ("MARAC hearings", _counted(document["marac"], "marac hearings" in gone)),
        ("Orders and custody", _orders(document["orders"], gone & {"orders", "custody"})),
        ("Other schemes", _counted(document["management"], "management" in gone)),
    ]


def _with_children(records: list[dict[str, Any]]) -> str:
    """Return at how many records children were present, and of how many nobody recorded it."""
    told = [item["children_present"] for item in records if item.get("children_present") is not None]
    if records and not told:
        return "not recorded"
    silent = len(records) - len(told)
    return f"{sum(told)}; not recorded for {silent}" if silent else str(sum(told))


def _orders(records: list[dict[str, Any]], gone: frozenset[str]) -> str:
    """Return how many orders and spells of custody there are, and which of the two nobody delivered."""
    counted = _counted(records, len(gone) == 2)
    return f"{counted}; {words.words(next(iter(gone))).lower()} not available" if len(gone) == 1 else counted


def complete(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Return how far the record reaches and how much of what moves the place its reasons do not tell, in words."""
    told = dict(document["completeness"])
    withheld = told.pop("reasons_withheld", None)
    named = [(_COMPLETE.get(name) or words.words(name), words.words(value)) for name, value in told.items()]
    share = "Of what moves this place, the share that no reason tells"
    return named if withheld is None else [*named, (share, f"{withheld:.0%}")]


def statuses(document: dict[str, Any]) -> list[tuple[str, int]]:
    """Return how many records as suspect are alleged, charged, convicted and so on, the most frequent first."""
    found = Counter(
        item.get("status") or "not recorded" for item in document["chronology"] if item.get("role") == "suspect"
    )
    return found.most_common()


def absent(document: dict[str, Any]) -> frozenset[str]:
    """Return the kinds of records of which none reached this service, so that none on record says nothing."""
    said = (str(item) for item in document["missing"])
    return frozenset(item[len(_ABSENT) : -1] for item in said if item.startswith(_ABSENT))


def _fact(document: dict[str, Any], name: str) -> str:
    value = document["facts"].get(name)
    return "not available" if value is None else words.words(value)


def _children(hearings: list[dict[str, Any]]) -> str:
    """Return how many children the newest hearing named that says so."""
    if {"kind": redaction.RECORD} in hearings:
        return redaction.NOT_SHOWN
    said = [each for each in hearings if each.get("children_count") is not None]
    newest = max(said, key=lambda each: str(each.get("heard_at")), default=None)
    return "not available" if newest is None else words.words(newest["children_count"])


def _counted(records: list[dict[str, Any]], are_absent: bool) -> str:
    """Return how many records there are, unless some of them are another agency's, or none reached this service."""
    if are_absent and not records:
        return "not available"
    return redaction.NOT_SHOWN if {"kind": redaction.RECORD} in records else str(len(records))
