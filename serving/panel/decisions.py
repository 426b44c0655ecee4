"""Panel decisions and hold clearances.

The panel may decide either way against the order, without penalty; a reason is always given. A hold stops an
acceptance until a named person clears it, and so does an open victim safety check: nobody starts contact
before the victim service has been asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from serving.errors import DecisionRefused
from serving.panel.particulars import Particulars


class Decision(StrEnum):
    """What a panel can decide (domain dossier, Drive panels)."""

    ACCEPT_DIRECT = "accept_direct"
    DISRUPT_ONLY = "disrupt_only"
    DEFER = "defer"
    NOT_SUITABLE = "not_suitable"
    REFER_ELSEWHERE = "refer_elsewhere"
    REMOVE = "remove"
    ESCALATE = "escalate_to_marac"

    @property
    def label(self) -> str:
        """The decision in words."""
        return _LABELS[self]

    @property
    def accepts(self) -> bool:
        """Whether the person takes a place."""
        return self in (Decision.ACCEPT_DIRECT, Decision.DISRUPT_ONLY)

    @property
    def hint(self) -> str:
        """What it means, in a sentence."""
        return _HINTS[self]


_LABELS = {
    Decision.ACCEPT_DIRECT: "Accept for direct work",
    Decision.DISRUPT_ONLY: "Accept for disruption only",
    Decision.DEFER: "Defer",
    Decision.NOT_SUITABLE: "Not suitable",
    Decision.REFER_ELSEWHERE: "Refer elsewhere",
    Decision.REMOVE: "Remove from Drive",
    Decision.ESCALATE: "Escalate to MARAC",
}
_HINTS = {
    Decision.ACCEPT_DIRECT: "A case manager works with the person. Takes a place.",
    Decision.DISRUPT_ONLY: "Agencies limit the space for abuse without the person's engagement. Takes a place.",
    Decision.DEFER: "Nothing is decided yet: the panel looks again on a day that you enter.",
    Decision.NOT_SUITABLE: "Drive is not for this person now. Refusing to engage is no reason: choose disruption.",
    Decision.REFER_ELSEWHERE: "Another service or scheme takes the case; say which.",
    Decision.REMOVE: "Ends the place on Drive that the person holds; the place is free again.",
    Decision.ESCALATE: "The risk to a victim needs a MARAC before this panel decides on a place.",
}

REASON_CODES: dict[str, str] = {
    "harm_and_risk": "Level of harm or risk to victims",
    "pattern": "Pattern of repeat or serial abuse",
    "agency_information": "Information from an agency that the list cannot see",
    "victim_safety": "Safety of a victim or child",
    "already_managed": "Already managed by another scheme",
    "custody": "In custody or about to be released",
    "criteria_not_met": "Criteria for Drive not met",
    "record_wrong": "The record is wrong or about another person",
    "information_missing": "More information needed",
    "ended": "Work has ended: finished, moved away or died",
    "other": "Another reason",
}


@dataclass(frozen=True)
class DecisionAsked:
    """A decision as it was entered.

    Parameters
    ----------
    until
        Date to bring the person back; needed to defer, refused otherwise.
    sensitive
        Whether the reason holds information that only the chair may read again.
    safety_confirmed
        Which service confirmed the victim safety checks, where the record holds none.
    particulars
        What else was entered: support for victims, where to, what the panel makes of the list's reasons.
    """

    decision: Decision
    reason_code: str
    reason: str
    until: date | None = None
    sensitive: bool = False
    safety_confirmed: str = ""
    particulars: Particulars = field(default_factory=Particulars)


@dataclass(frozen=True)
class Hold:
    """Why a person's rank may not be acted on yet: every kind that applies, and those cleared so far."""

    kinds: tuple[str, ...]
    cleared: frozenset[str] = frozenset()

    @property
    def standing(self) -> tuple[str, ...]:
        """The kinds that nobody has cleared yet."""
        return tuple(kind for kind in self.kinds if kind not in self.cleared)


def kinds_of(hold: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return every kind of a row's hold once, the leading one first; none where there is no hold."""
    return tuple(dict.fromkeys([hold["kind"], *hold.get("kinds", [])])) if hold else ()


def check_decision(asked: DecisionAsked, hold: Hold | None, safety: Sequence[Mapping[str, Any]], today: date) -> None:
    """Refuse a decision that is incomplete or that a hold or an open safety check forbids.

    Raises
    ------
    DecisionRefused
        With what is missing and what to do.
    """
    if asked.reason_code not in REASON_CODES:
        raise DecisionRefused("There is no such reason.", "Choose a reason from the list.")
    if not asked.reason.strip():
        raise DecisionRefused("A decision needs a reason in words.", "Write why the panel decided this.")
    if asked.decision is Decision.DEFER and (asked.until is None or asked.until <= today):
        raise DecisionRefused("A deferral needs a date after today.", "Enter when the panel will look at it again.")
    if asked.decision is not Decision.DEFER and asked.until is not None:
        raise DecisionRefused("Only a deferral has a date.", "Leave the date empty, or defer.")
    if asked.decision.accepts:
        _may_accept(asked, hold, safety)


def check_particulars(asked: DecisionAsked, reasons: int, holds_place: bool) -> None:
    """Refuse a decision whose particulars are incomplete, or that ends a place which nobody holds.

    Parameters
    ----------
    reasons
        How many reasons the case gives for its place.
    holds_place
        Whether a decision on this list gave the person a place, or the list shows them apart as having one.

    Raises
    ------
    DecisionRefused
        With what is missing and what to do.
    """
    told = asked.particulars
    if asked.decision is Decision.REMOVE and not holds_place:
        raise DecisionRefused("This person holds no place on Drive.", "Choose Not suitable instead.")
    if asked.decision.accepts and told.support is None:
        raise DecisionRefused(
            "An acceptance needs the offer of support to victims.", "Say which service offered it and what came of it."
        )
    if (asked.decision is Decision.REFER_ELSEWHERE) != (told.referred is not None):
        raise DecisionRefused(
            "A referral elsewhere names a place, and nothing else does.", "Say where to, or choose Refer elsewhere."
        )
    told.check(reasons)


def _may_accept(asked: DecisionAsked, hold: Hold | None, safety: Sequence[Mapping[str, Any]]) -> None:
    if hold is not None and hold.standing:
        named = ", ".join(kind.replace("_", " ") for kind in hold.standing)
        raise DecisionRefused(f"A hold stands: {named}.", "Clear the hold first, or decide otherwise.")
    open_checks = [check for check in safety if check.get("status") != "clear"]
    if open_checks:
        raise DecisionRefused(
            f"{len(open_checks)} victim safety check(s) are not clear.",
            "Defer until the victim service has been asked and has answered.",
        )
    if not safety and not asked.safety_confirmed.strip():
        raise DecisionRefused(
            "The record holds no victim safety check.", "Enter which service confirmed it is clear to go on."
        )


def check_clearance(hold: Mapping[str, Any] | None, kind: str, cleared: bool, reason: str) -> None:
    """Refuse to clear a hold that is not there, is cleared already or has no reason.

    Raises
    ------
    DecisionRefused
        With what to do instead.
    """
    if hold is None or kind not in kinds_of(hold):
        raise DecisionRefused("There is no such hold on this person.", "Read the case again.")
    if cleared:
        raise DecisionRefused("This hold was cleared before.", "Read the case again.")
    if not reason.strip():
        raise DecisionRefused(
            "Clearing a hold needs a reason.", "Write what was checked, with whom, and what it showed."
        )
