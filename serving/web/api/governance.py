"""What those read and do who answer for the lists: registers, oversight, stops, evidence, kept reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from serving.access.elsewhere import views_elsewhere
from serving.access.viewing import Viewing
from serving.jobs import PAPERS, REPORT
from serving.making import Making, ask, making
from serving.panel import registers as kept
from serving.panel.registers import CHALLENGE, INCIDENT, Challenge, Incident
from serving.people import Permission
from serving.reports import Reports
from serving.web.access import Seen, Served, SignedIn
from serving.web.api.answers import tagged
from serving.web.api.bodies.fields import ReadTag
from serving.web.api.bodies.filed import Carried, FiledNumber, Nothing, OutcomeIn
from serving.web.api.bodies.making import AskedFor
from serving.web.api.bodies.oversight import Oversight, OversightOfRun
from serving.web.api.bodies.papers import Evidence, PapersOut, Policy
from serving.web.api.bodies.registers import ChallengeIn, IncidentIn, Kind, Registers
from serving.web.api.bodies.runs import Report
from serving.web.api.bodies.stops import StopIn, Stops
from serving.web.api.description import ACTS, READS
from serving.web.api.sending import Sent
from serving.web.limiting import API, WRITES
from serving.web.pages.oversight import ELSEWHERE_SHOWN, VIEWS_SHOWN, figures_of, overseen, total_of
from serving.web.pages.papers import due_and_deleted, newest_of_each_area, packs_of
from serving.web.pages.stops import need_stoppable
from serving.web.render import Web

reading = APIRouter(prefix="/api/v1", responses=READS, dependencies=[API])
acting = APIRouter(prefix="/api/v1", responses=ACTS, dependencies=[API, WRITES])


@reading.get("/registers", response_model=Registers)
def registers(seen: Seen, session: SignedIn, known: ReadTag = None) -> Response:
    """Return the registers of incidents and challenges."""
    seen.note(session.person.user, "view.registers", "registers")
    found = {f"{kind}s": [each.to_dict() for each in kept.register(seen, kind)] for kind in (INCIDENT, CHALLENGE)}
    return tagged(found, known)


@acting.post("/registers/incidents", status_code=201, response_model=FiledNumber)
def report_incident(asked: IncidentIn, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Report an incident."""
    sent.once(asked)
    incident = Incident(asked.kind, asked.happened, asked.what)
    return {"number": kept.report_incident(seen, sent.me, asked.area, incident)}


