"""A form that arrives after its session ended: nothing is done, and whoever typed it finds it again once signed in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.access.unsent import KEPT, forget, keep, unsent
from serving.panel.referrals import Referred, refer
from serving.storage import tables
from serving.web import WebSettings, create_app
from serving.web.lapsing import shown_at
from serving.web.rules import RULES

DATABASES = ("sqlite", "postgresql")
TYPED = "Asked by probation; <b>Ms Quill</b> fears for her children"
FORM = {"decision": "not_suitable", "reason_code": "pattern", "sensitive": "yes", "reason": TYPED}


@pytest.fixture
def browse(service: Service) -> Callable[..., TestClient]:
    """Sign a made-up user in to the pages, in a browser of their own or in one that is given."""
    users = (
        Person("chair", "C", Role.CHAIR),
        Person("chair-2", "D", Role.CHAIR),
        Person("member", "M", Role.PANEL_MEMBER),
    )
    app = create_app(service, WebSettings(demo=True, mark="OFFICIAL", users=users))

    def signed_in(user: str, client: TestClient | None = None, next: str = "/about") -> TestClient:
        client = client or TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
        answer = client.post("/sign-in", data={"user": user, "next": next})
        assert (answer.status_code, answer.headers["location"]) == (303, next)
        return client

    return signed_in


def hidden(text: str) -> dict[str, str]:
    """Return the hidden fields of the decision form on a page."""
    form = re.search(r'<form method="post" action="[^"]*/decision".*?</form>', text, re.DOTALL)
    assert form is not None
    return dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form[0]))


def kept_rows(service: Service) -> list[str]:
    with service.stores.panel.read() as connection:
        return [str(row) for row in connection.execute(select(tables.unsent))]


def test_a_decision_sent_after_half_an_hour_is_found_filled_in_again_and_then_sent(
    browse: Callable[..., TestClient], service: Service, released: str, made_up: Any, clock: Any
) -> None:
    client, page = browse("chair"), f"/lists/{released}/cases/{made_up.rows[0]['person']}/decision"
    typed = {**hidden(client.get(page).text), **FORM, "opinion-1": "disagree"}
    clock.forward(minutes=31)
    answer = client.post(page, data=typed)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={page}&kept=yes")
    assert service.decisions() == []
    (row,) = kept_rows(service)
    assert "Quill" not in row
    offered = client.get(answer.headers["location"]).text
    assert "What you typed is kept for you" in offered
    assert "Quill" not in offered
    browse("chair", client, page)
    text = client.get(page).text
    assert "Not recorded yet." in text
    assert "Asked by probation; &lt;b&gt;Ms Quill&lt;/b&gt; fears for her children</textarea>" in text
    for name in ("decision", "reason_code", "sensitive", "opinion-1"):
        value = {**FORM, "opinion-1": "disagree"}[name]
        assert re.search(rf'name="{name}" type="radio" value="{value}" checked', text), name
    again = {**hidden(text), **FORM, "opinion-1": "disagree"}
    assert again["csrf"] != typed["csrf"]
    assert client.post(page, data={**again, "reason": ""}).status_code == 422
    assert "Asked by probation" in client.get(page).text  # the browser may close on an error
    assert client.post(page, data=again).status_code == 303
    assert [made["reason"] for made in service.decisions()] == [TYPED]
    assert kept_rows(service) == []
    assert "Not recorded yet." not in client.get(page).text


def test_what_is_kept_is_for_its_writer_alone_and_for_some_hours(
    browse: Callable[..., TestClient], service: Service, released: str, made_up: Any, clock: Any
) -> None:
    client, page = browse("chair"), f"/lists/{released}/cases/{made_up.rows[0]['person']}/decision"
    typed = {**hidden(client.get(page).text), **FORM}
    clock.forward(minutes=31)
    client.post(page, data=typed)
    other = browse("chair-2", client, page)
    for address in (page, "/unsent"):
        assert "Quill" not in other.get(address).text
    assert "Quill" in browse("chair", client, "/unsent").get("/unsent").text
    clock.forward(seconds=KEPT.total_seconds())
    assert "Quill" not in browse("chair", client, page).get(page).text
    assert service.verify().ok


def test_a_form_without_the_token_of_its_session_or_of_one_that_was_ended_is_not_kept(
    browse: Callable[..., TestClient], service: Service, released: str, made_up: Any, clock: Any
) -> None:
    page = f"/lists/{released}/cases/{made_up.rows[0]['person']}/decision"
    client, gone, blocked = browse("chair"), browse("chair-2"), browse("member")
    tokens = {each: each.get("/api/v1/session").json()["csrf"] for each in (client, gone, blocked)}
    cookie = gone.cookies.get("panel")
    assert gone.post("/sign-out", data={"csrf": tokens[gone]}).status_code == 303
    gone.cookies.set("panel", str(cookie))
    clock.forward(minutes=31)
    for each, form in (
        (client, {**FORM, "csrf": ""}),
        (client, {**FORM, "csrf": f"{tokens[blocked]}.1"}),
        (client, {"csrf": tokens[client]}),
        (gone, {**FORM, "csrf": tokens[gone]}),
        (TestClient(client.app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False), FORM),
    ):
        answer = each.post(page, data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/")
    elsewhere = client.post(page, data={**FORM, "csrf": tokens[client]}, headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403
    clock.forward(hours=25)
    assert client.post(page, data={**FORM, "csrf": tokens[client]}).headers["location"] == "/sign-in?next=/"
    assert kept_rows(service) == []


def test_any_other_form_is_shown_as_it_was_typed_and_sent_or_thrown_away(
    browse: Callable[..., TestClient], service: Service, released: str, made_up: Any, clock: Any
) -> None:
    client, case = browse("chair"), f"/lists/{released}/cases/{made_up.rows[0]['person']}"
    csrf = client.get("/api/v1/session").json()["csrf"]
    asked = {"agency": "probation", "what": TYPED, "due-day": "1", "due-month": "5", "due-year": "2026"}
    clock.forward(minutes=31)
    for path, form in ((f"{case}/information", asked), (f"{case}/link", {"why": "Thrown away"})):
        answer = client.post(path, data={**form, "csrf": f"{csrf}.page"})
        assert answer.headers["location"] == "/sign-in?next=/unsent&kept=yes"
        clock.forward(minutes=1)
    text = browse("chair", client, "/unsent").get("/unsent").text
    assert "&lt;b&gt;Ms Quill" in text
    assert "<b>Ms" not in text
    forms = re.findall(r'<form method="post" action="([^"]*)".*?</form>', text.partition("<main")[2], re.DOTALL)
    assert forms == [f"{case}/link", "/unsent", f"{case}/information", "/unsent"]
    csrf = client.get("/api/v1/session").json()["csrf"]
    assert client.post("/unsent", data={"csrf": csrf, "page": f"{case}/link"}).status_code == 303
    late = {**asked, "csrf": csrf, "unsent": "yes", "due-year": "2025"}
    refused = client.post(f"{case}/information", data=late)
    assert refused.status_code == 422
    assert "Ms Quill" in client.get("/unsent").text
    told = re.search(r'name="csrf" value="([^"]*)"', refused.text.partition("<main")[2])
    assert told is not None
    assert client.post(f"{case}/information", data={**asked, "csrf": told[1]}).status_code == 303
    assert "Nothing is kept for you" in client.get("/unsent").text
    assert "&lt;b&gt;Ms Quill" in client.get(f"{case}/information").text


def test_a_refused_hold_clearance_keeps_its_words_too(
    browse: Callable[..., TestClient], service: Service, released: str, made_up: Any, clock: Any
) -> None:
    held = next(row["person"] for row in made_up.rows if row["section"] == "held")
    client, case = browse("chair"), f"/lists/{released}/cases/{held}"
    csrf = client.get("/api/v1/session").json()["csrf"]
    clock.forward(minutes=31)
    form = {"csrf": csrf, "kind": "counter_allegation", "hold_reason": TYPED}
    assert client.post(f"{case}/hold", data=form).headers["location"] == f"/sign-in?next={case}/decision&kept=yes"
    text = browse("chair", client, f"{case}/decision").get(f"{case}/decision").text
    assert "Ms Quill&lt;/b&gt; fears for her children</textarea>" in text
    token = {"csrf": client.get("/api/v1/session").json()["csrf"], "unsent": "yes"}
    refused = client.post(f"{case}/hold", data={**form, **token, "hold_reason": ""})
    assert refused.status_code == 422
    assert len(kept_rows(service)) == 1
    again = re.search(r'name="csrf" value="([^"]*)"', refused.text.partition("<main")[2])
    assert again is not None
    assert client.post(f"{case}/hold", data={**form, "csrf": again[1]}).status_code == 303
    assert kept_rows(service) == []


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/lists/r/cases/P-1/decision", "/lists/r/cases/P-1/decision"),
        ("/lists/r/cases/P-1/hold", "/lists/r/cases/P-1/decision"),
        ("/referrals/4/decision", "/unsent"),
        ("/meetings/m/minutes", "/unsent"),
    ],
)
def test_a_form_is_found_again_on_a_page_that_is_there(path: str, page: str) -> None:
    assert shown_at(path) == page
    assert any(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), page) for method, known in RULES if method == "GET")


def test_only_the_newest_few_are_kept_and_a_person_erased_is_in_none(service: Service, clock: Any) -> None:
    for number in range(12):
        clock.forward(minutes=1)
        keep(service.stores, "chair", f"/lists/r/cases/P_{number}/decision", [("reason", str(number))])
    keep(service.stores, "other", "/lists/r/cases/P_11/decision", [("reason", "theirs")])
    assert [each.fields[0][1] for each in unsent(service.stores, "chair")] == [str(n) for n in range(11, 1, -1)]
    keep(service.stores, "chair", "/lists/r/cases/P_11/decision", [("reason", "anew")])
    assert unsent(service.stores, "chair")[0].fields == [("reason", "anew")]
    with service.stores.panel.write() as connection:
        forget(service.stores, connection, "P_11", [])
    assert [each.fields[0][1] for each in unsent(service.stores, "chair")] == [str(n) for n in range(10, 1, -1)]
    assert unsent(service.stores, "other") == []


def test_what_is_too_old_goes_when_its_writer_looks_or_anybody_signs_in(
    browse: Callable[..., TestClient], service: Service, clock: Any
) -> None:
    for looks in (lambda: unsent(service.stores, "other"), lambda: browse("member")):
        keep(service.stores, "chair", "/referrals", [("why", "Typed by a chair")])
        clock.forward(hours=7)
        looks()
        assert len(kept_rows(service)) == 1
        clock.forward(hours=1)
        looks()
        assert kept_rows(service) == []


def test_an_erasure_reaches_every_form_that_names_the_person(service: Service, released: str, made_up: Any) -> None:
    person, other = made_up.rows[0]["person"], made_up.rows[1]["person"]
    chair, who = Person("chair", "C", Role.CHAIR), made_up.identities[person]
    referral = refer(service, chair, "castlebridge", Referred("housing", "Why", "", person))
    unlisted = {"given_name": "Jo", "family_name": "Bloggs"}
    named = refer(service, chair, "castlebridge", Referred("housing", "Why", "", who=unlisted))
    name = f"{who['family_name'].upper()}, {who['given_name']}"
    kept = {
        "/meetings/m/actions": [("person", person), ("what", "Ask")],
        "/referrals": [("given_name", who["given_name"]), ("family_name", who["family_name"])],
        "/meetings/m/minutes": [("note", f"We spoke of {name} at length")],
        f"/referrals/{referral}/decision": [("reason", "Agreed")],
        "/meetings/n/minutes": [("note", "Jo was late; Bloggs, too")],
        f"/referrals/{named}/decision": [("reason", "Agreed")],
        f"/lists/{released}/cases/{other}/decision": [("reason", "Another person's")],
    }
    for page, fields in kept.items():
        keep(service.stores, "chair", page, fields)
    service.erase(person, "test")
    left = list(kept)[4:]
    assert {each.page for each in unsent(service.stores, "chair")} == set(left)
    (pseudonym,) = (str(each.person) for each in service.filed(["referral"]) if each.number == named)
    service.erase(pseudonym, "test")
    assert {each.page for each in unsent(service.stores, "chair")} == {left[2]}
    assert service.verify().ok
