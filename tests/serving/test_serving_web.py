from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

import serving
from serving import Person, Role, Service
from serving.access.accounts import Accounts
from serving.errors import DemoRefused
from serving.panel.meetings import call_meeting
from serving.storage import tables
from serving.web import WebSettings, create_app

STATIC = Path(serving.__file__).parent / "web" / "static"
TEMPLATES = Path(serving.__file__).parent / "web" / "templates"
USERS = ("chair", "member", "reviewer-1", "scientist", "admin")


@pytest.fixture
def web(service: Service, tmp_path: Path, clock: Any, database: Any) -> Iterator[Service]:
    made = Service(database.panel, None, tmp_path / "keys", clock)
    yield made
    made.close()


@pytest.fixture
def app(service: Service, web: Service) -> Any:
    return create_app(web, WebSettings(demo=True, mark="OFFICIAL"), service.publish)


@pytest.fixture
def sign_in(app: Any) -> Callable[[str], TestClient]:
    def make(user: str) -> TestClient:
        client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
        if user:
            assert client.post("/sign-in", data={"user": user}).status_code == 303
        return client

    return make


def token(client: TestClient) -> str:
    return str(client.get("/api/v1/session").json()["csrf"])


def decision(**changes: Any) -> dict[str, Any]:
    return {
        "decision": "accept_direct",
        "reason_code": "pattern",
        "reason": "Agreed by all agencies",
        "sensitive": "no",
        "offer": "offered",
        "support_service": "IDVA service",
        **changes,
    }


# Which role may open what on a released run: 200, 403 or (not signed in) 303.
MATRIX = {
    "/": (200, 200, 200, 200, 200),
    "/lists/{run}": (200, 200, 200, 403, 403),
    "/lists/{run}/cases/{person}": (200, 200, 200, 403, 403),
    "/lists/{run}/cases/{person}/why": (200, 200, 200, 403, 403),
    "/lists/{run}/cases/{person}/decision": (200, 403, 403, 403, 403),
    "/audits/{run}": (200, 200, 200, 200, 200),
    "/evidence": (200, 200, 200, 200, 200),
    "/ledger": (403, 403, 200, 403, 200),
    "/about": (200, 200, 200, 200, 200),
    "/api/v1/runs": (200, 200, 200, 200, 200),
    "/api/v1/audits/{run}": (200, 200, 200, 200, 200),
    "/api/v1/lists/{run}": (200, 200, 200, 403, 403),
    "/api/v1/lists/{run}/cases/{person}": (200, 200, 200, 403, 403),
}


def test_each_role_opens_its_pages_and_no_others(
    sign_in: Callable[[str], TestClient], released: str, made_up: Any
) -> None:
    person = made_up.rows[0]["person"]
    for place, user in enumerate(USERS):
        client = sign_in(user)
        found = {page: client.get(page.format(run=released, person=person)).status_code for page in MATRIX}
        assert found == {page: expected[place] for page, expected in MATRIX.items()}, user
    nobody = sign_in("")
    for page in MATRIX:
        answer = nobody.get(page.format(run=released, person=person))
        assert answer.status_code == (401 if page.startswith("/api/") else 303)


def test_names_are_shown_to_the_panel_only(sign_in: Callable[[str], TestClient], released: str, made_up: Any) -> None:
    assert "Number0 (synthetic)" in sign_in("chair").get(f"/lists/{released}").text
    assert "Number0" in sign_in("member").get(f"/lists/{released}").text
    reviewer_page = sign_in("reviewer-1").get(f"/lists/{released}").text
    assert made_up.rows[0]["person"] in reviewer_page
    assert "Number0" not in reviewer_page
    assert "Number0" not in sign_in("chair").get(f"/api/v1/lists/{released}").text


def test_an_unknown_run_person_and_page_are_not_found(sign_in: Callable[[str], TestClient], released: str) -> None:
    client = sign_in("chair")
    for page in ("/lists/none", f"/lists/{released}/cases/P-NONE", f"/lists/{released}/cases/P/odd", "/odd"):
        answer = client.get(page)
        assert answer.status_code == 404
        assert "Page not found" in answer.text


