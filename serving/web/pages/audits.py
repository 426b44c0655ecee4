"""The fairness audit of a run, and the acts of review."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import date
from operator import itemgetter
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.documents import Document
from serving.errors import ReviewRefused
from serving.jobs import REPORT
from serving.making import ask, making
from serving.people import Permission, Person
from serving.release.disclosing import disclosed_audit, disclosed_gate
from serving.release.rules import DEFAULT_DAYS, MAXIMUM_DAYS
from serving.release.runs import RunDetail, RunSummary
from serving.reports import KINDS, Reports
from serving.web.access import FromForm, Seen, Served, SignedIn, enter
from serving.web.headers import attachment
from serving.web.pages.dates import Expires, day_of
from serving.web.render import Web, looked, page
from values import DrivePanelError

router = APIRouter(prefix="/audits/{run}")
_log = structlog.get_logger("serving.web")
_DONE = {
    "released": "The list is released and published.",
    "unpublished": "The list is released, but could not be published yet. Use ‘Publish again’.",
    "awaiting": "Your waiver is recorded. A second reviewer is needed.",
    "refused": "The list is refused.",
    "withdrawn": "The list is withdrawn. No page shows it any more.",
}


@router.get("")
def show(request: Request, web: Served, session: SignedIn, run: str) -> HTMLResponse:
    """Show the audit with the forms that the person's role has."""
    enter(web, session.person, run, Permission.SEE_AUDIT)
    return _audit_page(request, web, session.person, run)


@router.get("/report/{kind}")
def report(web: Served, session: SignedIn, run: str, kind: str) -> Response:
    """Give out a file of the run's report, as the ledger vouches for it."""
    enter(web, session.person, run, Permission.SEE_AUDIT)
    content = Reports(web.service.stores).read(run, web.service.state(run), kind)
    web.service.note(session.person.user, "view.report", run, {"kind": kind})
    return Response(content, media_type=KINDS[kind][1], headers=attachment(f"audit-{run}.{kind}"))


@router.post("/report")
def make_report(web: Served, seen: Seen, session: FromForm, run: str) -> Response:
    """Ask for the run's full report, which the batch side makes."""
    ask(seen, REPORT, run)
    if web.worker is not None:
        web.worker()
    return RedirectResponse(f"/audits/{run}#full-report", 303)


