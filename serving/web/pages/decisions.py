"""Recording what the panel decided, and clearing a hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.errors import DecisionConflict, DecisionRefused
from serving.panel import REASON_CODES, Decision
from serving.people import Permission, Person
from serving.web.access import FromForm, Served, SignedIn, enter
from serving.web.pages.lists import case_context, current_decisions, places_taken
from serving.web.render import Web, page

router = APIRouter(prefix="/lists/{run}/cases/{person}")


@dataclass
class Entered:
    """A decision form as it was filled in, and what is wrong with it by field."""

    decision: str = ""
    reason_code: str = ""
    reason: str = ""
    day: str = ""
    month: str = ""
    year: str = ""
    sensitive: str = ""
    safety_confirmed: str = ""
    replaces: str = ""
    hold_kind: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def until(self) -> date | None:
        """Return the date of a deferral, or note what is wrong with it."""
        if self.decision != Decision.DEFER:
            if self.day or self.month or self.year:
                self.errors["until"] = "Only a deferral has a date: leave it empty, or choose Defer"
            return None
        try:
            return date(int(self.year), int(self.month), int(self.day))
        except ValueError:
            self.errors["until"] = "Enter a real date to look at this again, such as 3 6 2027"
            return None

    def check(self) -> None:
        """Note every field that is not filled in."""
        if self.decision not in tuple(Decision):
            self.errors["decision"] = "Choose what the panel decided"
        if self.reason_code not in REASON_CODES:
            self.errors["reason_code"] = "Choose the main reason"
        if not self.reason.strip():
            self.errors["reason"] = "Write why the panel decided this"
        if self.sensitive not in ("yes", "no"):
            self.errors["sensitive"] = "Say whether the reason holds sensitive information"


def entered(
    decision: Annotated[str, Form()] = "",
    reason_code: Annotated[str, Form()] = "",
    reason: Annotated[str, Form(max_length=4000)] = "",
    day: Annotated[str, Form(alias="until-day", max_length=4)] = "",
    month: Annotated[str, Form(alias="until-month", max_length=4)] = "",
    year: Annotated[str, Form(alias="until-year", max_length=6)] = "",
    sensitive: Annotated[str, Form()] = "",
    safety_confirmed: Annotated[str, Form(max_length=200)] = "",
    replaces: Annotated[str, Form()] = "",
) -> Entered:
    """Return the form as it was filled in."""
    return Entered(decision, reason_code, reason, day, month, year, sensitive, safety_confirmed, replaces)


@router.get("/decision")
def ask(request: Request, web: Served, session: SignedIn, run: str, person: str) -> HTMLResponse:
    """Show the form."""
    enter(web, session.person, run, Permission.DECIDE)
    return _form(request, web, session.person, run, person, Entered())


@router.post("/decision")
def record(
    request: Request,
    web: Served,
    session: FromForm,
    run: str,
    person: str,
    form: Annotated[Entered, Depends(entered)],
) -> Response:
    """Record a decision, or show the form again with what is wrong."""
    enter(web, session.person, run, Permission.DECIDE)
    form.check()
    until = form.until()
    if not form.errors:
        try:
            web.service.decide(
                run,
                person,
                session.person,
                form.decision,
                form.reason_code,
                form.reason,
                until,
                form.sensitive == "yes",
                safety_confirmed=form.safety_confirmed,
                replaces=int(form.replaces) if form.replaces.isdigit() else None,
            )
        except DecisionConflict:
            raise
        except DecisionRefused as refused:
            form.errors["decision"] = f"{refused.message} {refused.remedy}"
    if form.errors:
        return _form(request, web, session.person, run, person, form, 422)
    return RedirectResponse(f"/lists/{run}/cases/{person}?done=decision", 303)


@router.post("/hold")
def clear(
    request: Request,
    web: Served,
    session: FromForm,
    run: str,
    person: str,
    kind: Annotated[str, Form()] = "",
    hold_reason: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Clear a hold, or show the form again with what is wrong."""
    enter(web, session.person, run, Permission.DECIDE)
    try:
        web.service.clear_hold(run, person, kind, session.person, hold_reason)
    except DecisionRefused as refused:
        form = Entered(hold_kind=kind, errors={"hold_reason": f"{refused.message} {refused.remedy}"})
        return _form(request, web, session.person, run, person, form, 422)
    return RedirectResponse(f"/lists/{run}/cases/{person}?done=hold", 303)


def _form(
    request: Request, web: Web, me: Person, run: str, person: str, form: Entered, status: int = 200
) -> HTMLResponse:
    found = web.service.case(run, person)
    web.service.note(me.user, "view.case", run, {"person": person, "view": "decision"})
    context = case_context(web, me, found)
    return page(
        request,
        "decision.html",
        {
            **context,
            "form": form,
            "decisions": list(Decision),
            "reason_codes": REASON_CODES,
            "taken": places_taken(current_decisions(web, run, me)),
        },
        status,
    )