def test_a_run_outside_the_persons_areas_does_not_exist(service: Service, released: str, tmp_path: Path) -> None:
    elsewhere = Person("other", "Other Chair", Role.CHAIR, frozenset({"ashford"}))
    app = create_app(service, WebSettings(demo=True, users=(elsewhere,)))
    client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
    client.post("/sign-in", data={"user": "other"})
    for page in (f"/lists/{released}", f"/audits/{released}", f"/api/v1/lists/{released}"):
        assert client.get(page).status_code == 404
    assert client.get("/api/v1/runs").json() == {"runs": [], "next": None}
    assert "There is no run yet" in client.get("/").text


def scores_in(text: str, made_up: Any) -> list[str]:
    secrets = [row["person"] for row in made_up.rows] + ["Number0", "very high", "domestic incidents"]
    return [secret for secret in secrets if secret in text]


def test_an_unreleased_list_is_409_everywhere_and_nothing_of_it_leaks(
    service: Service, sign_in: Callable[[str], TestClient], made_up: Any
) -> None:
    run = made_up.into(service)
    person = made_up.rows[0]["person"]
    client = sign_in("chair")
    for page in (
        f"/lists/{run}",
        f"/lists/{run}/cases/P-X",
        f"/lists/{run}/cases/P-X/decision",
        f"/api/v1/lists/{run}",
        f"/api/v1/lists/{run}/cases/P-X",
    ):
        answer = client.get(page.replace("P-X", person))
        assert answer.status_code == 409, page
        assert scores_in(answer.text.replace(f"/cases/{person}", ""), made_up) == []
    problem = client.get(f"/api/v1/lists/{run}")
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["title"] == "This list cannot be shown"
    assert scores_in(client.get("/").text + client.get(f"/audits/{run}").text, made_up) == []


@pytest.mark.parametrize("name", ["bundle", "policy", "governance", "row"])
def test_one_changed_byte_makes_page_and_api_409_within_the_interval(
    sign_in: Callable[[str], TestClient], released: str, made_up: Any, clock: Any, tmp_path: Path, name: str
) -> None:
    client = sign_in("chair")
    assert client.get(f"/lists/{released}").status_code == 200
    if name == "row":
        with sqlite3.connect(tmp_path / "panel.db") as connection:
            connection.execute("DROP TRIGGER published_rows_update")
            connection.execute(
                "UPDATE published_rows SET document = replace(document, '2 dom', '3 dom') WHERE position = 0"
            )
        connection.close()
    else:
        path = made_up.files[name]
        path = path / "model.txt" if path.is_dir() else path
        path.write_bytes(path.read_bytes()[:-1] + b"!")
        clock.forward(seconds=31)
    for page in (f"/lists/{released}", f"/api/v1/lists/{released}"):
        answer = client.get(page)
        assert answer.status_code == 409
        assert scores_in(answer.text, made_up) == []


def test_a_reviewer_releases_and_the_list_is_published_by_the_publisher(
    service: Service, sign_in: Callable[[str], TestClient], made_up: Any
) -> None:
    run = made_up.into(service)
    reviewer, chair = sign_in("reviewer-1"), sign_in("chair")
    form = {"csrf": token(reviewer), "act": "approve", "reason": "Read"}
    answer = reviewer.post(f"/audits/{run}/review", data=form)
    assert answer.status_code == 422
    assert "1 not assessable: subjects/ethnicity/mixed" in answer.text
    answer = reviewer.post(f"/audits/{run}/review", data={**form, "acknowledged": ["subjects/ethnicity/mixed"]})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/audits/{run}?done=released")
    assert chair.get(f"/lists/{run}").status_code == 200
    withdraw = {"csrf": token(reviewer), "act": "withdraw", "reason": "Wrong extract"}
    assert reviewer.post(f"/audits/{run}/review", data=withdraw).status_code == 303
    assert chair.get(f"/lists/{run}").status_code == 409


