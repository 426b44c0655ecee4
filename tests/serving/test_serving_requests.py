"""What a panel asks its agencies about a case: who may read which answer, and what changes nothing by itself."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from serving import Person, Role, Service
from serving.access.viewing import Viewing
from serving.errors import FilingConflict, FilingRefused, NotFound, NotPermitted
from serving.panel import requests
from serving.panel.requests import Question

DATABASES = ("sqlite", "postgresql")
TODAY = date(2026, 4, 1)
ASKED = Question(" Probation ", "Which order, until when?", TODAY + timedelta(days=7))


def member(agency: str) -> Person:
    return Person(f"m-{agency}", agency, Role.PANEL_MEMBER, frozenset({"castlebridge"}), agency)


@pytest.fixture
def person(made_up: Any) -> str:
    return str(made_up.rows[0]["person"])


@pytest.mark.parametrize("for_all", [True, False])
def test_an_answer_is_read_by_whom_its_agency_lets_read_it(
    service: Service, released: str, person: str, chair: Person, for_all: bool
) -> None:
    number = requests.ask(service, chair, released, person, ASKED)
    probation, police = member("probation"), member("police")
    requests.answer(Viewing(service, probation), probation, released, person, number, "A community order", for_all)
    read = {}
    for reader in (probation, police, chair):
        (found,) = requests.requests(Viewing(service, reader), released, person)
        assert (found.asked.document["what"], found.answered) == ("Which order, until when?", True)
        read[reader.user] = found.answer.document["words"] if found.answer else None
    assert read == {
        "m-probation": "A community order",
        "m-police": "A community order" if for_all else None,
        "chair": "A community order",
    }
    assert service.verify().ok


def test_only_the_agency_that_was_asked_answers_and_once(
    service: Service, released: str, person: str, chair: Person
) -> None:
    number = requests.ask(service, chair, released, person, ASKED)
    probation, police = member("probation"), member("police")
    assert [each.number for each in requests.waiting_for(Viewing(service, probation), "PROBATION")] == [number]
    assert requests.waiting_for(Viewing(service, police), "police") == []
    with pytest.raises(FilingRefused, match="not asked"):
        requests.answer(Viewing(service, police), police, released, person, number, "Nothing", True)
    with pytest.raises(FilingRefused, match="needs words"):
        requests.answer(Viewing(service, probation), probation, released, person, number, " ", True)
    requests.answer(Viewing(service, probation), probation, released, person, number, "Nothing is known", True)
    (closed,) = requests.requests(service, released, person)
    for again in (number, closed.asked.number):
        with pytest.raises(FilingConflict):
            requests.answer(Viewing(service, probation), probation, released, person, again, "Something", True)
    assert [each.kind for each in service.filed(["answer"])] == ["answer"]
    assert requests.waiting_for(Viewing(service, probation), "probation") == []


def test_a_question_needs_a_chair_an_agency_and_a_day_to_come(
    service: Service, released: str, person: str, chair: Person
) -> None:
    with pytest.raises(NotPermitted):
        requests.ask(Viewing(service, member("police")), member("police"), released, person, ASKED)
    for asked, why in (
        (Question(" ", "What?", TODAY), "an agency and words"),
        (Question("police", "What?", TODAY - timedelta(days=1)), "in the past"),
    ):
        with pytest.raises(FilingRefused, match=why):
            requests.ask(service, chair, released, person, asked)
    with pytest.raises(NotFound):
        requests.ask(service, chair, released, "P-NOBODY", ASKED)


def test_open_questions_come_first_and_overdue_ones_are_told(
    service: Service, released: str, person: str, chair: Person, clock: Any
) -> None:
    for agency, days in (("police", 1), ("probation", 9), ("housing", 3)):
        requests.ask(service, chair, released, person, Question(agency, "What?", TODAY + timedelta(days=days)))
    clock.forward(days=5)
    found = requests.requests(service, released, person)
    assert [(each.asked.document["agency"], each.is_overdue(service.today())) for each in found] == [
        ("police", True),
        ("housing", True),
        ("probation", False),
    ]
    assert [each.document["agency"] for each in requests.unanswered(service, released)] == [
        "police",
        "housing",
        "probation",
    ]


def test_a_challenge_to_a_link_is_kept_and_changes_no_list(service: Service, released: str, person: str) -> None:
    police, before = member("police"), service.released_list(released).list_hash
    with pytest.raises(FilingRefused, match="which records"):
        requests.challenge_link(Viewing(service, police), police, released, person, " ")
    requests.challenge_link(Viewing(service, police), police, released, person, "INC001 is the brother's")
    (found,) = requests.link_challenges(service, released, person)
    assert (found.by, found.document["why"]) == ("m-police", "INC001 is the brother's")
    assert service.released_list(released).list_hash == before
    others = Viewing(service, member("probation"))
    assert requests.link_challenges(others, released, person) == []  # it tells of records as the police see them


def test_what_is_asked_about_a_list_is_not_shown_while_the_list_is_not(
    service: Service, released: str, person: str, chair: Person, reviewer: Person
) -> None:
    requests.ask(service, chair, released, person, ASKED)
    mine = Viewing(service, member("probation"))
    assert len(requests.waiting_for(mine, "probation")) == 1
    service.stop(reviewer, "castlebridge", "A source was sent twice")
    assert requests.waiting_for(mine, "probation") == []
