"""What the API lets read: the same documents, rules and session as the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from serving.ledger import Entry
from serving.people import Permission, Person
from serving.redaction import NOT_FOR_PROGRAMS
from serving.web.access import Served, SignedIn, enter
from serving.web.api.answers import part, tagged
from serving.web.api.bodies.decisions import Decisions
from serving.web.api.bodies.fields import Limit, ReadTag
from serving.web.api.bodies.ledger import Entries
from serving.web.api.bodies.lists import CaseOut, History, ReleasedListOut
from serving.web.api.bodies.runs import Audit, Runs, Signed
from serving.web.api.description import READS
from serving.web.limiting import API
from serving.web.pages.audits import audit_for, rang_of
from serving.web.pages.cases import across_panels
from serving.web.pages.lists import current_decisions, redacted
from serving.web.render import Web
from values import canonical_json

_WRITTEN = {"reason", "why"}
"""What of an entry's detail people wrote in their own words."""
_CLEARED = ("run", "person", "kind", "by", "reason", "at")
router = APIRouter(prefix="/api/v1", responses=READS, dependencies=[API])
Cursor = Annotated[str | None, Query(max_length=200, description="`next` of the part before; leave out for the first.")]
Number = Annotated[
    int | None, Query(ge=1, le=2**31 - 1, description="`next` of the part before; leave out for the first.")
]


@router.get("/session", response_model=Signed)
def session(session: SignedIn, known: ReadTag = None) -> Response:
    """Return who is signed in and the token that calls which change something carry as X-CSRF-Token."""
    me = session.person
    document = {"user": me.user, "role": me.role.value, "areas": sorted(me.areas), "csrf": session.csrf}
    return tagged(document, known)


@router.get("/runs", response_model=Runs)
def runs(web: Served, session: SignedIn, limit: Limit = 50, cursor: Cursor = None, known: ReadTag = None) -> Response:
    """Return the runs of the caller's areas, the newest date first."""
    session.person.need(Permission.SEE_RUNS)
    areas = session.person.areas
    seen = [run for run in web.service.runs() if "*" in areas or run.area in areas]
    found, following = part(seen, limit, cursor, lambda run: run.run)
    return tagged({"runs": [run.to_dict() for run in found], "next": following}, known)


@router.get("/audits/{run}", response_model=Audit)
def audit(web: Served, session: SignedIn, run: str, known: ReadTag = None) -> Response:
    """Return the audit and the gate decision of a run."""
    enter(web, session.person, run, Permission.SEE_AUDIT)
    me = session.person
    web.service.note(me.user, "view.audit", run)
    detail = web.service.run(run)
    gate, document = audit_for(web, me, detail)
    told = {
        **{name: getattr(detail.summary, name) for name in ("run", "state", "needs")},
        "expires": detail.summary.to_dict()["expires"],
        "gate": gate,
        "audit": document,
        "trained_by": sorted(detail.trainers),
        "reviews": [_reviewed(row, me) for row in detail.reviews],
        "changed": web.service.what_changed(run, me) if me.may(Permission.REVIEW) else None,
        "rang": rang_of(web),
    }
    return tagged(told, known)


def _reviewed(row: Mapping[str, Any], me: Person) -> dict[str, Any]:
    """Return an act of review; no program reads its free words."""
    told = {name: row[name] for name in ("reviewer", "act", "reason", "at")}
    return {**told, "reason": NOT_FOR_PROGRAMS} if me.scopes else told


@router.get("/lists/{run}", response_model=ReleasedListOut)
def released_list(web: Served, session: SignedIn, run: str, known: ReadTag = None) -> Response:
    """Return a released list with the decisions that stand."""
    enter(web, session.person, run, Permission.SEE_LIST)
    found = web.service.released_list(run)
    web.service.note(session.person.user, "view.list", run)
    return tagged({**found.to_dict(), "decisions": current_decisions(web, run, session.person)}, known)


@router.get("/lists/{run}/decisions", response_model=Decisions)
def decisions(
    web: Served,
    session: SignedIn,
    run: str,
    limit: Limit = 50,
    cursor: Number = None,
    known: ReadTag = None,
) -> Response:
    """Return the decisions on the people of a released list, oldest first."""
    enter(web, session.person, run, Permission.SEE_LIST)
    web.service.released_list(run)
    web.service.note(session.person.user, "view.decisions", run)
    made = [redacted(row, session.person) for row in web.service.decisions(run=run)]
    known_cursor = str(cursor) if cursor is not None else None
    found, following = part(made, limit, known_cursor, lambda row: str(row["decision_id"]))
    return tagged({"decisions": list(found), "next": following}, known)


@router.get("/lists/{run}/cases/{person}", response_model=CaseOut)
def case(web: Served, session: SignedIn, run: str, person: str, known: ReadTag = None) -> Response:
    """Return a person's row, case document and decisions."""
    enter(web, session.person, run, Permission.SEE_LIST)
    document = case_document(web, session.person, run, person)
    web.service.note(session.person.user, "view.case", run, {"person": person, "view": "api"})
    return tagged(document, known)


@router.get("/lists/{run}/cases/{person}/history", response_model=History)
def history(web: Served, session: SignedIn, run: str, person: str, known: ReadTag = None) -> Response:
    """Return what earlier panels made of somebody, and where they stood on the list before."""
    me = session.person
    enter(web, me, run, Permission.SEE_LIST)
    found = across_panels(web, me, web.service.case(run, person))
    web.service.note(me.user, "view.case", run, {"person": person, "view": "history"})
    stood = found["stood"] or {}
    told = {
        "decisions": found["every_decision"],
        "clearances": [{name: row[name] for name in _CLEARED} for row in found["every_clearance"]],
        "referrals": [each.filed.number for each in found["every_referral"]],
        "before": found["before"].found.run if found["before"] else None,
        "band": stood.get("band"),
        "above_line": stood.get("above_line"),
    }
    return tagged(told, known)


@router.get("/ledger", response_model=Entries)
def ledger(web: Served, session: SignedIn, limit: Limit = 50, cursor: Number = None, known: ReadTag = None) -> Response:
    """Return entries of the ledger that are for the caller, newest first; a part may be short while `next` is there."""
    session.person.need(Permission.SEE_LEDGER)
    web.service.note(session.person.user, "view.ledger", "ledger")
    entries, before = web.service.ledger_part(limit, cursor)
    following = None if before is None else str(before)
    return tagged({"entries": [_entered(entry, session.person) for entry in entries], "next": following}, known)


def _entered(entry: Entry, me: Person) -> dict[str, Any]:
    """Return an entry of the ledger; no program reads its free words, over which its hash goes all the same."""
    content = entry.content
    written = _WRITTEN & content.keys()
    if not me.scopes or not written or entry.action.startswith("refused."):  # why the service refused is its own word
        return dict(entry.__dict__)
    return {**entry.__dict__, "detail": canonical_json({**content, **dict.fromkeys(written, NOT_FOR_PROGRAMS)})}


def case_document(web: Web, me: Person, run: str, person: str) -> dict[str, Any]:
    """Return a case as the API gives it to `me`; its ETag is what a decision may be bound to."""
    found = web.service.case(run, person)
    made = web.service.decisions(run=run, person=person)
    return {
        "run": run,
        "release": found.released.release,
        "list_hash": found.released.list_hash,
        "row": found.row,
        "case": found.document,
        "decisions": [redacted(row, me) for row in made],
    }