def test_a_reviewer_records_the_refusal_of_a_list_that_the_gate_refused(
    service: Service, sign_in: Callable[[str], TestClient], make: Callable[..., Any]
) -> None:
    run = make(verdict="refuse").into(service)
    reviewer, chair = sign_in("reviewer-1"), sign_in("chair")
    page = reviewer.get(f"/audits/{run}").text
    assert "A governance reviewer to record the refusal" in page
    assert page.count("Record the refusal</button>") == 1
    assert "Record the refusal</button>" not in chair.get(f"/audits/{run}").text
    form = {"csrf": token(reviewer), "act": "refuse", "reason": "Told the data scientist"}
    answer = reviewer.post(f"/audits/{run}/review", data=form)
    assert answer.headers["location"] == f"/audits/{run}?done=refused"
    page = reviewer.get(f"/audits/{run}").text
    assert "Nobody: nothing is open" in page
    assert "Told the data scientist" in page
    assert "</textarea>" not in page


def test_a_reviewer_is_told_of_other_lists_by_a_ranking_that_was_refused(
    service: Service, sign_in: Callable[[str], TestClient], made_up: Any, released: str, reviewer: Person
) -> None:
    refused = made_up.but(
        header={**made_up.header, "area": "fernholt"}, gate={**made_up.gate, "verdict": "refuse", "reasons": ["A gap."]}
    ).into(service)
    client = sign_in("reviewer-1")
    assert f'<a class="govuk-link" href="/audits/{refused}">Fernholt' in client.get(f"/audits/{released}").text
    page = client.get(f"/audits/{refused}").text
    assert "Other lists by the same ranking" in page
    assert f'href="/audits/{released}"' in page
    home = client.get("/").text
    assert "1 list waits for a reviewer." in home
    service.review(refused, reviewer, "refuse", "Read")
    assert "waits for a reviewer" not in client.get("/").text


def test_a_publisher_that_fails_leaves_the_list_unread_and_can_be_tried_again(
    service: Service, web: Service, made_up: Any
) -> None:
    run = made_up.into(service)
    tries: list[str] = []

    def publisher(name: str) -> None:
        tries.append(name)
        if len(tries) == 1:
            raise OSError("no process")
        service.publish(name)

    app = create_app(web, WebSettings(demo=True), publisher)
    client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
    client.post("/sign-in", data={"user": "reviewer-1"})
    form = {
        "csrf": token(client),
        "act": "approve",
        "reason": "Read",
        "acknowledged": ["subjects/ethnicity/mixed"],
    }
    assert client.post(f"/audits/{run}/review", data=form).headers["location"].endswith("done=unpublished")
    assert client.get(f"/lists/{run}").status_code == 409
    assert "Publish again" in client.get(f"/audits/{run}").text
    again = client.post(f"/audits/{run}/publish", data={"csrf": token(client)})
    assert again.headers["location"].endswith("done=released")
    assert client.get(f"/lists/{run}").status_code == 200


def test_a_decision_is_recorded_redirected_and_shown(
    service: Service, sign_in: Callable[[str], TestClient], released: str, made_up: Any
) -> None:
    person = made_up.rows[0]["person"]
    client = sign_in("chair")
    page = f"/lists/{released}/cases/{person}"
    answer = client.post(f"{page}/decision", data=decision(csrf=token(client)))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{page}?done=decision")
    assert "The decision is recorded." in client.get(answer.headers["location"]).text
    assert "Accept for direct work" in client.get(f"/lists/{released}").text
    stale = client.post(f"{page}/decision", data=decision(csrf=token(client), decision="not_suitable"))
    assert stale.status_code == 409
    assert "Somebody decided before you" in stale.text
    assert len(service.decisions()) == 1


