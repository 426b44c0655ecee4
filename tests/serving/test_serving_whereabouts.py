"""Words that can leave in a file come back once where they may tell where somebody lives or stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.access.accounts import Accounts
from serving.panel import meetings, referrals, registers, requests
from serving.panel.meetings import Action
from serving.panel.referrals import Referred
from serving.panel.registers import Incident, IncidentKind
from serving.panel.requests import Question
from serving.web import WebSettings, create_app
from serving.whereabouts import LEFT_OUT, signs, without

NUMBERED = (
    "14 elm road", "12 high street", "14a elm road", "12-14 park lane", "3 st marys road", "7 king's avenue",
    "22 old mill lane", "5 victoria terrace", "9 queens crescent", "31 church rd", "45 orchard grove", "2 stable mews",
    "8 queen elizabeth avenue", "6 station road", "17 mill lane", "12, elm road", "6 green lane", "11 long acre road",
    "16 main street", "40  new road", "101 london ave", "23 ffynnon road",
)  # fmt: skip
AROUND = ("{}", "He moved to {} in spring", "she is at {}.", "{}, castlebridge", "flat 2, {}; asked twice", "{} SW")
HARMLESS = (
    "2 road checks", "2 road checks on the way home", "3 calls from the street", "10 metres down the road",
    "a 30 mph road", "3 high street shops were entered", "2 main roads were closed", "5 officers on road patrol",
    "a 3 bed terrace", "2 side street robberies", "24 hour street team", "6 week road ban", "1 quiet street",
    "4 lane road", "2 men in street clothes", "12 months road traffic ban", "2 way street", "4 cars per road",
    "3 miles along a country lane", "2 new street lights", "15 minutes by road", "3 incidents at the road side",
    "2 people in one street", "100 yards from road", "on 3 may road works began", "20 castlebridge drive places",
    "12 months in a row", "3 victims live close", "2 women walk home", "1 street away", "5 times a street fight",
    "stage 2 road safety course", "7 days in lane house", "2 bus lane fines", "section 3 road traffic act",
    "2 children cross road alone", "the 2 lived in one road", "40 houses in the avenue", "1 in 3 streets",
    "2 end terrace houses", "in 2024 road works", "4 dogs and lane", "3 drug street deals", "2 bedroom terrace",
)  # fmt: skip
ASKED_ALL_THE_SAME = {
    "3 high street shops were entered", "2 new street lights", "1 quiet street", "3 drug street deals",
    "2 women walk home", "2 children cross road alone",
}  # fmt: skip
AREA, TELLS = "castlebridge", "She stays with her sister"
CHAIR = Person("chair", "Chair", Role.CHAIR, agency="police")
ADMINISTRATOR = Person("admin", "Administrator", Role.ADMINISTRATOR)
ASKED = "This may tell where somebody lives or stays: “stays with”. Take it out,"
DUE = {f"due-{part}": number for part, number in (("day", "1"), ("month", "6"), ("year", "2030"))}
PAST = {"day": "30", "month": "3", "year": "2026"}


def on(name: str) -> dict[str, str]:
    return {f"{name}-{part}": number for part, number in PAST.items()}


@pytest.fixture
def browse(service: Service) -> Callable[[Person], TestClient]:
    app = create_app(service, WebSettings(demo=True, users=(CHAIR, ADMINISTRATOR)))
    for person in (CHAIR, ADMINISTRATOR):
        Accounts(service.stores).make_up(person)

    def signed_in(person: Person) -> TestClient:
        client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
        assert client.post("/sign-in", data={"user": person.user}).status_code == 303
        return client

    return signed_in


def forms(service: Service, run: str, rows: list[dict[str, Any]]) -> dict[str, tuple[str, dict[str, str], str]]:
    """Return every form whose words can leave in a file: where it goes, what else it holds, and the field of words."""
    today, case = service.today(), f"/lists/{run}/cases/{rows[0]['person']}"
    held = next(row["person"] for row in rows if row["section"] == "held")
    referral = referrals.refer(service, CHAIR, AREA, Referred("housing", "Why", "", "", {"family_name": "Bloggs"}))
    meeting = meetings.call_meeting(service, CHAIR, AREA, today, 5, run)
    action = meetings.agree_action(service, CHAIR, meetings.meeting_of(service, meeting), Action("Ask", "us", today))
    asked = requests.ask(service, CHAIR, run, rows[0]["person"], Question("police", "What is known?", today))
    incident = registers.report_incident(service, CHAIR, AREA, Incident(IncidentKind("other"), today, "A screen"))
    who = {"area": AREA, "agency": "housing", "family_name": "Doe", "why": "Calls"}
    agreed = {"decision": "not_suitable", "reason_code": "pattern", "sensitive": "no"}
    subject = {"area": AREA, "who": "subject", "reference": "SAR-2", **on("arrived")}
    return {
        "why somebody is referred": ("/referrals", who, "why"),
        "what is known of somebody referred": ("/referrals", who, "known"),
        "decision on a referral": (f"/referrals/{referral}/decision", {**agreed, "newest": ""}, "reason"),
        "decision": (f"{case}/decision", agreed, "reason"),
        "hold": (f"/lists/{run}/cases/{held}/hold", {"kind": "counter_allegation"}, "hold_reason"),
        "question": (f"{case}/information", {"agency": "housing", **DUE}, "what"),
        "answer": (f"{case}/information/{asked}", {"for_all": "yes"}, "words"),
        "challenge of a link": (f"{case}/link", {}, "why"),
        "action": (f"/meetings/{meeting}/actions", {"owner": "us", **DUE}, "what"),
        "what came of an action": (f"/meetings/{meeting}/actions/{action}", {}, "done"),
        "minutes": (f"/meetings/{meeting}/minutes", {"newest": ""}, "note"),
        "incident": ("/registers/incidents", {"area": AREA, "kind": "other", **on("happened")}, "what"),
        "challenge": ("/registers/challenges", subject, "about"),
        "what came of an incident": (f"/registers/incident/{incident}", {}, "outcome"),
    }


def test_every_form_whose_words_can_leave_in_a_file_asks_once_and_then_acts(
    service: Service, browse: Callable[[Person], TestClient], released: str, made_up: Any
) -> None:
    clients = {name: browse(person) for name, person in (("chair", CHAIR), ("admin", ADMINISTRATOR))}
    for name, (target, fields, field) in forms(service, released, made_up.rows).items():
        client = clients["admin" if name in ("challenge", "what came of an incident") else "chair"]
        sent = {"csrf": str(client.get("/api/v1/session").json()["csrf"]), **fields, field: TELLS}
        before = [entry.action for entry in service.ledger(None) if not entry.action.startswith("view.")]
        asked = client.post(target, data=sent)
        assert asked.status_code == 422, name
        assert asked.text.count(ASKED) == 2, name  # above the form and at its field
        assert asked.text.count('id="read_again"') == 1, name
        assert f"{TELLS}</textarea>" in asked.text, name
        assert [entry.action for entry in service.ledger(None) if not entry.action.startswith("view.")] == before, name
        acted = client.post(target, data={**sent, "read_again": "yes"})
        assert (acted.status_code, acted.text) == (303, ""), name


def test_words_for_the_chair_alone_and_words_that_tell_no_place_are_not_asked_about(
    service: Service, browse: Callable[[Person], TestClient], released: str, made_up: Any
) -> None:
    client = browse(CHAIR)
    csrf = str(client.get("/api/v1/session").json()["csrf"])
    every = forms(service, released, made_up.rows)
    for name, words, other in (("answer", TELLS, {"for_all": "no"}), ("minutes", "2 road checks on the way home", {})):
        target, fields, field = every[name]
        assert client.post(target, data={"csrf": csrf, **fields, **other, field: words}).status_code == 303


@pytest.mark.parametrize("street", NUMBERED)
def test_a_numbered_street_in_small_letters_is_left_out_wherever_it_stands(street: str) -> None:
    assert [without(around.format(street)) for around in AROUND] == [around.format(LEFT_OUT) for around in AROUND]
    assert [text for text in AROUND if not signs(text.format(street))] == []


@pytest.mark.parametrize("words", HARMLESS)
def test_a_number_that_counts_something_on_a_street_is_left_as_it_is_and_seldom_asked_about(words: str) -> None:
    for around in ("{}", "He said: {}.", "{} and no more"):
        assert without(around.format(words)) == around.format(words)
    assert bool(signs(words)) == (words in ASKED_ALL_THE_SAME)
