"""The JSON API: the same documents, rules and session as the pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from serving.people import Permission
from serving.web.access import FromCall, Served, SignedIn, enter
from serving.web.pages.audits import audit_for
from serving.web.pages.lists import current_decisions, redacted

router = APIRouter(prefix="/api/v1")


class DecisionIn(BaseModel):
    """A decision to record."""

    model_config = ConfigDict(extra="forbid")

    decision: str
    reason_code: str
    reason: str = Field(max_length=4000)
    until: date | None = None
    sensitive: bool
    safety_confirmed: str = Field(default="", max_length=200)
    replaces: int | None = None


@router.get("/session")
def session(session: SignedIn) -> dict[str, Any]:
    """Return who is signed in and the token that calls which change something carry as X-CSRF-Token."""
    me = session.person
    return {"user": me.user, "role": me.role.value, "areas": sorted(me.areas), "csrf": session.csrf}


@router.get("/runs")
def runs(web: Served, session: SignedIn) -> dict[str, Any]:
    """Return the runs of the person's areas."""
    session.person.need(Permission.SEE_RUNS)
    areas = session.person.areas
    seen = [run.to_dict() for run in web.service.runs() if "*" in areas or run.area in areas]
    return {"runs": seen}


@router.get("/audits/{run}")
def audit(web: Served, session: SignedIn, run: str) -> dict[str, Any]:
    """Return the audit and the gate decision of a run."""
    enter(web, session.person, run, Permission.SEE_AUDIT)
    web.service.note(session.person.user, "view.audit", run)
    detail = web.service.run(run)
    gate, document = audit_for(web, session.person, detail)
    return {"run": run, "state": detail.summary.state, "gate": gate, "audit": document}


@router.get("/lists/{run}")
def released_list(web: Served, session: SignedIn, run: str) -> dict[str, Any]:
    """Return a released list with the decisions that stand."""
    enter(web, session.person, run, Permission.SEE_LIST)
    found = web.service.released_list(run)
    web.service.note(session.person.user, "view.list", run)
    return {**found.to_dict(), "decisions": current_decisions(web, run, session.person)}


@router.get("/lists/{run}/cases/{person}")
def case(web: Served, session: SignedIn, run: str, person: str) -> dict[str, Any]:
    """Return a person's row, case document and decisions."""
    enter(web, session.person, run, Permission.SEE_LIST)
    found = web.service.case(run, person)
    web.service.note(session.person.user, "view.case", run, {"person": person, "view": "api"})
    made = [row for row in web.service.decisions(run=run) if row["person"] == person]
    return {
        "run": run,
        "release": found.released.release,
        "list_hash": found.released.list_hash,
        "row": found.row,
        "case": found.document,
        "decisions": [redacted(row, session.person) for row in made],
    }


@router.post("/lists/{run}/cases/{person}/decisions", status_code=201)
def decide(web: Served, session: FromCall, run: str, person: str, asked: DecisionIn) -> dict[str, Any]:
    """Record a decision."""
    enter(web, session.person, run, Permission.DECIDE)
    number = web.service.decide(
        run,
        person,
        session.person,
        asked.decision,
        asked.reason_code,
        asked.reason,
        asked.until,
        asked.sensitive,
        safety_confirmed=asked.safety_confirmed,
        replaces=asked.replaces,
    )
    return {"run": run, "person": person, "decision_id": number}