def test_a_sensitive_reason_is_read_by_chairs_only(
    sign_in: Callable[[str], TestClient], released: str, made_up: Any
) -> None:
    page = f"/lists/{released}/cases/{made_up.rows[0]['person']}"
    chair = sign_in("chair")
    form = decision(csrf=token(chair), sensitive="yes", reason="Told by a neighbour")
    assert chair.post(f"{page}/decision", data=form).status_code == 303
    assert "Told by a neighbour" in chair.get(page).text
    for user in ("member", "reviewer-1"):
        client = sign_in(user)
        for address in (page, f"/api/v1{page}", f"/api/v1/lists/{released}"):
            assert "Told by a neighbour" not in client.get(address).text


def test_a_hold_is_cleared_by_form_and_a_date_that_is_none_is_an_error(
    service: Service, sign_in: Callable[[str], TestClient], released: str, made_up: Any
) -> None:
    person = next(row["person"] for row in made_up.rows if row["section"] == "held")
    client = sign_in("chair")
    page = f"/lists/{released}/cases/{person}"
    refused = client.post(f"{page}/decision", data=decision(csrf=token(client)))
    assert refused.status_code == 422
    assert "A hold stands: counter allegation" in refused.text
    wrong_date = decision(csrf=token(client), decision="defer", **{"until-day": "31", "until-month": "2"})
    told = client.post(f"{page}/decision", data=wrong_date).text
    assert "Enter the day on which the panel looks at it again as a real date" in told
    form = {"csrf": token(client), "kind": "counter_allegation", "hold_reason": "Reviewed with the IDVA"}
    assert client.post(f"{page}/hold", data=form).status_code == 303
    assert [(row["person"], row["kind"]) for row in service.clearances()] == [(person, "counter_allegation")]
    case = client.get(page).text
    assert "Hold cleared" in case
    assert "hold cleared" in case
    assert "on hold" not in case
    meeting = call_meeting(service, Person("chair", "C", Role.CHAIR), "castlebridge", service.today(), 3, released)
    agenda = client.get(f"/meetings/{meeting}").text
    waits, lifted = agenda.index('id="held"'), agenda.index('id="cleared"')
    assert waits < lifted < agenda.index(f'href="{page}"')
    assert "On hold: settle before they can be accepted (0)" in agenda
    assert "Counter-allegation, by chair, 1 April 2026" in agenda


def test_a_date_of_any_length_comes_back_with_all_that_was_typed(
    sign_in: Callable[[str], TestClient], released: str, made_up: Any
) -> None:
    chair, reviewer = sign_in("chair"), sign_in("reviewer-1")
    typed = decision(csrf=token(chair), decision="defer", reason="Ask housing", **{"until-day": "the 31st of May"})
    page = chair.post(f"/lists/{released}/cases/{made_up.rows[0]['person']}/decision", data=typed)
    assert page.status_code == 422
    assert all(text in page.text for text in ("looks at it again as a real date", "Ask housing", "the 31st of May"))
    form = {"csrf": token(reviewer), "act": "withdraw", "reason": "Read anew", "expires-year": "two thousand"}
    page = reviewer.post(f"/audits/{released}/review", data=form)
    assert page.status_code == 422
    assert all(text in page.text for text in ("not a real date", "Read anew"))


def test_the_api_records_a_decision_with_the_sessions_token_only(
    service: Service, sign_in: Callable[[str], TestClient], released: str, made_up: Any
) -> None:
    page = f"/api/v1/lists/{released}/cases/{made_up.rows[0]['person']}/decisions"
    client = sign_in("chair")
    support = {"service": "IDVA service", "offer": "offered"}
    asked = {name: decision()[name] for name in ("decision", "reason_code", "reason")}
    body = {**asked, "sensitive": False, "support": support}
    assert client.post(page, json=body).status_code == 403
    answer = client.post(page, json=body, headers={"X-CSRF-Token": token(client)})
    assert (answer.status_code, answer.json()["decision_id"]) == (201, 1)
    bad = client.post(page, json={**body, "extra": 1}, headers={"X-CSRF-Token": token(client)})
    assert (bad.status_code, bad.headers["content-type"]) == (422, "application/problem+json")
    member = sign_in("member")
    assert member.post(page, json=body, headers={"X-CSRF-Token": token(member)}).status_code == 403


