"""The API of what pages alone could do before: files, own work, links, who has access, administration, conflicts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.access.tokens import Tokens
from serving.links import publish
from serving.panel import meetings
from serving.web import WebSettings, create_app
from serving.web.api.answers import as_file
from values import digest_bytes

CHAIR, ADMIN = Person("chair", "Casey Chair", Role.CHAIR), Person("admin", "A", Role.ADMINISTRATOR)
MEMBER = Person("member", "M", Role.PANEL_MEMBER, agency="probation")
Call = Callable[..., Any]


def test_a_file_leaves_marked_redacted_and_in_the_ledger_for_whom_the_page_gives_it(
    call_as: Callable[[Person], Call], service: Service, released: str
) -> None:
    chair, member, page = call_as(CHAIR), call_as(MEMBER), f"/lists/{released}/exports"
    assert [each["reader"] for each in chair(page).json()["readers"]] == ["own", "agency:probation", "panel"]
    assert member(page).json()["readers"] == []
    taken = chair(page, {"what": "list.csv", "reader": "agency:probation"})
    assert (taken.status_code, taken.headers["content-type"]) == (201, "text/csv; charset=utf-8")
    assert "OFFICIAL-SENSITIVE" in taken.text
    entry = next(entry for entry in service.ledger() if entry.action == "export.made")
    assert (entry.actor, entry.content["for"]) == ("chair", "Probation")
    assert entry.content["hash"] == str(digest_bytes(taken.content))
    assert member(page, {"what": "list.csv"}).status_code == 201
    assert member(page, {"what": "list.csv", "reader": "panel"}).status_code == 403
    assert chair(page, {"what": "list.csv", "reader": "agency:nobody"}).status_code == 422
    assert chair(page, {"what": "pack.pdf"}).status_code == 422
    meeting = meetings.call_meeting(service, CHAIR, "castlebridge", date(2026, 4, 1), 3, released)
    table = member(f"/meetings/{meeting}/exports", {"what": "decisions.csv"})
    assert (table.status_code, "Decisions" in table.text) == (201, True)
    call_as(ADMIN)("/stops", {"area": "castlebridge", "reason": "A source delivered twice"})
    assert [call(page, {"what": "list.csv"}).status_code for call in (chair, member)] == [409, 409]
    assert sum(entry.action == "export.made" for entry in service.ledger()) == 3


def test_kept_reports_and_papers_are_given_out_as_they_were_made(
    call_as: Callable[[Person], Call],
    service: Service,
    released: str,
    keep_report: Any,
    keep_papers: Any,
    evidence: Any,
    tmp_path: Path,
) -> None:
    reports = keep_report(service, tmp_path, released, "released")
    papers = keep_papers(service, tmp_path, released, "released")
    admin = call_as(ADMIN)
    told = admin(f"/audits/{released}/report/html")
    assert (told.content, told.headers["content-type"]) == (reports["html"], "text/html; charset=utf-8")
    assert admin(f"/papers/{released}/pack.zip").content == papers["pack.zip"]
    assert admin(f"/papers/{released}/none.pdf").status_code == 404
    assert [each["run"] for each in admin("/papers").json()["rests"]] == [released]
    assert admin("/policy").json() == {"gathered_at": None, "policy": None, "check": None, "versions": []}
    service.keep_evidence(evidence(released), "batch")
    assert admin("/policy").json()["policy"]["name"] == service.evidence()["policy"]["name"]
    reader = (
        f"Bearer {Tokens(service.stores).make('reader', ['read:audits'], ['castlebridge'], date(2026, 5, 1), 'admin')}"
    )
    client = TestClient(create_app(service, WebSettings(demo=False)), base_url="https://panel.example")
    answers = [
        client.get(f"/api/v1{path}", headers={"Authorization": reader}).status_code
        for path in (f"/audits/{released}/report/html", "/policy", "/mine", f"/lists/{released}/exports")
    ]
    assert answers == [200, 200, 403, 403]


def test_accounts_places_and_sessions_are_looked_after_as_on_the_pages(
    call_as: Callable[[Person], Call], service: Service, released: str
) -> None:
    admin, chair = call_as(ADMIN), call_as(CHAIR)
    call_as(MEMBER)
    page, asked = "/administration/users/member", {"role": "chair", "areas": ["castlebridge"], "agency": "police"}
    newest = admin(page).json()["newest"]
    done = [admin(page, {**asked, "newest": newest}, "change-once").status_code for _ in range(2)]
    assert done == [201, 201]
    assert admin(page, {**asked, "newest": newest}).status_code == 409
    found = admin(page).json()["user"]
    assert (found["role"], found["areas"], found["agency"]) == ("chair", ["castlebridge"], "police")
    assert sum(entry.action == "user.changed" for entry in service.ledger()) == 1
    refused = [{"areas": ["nowhere"]}, {"agency": "<b>"}, {"role": "service_account"}]
    assert [admin(page, {**asked, **change}).status_code for change in refused] == [422, 422, 422]
    assert admin(page, {**asked, "role": "administrator"}).status_code == 403
    assert admin("/access/block", {"user": "admin", "active": False}).status_code == 403
    assert admin("/access/block", {"user": "chair", "active": False}).status_code == 201
    assert chair("/runs").status_code == 401
    assert [each["user"] for each in admin("/administration/users?state=blocked").json()["users"]] == ["chair"]
    places = {"area": "castlebridge", "places": 4, "reserved": {"Housing": 1}, "list_factor": 3, "reason": "Agreed"}
    number = admin("/administration/panels", places).json()["number"]
    assert admin("/administration/panels", places).status_code == 409
    (panel,) = admin("/administration/panels").json()["panels"]
    assert (panel["filed"]["number"], panel["filed"]["document"]["reserved"]) == (number, {"housing": 1})
    assert admin("/administration/health").json()["parts"] == admin("/administration").json()["health"]
    assert admin("/administration/jobs").json() == {"jobs": []}
    assert admin("/administration/retention").json() == {"due": None}


def test_a_link_is_answered_before_what_others_said_of_it_is_read(
    call_as: Callable[[Person], Call], service: Service, released: str, make_pair: Any
) -> None:
    publish(service.stores, [make_pair()])
    first, second = (call_as(Person(name, "S", Role.DATA_SCIENTIST)) for name in ("first", "second"))
    (pair,) = first("/links").json()["pairs"]
    page, asked = f"/links/{pair['pair']}", {"answer": "same", "reason": "A slip of the pen", "round": pair["round"]}
    assert [first(page, asked, "answer-once").status_code for _ in range(2)] == [201, 201]
    assert sum(entry.action == "filed.link_answer" for entry in service.ledger()) == 1
    told = second(page).json()
    assert (told["answered"], told["mine"], told["others"]) == (1, None, [])
    assert told["rows"][1] == {
        "what": "family name", "left": "Up", "right": "Upp", "compares": "one slip", "weight": 4.5
    }  # fmt: skip
    assert second(page, {**asked, "round": 2}).status_code == 409
    assert second(page, asked).status_code == 201
    told = second(page).json()
    assert ([each["by"] for each in told["others"]], told["outcome"]) == (["first"], "the same person")
    assert first(page, {**asked, "reason": ""}).status_code == 422
    knows = {"answer": "knows", "round": pair["round"]}
    assert [first(page, knows, "knows-them").status_code for _ in range(2)] == [201, 201]
    assert (first(page).status_code, first("/links").json()["pairs"]) == (404, [])
    assert second(page).json()["others"] == []
    assert call_as(CHAIR)("/links").status_code == 403


def test_a_conflict_closes_a_case_and_another_person_lifts_it(
    call_as: Callable[[Person], Call], service: Service, released: str, made_up: Any
) -> None:
    chair, admin, person = call_as(CHAIR), call_as(ADMIN), made_up.rows[0]["person"]
    case, lift = f"/lists/{released}/cases/{person}", {"user": "chair", "person": person, "reason": "Asked them"}
    assert [chair(f"{case}/conflict", {}, "recuse-once").status_code for _ in range(2)] == [201, 201]
    assert [chair(path).status_code for path in (case, f"{case}/history")] == [403, 403]
    assert person not in chair(f"/lists/{released}").text
    assert [each["user"] for each in admin("/access").json()["conflicts"]] == ["chair"]
    assert chair("/access").json()["users"] is None
    assert chair("/access/lift", lift).status_code in (403, 404)
    assert admin("/access/lift", lift).status_code == 201
    assert chair(f"{case}/history").json()["decisions"] == []


def test_a_member_reads_what_waits_for_them_and_a_chair_whose_case_awaits_a_view(
    call_as: Callable[[Person], Call], released: str, made_up: Any
) -> None:
    chair, member, person = call_as(CHAIR), call_as(MEMBER), made_up.rows[0]["person"]
    case = f"/lists/{released}/cases/{person}"
    question = {"agency": "probation", "what": "Which order?", "due": "2026-05-01"}
    number = chair(f"{case}/information", question).json()["number"]
    told = member("/mine").json()
    assert ([each["number"] for each in told["waiting"]], [each["run"] for each in told["lists"]]) == (
        [number],
        [released],
    )
    member(f"{case}/information/{number}", {"words": "None in force", "for_all": True})
    told = member("/mine").json()
    assert (told["waiting"], told["answered"][0]["answer"]["document"]["words"]) == ([], "None in force")
    assert chair(f"{case}/own-view", {"leaning": "place", "words": "Two victims"}).status_code == 201
    assert chair(f"/lists/{released}/own-views").json()["mine"] == [person]
    deferred = {"decision": "defer", "reason_code": "information_missing", "reason": "Ask", "sensitive": False}
    assert chair(f"{case}/decisions", {**deferred, "until": "2026-04-10"}).status_code == 201
    (due,) = member(f"/lists/{released}/changes").json()["due"]
    assert (due["person"], due["until"], "reason" in due) == (person, "2026-04-10", False)


def test_a_file_of_an_area_with_welsh_letters_is_named_as_the_page_names_it() -> None:
    made = as_file(b"", "text/csv", "gŵyr-list.csv")
    assert made.headers["content-disposition"] == "attachment; filename*=UTF-8''g%C5%B5yr-list.csv"
