"""Recording what the panel decided, and clearing a hold."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.errors import DecisionConflict, DecisionRefused
from serving.panel import (
    REASON_CODES,
    Decision,
    Elsewhere,
    Offer,
    Opinion,
    Particulars,
    Referred,
    Support,
    has_side,
)
from serving.panel.places import Share, shares
from serving.panel.referrals import given, referrals
from serving.people import Permission, Person
from serving.release.reading import Case
from serving.web.access import FromForm, Served, SignedIn, enter, filled_in
from serving.web.pages.agenda import opened_for, turn_of
from serving.web.pages.cases import case_context
from serving.web.pages.filled import SHORT, Filled, Short, choices
from serving.web.pages.lists import current_decisions, disrupt_only, places_taken
from serving.web.pages.unsent import filled_again
from serving.web.render import Web, page

router = APIRouter(prefix="/lists/{run}/cases/{person}")
Sent = Annotated[list[list[str]], Depends(filled_in)]
_OPINION = "opinion-"


@router.get("/decision")
def ask(request: Request, web: Served, session: SignedIn, run: str, person: str) -> HTMLResponse:
    """Show the form."""
    me, case = session.person, f"/lists/{run}/cases/{person}"
    enter(web, me, run, Permission.DECIDE)
    filled = filled_again(web.service, me.user, f"{case}/decision", "decision")
    if not filled.form:
        filled = filled_again(web.service, me.user, f"{case}/hold", "hold")
    return _form(request, web, me, run, person, filled)


@router.post("/decision")
def record(request: Request, web: Served, session: FromForm, run: str, person: str, sent: Sent) -> Response:
    """Record a decision, or show the form again with what is wrong and all that was typed."""
    enter(web, session.person, run, Permission.DECIDE)
    filled = Filled("decision", dict(sent))
    status = 422
    until, told = _until(filled), _particulars(filled)
    _check(filled)
    if not filled.errors:
        fields, replaces = filled.fields, filled.fields.get("replaces", "")
        try:
            web.service.decide(
                run,
                person,
                session.person,
                fields["decision"],
                fields["reason_code"],
                fields["reason"],
                until,
                fields["sensitive"] == "yes",
                safety_confirmed=fields.get("safety_confirmed", ""),
                particulars=told,
                replaces=int(replaces) if replaces.isdecimal() else None,
            )
        except DecisionConflict as overtaken:
            status = 409
            filled.errors["decision"] = f"{overtaken.message} {overtaken.remedy}"
        except DecisionRefused as refused:
            filled.errors["decision"] = f"{refused.message} {refused.remedy}"
    if filled.errors:
        return _form(request, web, session.person, run, person, filled, status)
    return RedirectResponse(_done(request, run, person, "decision"), 303)


@router.post("/hold")
def clear(
    request: Request,
    web: Served,
    session: FromForm,
    run: str,
    person: str,
    kind: Annotated[str, Form()] = "",
    hold_reason: Annotated[str, Form()] = "",
    read_again: Short = "",
) -> Response:
    """Clear a hold, or show the form again with what is wrong."""
    enter(web, session.person, run, Permission.DECIDE)
    filled = Filled("hold", {"kind": kind, "hold_reason": hold_reason, "read_again": read_again})
    filled.need("hold_reason", "Write what was checked, with whom, and what it showed")
    filled.read_again("hold_reason")
    if not filled.errors:
        try:
            web.service.clear_hold(run, person, kind, session.person, hold_reason)
        except DecisionRefused as refused:
            filled.errors["hold_reason"] = f"{refused.message} {refused.remedy}"
    if filled.errors:
        filled.errors = {name.replace("hold_", "hold-"): told for name, told in filled.errors.items()}
        return _form(request, web, session.person, run, person, filled, 422)
    return RedirectResponse(_done(request, run, person, "hold"), 303)


def _done(request: Request, run: str, person: str, what: str) -> str:
    """Return where a form leads: back to the case, for the same meeting."""
    meeting = opened_for(request)
    return f"/lists/{run}/cases/{person}?" + urlencode({"done": what} | ({"meeting": meeting} if meeting else {}))


def _check(filled: Filled) -> None:
    """Note what every decision needs and this one lacks."""
    filled.one_of("decision", Decision, "Choose what the panel decided")
    filled.one_of("reason_code", REASON_CODES, "Choose the main reason")
    filled.need("reason", "Write why the panel decided this")
    said = "Say whether anything written here holds sensitive information"
    if filled.one_of("sensitive", ("yes", "no"), said) == "no":
        filled.read_again("reason", "support_why", "named", instead="choose that it holds sensitive information,")
    filled.need("safety_confirmed", "", SHORT, given=False)


def _until(filled: Filled) -> date | None:
    """Return the date of a deferral, or note what is wrong with it."""
    if filled.fields.get("decision") == Decision.DEFER:
        return filled.day("until", "the day on which the panel looks at it again")
    if any(filled.fields.get(f"until-{part}") for part in ("day", "month", "year")):
        filled.errors["until-day"] = "Only a deferral has a date: leave it empty, or choose Defer"
    return None


def _particulars(filled: Filled) -> Particulars:
    """Return what stands beside the reason, or note what is wrong with it."""
    return Particulars(_support(filled), _referred(filled), _opinions(filled))


def _support(filled: Filled) -> Support | None:
    """Return what came of offering support; for a decision that is no acceptance an offer without words is none."""
    fields = filled.fields
    needed = fields.get("decision") in [each for each in Decision if each.accepts]
    chosen = fields.get("offer", "")
    if not (needed or fields.get("support_service") or fields.get("support_why")):
        return None
    filled.one_of("offer", Offer, "Say whether support was offered to the victims")
    possible = chosen != Offer.NOT_POSSIBLE
    service = filled.need("support_service", "Name the service that offers it", SHORT, bool(chosen) and possible)
    why = filled.need("support_why", "Say why it could not be offered", given=not possible)
    return Support(service, Offer(chosen), why) if chosen in tuple(Offer) else None


def _referred(filled: Filled) -> Referred | None:
    """Return where to. A place chosen for a decision that is no referral counts for nothing: a radio stays chosen."""
    if filled.fields.get("decision") != Decision.REFER_ELSEWHERE:
        if filled.fields.get("named"):
            filled.errors["named"] = "Only a referral names a place: leave it empty, or choose Refer elsewhere"
        return None
    place = filled.one_of("elsewhere", Elsewhere, "Say where the panel refers the person to")
    named = filled.need("named", "Name where to", SHORT, place == Elsewhere.OTHER)
    return Referred(Elsewhere(place), named) if place in tuple(Elsewhere) else None


def _opinions(filled: Filled) -> tuple[tuple[int, Opinion], ...]:
    found = []
    for name, value in filled.fields.items():
        number = name.removeprefix(_OPINION)
        if name.startswith(_OPINION) and number.isdecimal() and len(number) < 3:
            if value in tuple(Opinion):
                found.append((int(number), Opinion(value)))
            else:
                filled.errors[name] = "Choose one of these"
    return tuple(found)


def _form(
    request: Request, web: Web, me: Person, run: str, person: str, filled: Filled, status: int = 200
) -> HTMLResponse:
    found = web.service.case(run, person)
    web.service.note(me.user, "view.case", run, {"person": person, "view": "decision"})
    context: dict[str, Any] = {
        **case_context(web, me, found),
        "turn": turn_of(web, me, run, person, opened_for(request)),
        "filled": filled,
        "overtaken": status == 409,
        "decisions": _choices(disrupt_only(web, run)),
        "elsewhere": choices(Elsewhere),
        "offers": choices(Offer),
        "opinions": choices(Opinion),
        "opinions_open": any(name.startswith(_OPINION) for name in filled.fields),
        "reason_codes": REASON_CODES,
        "places": _places(web, me, found),
        "taken": places_taken(web, run, current_decisions(web, run, me), referrals(web.service, found.released.area)),
        "side": found.row["above_line"] if has_side(found.released.header, found.row) else None,
    }
    return page(request, "decision.html", context, status)


def _places(web: Web, me: Person, found: Case) -> list[Share]:
    """Return what places are taken after the decision, by what the reader may see."""
    run = found.released.run
    reserved = web.service.run(run).record.get("capacity", {}).get("reserved", {})
    decided, listed = current_decisions(web, run, me), found.released
    unlisted = given(referrals(web.service, listed.area), run)
    each = disrupt_only(web, run)
    return shares(listed.header["places"], reserved, listed.rows, decided, found.row["person"], unlisted, each)


def _choices(each: float) -> list[tuple[str, str, str]]:
    """Return what a panel can decide, and how much of a place disruption only takes where that is not a whole one."""
    told = f"Takes {each:g} of a place." if each else "Takes no place."
    return [
        (name, label, hint if each == 1 or name != Decision.DISRUPT_ONLY else hint.replace("Takes a place.", told))
        for name, label, hint in choices(Decision)
    ]