@acting.post("/registers/challenges", status_code=201, response_model=FiledNumber)
def enter_challenge(asked: ChallengeIn, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Enter a challenge that arrived."""
    sent.once(asked)
    challenge = Challenge(asked.arrived, asked.who, asked.reference, asked.about)
    return {"number": kept.enter_challenge(seen, sent.me, asked.area, challenge)}


@acting.post("/registers/{kind}/{number}", status_code=201, response_model=Carried)
def close_entry(asked: OutcomeIn, kind: Kind, number: int, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Close an entry of a register with what came of it."""
    sent.once(asked)
    kept.close(seen, sent.me, kind, number, asked.outcome)
    return {"done": True}


@reading.get("/oversight", response_model=Oversight)
def oversight(seen: Seen, session: SignedIn, known: ReadTag = None) -> Response:
    """Return how people decided on each list that was released, and on all together; and who saw what beside lists."""
    seen.note(session.person.user, "view.oversight", "oversight")
    found = overseen(seen)
    total = total_of(found)
    lists = [
        {name: getattr(each.run, name) for name in ("run", "area", "as_of", "state")}
        | {"stopped": each.stopped, "figures": each.figures.__dict__ if each.figures else None}
        for each in found
    ]
    elsewhere = views_elsewhere(seen, ELSEWHERE_SHOWN)
    return tagged({"lists": lists, "total": total.__dict__ if total else None, "elsewhere": elsewhere}, known)


@reading.get("/oversight/{run}", response_model=OversightOfRun)
def oversight_of_run(seen: Seen, session: SignedIn, run: str, known: ReadTag = None) -> Response:
    """Return the figures of one list, and who saw what of it, the newest first."""
    figures = figures_of(seen, run)
    views = seen.views(run, VIEWS_SHOWN)
    seen.note(session.person.user, "view.oversight", run)
    return tagged({"run": run, "figures": figures.__dict__ if figures else None, "views": views}, known)


@reading.get("/stops", response_model=Stops)
def stops(seen: Seen, session: SignedIn, known: ReadTag = None) -> Response:
    """Return which lists are stopped, by whom and why."""
    return tagged({"stops": [each.__dict__ for each in seen.stops()]}, known)


@acting.post("/stops", status_code=201, response_model=Carried)
def stop_lists(asked: StopIn, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Stop every list of an area at once."""
    sent.once(asked)
    need_stoppable(seen, asked.area)
    seen.stop(sent.me, asked.area, asked.reason)
    return {"done": True}


@acting.post("/stops/go-on", status_code=201, response_model=Carried)
def let_lists_go_on(asked: StopIn, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Let the lists of an area be shown again."""
    sent.once(asked)
    seen.let_go_on(sent.me, asked.area, asked.reason)
    return {"done": True}


@reading.get("/evidence", response_model=Evidence)
def evidence(seen: Seen, session: SignedIn, known: ReadTag = None) -> Response:
    """Return the newest evidence over time; of single lists only those of the caller's areas."""
    seen.note(session.person.user, "view.evidence", "evidence")
    return tagged({"evidence": seen.evidence()}, known)


@reading.get("/policy", response_model=Policy)
def policy(seen: Seen, session: SignedIn, known: ReadTag = None) -> Response:
    """Return the fairness policy, what it could find, and who set which version when and why."""
    found = seen.evidence()
    seen.note(session.person.user, "view.policy", "policy")
    told: dict[str, Any] = {"gathered_at": None, "policy": None, "check": None, "versions": []}
    if found is not None:
        told = {name: found.get(name) for name in ("gathered_at", "policy")}
        told |= {"check": found.get("policy_check"), "versions": found["policies"]}
    return tagged(told, known)


@reading.get("/audits/{run}/report", response_model=Report)
def report(seen: Seen, session: SignedIn, run: str, known: ReadTag = None) -> Response:
    """Return which files the kept report of a run has, and whether it speaks of the run as it stands."""
    found = Reports(seen.stores).newest(run)
    told = {"at": None, "state": None, "files": {}} if found is None else {**found.__dict__, "files": dict(found.files)}
    holds = found is not None and found.state == seen.state(run)
    being_made = making(seen, REPORT, [(run, found.at if found else "")]).get(run)
    return tagged({"run": run, **told, "holds": holds, "making": _making(being_made)}, known)


@acting.post("/audits/{run}/report", status_code=201, response_model=AskedFor)
def make_report(asked: Nothing, web: Served, seen: Seen, sent: Sent, run: str) -> dict[str, Any]:
    """Have the full report of a run made; its reading tells how far it is."""
    sent.once(asked)
    return _asked_for(web, seen, REPORT, run)


@reading.get("/papers", response_model=PapersOut)
def papers(seen: Seen, session: SignedIn, known: ReadTag = None) -> Response:
    """Return which governance papers each list has, and whether they are fresh."""
    seen.note(session.person.user, "view.papers", "papers")
    found = [
        {name: getattr(each.run, name) for name in ("run", "area", "as_of")}
        | {"state": each.state, "why": each.why}
        | {"at": each.pack.at if each.pack else None, "files": dict(each.pack.files) if each.pack else {}}
        | {"making": _making(each.making)}
        for each in packs_of(seen)
    ]
    rests = [
        {**{name: each.summary.to_dict()[name] for name in ("run", "area", "expires")}, **_bounds(each.gate)}
        for each in newest_of_each_area(seen)
    ]
    return tagged({"papers": found, "rests": rests, **_deletion(seen)}, known)


@acting.post("/papers/{run}", status_code=201, response_model=AskedFor)
def make_papers(asked: Nothing, web: Served, seen: Seen, sent: Sent, run: str) -> dict[str, Any]:
    """Have the governance papers of a run made; their reading tells how far they are."""
    sent.once(asked)
    return _asked_for(web, seen, PAPERS, run)


def _asked_for(web: Web, seen: Viewing, kind: str, run: str) -> dict[str, Any]:
    ask(seen, kind, run)
    if web.worker is not None:
        web.worker()
    return {"run": run, "making": _making(making(seen, kind, [(run, "")]).get(run))}


def _making(being_made: Making | None) -> dict[str, Any] | None:
    if being_made is None:
        return None
    told = ("state", "asked_by", "asked_at", "seen_at", "step", "done", "total")
    return {**{name: getattr(being_made.job, name) for name in told}, "why": being_made.why}


def _deletion(seen: Viewing) -> dict[str, Any]:
    """Return evidence of deletion, for who sees the ledger and works everywhere."""
    if not seen.person.may(Permission.SEE_LEDGER):
        return {"due": None, "deleted": None}
    due, deleted = due_and_deleted(seen)
    return {
        "due": due.to_dict() if due else None,
        "deleted": {name: acts.__dict__ for name, acts in deleted.__dict__.items()} if deleted else None,
    }


def _bounds(gate: Mapping[str, Any]) -> dict[str, Any]:
    return {"lapses": gate.get("lapses") or [], "blocks": gate.get("blocks") or []}
