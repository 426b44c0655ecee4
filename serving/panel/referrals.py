"""People whom agencies refer to a panel, whether or not the records hold them: on equal footing with the ranked.

A referral is on file (`serving.filing`). It is of somebody on a list, by pseudonym, or of somebody whom no list holds:
then who that is and what is told of them is personal data that an erasure has to reach, and lies sealed in a table of
its own, while the file holds a pseudonym and the hash of what was sealed. Somebody on a list is decided on by the
decision on their case; somebody who is not, by a decision that is on file too.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from serving.access.cases import likeness
from serving.errors import DecisionRefused, FilingRefused, NoLiveRelease, NotFound
from serving.filing import Draft, Filed
from serving.panel.decisions import Decision, DecisionAsked, check_decision
from serving.panel.namesakes import need_no_case
from serving.panel.places import Given, route_of
from serving.people import Permission, Person
from serving.redaction import WITHHELD
from serving.service import Service

REFERRAL, DECIDED = "referral", "referral_decision"
UNLISTED = "R-"
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DECISIONS = (
    Decision.ACCEPT_DIRECT,
    Decision.DISRUPT_ONLY,
    Decision.DEFER,
    Decision.NOT_SUITABLE,
    Decision.REFER_ELSEWHERE,
    Decision.ESCALATE,
)
"""What a panel can decide on somebody whom no list holds."""
_FREE_WORDS = ("reason", "safety_confirmed", "support")


@dataclass(frozen=True)
class Referred:
    """A referral as it was entered.

    Parameters
    ----------
    agency
        Who refers.
    person
        Pseudonym of somebody on a list; empty for somebody whom no list holds.
    who
        Given and family name, date of birth and postcode of somebody whom no list holds.
    """

    agency: str
    why: str
    known: str
    person: str = ""
    who: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Referral:
    """A referral as it stands.

    Parameters
    ----------
    who
        Who it is, why they are referred and what is known, as far as the reader may see it; empty where not, or where
        the person was erased.
    decision
        The newest decision of a panel on somebody whom no list holds; None for others, and before there is one.
    """

    filed: Filed
    who: Mapping[str, Any]
    decision: Filed | None = None

    @property
    def person(self) -> str:
        """The pseudonym."""
        return str(self.filed.person)

    @property
    def agency(self) -> str:
        """Who refers."""
        return str(self.filed.document["agency"])

    @property
    def unlisted(self) -> bool:
        """Whether no list holds the person."""
        return self.person.startswith(UNLISTED)

    @property
    def settled(self) -> bool:
        """Whether a panel has decided for good; a deferral is looked at again."""
        return self.decision is not None and self.decision.document["decision"] != Decision.DEFER


def refer(service: Service, by: Person, area: str, made: Referred) -> int:
    """Refer somebody to the panel of an area and return the number of the referral.

    A chair enters what any agency tells; everybody else refers in the name of their own agency, whatever they entered.

    Raises
    ------
    NotPermitted, NotFound, FilingRefused
        The last if something is missing, or the pseudonym is on no list of the area that may be read now.
    """
    by.need(Permission.SEE_IDENTITY)
    runs = service.runs([area])
    if not runs:
        raise NotFound("There is no such area.", "Choose an area that has a list.")
    agency = " ".join((made.agency if by.may(Permission.DECIDE) else by.agency).split())
    if not agency or not made.why.strip():
        raise FilingRefused("A referral needs an agency and a reason.", "Enter both.")
    if made.person:
        run = _need_listed(service, area, made.person)
        told = {"agency": agency, "why": made.why.strip(), "known": made.known.strip(), "run": run}
        return service.file(by, Draft(REFERRAL, area, area, told, made.person))
    if not made.who.get("family_name", "").strip():
        raise FilingRefused("Nobody is named.", "Enter a family name, or the person's number on the list.")
    who = {name: value.strip() for name, value in made.who.items() if value.strip()}
    postcode = who.pop("postcode", "")
    sealed = {**who, "addresses": [postcode] if postcode else [], "why": made.why.strip(), "known": made.known.strip()}
    draft = Draft(REFERRAL, area, area, {"agency": agency, "run": runs[0].run}, _pseudonym())
    return service.file(by, draft, sealed=sealed)


def referrals(service: Service, area: str | None = None) -> list[Referral]:
    """Return the referrals that the reader may know of, those not yet settled first, each by when it was made."""
    found = service.filed([REFERRAL, DECIDED], areas=None if area is None else [area])
    decided = {each.subject: each for each in found if each.kind == DECIDED and each.current}
    made = [each for each in found if each.kind == REFERRAL and each.current]
    who = service.referred([each for each in made if str(each.person).startswith(UNLISTED)])
    all_of_them = [
        Referral(each, who.get(str(each.person), each.document), decided.get(str(each.number))) for each in made
    ]
    return sorted(all_of_them, key=lambda each: (each.settled, each.filed.number))


def referral_of(service: Service, number: str) -> Referral:
    """Return one referral; raises `NotFound` where there is none, or it is not for the reader."""
    found = next((each for each in referrals(service) if str(each.filed.number) == number), None)
    if found is None:
        raise NotFound("There is no such referral.", "Go back to the referrals.")
    return found


@dataclass(frozen=True)
class Decided:
    """A decision on somebody whom no list holds, as it was entered.

    Parameters
    ----------
    support
        Which service offered support to the victims, and what came of it; an acceptance needs it.
    """

    asked: DecisionAsked
    support: str = ""


def decide(service: Service, by: Person, referral: Referral, made: Decided, newest: int | None) -> int:
    """Record a panel's decision on somebody whom no list holds.

    Parameters
    ----------
    newest
        Number of the decision that the person read and now replaces; None for the first.

    Raises
    ------
    NotPermitted, DecisionRefused, NoLiveRelease, FilingConflict
        No live release where the area has no list that may be read now; the last if somebody decided in the meantime.
    """
    by.need(Permission.DECIDE)
    if not referral.unlisted:
        raise DecisionRefused("This person is on a list.", "Decide on their case.")
    asked = made.asked
    if asked.decision not in DECISIONS:
        raise DecisionRefused("There is no such decision on a referral.", "Choose one from the list.")
    check_decision(asked, None, (), service.today())
    if asked.decision.accepts and not made.support.strip():
        raise DecisionRefused(
            "An acceptance needs the offer of support to victims.", "Say which service offered it and what came of it."
        )
    run = _live_run(service, referral.filed.area)
    if not run:  # the decision would take a place on no list, and no panel would meet it again
        raise NoLiveRelease("The area has no list that may be read now.", "Ask a governance reviewer, then decide.")
    if asked.decision.accepts:
        need_no_case(service, referral.filed.area, referral.who)
        _need_no_place(service, referral, run)
    document = {
        "decision": asked.decision.value,
        "reason_code": asked.reason_code,
        "reason": asked.reason.strip(),
        "until": asked.until.isoformat() if asked.until else None,
        "sensitive": asked.sensitive,
        "safety_confirmed": asked.safety_confirmed.strip(),
        "support": made.support.strip(),
        "run": run,
    }
    draft = Draft(DECIDED, str(referral.filed.number), referral.filed.area, document, referral.person)
    return service.file(by, Draft(**{**draft.__dict__, "replaces": newest, "first": newest is None}))


def decisions(service: Service, referral: Referral, reader: Person) -> list[dict[str, Any]]:
    """Return every decision on a referral, oldest first; the words of a sensitive one are for chairs alone."""
    found = service.filed([DECIDED], subject=str(referral.filed.number))
    return [
        {**_told(each.document, reader), "by": each.by, "at": each.at, "number": each.number, "current": each.current}
        for each in found
    ]


def _told(document: Mapping[str, Any], reader: Person) -> dict[str, Any]:
    if not document["sensitive"] or reader.may(Permission.DECIDE):
        return dict(document)
    return {**document, **{name: WITHHELD for name in _FREE_WORDS if document[name]}}


def given(found: list[Referral], run: str) -> list[Given]:
    """Return the places of the panel of a list that were given to people whom no list holds."""
    return [
        Given(route_of(each.agency), each.decision.document["decision"])
        for each in found
        if each.decision is not None and _has_place(each, run)
    ]


def _has_place(referral: Referral, run: str) -> bool:
    made = referral.decision
    return made is not None and made.document["run"] == run and Decision(made.document["decision"]).accepts


def tabled(found: list[Referral], run: str, by: date) -> list[Referral]:
    """Return the referrals that a panel meets: those not settled, unless deferred beyond a day, and those it settled.

    Parameters
    ----------
    run
        The list that the panel works on.
    by
        The last day of that panel.
    """
    return [each for each in found if _is_tabled(each, run, by)]


def _is_tabled(referral: Referral, run: str, by: date) -> bool:
    if referral.decision is None:
        return referral.unlisted or referral.filed.document.get("run") == run
    document = referral.decision.document
    return document["run"] == run or (not referral.settled and document["until"] <= by.isoformat())


def _need_listed(service: Service, area: str, person: str) -> str:
    """Return the newest list of the area that may be read now and holds somebody."""
    for run in service.runs([area]):
        found = service.live_list(run.run) if run.published else None
        if found is not None and any(row["person"] == person for row in found.rows):
            return run.run
    raise FilingRefused(
        "Nobody of this number is on a list of the area that may be read now.", "Enter it as the list shows it."
    )


def _need_no_place(service: Service, referral: Referral, run: str) -> None:
    """Pass if nobody of the same name and date of birth was given a place as another referral."""
    for each in referrals(service, referral.filed.area):
        if each.filed.number == referral.filed.number or not _has_place(each, run):
            continue
        if likeness(referral.who, each.who) == "own_record":
            raise DecisionRefused(
                f"Somebody of this name and date of birth was given a place: {each.person}.",
                "Read that referral: one person takes one place.",
            )


def _live_run(service: Service, area: str) -> str:
    """Return the newest list of an area that may be read now; empty where there is none."""
    return next(
        (run.run for run in service.runs([area]) if run.published and service.live_list(run.run) is not None), ""
    )


def _pseudonym() -> str:
    return UNLISTED + "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