def test_the_api_gives_the_keys_that_scripts_rely_on(sign_in: Callable[[str], TestClient], released: str) -> None:
    client = sign_in("chair")
    found = client.get(f"/api/v1/lists/{released}").json()
    assert {"run", "release", "list_hash", "rows", "held", "referred"} <= found.keys()
    assert {"place", "person", "band", "reasons", "criteria", "incumbent_places"} <= found["rows"][0].keys()
    assert {"run", "area", "as_of", "state", "verdict"} <= client.get("/api/v1/runs").json()["runs"][0].keys()


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://x.example"}]
)
def test_a_form_from_another_site_is_refused_even_with_the_token(
    service: Service,
    sign_in: Callable[[str], TestClient],
    released: str,
    made_up: Any,
    headers: dict[str, str],
) -> None:
    client = sign_in("chair")
    page = f"/lists/{released}/cases/{made_up.rows[0]['person']}/decision"
    assert client.post(page, data=decision(csrf=token(client)), headers=headers).status_code == 403
    assert client.post(page, data=decision(csrf="")).status_code == 403
    assert client.post(page, data=decision(csrf=token(sign_in("chair")))).status_code == 403
    assert client.post("/sign-out", data={"csrf": "x"}).status_code == 403
    assert service.decisions() == []


def test_a_session_is_never_one_that_the_browser_brought(sign_in: Callable[[str], TestClient]) -> None:
    client = sign_in("")
    client.cookies.set("panel", "chosen-by-somebody-else")
    cookie = client.post("/sign-in", data={"user": "chair"}).headers["set-cookie"]
    assert "chosen-by-somebody-else" not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_signing_in_again_ends_the_session_before(sign_in: Callable[[str], TestClient]) -> None:
    client = sign_in("chair")
    old = client.cookies["panel"]
    client.post("/sign-in", data={"user": "admin"})
    thief = sign_in("")
    thief.cookies.set("panel", old)
    assert thief.get("/").status_code == 303


def test_what_an_administrator_changed_of_a_made_up_user_holds_at_the_next_sign_in(
    sign_in: Callable[[str], TestClient], service: Service
) -> None:
    assert sign_in("chair").get("/api/v1/session").json()["role"] == "chair"
    Accounts(service.stores).change("chair", "admin", Role.PANEL_MEMBER, ["oakley"], "housing")
    client = sign_in("")
    assert client.post("/sign-in", data={"user": "chair"}).headers["location"] == "/mine"  # where a member begins
    told = client.get("/api/v1/session").json()
    assert (told["role"], told["areas"]) == ("panel_member", ["oakley"])
    with service.stores.panel.write() as connection:
        connection.execute(update(tables.users).where(tables.users.c.user == "chair").values(role="chair"))
    client.post("/sign-in", data={"user": "chair"})
    assert client.get("/api/v1/session").status_code == 401  # nobody vouches for what SQL wrote


def test_a_session_ends_by_sign_out_idleness_and_age(sign_in: Callable[[str], TestClient], clock: Any) -> None:
    client = sign_in("chair")
    client.post("/sign-out", data={"csrf": token(client)})
    assert client.get("/").status_code == 303
    idle = sign_in("chair")
    clock.forward(minutes=29)
    assert idle.get("/").status_code == 200
    clock.forward(minutes=31)
    assert idle.get("/").status_code == 303
    old = sign_in("chair")
    for _ in range(24):
        clock.forward(minutes=20)
        assert old.get("/").status_code == 200
    clock.forward(minutes=1)
    assert old.get("/").status_code == 303


