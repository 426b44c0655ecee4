"""The pages of meetings, oversight, requests and stops: what they write down, and what a form may not break."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.access.accounts import Accounts
from serving.access.elsewhere import views_elsewhere
from serving.access.viewing import Viewing
from serving.errors import NotPermitted
from serving.panel import meetings
from serving.panel.referrals import Referred, refer, referrals
from serving.web import WebSettings, create_app

DATABASES = ("sqlite", "postgresql")


@pytest.fixture
def browse(service: Service) -> Any:
    app = create_app(service, WebSettings(demo=False))

    def signed_in(role: Role) -> tuple[TestClient, str]:
        person = Person(role.value.replace("_", "-"), "Made Up", role)
        client = TestClient(app, base_url="https://panel.example", follow_redirects=False)
        Accounts(service.stores).make_up(person)
        client.cookies.set("__Host-panel", app.state.web.sessions.start(person))
        return client, app.state.web.sessions.find(client.cookies.get("__Host-panel", "")).csrf

    return signed_in


@pytest.fixture
def meeting(service: Service, released: str, chair: Person) -> str:
    return meetings.call_meeting(service, chair, "castlebridge", date(2026, 4, 1), 3, released)


def test_an_agenda_that_shows_names_is_among_who_saw_what(
    service: Service, released: str, meeting: str, browse: Any
) -> None:
    client, _ = browse(Role.CHAIR)
    assert client.get(f"/meetings/{meeting}").status_code == 200
    assert [(view["action"], view["detail"]) for view in service.views(released)] == [
        ("view.list", {"view": "meeting"})
    ]


def test_who_saw_people_referred_meetings_and_pairs_is_told_to_who_answers_for_their_area(
    service: Service, released: str, meeting: str, chair: Person, browse: Any
) -> None:
    who = Referred("housing", "Fears", "", who={"family_name": "Unlisted"})
    number = refer(service, chair, "castlebridge", who)
    client, _ = browse(Role.CHAIR)
    for path in (f"/referrals/{number}", f"/meetings/{meeting}", "/referrals"):
        assert client.get(path).status_code == 200
    service.note("link-reviewer", "view.link", "L-0123456789ABCDEF")
    (referral,) = referrals(service)
    here, there = (
        Viewing(service, Person("r", "R", Role.REVIEWER, frozenset({area}))) for area in ("castlebridge", "ashford")
    )
    told = {"view.referral": str(number), "view.meeting": meeting}
    assert {view["action"]: view["subject"] for view in views_elsewhere(here, 9)} == told
    assert views_elsewhere(there, 9) == []
    watching, _ = browse(Role.REVIEWER)
    page = watching.get("/oversight").text.partition("Who saw what beside lists")[2]
    assert sorted(re.findall(r'data-label="What">([^<]*)<', page)) == [
        "All who were referred",
        "Meeting",
        "Pair of records",
        "Person referred",
    ]
    assert f"{number}, {referral.person}" in page
    assert "Unlisted" not in page
    with pytest.raises(NotPermitted):
        views_elsewhere(Viewing(service, chair), 9)


def test_looking_after_lists_that_are_not_shown_accuses_nobody(
    service: Service, released: str, meeting: str, reviewer: Person, browse: Any
) -> None:
    service.stop(reviewer, "castlebridge", "A source was sent twice")
    watching, _ = browse(Role.REVIEWER)
    text = watching.get("/oversight").text
    assert "Stopped" in text
    assert "Not available" not in text
    page = watching.get(f"/meetings/{meeting}").text
    assert "Stopped" in page.partition("May the list be used?")[2][:300]
    assert "Nothing of a list is shown" in page
    assert [view for view in service.views(released) if view["action"] == "view.refused"] == []


@pytest.mark.parametrize(
    ("role", "path", "fields"),
    [
        (Role.CHAIR, "/meetings/{meeting}/minutes", {"note": "x", "newest": "9" * 30}),
        (Role.CHAIR, "/meetings/{meeting}", {"day-day": "1", "day-month": "5", "day-year": "2026", "places": "9" * 40}),
        (Role.CHAIR, "/meetings/{meeting}/attendance", {"name": "A\0", "agency": "x", "present": "yes"}),
        (Role.CHAIR, "/meetings/{meeting}/actions/" + "9" * 30, {"done": "x"}),
        (Role.REVIEWER, "/stops/go-on", {"area": "castle\0bridge", "reason": "x"}),
        (Role.REVIEWER, "/stops", {"area": "castlebridge", "reason": "\0"}),
        (Role.REVIEWER, "/registers/incident/" + "9" * 30, {"outcome": "x"}),
        (Role.CHAIR, "/lists/{run}/cases/{person}/information/" + "9" * 30, {"words": "x", "for_all": "yes"}),
        (Role.CHAIR, "/lists/{run}/cases/{person}/information", {"agency": "a\0", "what": "x"}),
    ],
)
def test_no_form_makes_the_service_fail(
    meeting: str, released: str, made_up: Any, browse: Any, role: Role, path: str, fields: dict[str, str]
) -> None:
    client, csrf = browse(role)
    address = path.format(meeting=meeting, run=released, person=made_up.rows[0]["person"])
    assert client.post(address, data={"csrf": csrf, **fields}).status_code in (404, 409, 422)


def test_a_double_click_on_stop_stops_once_and_is_told_that_it_did(
    service: Service, released: str, browse: Any
) -> None:
    client, csrf = browse(Role.REVIEWER)
    sent = {"csrf": f"{csrf}.one-page", "area": "castlebridge", "reason": "A source was sent twice"}
    answers = [client.post("/stops", data=sent).headers["location"] for _ in range(2)]
    assert answers == ["/stops?done=stopped"] * 2
    assert len(service.filed(["stop"])) == 1
