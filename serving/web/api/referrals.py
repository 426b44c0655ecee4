"""Referrals by agencies, decisions on people whom no list holds, and what changed on a list, as documents."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from serving.panel import referrals as kept
from serving.panel.decisions import DecisionAsked
from serving.panel.referrals import Decided, Referral, Referred, referral_of
from serving.panel.since import Row
from serving.web.access import Seen, Served, SignedIn
from serving.web.api.answers import tagged
from serving.web.api.bodies.fields import ReadTag
from serving.web.api.bodies.filed import Carried, FiledNumber, Nothing
from serving.web.api.bodies.lists import ListChanges
from serving.web.api.bodies.referrals import ReferralDecisionIn, ReferralDetail, ReferralIn, Referrals
from serving.web.api.description import ACTS, READS
from serving.web.api.sending import Sent
from serving.web.limiting import API, WRITES
from serving.web.pages.since import changed

reading = APIRouter(prefix="/api/v1", responses=READS, dependencies=[API])
acting = APIRouter(prefix="/api/v1/referrals", responses=ACTS, dependencies=[API, WRITES])


@reading.get("/referrals", response_model=Referrals)
def referrals(seen: Seen, session: SignedIn, known: ReadTag = None) -> Response:
    """Return the referrals of the caller's areas, those not settled first."""
    seen.note(session.person.user, "view.referrals", "referrals")
    return tagged({"referrals": [_told(each) for each in kept.referrals(seen)]}, known)


@reading.get("/referrals/{referral}", response_model=ReferralDetail)
def referral(seen: Seen, session: SignedIn, referral: str, known: ReadTag = None) -> Response:
    """Return one referral and every decision on it."""
    found = referral_of(seen, referral)
    seen.note(session.person.user, "view.referral", referral, {"area": found.filed.area, "person": found.person})
    return tagged({**_told(found), "decisions": kept.decisions(seen, found, session.person)}, known)


@acting.post("", status_code=201, response_model=FiledNumber)
def refer_person(asked: ReferralIn, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Refer somebody to the panel of an area: by pseudonym, or by name where no list holds them."""
    sent.once(asked)
    born = asked.date_of_birth.isoformat() if asked.date_of_birth else ""
    who = {"given_name": asked.given_name, "family_name": asked.family_name, "postcode": asked.postcode}
    made = Referred(asked.agency, asked.why, asked.known, asked.person, {**who, "date_of_birth": born})
    return {"number": kept.refer(seen, sent.me, asked.area, made)}


@acting.post("/{referral}/decision", status_code=201, response_model=FiledNumber)
def decide_referral(asked: ReferralDecisionIn, referral: str, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Record a panel's decision on somebody whom no list holds."""
    found = referral_of(seen, referral)
    sent.once(asked)
    made = DecisionAsked(
        asked.decision, asked.reason_code, asked.reason, asked.until, asked.sensitive, asked.safety_confirmed
    )
    return {"number": kept.decide(seen, sent.me, found, Decided(made, asked.support), asked.newest)}


@acting.post("/{referral}/conflict", status_code=201, response_model=Carried)
def recuse_from_referral(asked: Nothing, referral: str, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Recuse the caller from somebody who was referred; the referral is closed to them from then on."""
    if not sent.once(asked):
        seen.recuse(referral_of(seen, referral).filed)
    return {"done": True}


@reading.get("/lists/{run}/changes", response_model=ListChanges)
def list_changes(web: Served, session: SignedIn, run: str, known: ReadTag = None) -> Response:
    """Return who entered, left, rose or fell since the list before, what was decided since, and deferrals that end."""
    found = changed(web, session.person, run)
    before = found.before.found.run if found.before else None
    web.service.note(session.person.user, "view.changes", run, {"before": before} if before else None)
    groups = {
        name: [each.person for each in getattr(found.since, name)] if found.since else []
        for name in ("entered", "left", "rose", "fell", "held")
    }
    decided = {name: [_without_words(row) for row in getattr(found, name)] for name in ("decided", "due")}
    return tagged({"before": before, **groups, **decided}, known)


def _without_words(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("run", "person", "decision", "until", "by", "at")}


def _told(found: Referral) -> dict[str, Any]:
    decision = found.decision.document if found.decision else {}
    return {
        "number": found.filed.number,
        "area": found.filed.area,
        "person": found.person,
        "unlisted": found.unlisted,
        "agency": found.agency,
        "by": found.filed.by,
        "at": found.filed.at,
        **{name: found.who.get(name) for name in ("given_name", "family_name", "date_of_birth", "why", "known")},
        "addresses": found.who.get("addresses", []),
        "decision": decision.get("decision"),
        "until": decision.get("until"),
    }