def test_tokens_are_not_in_the_database(sign_in: Callable[[str], TestClient], tmp_path: Path) -> None:
    client = sign_in("chair")
    content = b"".join(path.read_bytes() for path in tmp_path.glob("panel.db*"))
    assert client.cookies["panel"].encode() not in content


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "evil"])
def test_signing_in_leads_to_this_service_only(sign_in: Callable[[str], TestClient], wanted: str) -> None:
    answer = sign_in("").post("/sign-in", data={"user": "chair", "next": wanted})
    assert answer.headers["location"] == "/"


def test_views_are_in_the_ledger_before_the_page_is_sent(
    service: Service, sign_in: Callable[[str], TestClient], released: str, made_up: Any
) -> None:
    person = made_up.rows[0]["person"]
    client = sign_in("chair")
    client.get(f"/lists/{released}")
    client.get(f"/lists/{released}/cases/{person}/why")
    case, listed = service.views()
    assert (listed["actor"], listed["action"], listed["subject"]) == ("chair", "view.list", released)
    assert (case["action"], case["detail"]) == ("view.case", {"person": person, "view": "why"})
    assert service.verify().ok


def test_a_page_whose_view_cannot_be_entered_is_not_sent(
    app: Any, web: Service, released: str, made_up: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), raise_server_exceptions=False)
    client.post("/sign-in", data={"user": "chair"})

    def fail(text: str) -> str:
        raise OSError("no key")

    monkeypatch.setattr(web.stores.ledger._signer, "sign", fail)
    answer = client.get(f"/lists/{released}")
    assert answer.status_code == 500
    assert scores_in(answer.text, made_up) == []
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_case_says_how_far_what_is_not_known_could_move_a_person(
    service: Service, sign_in: Callable[[str], TestClient], made_up: Any, reviewer: Person
) -> None:
    from values import digest

    first, second = made_up.rows[0], made_up.rows[1]
    del made_up.cases[second["person"]]["provisional"]  # as a list from before there was one
    second["case"] = digest(made_up.cases[second["person"]])
    run = made_up.into(service)
    service.review(run, reviewer, "approve", "As audited", acknowledged=made_up.gate["acknowledge"])
    service.publish(run)
    client = sign_in("chair")
    pages = [client.get(f"/lists/{run}/cases/{row['person']}/why").text for row in (first, second)]
    told = ("between place 1 and place 4", "How many victims?", "may be out of date (2)")
    assert [[words in page for words in told] for page in pages] == [[True] * 3, [False] * 3]


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}\"'"


def test_hostile_text_is_shown_as_text(
    service: Service, sign_in: Callable[[str], TestClient], made_up: Any, reviewer: Person
) -> None:
    from values import digest

    person = made_up.rows[0]["person"]
    made_up.identities[person]["family_name"] = HOSTILE
    row, case = made_up.rows[0], made_up.cases[person]
    row["reasons"][0]["text"] = HOSTILE
    case["reasons"][0]["text"] = case["chronology"][0]["note"] = case["missing"][0] = HOSTILE
    case["criteria"][0]["definition"] = case["orders"][0]["kind"] = HOSTILE
    case["contrast"][0]["text"] = HOSTILE
    row["case"] = digest(case)
    made_up.audit["alerts"] = [HOSTILE]
    made_up.audit["cells"][0]["group"] = HOSTILE
    run = made_up.into(service)
    service.review(run, reviewer, "approve", HOSTILE, acknowledged=made_up.gate["acknowledge"])
    service.publish(run)
    client = sign_in("chair")
    page = f"/lists/{run}/cases/{person}"
    form = decision(csrf=token(client), reason=HOSTILE, reason_code="none")
    texts = [client.post(f"{page}/decision", data=form).text]
    client.post(f"{page}/decision", data=decision(csrf=token(client), reason=HOSTILE))
    pages = [f"/lists/{run}", page, f"/audits/{run}", f"{page}/decision"]
    pages += [f"{page}/{view}" for view in ("why", "criteria", "chronology", "missing")]
    texts += [client.get(address).text for address in pages]
    for text in texts:
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "&lt;script&gt;alert(1)" in text
        assert "{{ 7*7 }}" in text


