"""What a decision says beside its reason.

Who takes a place brings victims with them: an acceptance says which service offered them support and what came of it
(Home Office standards for interventions, standard 1; domain dossier §1.5). A referral says where to. For each reason
that the list gives, the panel may say whether it agrees: that shows whether people looked at it, and changes no list.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from serving.documents import Document
from serving.errors import DecisionRefused

LONGEST_NAME, LONGEST_WORDS = 200, 4000
"""Characters of a name of a service or place, and of anything in the panel's own words."""


class Offer(StrEnum):
    """What came of offering victims support."""

    OFFERED = "offered"
    DECLINED = "declined"
    NOT_POSSIBLE = "not_possible"

    @property
    def label(self) -> str:
        """The outcome in words."""
        return _OFFERS[self]


_OFFERS = {
    Offer.OFFERED: "Offered",
    Offer.DECLINED: "Offered, and declined",
    Offer.NOT_POSSIBLE: "Could not be offered yet",
}


class Elsewhere(StrEnum):
    """Where a panel refers people to (domain dossier §1.3)."""

    RESTART = "restart"
    DVPP = "dvpp"
    MATAC = "matac"
    IOM = "iom"
    MAPPA = "mappa"
    STALKING_CLINIC = "stalking_clinic"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The place in words."""
        return _PLACES[self][0]

    @property
    def hint(self) -> str:
        """Whom it is for, in a sentence."""
        return _PLACES[self][1]


_PLACES = {
    Elsewhere.RESTART: (
        "Restart",
        "For low or medium risk in families known to children's social care: four to eight weeks of one-to-one work.",
    ),
    Elsewhere.DVPP: ("A behaviour-change programme (DVPP)", "Group work for people who will take part."),
    Elsewhere.MATAC: ("MATAC", "The police's own multi-agency tasking for serial perpetrators."),
    Elsewhere.IOM: ("Integrated offender management (IOM)", "Police and probation manage people who offend often."),
    Elsewhere.MAPPA: ("MAPPA", "Public protection arrangements for convicted people who may cause serious harm."),
    Elsewhere.STALKING_CLINIC: ("A stalking clinic", "Assessment and treatment for people who stalk."),
    Elsewhere.OTHER: ("Somewhere else", "Name it below."),
}


class Opinion(StrEnum):
    """What the panel makes of a reason that the list gives."""

    AGREE = "agree"
    DISAGREE = "disagree"
    CANNOT_TELL = "cannot_tell"

    @property
    def label(self) -> str:
        """The opinion in words."""
        return {"agree": "Agree", "disagree": "Disagree", "cannot_tell": "Cannot tell"}[self]


@dataclass(frozen=True)
class Support:
    """Support offered to victims.

    Parameters
    ----------
    service
        Which service offered it, such as the IDVA service; needed unless it was not possible.
    why
        Why it was not possible, needed then; else what the panel should know of the offer.
    """

    service: str
    offer: Offer
    why: str = ""


@dataclass(frozen=True)
class Referred:
    """Where somebody is referred to; `named` says which one, and must where it is somewhere else."""

    place: Elsewhere
    named: str = ""


@dataclass(frozen=True)
class Particulars:
    """What was entered beside a decision's reason.

    Parameters
    ----------
    opinions
        The number of a reason of the case, from 1, and what the panel makes of it; each at most once.
    """

    support: Support | None = None
    referred: Referred | None = None
    opinions: tuple[tuple[int, Opinion], ...] = ()

    def check(self, reasons: int) -> None:
        """Refuse what is incomplete, too long or about a reason that is not there; raises `DecisionRefused`."""
        if self.support is not None:
            _check_support(self.support)
        if self.referred is not None:
            _need(self.referred.named, LONGEST_NAME, self.referred.place is Elsewhere.OTHER, "where to")
        numbers = [number for number, _ in self.opinions]
        if len(set(numbers)) < len(numbers) or not set(numbers) <= set(range(1, reasons + 1)):
            raise DecisionRefused("There is no such reason on this case.", "Read its reasons again.")

    def document(self, against_order: str | None) -> Document | None:
        """Return what is filed beside the decision; None where there is nothing to say."""
        if not (self.support or self.referred or self.opinions or against_order):
            return None
        support, referred = self.support, self.referred
        return {
            "support": support
            and {"service": support.service.strip(), "offer": support.offer.value, "why": support.why.strip()},
            "referred": referred and {"place": referred.place.value, "named": referred.named.strip()},
            "opinions": [{"reason": number, "opinion": each.value} for number, each in sorted(self.opinions)],
            "against_order": against_order,
        }


def _check_support(support: Support) -> None:
    possible = support.offer is not Offer.NOT_POSSIBLE
    _need(support.service, LONGEST_NAME, possible, "which service offers victims support")
    _need(support.why, LONGEST_WORDS, not possible, "why victims could not be offered support")


def _need(words: str, longest: int, needed: bool, what: str) -> None:
    if needed and not words.strip():
        raise DecisionRefused(f"It is not said {what}.", "Enter it.")
    if len(words) > longest:
        raise DecisionRefused(f"What says {what} is too long.", f"Use at most {longest:,} characters.")