@router.post("/review")
def review(
    request: Request,
    web: Served,
    session: FromForm,
    run: str,
    expiry: Expires,
    act: Annotated[str, Form()] = "",
    reason: Annotated[str, Form(max_length=4000)] = "",
    acknowledged: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Record an act of review; a release is published by a process of its own."""
    permission = Permission.WITHDRAW if act == "withdraw" else Permission.REVIEW
    enter(web, session.person, run, permission)
    typed = {"act": act, "reason": reason, **{name.removeprefix("expires-"): part for name, part in expiry.items()}}
    typed_names = acknowledged or []
    try:
        expires = _expiry(expiry)
        result = web.service.review(run, session.person, act, reason, expires, typed_names)
    except ReviewRefused as refused:
        error = f"{refused.message} {refused.remedy}"
        return _audit_page(request, web, session.person, run, error, typed, typed_names, 422)
    done = result.state
    if result.state == "released" and not _publish(web, run):
        done = "unpublished"
    return RedirectResponse(f"/audits/{run}?done={done}", 303)


@router.post("/publish")
def publish(web: Served, session: FromForm, run: str) -> Response:
    """Try again to publish a released list."""
    enter(web, session.person, run, Permission.REVIEW)
    done = "released" if _publish(web, run) else "unpublished"
    return RedirectResponse(f"/audits/{run}?done={done}", 303)


def _expiry(typed: dict[str, str]) -> date | None:
    if not any(typed.values()):
        return None
    try:
        return day_of(typed, "expires")
    except ValueError:
        raise ReviewRefused("The expiry is not a real date.", "Enter day, month and year.") from None


def _publish(web: Web, run: str) -> bool:
    """Publish through the process that was given for it, and say whether the list is there now."""
    if web.publisher is not None:
        web.service.stores.panel.let_go()  # another process writes
        try:
            web.publisher(run)
        except (DrivePanelError, OSError, subprocess.SubprocessError) as problem:
            # The release stands; until it is published every page of the list answers 409.
            _log.error("not published", kind=type(problem).__name__)
    return web.service.run(run).summary.published


def _audit_page(
    request: Request,
    web: Web,
    me: Person,
    run: str,
    error: str = "",
    typed: dict[str, str] | None = None,
    acknowledged: list[str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    detail = web.service.run(run)
    gate, audit = audit_for(web, me, detail)
    kept = Reports(web.service.stores).newest(run)
    being_made = making(web.service, REPORT, [(run, kept.at if kept else "")])
    web.service.note(me.user, "view.audit", run)
    mine = [row for row in detail.reviews if row["reviewer"] == me.user and row["act"] == "waive"]
    reviews, state = me.may(Permission.REVIEW), detail.summary.state
    # What the gate refused is refused; that somebody read it and says so is still open.
    by_gate = state == "refused" and all(row["act"] != "refuse" for row in detail.reviews)
    awaiting = reviews and (state == "awaiting" or by_gate)
    trained = me.user in detail.trainers
    return page(
        request,
        "audit.html",
        {
            "run": replace(detail, gate=gate),
            "audit": audit,
            "binding": groups_of(audit, binding=True),
            "reported": groups_of(audit, binding=False),
            "alerts": alerts_of(audit),
            "origins": origins_of(audit),
            "margin": margin_of(audit),
            "report": kept,
            "kinds": KINDS,
            "making": being_made.get(run),
            "looked": looked(web.service),
            "changed": web.service.what_changed(run, me) if me.may(Permission.REVIEW) else None,
            "by_gate": by_gate,
            "can_review": awaiting and not trained and not mine,
            "waived_by_me": awaiting and bool(mine),
            "trained_by_me": awaiting and trained,
            "can_withdraw": state == "released" and me.may(Permission.WITHDRAW),
            "can_publish": reviews and state == "released" and not detail.summary.published,
            "releasable": detail.gate["verdict"] != "refuse"
            and not detail.gate.get("blocks")
            and detail.record["bundle"]["for_panel"],
            "error": error,
            "typed": typed or {},
            "acknowledged": acknowledged or [],
            "done": _DONE.get(request.query_params.get("done", "")),
            "days": (DEFAULT_DAYS, MAXIMUM_DAYS),
            "rang": rang_of(web),
            "same_ranking": same_ranking(web, me, detail),
        },
        status,
    )


def audit_for(web: Web, me: Person, detail: RunDetail) -> tuple[Document, Document]:
    """Return the gate decision and the audit as the person may read them: whole for reviewers only."""
    audit, live = web.service.audit(detail.summary.run), detail.summary.state == "released"
    if me.may(Permission.REVIEW):
        return detail.gate, audit
    return disclosed_gate(detail.gate, live, audit), disclosed_audit(audit, live)


def same_ranking(web: Web, me: Person, detail: RunDetail) -> list[RunSummary]:
    """Return the other runs of the person's areas that the same bundle made, where it was refused or is released.

    A gap of one ranking in one area is a question to its lists in the others.
    """
    others = [run for run in web.service.runs(me.areas) if run.state in ("refused", "released")]
    bundle = detail.record["hashes"]["bundle"]
    return [
        run
        for run in others
        if run.run != detail.summary.run and web.service.run(run.run).record["hashes"]["bundle"] == bundle
    ]


def rang_of(web: Web) -> list[str]:
    """Return the alarms of the newest evidence over time."""
    found = web.service.evidence()
    return [] if found is None else list(found["alarms"]["rang"])


def margin_of(audit: dict[str, Any]) -> list[float] | None:
    """Return the margin that the audit was made under, from itself or its parts; None where it names none."""
    for part in (audit, *audit.get("audits", {}).values()):
        if part.get("margin"):
            low, high = part["margin"]
            return [low, high]
    return None


def groups_of(audit: dict[str, Any], binding: bool) -> list[tuple[str, list[dict[str, Any]]]]:
    """Group the checks that bind, or those only reported, by audit, table and metric in the order they come."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for cell in audit.get("cells", []):
        if cell.get("binding", True) is binding:
            parts = (cell.get("audit"), cell["table"], cell["metric"])
            title = ", ".join(str(part).replace("_", " ") for part in parts if part)
            groups.setdefault(title[:1].upper() + title[1:], []).append(cell)
    return list(groups.items())


def origins_of(audit: Document) -> list[dict[str, Any]] | None:
    """Return where each gap may come from, exact where the reader reads it so; None where nothing of it is stored.

    What is exact says beside it what may leave (``outside``).
    """
    told = audit.get("origins")
    if not told:
        return None
    if "exact" not in told:
        return list(told["shown"])
    key = itemgetter("table", "characteristic", "group")
    outside = {key(each): each["summary"] for each in told["shown"]}
    return [{**each, "outside": outside.get(key(each), [])} for each in told["exact"]]


def alerts_of(audit: dict[str, Any]) -> list[str]:
    """Return what differs but does not bind, one line each, with the part of the audit that it comes from."""
    lines = [_alert(item) for item in audit.get("alerts", [])]
    for name, part in audit.get("audits", {}).items():
        lines += [f"{name}: {_alert(item)}" for item in part.get("alerts", [])]
    return lines


def _alert(item: Any) -> str:
    return ", ".join(str(part).replace("_", " ") for part in item) if isinstance(item, list) else str(item)
