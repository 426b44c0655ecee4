"""A form that is sent twice, by a double click or from the browser's history, does one thing and answers the same."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import Service
from serving.web import WebSettings, create_app

NAMES = ["subjects/ethnicity/mixed"]
on_both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
FILLED: dict[str, dict[str, Any]] = {
    "decision": {"decision": "not_suitable", "reason_code": "pattern", "reason": "Agreed", "sensitive": "no"},
    "hold": {"hold_reason": "Asked the victim service"},
    "conflict": {},
    "review": {"act": "waive", "reason": "Small area", "acknowledged": NAMES},
    "withdraw": {"act": "withdraw", "reason": "Wrong extract"},
    "block": {},
    "lift": {"reason": "They only share a street"},
    "meeting": {"places": "3", "day-day": "20", "day-month": "4", "day-year": "2026"},
}
DONE = {
    "decision": "decision.made",
    "hold": "hold.cleared",
    "conflict": "conflict.declared",
    "review": "review.waive",
    "withdraw": "review.withdraw",
    "block": "user.blocked",
    "lift": "conflict.lifted",
    "meeting": "filed.meeting",
}


class Forms:
    """The pages over one released list and one that awaits review, and whoever is signed in to them."""

    def __init__(self, service: Service, released: str, waiting: str, people: list[str]) -> None:
        self.service, self.people = service, people
        self.app = create_app(service, WebSettings(demo=True, mark="OFFICIAL"), service.publish)
        case, held = (f"/lists/{released}/cases/{person}" for person in (people[0], people[6]))
        self.places = {
            "decision": ("chair", f"{case}/decision", f"{case}/decision"),
            "hold": ("chair", f"{held}/decision", f"{held}/hold"),
            "conflict": ("member", f"{case}/conflict", f"{case}/conflict"),
            "review": ("reviewer-1", f"/audits/{waiting}", f"/audits/{waiting}/review"),
            "withdraw": ("reviewer-1", f"/audits/{released}", f"/audits/{released}/review"),
            "block": ("admin", "/access", "/access/block"),
            "lift": ("admin", "/access", "/access/lift"),
            "meeting": ("chair", "/meetings", "/meetings"),
        }
        self.filled_in = {**FILLED, "meeting": {**FILLED["meeting"], "run": released}}

    def signed_in(self, user: str) -> TestClient:
        client = TestClient(self.app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
        assert client.post("/sign-in", data={"user": user}).status_code == 303
        return client

    def filled(self, act: str) -> tuple[TestClient, str, dict[str, Any]]:
        """Open the page of an act and return who did, where its form goes and what the form holds once filled in."""
        if act in ("block", "lift"):
            other = self.signed_in("member")
            csrf = other.get("/api/v1/session").json()["csrf"]
            assert other.post(self.places["conflict"][2], data={"csrf": csrf}).status_code == 303
        user, page, target = self.places[act]
        client = self.signed_in(user)
        forms = re.findall(rf'<form [^>]*action="{re.escape(target)}".*?</form>', client.get(page).text, re.DOTALL)
        wanted = {"withdraw": 'value="withdraw"', "review": 'value="waive"', "block": 'value="member"'}.get(act, "")
        hidden = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
        fields = next(dict(hidden.findall(form)) for form in forms if wanted in form)
        return client, target, {**fields, **self.filled_in[act]}

    def acts(self, act: str) -> int:
        return sum(entry.action == DONE[act] for entry in self.service.ledger(None))


@pytest.fixture
def forms(service: Service, released: str, made_up: Any, make: Callable[..., Any]) -> Forms:
    waiting = make(area="ashford", verdict="insufficient").into(service)
    return Forms(service, released, waiting, [row["person"] for row in made_up.rows])


@pytest.mark.parametrize(
    ("database", "act"), [("sqlite", act) for act in FILLED] + [("postgresql", "review")], indirect=["database"]
)
def test_a_form_that_is_sent_twice_does_one_thing(forms: Forms, act: str) -> None:
    client, target, form = forms.filled(act)
    first, second = (client.post(target, data=form) for _ in range(2))
    assert first.status_code == 303
    assert (second.status_code, second.headers["location"]) == (303, first.headers["location"])
    assert forms.acts(act) == 1
    assert forms.service.verify().ok


@on_both
@pytest.mark.parametrize("act", ["decision", "review"])
def test_a_double_click_does_one_thing(forms: Forms, act: str) -> None:
    client, target, form = forms.filled(act)
    answers: list[tuple[int, str]] = []
    start = threading.Barrier(3)

    def click() -> None:
        start.wait()
        answer = client.post(target, data=form)
        answers.append((answer.status_code, answer.headers.get("location", "")))

    clicks = [threading.Thread(target=click) for _ in range(3)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()
    assert len(set(answers)) == 1
    assert answers[0][0] == 303
    assert forms.acts(act) == 1


def test_a_form_that_was_changed_and_sent_again_is_asked_anew(forms: Forms) -> None:
    client, target, form = forms.filled("decision")
    assert client.post(target, data=form).status_code == 303
    changed = client.post(target, data={**form, "reason": "On second thoughts"})
    assert changed.status_code == 409
    assert "Somebody recorded a decision on this person in the meantime" in changed.text
    assert [row["reason"] for row in forms.service.decisions()] == ["Agreed"]


def test_a_form_that_was_refused_may_be_sent_again(forms: Forms) -> None:
    client, target, form = forms.filled("decision")
    assert client.post(target, data={**form, "reason": ""}).status_code == 422
    assert client.post(target, data=form).status_code == 303


def test_a_form_of_one_person_is_not_anothers(forms: Forms) -> None:
    _, target, form = forms.filled("conflict")
    chair = forms.signed_in("chair")
    number = form["csrf"].partition(".")[2]
    own = {**form, "csrf": f"{chair.get('/api/v1/session').json()['csrf']}.{number}"}
    assert chair.post(target, data=own).status_code == 303
    assert forms.acts("conflict") == 1


@pytest.mark.parametrize(
    ("user", "target", "wrong"),
    [
        ("chair", "/meetings", ["run", "day-day", "places"]),
        ("chair", "{case}/decision", ["decision", "reason_code", "reason", "sensitive"]),
        ("chair", "{case}/information", ["agency", "what", "due-day"]),
        ("chair", "/lists/{run}/exports", ["what"]),
        ("admin", "/administration/add-account", ["name", "user", "role", "areas"]),
        ("chair", "/referrals", ["area", "agency", "person", "why"]),
        ("chair", "/registers/incidents", ["area", "kind", "happened-day", "what"]),
        ("reviewer-1", "/registers/challenges", ["challenged", "who", "reference", "arrived-day", "about"]),
    ],
)
def test_a_form_that_is_sent_empty_says_all_that_is_wrong_at_once_in_the_order_of_its_fields(
    forms: Forms, user: str, target: str, wrong: list[str]
) -> None:
    client, case = forms.signed_in(user), forms.places["conflict"][1].removesuffix("/conflict")
    address, csrf = target.format(case=case, run=case.split("/")[2]), client.get("/api/v1/session").json()["csrf"]
    answer = client.post(address, data={"csrf": csrf, "reason": ""})  # as a browser does, without what is not chosen
    assert answer.status_code == 422
    summary, _, form = answer.text.partition("govuk-error-summary__list")[2].partition("</ul>")
    assert re.findall(r'<a href="#([^"]+)">', summary) == wrong
    assert sorted(wrong, key=lambda name: form.index(f'id="{name}"')) == wrong
