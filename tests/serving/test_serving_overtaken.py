"""Two people at the same form: the second is told by whom and what stands, and loses nothing that they typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.access.accounts import Accounts
from serving.access.links import answer
from serving.access.viewing import Viewing
from serving.links import name_of, publish
from serving.panel import meetings, referrals, registers, requests
from serving.panel.meetings import Action
from serving.panel.referrals import Referred
from serving.panel.registers import Incident, IncidentKind
from serving.panel.requests import Question
from serving.web import WebSettings, create_app
from serving.web.pages.filled import Filled

AREA, TYPED = "castlebridge", 'The <b>words</b> of the second, "whole"'
DUE = {"due-day": "1", "due-month": "6", "due-year": "2030"}
AGREED = {"decision": "not_suitable", "reason_code": "pattern", "sensitive": "no", "newest": ""}
PLACES = {"area": AREA, "places": "4", "reserved": "", "list_factor": "3", "newest": ""}
USERS = (
    Person("first", "First Chair", Role.CHAIR, agency="police"),
    Person("second", "Second Chair", Role.CHAIR, agency="police"),
    Person("admin-1", "First Administrator", Role.ADMINISTRATOR),
    Person("admin-2", "Second Administrator", Role.ADMINISTRATOR),
    Person("links-1", "First Steward", Role.DATA_SCIENTIST),
    Person("links-2", "Second Steward", Role.DATA_SCIENTIST),
    Person("links-3", "Third Steward", Role.DATA_SCIENTIST),
)


@pytest.fixture
def browse(service: Service) -> Callable[[str], TestClient]:
    for user in USERS:
        Accounts(service.stores).add(user, "test", identity={"date_of_birth": "1970-01-01", "staff_number": user.user})
    app = create_app(service, WebSettings(demo=True, users=USERS))

    def signed_in(user: str) -> TestClient:
        client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
        assert client.post("/sign-in", data={"user": user}).status_code == 303
        return client

    return signed_in


def send(client: TestClient, target: str, fields: dict[str, str]) -> Any:
    csrf = str(client.get("/api/v1/session").json()["csrf"])
    return client.post(target, data={"csrf": csrf, **fields})


def shown(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"</?(bdi|strong)>", "", answer.text))


class Forms:
    """Every kind of form that two people can send of one state: where to, who the two are, what else is in it."""

    def __init__(self, service: Service, run: str, person: str, make_pair: Any) -> None:
        chair, today = USERS[0], service.today()
        referral = referrals.refer(service, chair, AREA, Referred("housing", "Why", "", "", {"family_name": "Bloggs"}))
        self.meeting = meetings.call_meeting(service, chair, AREA, today, 5, run)
        known = meetings.meeting_of(service, self.meeting)
        action = meetings.agree_action(service, chair, known, Action("Ask", "police", today))
        asked = requests.ask(service, chair, run, person, Question("police", "What is known?", today))
        incident = registers.report_incident(service, chair, AREA, Incident(IncidentKind("other"), today, "A screen"))
        link = requests.challenge_link(service, chair, run, person, "Two people")
        publish(service.stores, [make_pair()])
        self.pair, case, here = name_of(service.stores, "R01", "R02"), f"/lists/{run}/cases/{person}", self.meeting
        change = {"newest": str(known.newest), "run": run, "day-day": "1", "day-month": "6", "day-year": "2030"}
        chairs, admins = ("first", "second"), ("admin-1", "admin-2")
        self.all: dict[str, tuple[str, tuple[str, str], dict[str, str], str]] = {
            "decision on a referral": (f"/referrals/{referral}/decision", chairs, AGREED, "reason"),
            "answer to a request": (f"{case}/information/{asked}", chairs, {"for_all": "yes"}, "words"),
            "minutes": (f"/meetings/{here}/minutes", chairs, {"newest": ""}, "note"),
            "own view": (f"{case}/own-view", ("first", "first"), {"leaning": "place"}, "words"),
            "action": (f"/meetings/{here}/actions/{action}", chairs, {}, "done"),
            "meeting": (f"/meetings/{here}", chairs, change, "places"),
            "register": (f"/registers/incident/{incident}", admins, {}, "outcome"),
            "places of a panel": ("/administration/panels", admins, PLACES, "reason"),
            "stop": ("/stops", admins, {"area": AREA}, "reason"),
            "challenge to a link": (f"/links/challenges/{link}", ("links-1", "links-2"), {}, "outcome"),
        }


OFFERED_AGAIN = {"decision on a referral", "minutes", "meeting", "places of a panel"}


def test_whoever_comes_second_keeps_every_word_and_reads_what_stands(
    service: Service, browse: Callable[[str], TestClient], released: str, made_up: Any, make_pair: Any
) -> None:
    forms = Forms(service, released, made_up.rows[0]["person"], make_pair)
    clients = {user.user: browse(user.user) for user in USERS}
    for name, (target, (first, second), fields, field) in forms.all.items():
        words = ("5", "7") if name == "meeting" else ("The words of the first", TYPED)
        done = send(clients[first], target, {**fields, field: words[0]})
        assert done.status_code == 303, (name, done.text)
        late = send(clients[second], target, {**fields, field: words[1]})
        page = shown(late)
        assert late.status_code == 409, name
        assert "What you typed is not on file, and it is not lost." in page, name
        assert re.search(rf"What stands now is by {first}, \d", page), name
        assert re.search(rf'(>|value="){re.escape(words[1])}<?', unescape(page)), name
        if name != "challenge to a link":
            found = re.search(r'href="#([\w-]+)">Read what stands now', page)
            assert found is not None, name
            assert f'id="{found[1]}"' in page, name
        assert words[0] in page, name
        for told in re.findall(r'<li><a href="#([\w-]+)">', page):
            assert f'id="{told}"' in page, (name, told)
        if name in OFFERED_AGAIN:
            now = re.findall(rf'action="{re.escape(target)}".*?</form>', page)[-1]
            newest = re.search(r'name="newest" value="(\d+)"', now)
            assert newest is not None, name
            again = send(clients[second], target, {**fields, field: words[1], "newest": newest[1]})
            assert again.status_code == 303, name
        if name == "stop":
            service.let_go_on(Person("r", "R", Role.REVIEWER), AREA, "Looked into")
    assert service.verify().ok


def test_an_answer_about_records_that_were_linked_anew_keeps_its_words(
    service: Service, browse: Callable[[str], TestClient], released: str, make_pair: Any
) -> None:
    publish(service.stores, [make_pair()])
    pair, said = name_of(service.stores, "R01", "R02"), {"said": "same", "number": "1", "reason": TYPED}
    for each in ("links-1", "links-2"):
        person = next(user for user in USERS if user.user == each)
        answer(Viewing(service, person), pair, "same", "The photographs", 1)
    settled = send(browse("links-3"), f"/links/{pair}", said)
    assert (settled.status_code, "Others settled this in the meantime: the same person." in settled.text) == (409, True)
    assert TYPED in unescape(settled.text)
    assert "The photographs" not in settled.text  # one answers before one reads what others said
    publish(service.stores, [make_pair(1)])
    publish(service.stores, [make_pair(1, weight=7.0)])
    pair = name_of(service.stores, "R11", "R12")
    anew = send(browse("links-3"), f"/links/{pair}", said)
    assert (anew.status_code, TYPED in unescape(anew.text), 'href="#side-by-side"' in anew.text) == (409, True, True)
    number = re.findall(r"name=\"number\" value=\"(\d+)\"", anew.text)
    assert number == ["3"], number
    assert send(browse("links-3"), f"/links/{pair}", {**said, "number": "3"}).status_code == 303


def test_a_form_is_told_apart_from_one_that_is_wrong() -> None:
    filled = Filled("minutes", {"note": "", "words-3": "x", "for-all-3": "no"})
    assert (filled.status, filled.typed) == (422, [("words", "x"), ("for all", "no")])
