"""What a panel asks its agencies about a case, what they answer, and records said to be another person's.

All of it is on file (`serving.filing`). A question is read by the whole panel; an answer by the agency that gives it,
the chair and reviewers, unless the agency lets everybody read it. A challenge to a link between records is looked
into by whoever links them; it changes no list by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from serving.access.humans import same_agency
from serving.errors import FilingConflict, FilingRefused
from serving.filing import CHAIRS, Draft, Filed
from serving.people import Permission, Person
from serving.service import Service

ASKED, ANSWERED, LINK = "request", "answer", "link_challenge"


@dataclass(frozen=True)
class Question:
    """What one agency is asked about a case, until when."""

    agency: str
    what: str
    due: date


@dataclass(frozen=True)
class Request:
    """A question with its answer, as far as the reader may read that.

    Parameters
    ----------
    answered
        Whether an answer was given, whoever may read it.
    answer
        None where there is none, or it is not for the reader.
    """

    asked: Filed
    answered: bool
    answer: Filed | None

    def is_overdue(self, today: date) -> bool:
        """Say whether it waits for longer than it should."""
        return not self.answered and date.fromisoformat(self.asked.document["due"]) < today


def ask(service: Service, by: Person, run: str, person: str, question: Question) -> int:
    """Ask an agency about a case; the chair does.

    Raises
    ------
    NotPermitted, NotFound, NoLiveRelease, FilingRefused
    """
    by.need(Permission.DECIDE)
    area = service.case(run, person).released.area
    if not question.agency.strip() or not question.what.strip():
        raise FilingRefused("A question needs an agency and words.", "Enter both.")
    if question.due < service.today():
        raise FilingRefused("The answer would be due in the past.", "Enter a date from today on.")
    document = {
        "agency": " ".join(question.agency.casefold().split()),
        "what": question.what.strip(),
        "due": question.due.isoformat(),
        "answered": False,
    }
    return service.file(by, Draft(ASKED, run, area, document, person))


def answer(service: Service, by: Person, run: str, person: str, number: int, words: str, for_all: bool) -> None:
    """Answer a question that the person's own agency was asked.

    Parameters
    ----------
    number
        Number of the question as it stands.
    for_all
        Whether the whole panel may read the answer.

    Raises
    ------
    NotPermitted, NotFound, NoLiveRelease, FilingRefused, FilingConflict
        The last if a colleague answered in the meantime.
    """
    by.need(Permission.SEE_LIST)
    area = service.case(run, person).released.area
    asked = service.filed([ASKED], subject=run, person=person)
    found = next((each for each in asked if each.number == number), None)
    if found is None or not same_agency(by.agency, found.document["agency"]):
        raise FilingRefused("Your agency was not asked this.", "Read the questions again.")
    if found.document["answered"]:
        raise FilingConflict("Your agency has answered this.", "Read the answer.", found.by, found.at)
    if not words.strip():
        raise FilingRefused("An answer needs words.", "Write it, or write that nothing is known.")
    closed = Draft(ASKED, run, area, {**found.document, "answered": True}, person, replaces=number)
    told = Draft(ANSWERED, run, area, {"to": number, "words": words.strip()}, person)
    service.file(by, closed, beside=[told if for_all else replace(told, agency=by.agency)])


def requests(service: Service, run: str, person: str) -> list[Request]:
    """Return what was asked about a case, the open ones first, as far as the reader may read it."""
    found = service.filed([ASKED, ANSWERED], subject=run, person=person)
    answers = {each.document["to"]: each for each in found if each.kind == ANSWERED}
    asked = [each for each in found if each.kind == ASKED and each.current]
    made = [Request(each, bool(each.document["answered"]), answers.get(each.replaces or 0)) for each in asked]
    return sorted(made, key=lambda each: (each.answered, each.asked.document["due"], each.asked.number))


def waiting_for(service: Service, agency: str) -> list[Filed]:
    """Return every question that an agency has not answered yet, on lists that may be read now, the first due first."""
    found = [each for each in service.filed([ASKED]) if each.current and not each.document["answered"]]
    mine = [each for each in found if same_agency(each.document["agency"], agency)]
    live = {run for run in {each.subject for each in mine} if service.live_list(run) is not None}
    return sorted((each for each in mine if each.subject in live), key=lambda each: (each.document["due"], each.number))


def unanswered(service: Service, run: str) -> list[Filed]:
    """Return what agencies were asked about the cases of a list and have not answered yet, the first due first."""
    found = [each for each in service.filed([ASKED], subject=run) if each.current and not each.document["answered"]]
    return sorted(found, key=lambda each: (each.document["due"], each.number))


def challenge_link(service: Service, by: Person, run: str, person: str, why: str) -> int:
    """Say that records of a case are another person's, or that another case is the same person.

    The words are read by the writer's agency, the chair and reviewers: they tell of records as the writer sees them.
    """
    by.need(Permission.SEE_LIST)
    area = service.case(run, person).released.area
    if not why.strip():
        raise FilingRefused("Say which records and why.", "Name them as the case shows them.")
    return service.file(by, Draft(LINK, run, area, {"why": why.strip(), "outcome": ""}, person, by.agency or CHAIRS))


def link_challenges(service: Service, run: str, person: str) -> list[Filed]:
    """Return the challenges to the links of a case as they stand, oldest first."""
    return [each for each in service.filed([LINK], subject=run, person=person) if each.current]
