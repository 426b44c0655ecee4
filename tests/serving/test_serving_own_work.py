"""What a member of a panel opens first: what waits for them and their agency, and nothing that is not theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.access.accounts import Accounts
from serving.access.cases import Cases
from serving.panel import own_work
from serving.panel.meetings import Action, agree_action, call_meeting, close_action, meeting_of
from serving.panel.requests import Question, answer, ask, challenge_link
from serving.web import WebSettings, create_app

AREA = "castlebridge"
CHAIR = Person("casey", "Casey Chair", Role.CHAIR, frozenset({AREA}))
HOUSING, HEALTH = (
    Person(f"{agency}-1", name, Role.PANEL_MEMBER, frozenset({AREA}), agency)
    for agency, name in (("housing", "Jo Ward"), ("health", "Al Reed"))
)
SOON, LATER = date(2026, 4, 9), date(2026, 5, 1)


@pytest.fixture
def people(made_up: Any) -> list[str]:
    return [row["person"] for row in made_up.rows]


@pytest.fixture
def panel(service: Service, released: str, people: list[str]) -> str:
    """A meeting with actions; questions to two agencies, one answered by each; a challenge."""
    for each in (CHAIR, HOUSING, HEALTH):
        Accounts(service.stores).make_up(each)
    meeting = call_meeting(service, CHAIR, AREA, date(2026, 4, 2), 3, released)
    known = meeting_of(service, meeting)
    for what, owner, due in (
        ("Visit the flat", "Housing (J. Ward)", LATER),
        ("Read the file", "jo ward", SOON),
        ("Ask the GP", "Health", SOON),
        ("Close to the name", "Rehousing board", SOON),
    ):
        agree_action(service, CHAIR, known, Action(what, owner, due, people[0] if "flat" in what else None))
    closed = agree_action(service, CHAIR, known, Action("Done before", "housing", SOON))
    close_action(service, CHAIR, known, closed, "It was done")
    for member in (HOUSING, HEALTH):
        for person, what in zip(people, ("first", "second"), strict=False):
            asked = ask(service, CHAIR, released, person, Question(member.agency, f"{member.agency} {what}?", SOON))
            if what == "first":
                answer(service, member, released, person, asked, f"{member.agency} knows", False)
    challenge_link(service, HOUSING, released, people[1], "The second record is a namesake’s")
    return meeting


@pytest.fixture
def opened(service: Service) -> Callable[[Person], TestClient]:
    app = create_app(service, WebSettings(demo=False))

    def open_(person: Person) -> TestClient:
        client = TestClient(app, base_url="https://panel.example", follow_redirects=False)
        Accounts(service.stores).make_up(person)
        client.cookies.set("__Host-panel", app.state.web.sessions.start(person))
        return client

    return open_


def test_a_member_finds_what_waits_for_them_and_what_became_of_what_they_said(
    service: Service, panel: str, opened: Any, released: str, people: list[str]
) -> None:
    page = opened(HOUSING).get("/mine").text
    assert ("housing-1", "view.own_work") in [(view["actor"], view["action"]) for view in service.views()]
    for said in (
        "Questions to your agency (1)",
        "housing second?",
        "Actions for you or your agency (2)",
        "Open actions of others (2)",
        "Meetings to come (1)",
        "Lists that you can open (1)",
        "What your agency answered (1)",
        "housing knows",
        "read by your agency, the chair and reviewers",
        "Links of records that your agency challenged (1)",
        "The second record is a namesake’s",
        "Not looked into yet.",
        f'href="/lists/{released}/cases/{people[1]}/information"',
        f'href="/meetings/{panel}"',
    ):
        assert said in page, said
    assert page.index("Read the file") < page.index("Visit the flat") < page.index("Close to the name")
    for not_theirs in ("health second?", "health knows", "Done before"):
        assert not_theirs not in page
    page = opened(HEALTH).get("/mine").text
    assert [said for said in ("health second?", "health knows", "Ask the GP") if said not in page] == []
    for not_theirs in ("housing second?", "housing knows", "namesake"):
        assert not_theirs not in page


def test_a_case_that_is_closed_to_a_member_waits_for_them_no_more(
    service: Service, panel: str, opened: Any, released: str, people: list[str]
) -> None:
    for person in people[:2]:
        Cases(service.stores).declare(released, person, HOUSING)
    page = opened(HOUSING).get("/mine").text
    assert [person for person in people[:2] if person in page] == []
    for gone in ("housing second?", "housing knows", "Visit the flat", "namesake"):
        assert gone not in page
    assert "Actions for you or your agency (1)" in page


def test_what_is_of_a_withdrawn_list_or_of_another_area_is_not_told(
    service: Service, panel: str, opened: Any, released: str, reviewer: Person
) -> None:
    elsewhere = opened(replace(HOUSING, user="housing-2", areas=frozenset({"ashford"}))).get("/mine").text
    assert "No list of your areas is released now." in elsewhere
    assert "No open action names you or your agency." in elsewhere
    service.review(released, reviewer, "withdraw", "Wrong")
    page = opened(HOUSING).get("/mine").text
    for gone in ("housing second?", "housing knows", "namesake"):
        assert gone not in page
    assert "No list of your areas is released now." in page


def test_a_member_without_an_agency_is_told_so_and_shown_no_agencys_words(panel: str, opened: Any) -> None:
    page = opened(Person("nobody", "Nobody Named", Role.PANEL_MEMBER, frozenset({AREA}))).get("/mine").text
    assert "Your account names no agency." in page
    assert "Open actions of others (4)" in page
    assert "housing second?" not in page


@pytest.mark.parametrize(
    ("owner", "own"),
    [
        ("housing", True),
        ("Housing, and J. Ward", True),
        ("Jo  WARD (housing association)", True),
        ("jo.ward", True),
        ("Rehousing", False),
        ("Joanna Wardle", False),
        ("", False),
    ],
)
def test_an_owner_names_a_member_by_whole_words_only(owner: str, own: bool) -> None:
    assert own_work._names(owner, HOUSING) is own


def test_a_member_begins_with_what_waits_for_them_and_everybody_else_with_the_lists(service: Service) -> None:
    app = create_app(service, WebSettings(demo=True))
    for user, first in (("member", "/mine"), ("chair", "/"), ("reviewer-1", "/")):
        client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
        assert client.post("/sign-in", data={"user": user}).headers["location"] == first
        asked = client.post("/sign-in", data={"user": user, "next": "/meetings"})
        assert asked.headers["location"] == "/meetings"
