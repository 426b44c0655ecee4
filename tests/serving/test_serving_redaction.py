"""What another agency holds is shown to its own members and the chair; to others, that there is something."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.redaction import CONTRAST, CRITERION, NOT_SHOWN, REASON, RECORD, SENTENCE, for_reader, may_read
from serving.web import WebSettings, create_app
from values import digest

CHAIR, REVIEWER = (Person("c", "C", role) for role in (Role.CHAIR, Role.REVIEWER))
NOBODYS = Person("m", "M", Role.PANEL_MEMBER)
HOUSING = Person("h", "H", Role.PANEL_MEMBER, agency="housing")
PARTNER = Person("p", "P", Role.PANEL_MEMBER, agency="marac_partners")
MARAC = ["marac_partners"]
SECRETS = ("MARAC hearing in", "A victim was heard", "Was there a hearing?", "Custody since")


def held(case: dict[str, Any], row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a case and its row in which some lines rest on what the MARAC, a prison or housing hold."""
    case, row = copy.deepcopy(case), copy.deepcopy(row)
    for document in (case, row):
        for reason, share, agencies in zip(document["reasons"], (0.6, 0.3), ([], MARAC), strict=True):
            reason |= {"share": share, "held_by": agencies}
        document["criteria"][0] |= {"held_by": MARAC}
        document["missing"] = ["Nobody asked.", "Was there a hearing? Not known: nothing is recorded."]
        document["held_by"] = {document["missing"][1]: MARAC}
    case["held_by"] |= {"marac_hearings_ever": MARAC, "Was there a hearing?": MARAC}
    case["criteria"][0]["detail"] = "A victim was heard"
    case["facts"] = {"incidents_24_months": 2, "marac_hearings_ever": 1}
    case["contrast"] = [
        {"text": "Frequency counts for more", "push": "+", "group": "frequency", "difference": 0.4, "held_by": []},
        {"text": "MARAC counts for more", "push": "+", "group": "marac", "difference": 0.2, "held_by": MARAC},
    ]
    case["provisional"]["depends_on"] = ["How many victims?", "Was there a hearing?"]
    case["marac"] = [{"heard_at": day, "held_by": MARAC} for day in ("2025-11-10", "2025-01-10")]
    case["orders"] = [{"kind": "non_molestation"}, {"kind": "Custody since May", "held_by": ["prison_and_probation"]}]
    case["needs"] = [{"need": "housing", "held_by": ["housing"]}, {"need": "alcohol", "held_by": ["health"]}]
    row["case"] = digest(case)
    return case, row


