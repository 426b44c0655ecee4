"""What an administrator is told to look at, and what they may change from a page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.access.accounts import Accounts
from serving.access.adding import add_account
from serving.access.attention import RETENTION, attention, panels, work
from serving.access.cases import Cases, Restriction
from serving.access.sites import Sites
from serving.access.viewing import Viewing
from serving.errors import FilingConflict, FilingRefused, NotFound, NotPermitted
from serving.filing import Draft
from serving.jobs import Jobs
from serving.panel.capacity import capacities, set_capacity
from serving.web import WebSettings, create_app
from serving.web.settings import Claims, Provider

on_both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
ADMIN = Person("admin", "Ashley Admin", Role.ADMINISTRATOR)
BATCH = Person("batch", "Batch work", Role.SERVICE)
PLACES = {"places": 5, "reserved": {"housing": 1}, "list_factor": 2}


def local(*areas: str) -> Person:
    return Person("local", "Local Admin", Role.ADMINISTRATOR, frozenset(areas))


def added(service: Service, user: str, role: Role = Role.PANEL_MEMBER, *areas: str, **known: str) -> None:
    person = Person(user, f"{user} Surname", role, frozenset(areas or ("castlebridge",)), "police")
    Accounts(service.stores).add(person, "test", login=f"{user}@force.example", identity=known)


@pytest.fixture
def browse(service: Service) -> Callable[..., tuple[TestClient, str]]:
    def signed_in(person: Person = ADMIN, provider: Provider | None = None) -> tuple[TestClient, str]:
        app = create_app(service, WebSettings(demo=False, provider=provider))
        client = TestClient(app, base_url="https://panel.example", follow_redirects=False)
        Accounts(service.stores).make_up(person)
        client.cookies.set("__Host-panel", app.state.web.sessions.start(person))
        return client, app.state.web.sessions.find(client.cookies.get("__Host-panel", "")).csrf

    return signed_in


def test_what_needs_attention_is_told_and_what_does_not_is_not(
    service: Service, released: str, reviewer: Person, clock: Any
) -> None:
    added(service, "known", email="known@force.example")
    added(service, "nobody")
    Sites(service.stores).add("north-vale", ["castlebridge", "oakley"], 40, "admin")
    found = attention(Viewing(service, ADMIN))
    assert [each.user for each in found.unidentified] == ["nobody"]
    assert (found.unused, found.without_places, found.work, found.stops) == ((), ("oakley",), (), ())
    assert found.retention is None
    clock.forward(days=91)
    service.stop(reviewer, "castlebridge", "A source was sent twice")
    set_capacity(service, ADMIN, "oakley", PLACES, "First meeting")
    service.file(BATCH, Draft(RETENTION, "retention", "*", {"as_of": "2026-03-31", "tables": {}}))
    found = attention(Viewing(service, ADMIN))
    assert {each.user for each in found.unused} == {"known", "nobody"}
    assert (found.without_places, [stop.area for stop in found.stops]) == ((), ["castlebridge"])
    assert found.retention is not None
    assert [(panel.area, panel.age, panel.newest and panel.newest.run) for panel in found.panels] == [
        ("castlebridge", 91, released),
        ("oakley", None, None),
    ]


def test_an_administrator_of_one_area_is_told_of_that_area_alone(service: Service, released: str) -> None:
    added(service, "near")
    added(service, "far", Role.PANEL_MEMBER, "ashford")
    service.file(BATCH, Draft(RETENTION, "retention", "*", {"as_of": "2026-03-31", "tables": {}}))
    Jobs(service.stores).ask("publish", released, "web")
    for area, users, runs in (("ashford", ["far"], []), ("castlebridge", ["near"], [released])):
        seen = Viewing(service, local(area))
        found = attention(seen)
        assert [each.user for each in found.unidentified] == users
        assert [panel.newest.run for panel in panels(seen) if panel.newest] == runs
        assert [each.job.subject for each in work(seen)] == runs
        assert found.retention is None  # counted over every area
        with pytest.raises(NotFound):
            seen.account("near" if area == "ashford" else "far")


def test_a_job_says_why_it_stands_still_and_what_to_do(service: Service, released: str, clock: Any) -> None:
    seen, jobs = Viewing(service, ADMIN), Jobs(service.stores)
    jobs.ask("publish", released, "web")
    assert [each.why for each in work(seen)] == [""]
    clock.forward(minutes=16)
    assert [(each.why, each.remedy.rpartition(": ")[2]) for each in work(seen)] == [
        ("No worker took it.", "drive-panel work")
    ]
    assert jobs.claim() is not None
    assert [each.why for each in work(seen)] == [""]
    clock.forward(minutes=5)
    assert [each.why for each in work(seen)] == ["Its worker gave no sign of life for 5 minutes (try 1)."]
    jobs.work({})
    (failed,) = work(seen)
    assert (failed.job.state, failed.why) == ("failed", "This version does not know such work. Update the worker.")
    assert "a reviewer" in failed.remedy


@on_both
def test_places_are_put_on_file_once_for_what_was_read_and_the_ledger_says_by_whom(
    service: Service, released: str
) -> None:
    seen, mine = Viewing(service, ADMIN), local("castlebridge")
    with pytest.raises(FilingRefused, match="Reserved places"):
        set_capacity(seen, ADMIN, "castlebridge", {**PLACES, "reserved": {"housing": 6}}, "Agreed")
    with pytest.raises(FilingRefused, match="at least one place"):
        set_capacity(seen, ADMIN, "castlebridge", {**PLACES, "places": 0}, "Agreed")
    with pytest.raises(FilingRefused, match="Say why"):
        set_capacity(seen, ADMIN, "castlebridge", PLACES, " ")
    number = set_capacity(seen, ADMIN, "castlebridge", PLACES, "Agreed")
    with pytest.raises(FilingConflict):  # nothing was there when this was written
        set_capacity(seen, ADMIN, "castlebridge", {**PLACES, "places": 6}, "Agreed")
    set_capacity(Viewing(service, mine), mine, "castlebridge", {**PLACES, "places": 7}, "More staff", number)
    with pytest.raises(FilingConflict):
        set_capacity(seen, ADMIN, "castlebridge", {**PLACES, "places": 6}, "Agreed", number)
    with pytest.raises(NotFound):
        set_capacity(Viewing(service, mine), mine, "ashford", PLACES, "Elsewhere")
    with pytest.raises(NotPermitted):
        set_capacity(service, Person("chair", "Chair", Role.CHAIR), "castlebridge", PLACES, "Mine")
    assert capacities(service)["castlebridge"].document["places"] == 7
    told = [(entry.actor, entry.content["places"]) for entry in service.ledger() if entry.action == "filed.capacity"]
    assert told == [("local", 7), ("admin", 5)]
    assert service.verify().ok


def test_the_form_of_places_keeps_what_was_typed_and_says_what_is_wrong(
    service: Service, released: str, browse: Any
) -> None:
    client, csrf = browse()
    form = {"csrf": csrf, "area": "castlebridge", "places": "four", "reserved": "housing", "list_factor": "3"}
    answer = client.post("/administration/panels", data=form | {"reason": "Two case managers more"})
    assert answer.status_code == 422
    assert "Enter how many places there are, as a whole number" in answer.text
    assert "Enter a route and a number" in answer.text
    assert "Two case managers more" in answer.text
    form |= {
        "places": "4",
        "reserved": "Housing: 1, children's social-care 1, police 2",
        "reason": "Two case managers more",
    }
    assert client.post("/administration/panels", data=form).headers["location"].endswith("?done=capacity")
    assert capacities(service)["castlebridge"].document["reserved"] == {
        "housing": 1,
        "childrens_social_care": 1,
        "police": 2,
    }
    assert client.post("/administration/panels", data=form | {"area": "nowhere"}).status_code == 404
    page = client.get("/administration/panels?area=castlebridge").text
    kept = "1 of them kept for childrens social care, 1 of them kept for housing, 2 of them kept for police"
    assert f"On file: 4 places, {kept}" in page
    assert "The newest list was scored with 3 places" in page


def test_accounts_are_found_by_name_role_and_state(service: Service, browse: Any) -> None:
    added(service, "jo", Role.CHAIR)
    added(service, "kim")
    Accounts(service.stores).block("kim", "test")
    client, _ = browse()

    def found(query: str) -> list[str]:
        return re.findall(r'/administration/users/([a-z]+)"', client.get(f"/administration/users?{query}").text)

    assert found("") == ["admin", "jo", "kim"]
    assert found("name=SURNAME&role=chair") == ["jo"]
    assert found("state=blocked") == ["kim"]
    assert found("state=unidentified") == ["jo"]
    assert found("name=nothing+of+the+kind") == []


def test_an_account_shows_counts_of_cases_and_no_case(
    service: Service, released: str, made_up: Any, browse: Any
) -> None:
    added(service, "jo", Role.CHAIR)
    closed, restricted = made_up.rows[0]["person"], made_up.rows[1]["person"]
    Cases(service.stores).declare(released, closed, Person("jo", "Jo", Role.CHAIR))
    Cases(service.stores).restrict([Restriction(restricted, "officer", "victim")])
    Cases(service.stores).grant(restricted, "jo", "test", "Chairs the meeting")
    client, _ = browse()
    page = client.get("/administration/users/jo").text
    assert "1 by a conflict of interest" in page
    assert re.search(r"named for</dt><dd [^>]*>1<", page)
    assert closed not in page
    assert restricted not in page
    assert client.get("/administration/users/nobody").status_code == 404


@on_both
def test_an_account_is_changed_from_its_page_and_its_holder_signs_in_anew(service: Service, browse: Any) -> None:
    added(service, "jo")
    Sites(service.stores).add("north-vale", ["castlebridge", "ashford"], 40, "admin")
    client, csrf = browse()
    form = {"csrf": f"{csrf}.page", "role": "chair", "areas": "ashford, castlebridge", "agency": "police"}
    for _ in range(2):  # a double click changes once
        assert client.post("/administration/users/jo", data=form).headers["location"].endswith("jo?done=changed")
    account = Accounts(service.stores).find("jo")
    assert (account.role, account.areas) == (Role.CHAIR, frozenset({"ashford", "castlebridge"}))
    changes = [entry for entry in service.ledger() if entry.action == "user.changed"]
    assert [(entry.actor, entry.content["role"]) for entry in changes] == [("admin", "chair")]
    for wrong, told in (
        ({"role": "king"}, "Choose their role"),
        ({"areas": "asford"}, "There is no such area: asford"),
        ({"areas": ""}, "at least one area"),
        ({"agency": "<b>police</b>"}, "letters, digits, spaces and hyphens"),
        ({"role": "governance_reviewer"}, "is not given from a page"),
        ({"role": "administrator"}, "is not given from a page"),
    ):
        answer = client.post("/administration/users/jo", data={**form, "csrf": csrf, **wrong})
        assert (answer.status_code, told in answer.text) == (422, True), wrong
    assert Accounts(service.stores).find("jo") == account


@on_both
def test_an_account_is_added_from_a_page_and_waits_for_its_first_sign_in(service: Service, browse: Any) -> None:
    Sites(service.stores).add("north-vale", ["castlebridge"], 40, "admin")
    client, csrf = browse()
    form = {"csrf": f"{csrf}.page", "user": "jo.field", "name": " Jo Field ", "login": "Jo@Force.example"}
    form |= {"role": "chair", "areas": "castlebridge", "agency": "police"}
    for _ in range(2):  # a double click adds once
        sent = client.post("/administration/add-account", data=form)
        assert sent.headers["location"] == "/administration/users/jo.field?done=added"
    account = Accounts(service.stores).find("jo.field")
    assert (account.name, account.role, account.areas, account.agency, account.login, account.added_by) == (
        "Jo Field", Role.CHAIR, {"castlebridge"}, "police", "jo@force.example", "admin",
    )  # fmt: skip
    assert [entry.action for entry in service.ledger() if entry.subject == "jo.field"] == ["user.added"]
    assert "drive-panel users identify jo.field --staff-number NUMBER" in client.get(sent.headers["location"]).text
    for changed, told in (
        ({"user": "jo.field"}, "There is such a user already."),
        ({"user": "jo.other"}, "There is such a user already."),  # the login belongs to somebody
        ({"user": "Jo Other", "login": ""}, "small letters, digits, full stops and hyphens"),
        ({"user": "jo.other", "role": "governance_reviewer"}, "Choose their role"),
        ({"user": "jo.other", "areas": "atlantis"}, "There is no such area: atlantis"),
        ({"user": "jo.other", "name": " "}, "Enter their name"),
        ({"user": "jo.other", "login": "", "agency": "<b>"}, "An agency&#39;s name is of letters"),
    ):
        refused = client.post("/administration/add-account", data=form | {"csrf": f"{csrf}.{told}"} | changed)
        assert (refused.status_code, told in refused.text, "Jo@Force" in refused.text or "login" in changed) == (
            422, True, True,
        )  # fmt: skip
    assert {each.user for each in Accounts(service.stores).all()} == {"admin", "jo.field"}


def test_nobody_adds_an_account_that_releases_lists_or_reaches_beyond_their_own_areas(
    service: Service, browse: Any
) -> None:
    here = Viewing(service, local("castlebridge"))
    for role in (Role.REVIEWER, Role.ADMINISTRATOR):
        with pytest.raises(NotPermitted, match="not given from a page"):
            add_account(here, Person("new", "New", role, frozenset({"castlebridge"})), "")
    for areas in ((), ("ashford",), ("castlebridge", "ashford"), ("*",)):
        with pytest.raises(NotPermitted, match="areas that are not yours"):
            add_account(here, Person("new", "New", Role.CHAIR, frozenset(areas)), "")
    with pytest.raises(NotPermitted, match="may not change who has access"):
        add_account(Viewing(service, Person("c", "C", Role.CHAIR)), Person("new", "New", Role.CHAIR), "")
    provider = Provider(
        "Force", "https://login", "id", "secret", "https://panel.example",
        claims=Claims(areas="areas"), roles={"x": Role.CHAIR},
    )  # fmt: skip
    client, _ = browse(provider=provider)
    page = client.get("/administration/add-account").text
    assert ("Nothing is to be added" in page, "<form" in page.partition("<main")[2]) == (True, False)


def test_of_two_administrators_who_change_an_account_at_once_the_second_is_told(service: Service, browse: Any) -> None:
    added(service, "jo")
    client, csrf = browse()
    form = {"csrf": csrf, "role": "chair", "areas": "castlebridge", "agency": "police"}
    form["read"] = re.search(r'name="read" value="(\d+)"', client.get("/administration/users/jo").text)[1]
    Accounts(service.stores).change("jo", "other", agency="housing")
    second = client.post("/administration/users/jo", data=form)
    assert second.status_code == 409
    assert "Somebody changed this account after you read it." in second.text
    assert "What stands now is by other" in second.text
    assert 'value="police"' in second.text  # what was typed is not lost
    assert Accounts(service.stores).find("jo").agency == "housing"
    form |= {"csrf": f"{csrf}.page", "read": re.search(r'name="read" value="(\d+)"', second.text)[1]}
    for _ in range(2):  # with the page's number, as browsers send it: a double click changes once, and does change
        assert client.post("/administration/users/jo", data=form).status_code == 303
    assert Accounts(service.stores).find("jo").agency == "police"


def test_nobody_changes_themselves_under_any_account_or_gives_what_is_not_theirs(service: Service) -> None:
    seen = Viewing(service, local("castlebridge"))
    added(service, "local", Role.ADMINISTRATOR, staff_number="4711")
    added(service, "jo")
    Accounts(service.stores).block("local", "test")
    added(service, "other", Role.PANEL_MEMBER, staff_number="4711")  # the same human being
    for user in ("local", "other"):
        with pytest.raises(NotPermitted, match="your own account"):
            seen.change_account(user, Role.CHAIR, ["castlebridge"], "")
    with pytest.raises(NotPermitted, match="areas that are not yours"):
        seen.change_account("jo", Role.CHAIR, ["ashford"], "")
    with pytest.raises(NotPermitted, match="may not"):
        Viewing(service, replace(local("castlebridge"), role=Role.REVIEWER)).change_account("jo", Role.CHAIR, ["*"], "")


def test_what_the_sign_in_provider_says_is_not_changed_here(service: Service, browse: Any) -> None:
    added(service, "jo")
    said = Provider("Force", "https://x", "c", "s", "https://panel.example", claims=Claims(areas="areas"))
    client, csrf = browse(provider=said)
    page = client.get("/administration/users/jo").text
    assert "The sign-in provider says areas" in page
    assert 'name="areas"' not in page
    form = {"csrf": csrf, "role": "chair", "areas": "ashford", "agency": "police"}
    assert client.post("/administration/users/jo", data=form).status_code == 303
    account = Accounts(service.stores).find("jo")
    assert (account.role, account.areas) == (Role.CHAIR, frozenset({"castlebridge"}))


def test_health_is_what_the_probe_says_and_what_is_not_ready_says_what_to_do(
    service: Service, released: str, browse: Any, tmp_path: Path, clock: Any
) -> None:
    client, _ = browse()
    assert "Not ready" not in client.get("/administration/health").text
    (tmp_path / "policy.yaml").write_text("margin: 0.1\n", encoding="utf-8")
    clock.forward(minutes=2)
    assert client.get("/health/ready").json()["parts"]["files"] is False
    page = client.get("/administration/health").text
    assert page.count("Not ready") == 1
    assert "drive-panel runs" in page


def test_retention_is_counts_and_commands_and_no_button(service: Service, browse: Any) -> None:
    client, _ = browse()
    assert "nobody counted yet" in client.get("/administration/retention").text
    due = {"due": 1200, "dispose": 3, "since": "2025-01-01", "until": "2026-03-01"}
    counts = {"as_of": "2026-03-31", "tables": {"incidents": due}}
    service.file(BATCH, Draft(RETENTION, "retention", "*", counts))
    page = client.get("/administration/retention").text
    assert "1,200" in page
    assert "drive-panel erase PERSON" in page
    assert [form for form in re.findall(r'action="([^"]+)"', page) if form != "/sign-out"] == []
    near, _ = browse(local("castlebridge"))
    assert "1,200" not in near.get("/administration/retention").text