def test_every_answer_carries_the_headers(sign_in: Callable[[str], TestClient], released: str) -> None:
    client = sign_in("chair")
    for page in ("/", f"/lists/{released}", "/nowhere", "/static/app.css", "/api/v1/runs", "/health/live"):
        headers = client.get(page).headers
        assert "'unsafe-inline'" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == ("max-age=3600" if page.startswith("/static") else "no-store")
    nonces = {re.search(r"nonce-([^']+)", client.get("/").headers["content-security-policy"])[1] for _ in "ab"}
    assert len(nonces) == 2


def test_demo_mode_answers_on_loopback_only(app: Any) -> None:
    far = TestClient(app, base_url="http://127.0.0.1", client=("192.0.2.7", 5))
    assert far.get("/sign-in").status_code == 403
    rebound = TestClient(app, base_url="http://evil.example", client=("127.0.0.1", 5))
    assert rebound.get("/sign-in").status_code == 403


def test_outside_demo_mode_no_made_up_user_signs_in(web: Service) -> None:
    app = create_app(web, WebSettings(demo=False))
    client = TestClient(app, base_url="https://panel.example", follow_redirects=False)
    assert client.get("/sign-in").status_code == 503
    assert client.post("/sign-in", data={"user": "chair"}).status_code == 403


def test_demo_mode_refuses_a_workspace_of_real_people(service: Service, made_up: Any) -> None:
    made_up.header["synthetic"] = False
    made_up.into(service)
    with pytest.raises(DemoRefused, match="not made up"):
        create_app(service, WebSettings(demo=True))


def test_a_form_that_is_too_long_is_refused(sign_in: Callable[[str], TestClient]) -> None:
    assert sign_in("").post("/sign-in", data={"user": "x" * 70_000}).status_code == 413


def test_health_says_live_and_ready(sign_in: Callable[[str], TestClient], released: str, tmp_path: Path) -> None:
    client = sign_in("")
    assert client.get("/health/live").json() == {"status": "live"}
    assert client.get("/health/ready").status_code == 200
    with sqlite3.connect(tmp_path / "panel.db") as connection:
        connection.execute("DROP TRIGGER ledger_update")
        connection.execute("UPDATE ledger SET actor = 'x'")
    connection.close()
    assert client.get("/health/ready").status_code == 503


def test_the_ledger_page_says_what_is_broken(
    sign_in: Callable[[str], TestClient], released: str, tmp_path: Path
) -> None:
    client = sign_in("admin")
    assert "All 4 entries follow each other" in client.get("/ledger").text
    assert "All 4 entries follow each other" in client.get("/ledger?all=now").text
    assert client.get("/ledger?before=2").text.count('data-label="Number"') == 1
    assert "the given head is not on the chain" in client.get("/ledger?against=2:abc").text
    with sqlite3.connect(tmp_path / "panel.db") as connection:
        connection.execute("DROP TRIGGER ledger_update")
        connection.execute("UPDATE ledger SET actor = 'x' WHERE seq = 2")
    connection.close()
    assert "Entry 2: its content does not have its hash" in client.get("/ledger").text


def test_logs_hold_the_route_and_never_a_pseudonym(
    sign_in: Callable[[str], TestClient], released: str, made_up: Any
) -> None:
    from structlog.testing import capture_logs

    person = made_up.rows[0]["person"]
    client = sign_in("chair")
    with capture_logs() as logs:
        client.get(f"/lists/{released}/cases/{person}")
    assert [line["route"] for line in logs] == ["/lists/{run}/cases/{person}"]
    assert person not in json.dumps(logs)


