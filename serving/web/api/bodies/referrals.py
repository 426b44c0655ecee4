"""People whom agencies refer."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, Field

from serving.panel.decisions import Decision
from serving.web.api.bodies.fields import TEXT, Name, Note, Numbered, Taken, Words


class ReferralOut(BaseModel):
    """A referral; who it is, why and what is known are null where they are not for the caller, or were erased.

    `unlisted` where no list holds the person: then `decision` is what a panel decided last, with its date if deferred.
    """

    number: int
    area: str
    person: str
    unlisted: bool
    agency: str
    by: str
    at: str
    given_name: str | None
    family_name: str | None
    date_of_birth: str | None
    addresses: list[str]
    why: str | None
    known: str | None
    decision: Decision | None
    until: date | None


class Referrals(BaseModel):
    """The referrals of the caller's areas, those not settled first."""

    referrals: list[ReferralOut]


class ReferralDetail(ReferralOut):
    """A referral with every decision on it, oldest first; a sensitive reason is withheld from who is no chair."""

    decisions: list[dict[str, Any]]


class ReferralIn(Taken):
    """Somebody to refer: `person` as a list shows them, or who it is where no list holds them."""

    area: Name
    agency: Name
    person: Annotated[str, Field(max_length=200, pattern=TEXT)] = ""
    given_name: Annotated[str, Field(max_length=200, pattern=TEXT)] = ""
    family_name: Annotated[str, Field(max_length=200, pattern=TEXT)] = ""
    date_of_birth: date | None = None
    postcode: Annotated[str, Field(max_length=200, pattern=TEXT)] = ""
    why: Words
    known: Note = ""


class ReferralDecisionIn(Taken):
    """A panel's decision on somebody whom no list holds; `newest` is the number of the one that it replaces."""

    decision: Decision
    reason_code: Name
    reason: Words
    until: date | None = None
    sensitive: bool
    safety_confirmed: Annotated[str, Field(max_length=200, pattern=TEXT)] = ""
    support: Annotated[str, Field(max_length=200, pattern=TEXT)] = ""
    newest: Numbered | None = None
