"""Referring somebody to a panel, and deciding on somebody whom no list holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.errors import DecisionRefused, NoLiveRelease
from serving.panel import REASON_CODES, Decision
from serving.panel import referrals as kept
from serving.panel.decisions import DecisionAsked
from serving.panel.namesakes import namesakes
from serving.panel.referrals import DECISIONS, Decided, Referral, Referred, referral_of
from serving.people import Permission, Person
from serving.web import words
from serving.web.access import FromForm, Seen, SignedIn
from serving.web.pages.dates import Born, Until
from serving.web.pages.filled import Filled, Long, Short
from serving.web.render import page

router = APIRouter(prefix="/referrals")
_DONE = {
    "referred": "The referral is made. The panel sees it on its agenda and beside the list.",
    "decided": "The decision is recorded.",
    "conflict": "Your conflict of interest is recorded. The referral is closed to you.",
}


@router.get("")
def show_all(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show the referrals of the person's areas and the form that makes one."""
    return _all(request, seen, session.person, Filled())


@router.post("")
def refer(
    request: Request,
    seen: Seen,
    session: FromForm,
    born_parts: Born,
    area: Short = "",
    agency: Short = "",
    person: Short = "",
    given_name: Short = "",
    family_name: Short = "",
    postcode: Short = "",
    why: Long = "",
    known: Long = "",
    read_again: Short = "",
) -> Response:
    """Refer somebody, or show the form again with what is wrong."""
    me = session.person
    names, where = {"given_name": given_name, "family_name": family_name}, {"postcode": postcode}
    who = names | where
    told = {"why": why, "known": known, "read_again": read_again}
    filled = Filled("refer", {"area": area, "agency": agency, "person": person, **names, **born_parts, **where, **told})
    if any(born_parts.values()):
        who["date_of_birth"] = filled.day("born", "the date of birth").isoformat()
    if area not in _areas(seen):
        filled.errors["area"] = "Choose the area whose panel is asked"
    if person.strip() and any(who.values()):
        filled.errors["person"] = "Enter the number of the list or who it is, not both"
    elif not person.strip() and not family_name.strip():
        filled.errors["person"] = "Enter the number of the list, or below a family name"
    if not why.strip():
        filled.errors["why"] = "Say why the panel should look at this person"
    from_agency = agency if me.may(Permission.DECIDE) else me.agency
    if not from_agency.strip():
        filled.errors["agency"] = "Enter the agency that refers"
    filled.read_again("why", "known")
    made = Referred(from_agency, why, known, person.strip(), who)
    filled.carry_out(lambda: kept.refer(seen, me, area, made), "person")
    if filled.errors:
        return _all(request, seen, me, filled, 422)
    return RedirectResponse("/referrals?done=referred", 303)


@router.get("/{referral}")
def show(request: Request, seen: Seen, session: SignedIn, referral: str) -> HTMLResponse:
    """Show one referral and what panels decided."""
    return _one(request, seen, session.person, referral_of(seen, referral), Filled())


@router.post("/{referral}/decision")
def decide(
    request: Request,
    seen: Seen,
    session: FromForm,
    referral: str,
    until_parts: Until,
    decision: Short = "",
    reason_code: Short = "",
    reason: Long = "",
    sensitive: Annotated[str, Form(max_length=3)] = "",
    safety_confirmed: Short = "",
    support: Short = "",
    newest: Short = "",
    read_again: Short = "",
) -> Response:
    """Record a decision on somebody whom no list holds, or show the form again with what is wrong."""
    known = referral_of(seen, referral)
    fields = {"decision": decision, "reason_code": reason_code, "reason": reason, "sensitive": sensitive}
    fields |= {"safety_confirmed": safety_confirmed, "support": support, "newest": newest, "read_again": read_again}
    filled = Filled("decision", {**fields, **until_parts})
    until = _until(filled, decision)
    _check(filled)
    read = filled.number("newest") if newest else None
    if not filled.errors:
        asked = DecisionAsked(Decision(decision), reason_code, reason, until, sensitive == "yes", safety_confirmed)
        try:
            filled.carry_out(
                lambda: kept.decide(seen, session.person, known, Decided(asked, support), read),
                "decision",
                "#decisions",
            )
        except (DecisionRefused, NoLiveRelease) as refused:
            filled.errors["decision"] = f"{refused.message} {refused.remedy}"
    if filled.errors:
        return _one(request, seen, session.person, known, filled, filled.status)
    return RedirectResponse(f"/referrals/{referral}?done=decided", 303)


@router.post("/{referral}/conflict")
def declare(seen: Seen, session: FromForm, referral: str) -> Response:
    """Recuse the person from somebody who was referred."""
    if seen.sent is None or not seen.answered(seen.sent):
        seen.recuse(referral_of(seen, referral).filed)
    return RedirectResponse("/referrals?done=conflict", 303)


def name_of(referral: Referral, synthetic: bool = False) -> str:
    """Return the name of somebody who was referred where the reader may see it; else the pseudonym."""
    named: Mapping[str, Any] | None = referral.who if referral.who.get("family_name") else None
    return words.full_name(named, referral.person, synthetic)


def _until(filled: Filled, decision: str) -> date | None:
    parts = [filled.fields[f"until-{part}"] for part in ("day", "month", "year")]
    if decision != Decision.DEFER:
        if any(parts):
            filled.errors["until-day"] = "Only a deferral has a date: leave it empty, or choose Defer"
        return None
    return filled.day("until", "the day on which the panel looks at it again")


def _check(filled: Filled) -> None:
    if filled.fields["decision"] not in DECISIONS:
        filled.errors["decision"] = "Choose what the panel decided"
    if filled.fields["reason_code"] not in REASON_CODES:
        filled.errors["reason_code"] = "Choose the main reason"
    if not filled.fields["reason"].strip():
        filled.errors["reason"] = "Write why the panel decided this"
    if filled.fields["sensitive"] not in ("yes", "no"):
        filled.errors["sensitive"] = "Say whether the reason holds sensitive information"
    elif filled.fields["sensitive"] == "no":
        filled.read_again("reason", "support", instead="say that it holds sensitive information,")


def _areas(seen: Any) -> list[str]:
    return sorted({run.area for run in seen.runs()})


def _all(request: Request, seen: Any, me: Person, filled: Filled, status: int = 200) -> HTMLResponse:
    found = kept.referrals(seen)
    seen.note(me.user, "view.referrals", "referrals")
    context = {
        "open": [each for each in found if not each.settled],
        "settled": [each for each in found if each.settled],
        "areas": _areas(seen),
        "may_refer": me.may(Permission.SEE_IDENTITY),
        "name_of": name_of,
        "filled": filled,
        "done": _DONE.get(request.query_params.get("done", "")),
    }
    return page(request, "referrals.html", context, status)


def _one(request: Request, seen: Any, me: Person, known: Referral, filled: Filled, status: int = 200) -> HTMLResponse:
    seen.note(me.user, "view.referral", str(known.filed.number), {"area": known.filed.area, "person": known.person})
    made = kept.decisions(seen, known, me)
    context = {
        "referral": known,
        "name": name_of(known),
        "namesakes": namesakes(seen, known.filed.area, known.who) if me.may(Permission.SEE_IDENTITY) else [],
        "history": made,
        "newest": made[-1]["number"] if made else "",
        "decisions": [(each.value, each.label) for each in DECISIONS],
        "reason_codes": list(REASON_CODES.items()),
        "filled": filled,
        "done": _DONE.get(request.query_params.get("done", "")),
    }
    return page(request, "referral.html", context, status)