def test_static_files_and_pages_hold_no_foreign_font_logotype_or_host() -> None:
    for path in [*STATIC.rglob("*"), *TEMPLATES.rglob("*")]:
        assert not re.search(r"woff|crown|crest|transport", path.name, re.IGNORECASE)
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"transport|woff|crown|crest|sourceMappingURL", text, re.IGNORECASE), path.name
            hosts = set(re.findall(r"https?://[^\s\"')]+", text))
            assert all(host.startswith(("http://www.w3.org/", "https://www.w3.org/")) for host in hosts), hosts
    lock = (Path(serving.__file__).parent / "assets" / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in lock
    for address in re.findall(r"url\(\"?(/static/[^)\"]+)", (STATIC / "app.css").read_text(encoding="utf-8")):
        assert (STATIC / address.removeprefix("/static/")).exists()


def test_page_text_promises_nothing_it_cannot_keep() -> None:
    banned = re.compile(r"\b(guilty|offenders?|safe|unbiased|debiased?|fair list|accurate)\b", re.IGNORECASE)
    for path in TEMPLATES.rglob("*.html"):
        found = banned.findall(re.sub(r"\|\s*safe", "UNESCAPED", path.read_text(encoding="utf-8")))
        assert found == [], path.name
        assert "UNESCAPED" not in re.sub(r"\|\s*safe", "UNESCAPED", path.read_text(encoding="utf-8"))


def test_the_live_web_process_holds_no_model_library(tmp_path: Path, released: str, service: Service) -> None:
    service.close()
    program = f"""
import re
import sys
from datetime import datetime, timezone
from pathlib import Path
from starlette.testclient import TestClient
from serving import Service
from serving.web import WebSettings, create_app
from serving.web.exports.paper import printed
folder = Path({str(tmp_path)!r})
now = lambda: datetime(2026, 4, 1, 9, tzinfo=timezone.utc)
app = create_app(Service(folder / "panel.db", None, folder / "keys", now), WebSettings(demo=True))
client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5))
client.post("/sign-in", data={{"user": "chair"}})
assert client.get("/lists/{released}").status_code == 200
token = re.search(r'name="csrf" value="([^"]+)"', client.get("/lists/{released}/exports").text)[1]
for what in ("list.xlsx", "list.csv"):
    assert client.post("/lists/{released}/exports", data={{"csrf": token, "what": what}}).status_code == 200
assert printed('<html lang="en"><head><title>A paper</title></head><body>Text</body></html>')[:4] == b"%PDF"
forbidden = "mlflow shap numba lightgbm sklearn pandas numpy scipy records features models training weasyprint".split()
print([name for name in forbidden if name in sys.modules])
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip().splitlines()[-1] == "[]"


def test_what_changed_is_told_to_a_reviewer_and_to_nobody_else_before_the_release(
    service: Service, sign_in: Callable[[str], TestClient], released: str, made_up: Any
) -> None:
    rows = [{**row, "above_line": row["section"] == "ranked" and row["place"] in (1, 2, 4)} for row in made_up.rows]
    run = made_up.but(header={**made_up.header, "as_of": "2026-04-30"}, rows=rows).into(service)
    entered, left = (made_up.rows[place]["person"] for place in (3, 2))
    text = sign_in("reviewer-1").get(f"/audits/{run}").text
    assert "1 entered the first 3 places, 1 left them, 2 stayed." in text
    assert f"{entered} entered; was below the line" in text
    assert f"{left} left; now below the line" in text
    for user in ("chair", "scientist", "admin"):
        page = sign_in(user).get(f"/audits/{run}").text
        assert "What changed" not in page
        assert entered not in page


def test_a_hold_past_its_deadline_is_shown_as_overdue(
    sign_in: Callable[[str], TestClient], released: str, clock: Any
) -> None:
    assert "Deadline: 14 April 2026" in sign_in("chair").get(f"/lists/{released}").text
    clock.forward(days=14)
    text = sign_in("chair").get(f"/lists/{released}").text
    assert "Overdue: the deadline was 14 April 2026." in text
    assert "Escalated to the senior responsible owner" in text