@pytest.fixture
def told(made_up: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    row = made_up.rows[0]
    return held(made_up.cases[row["person"]], row)


@pytest.mark.parametrize("written", ["MARAC Partners", "marac-partners", " Marac  partners "])
def test_an_agency_is_the_same_however_its_account_writes_it(told: Any, written: str) -> None:
    row, case = told[1], told[0]
    account = Person("p", "P", Role.PANEL_MEMBER, agency=written)
    assert for_reader(case, account) == for_reader(case, PARTNER)
    assert for_reader(row, account) == for_reader(row, PARTNER)
    assert may_read("marac_partners", account)
    assert may_read("", account)
    assert not may_read("marac", account)
    assert not may_read("housing", NOBODYS)


@pytest.mark.parametrize("reader", [CHAIR, REVIEWER])
def test_who_chairs_or_reviews_sees_all(told: Any, reader: Person) -> None:
    assert [for_reader(document, reader) for document in told] == list(told)


@pytest.mark.parametrize("reader", [NOBODYS, HOUSING])
def test_a_reason_of_another_agency_stays_in_its_place_and_says_that_it_is_not_shown(told: Any, reader: Person) -> None:
    for document in told:
        shown = for_reader(document, reader)
        first, second = shown["reasons"]
        assert first == document["reasons"][0]
        assert (second["text"], second["push"], second["group"]) == (REASON, "+", NOT_SHOWN)
        assert (second["events"], second["more"]) == ([], 0)
        assert sum(reason["share"] for reason in shown["reasons"]) == sum(r["share"] for r in document["reasons"])
        assert not any(secret in json.dumps(shown) for secret in SECRETS)


def test_nothing_else_of_a_case_tells_what_a_reason_does_not(told: Any) -> None:
    shown = for_reader(told[0], HOUSING)
    assert (shown["criteria"][0]["state"], shown["criteria"][0]["detail"]) == (NOT_SHOWN, CRITERION)
    assert [each["text"] for each in shown["contrast"]] == ["Frequency counts for more", CONTRAST]
    assert [each["difference"] for each in shown["contrast"]] == [0.4, 0.2]  # they sum to that of the margins
    assert shown["facts"] == {"incidents_24_months": 2, "marac_hearings_ever": NOT_SHOWN}
    assert shown["missing"] == ["Nobody asked.", SENTENCE]
    assert shown["provisional"]["depends_on"] == ["How many victims?", SENTENCE]
    assert shown["marac"] == [{"kind": RECORD}]  # not how many
    assert shown["orders"] == [{"kind": "non_molestation"}, {"kind": RECORD}]
    assert [each.get("need", each.get("kind")) for each in shown["needs"]] == ["housing", RECORD]
    assert shown["safety"] == told[0]["safety"]  # whom nobody may contact, everybody has to know


def test_a_member_of_the_agency_sees_what_is_its_own_and_no_more(told: Any) -> None:
    shown = for_reader(told[0], PARTNER)
    for part in ("reasons", "criteria", "contrast", "facts", "missing", "provisional", "marac"):
        assert shown[part] == told[0][part]
    assert shown["orders"][1] == {"kind": RECORD}
    assert shown["needs"] == [{"kind": RECORD}]


def test_a_document_from_before_lines_said_whose_they_are_is_left_whole(made_up: Any) -> None:
    row = made_up.rows[0]
    assert for_reader(row, HOUSING) == row
    assert for_reader(made_up.cases[row["person"]], HOUSING) == made_up.cases[row["person"]]


@pytest.fixture
def opened(service: Service, reviewer: Person, made_up: Any) -> Callable[[str], tuple[TestClient, str]]:
    """Return a function that signs a made-up user in, and the address of a case in which the MARAC holds something."""
    person = made_up.rows[0]["person"]
    for number, row in enumerate(made_up.rows):
        made_up.cases[row["person"]], made_up.rows[number] = held(made_up.cases[row["person"]], row)
    run = made_up.into(service)
    service.review(run, reviewer, "approve", "Audit read", acknowledged=made_up.gate["acknowledge"])
    service.publish(run)
    app = create_app(service, WebSettings(demo=True), service.publish)

    def open_(user: str) -> tuple[TestClient, str]:
        client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
        client.post("/sign-in", data={"user": user})
        return client, f"/lists/{run}/cases/{person}"

    return open_


def everything(client: TestClient, case: str) -> dict[str, str]:
    """Return what every page and call about a case answers."""
    lists = case.split("/cases/")[0]
    views = ("", "/why", "/criteria", "/chronology", "/missing")
    asked = [lists, *(case + view for view in views), f"/api/v1{lists}", f"/api/v1{case}"]
    answers = {place: client.get(place) for place in asked}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {place: answer.text for place, answer in answers.items()}


def test_a_panel_member_is_shown_nothing_of_another_agency_on_any_page_or_call(opened: Any) -> None:
    client, case = opened("member")
    answers = everything(client, case)
    assert [(place, secret) for place, text in answers.items() for secret in SECRETS if secret in text] == []
    lists = case.split("/cases/")[0]
    for place in (lists, case, f"{case}/why", f"/api/v1{lists}", f"/api/v1{case}"):
        assert REASON in answers[place]
    assert 'MARAC hearings</dt><dd class="govuk-summary-list__value">not shown to you' in answers[case]


def test_a_chair_is_shown_all_of_it_on_every_page_and_call(opened: Any) -> None:
    client, case = opened("chair")
    answers = everything(client, case)
    assert not any(REASON in text or RECORD in text for text in answers.values())
    for place in (case, f"{case}/why", f"/api/v1{case}"):
        assert "MARAC hearing in" in answers[place]
    assert "held_by" not in answers[case]
