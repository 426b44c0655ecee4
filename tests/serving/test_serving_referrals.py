"""Referrals: by number or by name, sealed, on equal footing, decided on file, closed like a case."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.access.accounts import Accounts
from serving.access.cases import Cases, Restriction
from serving.access.viewing import Viewing
from serving.errors import DecisionRefused, FilingConflict, FilingRefused, NoLiveRelease, NotFound, NotPermitted
from serving.panel.decisions import Decision, DecisionAsked
from serving.panel.namesakes import namesakes
from serving.panel.referrals import (
    Decided,
    Referral,
    Referred,
    decide,
    decisions,
    given,
    refer,
    referral_of,
    referrals,
    tabled,
)
from serving.redaction import WITHHELD
from serving.storage import tables
from serving.storage.guards import lifted
from serving.web import WebSettings, create_app

DATABASES = ("sqlite", "postgresql")
CHAIR = Person("chair", "Chair", Role.CHAIR, frozenset({"castlebridge"}))
WHO = {"given_name": "Jo", "family_name": "Bloggs", "date_of_birth": "1980-02-03", "postcode": "ZZ1 1ZZ"}
NAMED = Referred("housing", "Neighbours told us of shouting", "Police came twice", who=WHO)


def asked(decision: Decision, **changes: Any) -> DecisionAsked:
    return DecisionAsked(**{"decision": decision, "reason_code": "pattern", "reason": "Agreed", **changes})


def the_one(service: Service) -> Referral:
    (found,) = referrals(service)
    return found


def test_who_is_referred_lies_sealed_and_is_read_by_the_panel(service: Service, released: str, database: Any) -> None:
    refer(service, CHAIR, "castlebridge", NAMED)
    for word in (b"Bloggs", b"1980-02-03", b"ZZ1 1ZZ", b"Neighbours", b"Police came"):
        assert word not in database.content()
    found = the_one(Viewing(service, CHAIR))
    assert (found.unlisted, found.agency, found.settled) == (True, "housing", False)
    assert found.who["addresses"] == ["ZZ1 1ZZ"]
    assert (found.who["family_name"], found.who["known"]) == ("Bloggs", "Police came twice")
    reviewer = Person("reviewer-1", "R", Role.REVIEWER)
    assert "family_name" not in the_one(Viewing(service, reviewer)).who
    assert referrals(Viewing(service, Person("far", "F", Role.CHAIR, frozenset({"ashford"})))) == []


def test_an_erasure_takes_who_was_referred_and_leaves_the_decision(
    service: Service, released: str, database: Any
) -> None:
    refer(service, CHAIR, "castlebridge", NAMED)
    decide(service, CHAIR, the_one(service), Decided(asked(Decision.NOT_SUITABLE)), None)
    person = the_one(service).person
    assert service.erase(person, "batch") == 1
    found = the_one(service)
    assert "family_name" not in found.who
    assert found.settled
    assert service.retained(person) == 2
    assert not [each for each in service.ledger() if each.action.endswith(".forged")]


def test_a_name_that_sql_put_in_the_place_of_another_is_not_shown(
    service: Service, released: str, database: Any
) -> None:
    refer(service, CHAIR, "castlebridge", NAMED)
    other = service.stores.seal.close("referral", the_one(service).person, {"family_name": "Other"})
    with service.stores.panel.write() as connection, lifted(connection):
        connection.execute(update(tables.referred).values(sealed=other))
    assert "family_name" not in the_one(service).who
    told = [(each.action, each.subject) for each in service.ledger() if each.action.endswith(".forged")]
    assert told == [("row.forged", "referred")]


def test_a_referral_needs_an_agency_a_reason_and_somebody(service: Service, released: str) -> None:
    for made in (
        Referred("", "Why", "", who=WHO),
        Referred("housing", " ", "", who=WHO),
        Referred("housing", "Why", ""),
    ):
        with pytest.raises(FilingRefused):
            refer(service, CHAIR, "castlebridge", made)
    with pytest.raises(FilingRefused, match="on a list of the area"):
        refer(service, CHAIR, "castlebridge", Referred("housing", "Why", "", "P-NOBODY"))
    with pytest.raises(NotFound):
        refer(service, CHAIR, "ashford", NAMED)
    with pytest.raises(NotPermitted):
        refer(service, Person("r", "R", Role.REVIEWER), "castlebridge", NAMED)
    assert referrals(service) == []


def test_who_is_no_chair_refers_in_the_name_of_their_own_agency_alone(service: Service, released: str) -> None:
    member = Person("m", "M", Role.PANEL_MEMBER, frozenset({"castlebridge"}), "probation")
    refer(service, member, "castlebridge", NAMED)
    assert the_one(service).agency == "probation"
    with pytest.raises(FilingRefused):
        refer(service, Person("n", "N", Role.PANEL_MEMBER, frozenset({"castlebridge"})), "castlebridge", NAMED)


def test_the_words_of_a_sensitive_acceptance_are_for_chairs(service: Service, released: str) -> None:
    refer(service, CHAIR, "castlebridge", NAMED)
    made = asked(Decision.ACCEPT_DIRECT, sensitive=True, safety_confirmed="Harbour refuge")
    decide(service, CHAIR, the_one(service), Decided(made, "Harbour refuge offered a place"), None)
    (seen,) = decisions(service, the_one(service), Person("m", "M", Role.PANEL_MEMBER))
    assert {seen[name] for name in ("reason", "safety_confirmed", "support")} == {WITHHELD}
    (whole,) = decisions(service, the_one(service), CHAIR)
    assert whole["support"] == "Harbour refuge offered a place"


def test_somebody_on_the_list_is_referred_by_number_and_decided_on_their_case(
    service: Service, released: str, made_up: Any
) -> None:
    person = made_up.rows[5]["person"]
    refer(service, CHAIR, "castlebridge", Referred("probation", "On licence", "Recalled once", person))
    found = the_one(service)
    assert (found.person, found.unlisted, found.who["why"]) == (person, False, "On licence")
    with pytest.raises(DecisionRefused, match="on a list"):
        decide(service, CHAIR, found, Decided(asked(Decision.NOT_SUITABLE)), None)


def test_an_acceptance_names_who_confirmed_safety_and_who_supports_victims_and_takes_a_place(
    service: Service, released: str
) -> None:
    refer(service, CHAIR, "castlebridge", replace(NAMED, agency="childrens_social_care"))
    found = the_one(service)
    for lacking in (
        Decided(asked(Decision.ACCEPT_DIRECT), "IDVA offered, accepted"),
        Decided(asked(Decision.ACCEPT_DIRECT, safety_confirmed="IDVA")),
        Decided(asked(Decision.DEFER)),
        Decided(asked(Decision.NOT_SUITABLE, reason=" ")),
    ):
        with pytest.raises(DecisionRefused):
            decide(service, CHAIR, found, lacking, None)
    accepted = Decided(asked(Decision.ACCEPT_DIRECT, safety_confirmed="IDVA"), "IDVA offered, accepted")
    decide(service, CHAIR, found, accepted, None)
    assert given(referrals(service), released) == [("childrens_social_care", "accept_direct")]
    with pytest.raises(NotPermitted):
        decide(service, Person("m", "M", Role.PANEL_MEMBER), found, accepted, None)


def test_nothing_is_decided_on_a_referral_while_the_area_has_no_list_that_may_be_read(
    service: Service, released: str, reviewer: Person
) -> None:
    refer(service, CHAIR, "castlebridge", NAMED)
    accepted = Decided(asked(Decision.ACCEPT_DIRECT, safety_confirmed="IDVA"), "IDVA offered, accepted")
    service.stop(reviewer, "castlebridge", "Something is wrong")
    with pytest.raises(NoLiveRelease, match="no list that may be read now"):
        decide(service, CHAIR, the_one(service), accepted, None)
    assert the_one(service).decision is None
    assert tabled(referrals(service), released, date(2026, 4, 30)) == referrals(service)


def test_of_two_chairs_who_decide_at_once_the_second_is_told(service: Service, released: str) -> None:
    refer(service, CHAIR, "castlebridge", NAMED)
    found = the_one(service)
    first = decide(service, CHAIR, found, Decided(asked(Decision.NOT_SUITABLE)), None)
    with pytest.raises(FilingConflict):
        decide(service, CHAIR, found, Decided(asked(Decision.ESCALATE)), None)
    decide(service, CHAIR, found, Decided(asked(Decision.ESCALATE, sensitive=True)), first)
    made = decisions(service, found, CHAIR)
    assert [(each["decision"], each["current"]) for each in made] == [
        ("not_suitable", False),
        ("escalate_to_marac", True),
    ]
    seen = decisions(service, found, Person("m", "M", Role.PANEL_MEMBER))
    assert [each["reason"] for each in seen] == ["Agreed", "Withheld: marked as sensitive."]


def test_a_deferred_referral_comes_back_on_its_day(service: Service, released: str) -> None:
    refer(service, CHAIR, "castlebridge", NAMED)
    decide(service, CHAIR, the_one(service), Decided(asked(Decision.DEFER, until=date(2026, 5, 10))), None)
    found = referrals(service)
    assert not found[0].settled
    assert len(tabled(found, released, date(2026, 4, 30))) == 1  # it was decided at this panel
    assert tabled(found, "the next list", date(2026, 5, 9)) == []
    assert tabled(found, "the next list", date(2026, 5, 10)) == found


def test_a_referral_is_closed_by_a_conflict_and_to_whom_it_is_about(service: Service, released: str) -> None:
    refer(service, CHAIR, "castlebridge", NAMED)
    member = Person("member", "Sam Member", Role.PANEL_MEMBER, frozenset({"castlebridge"}), "probation")
    seen = Viewing(service, member)
    seen.recuse(the_one(seen).filed)
    assert referrals(Viewing(service, member)) == []
    with pytest.raises(NotFound):
        referral_of(Viewing(service, member), str(the_one(service).filed.number))
    accounts = Accounts(service.stores)
    own = Person("jo", "Jo Bloggs", Role.PANEL_MEMBER, frozenset({"castlebridge"}))
    accounts.add(own, "admin")
    accounts.identify("jo", "admin", {"date_of_birth": "1980-02-03"})
    assert referrals(Viewing(service, own)) == []
    assert len(referrals(Viewing(service, CHAIR))) == 1


def test_whom_a_case_is_about_reads_neither_what_was_said_nor_what_was_decided_of_them(
    service: Service, released: str, made_up: Any, clock: Any
) -> None:
    person = made_up.rows[0]["person"]
    refer(service, CHAIR, "castlebridge", Referred("housing", "Neighbours fear him", "", person))
    service.decide(released, person, CHAIR, "not_suitable", "pattern", "Agreed")
    who = {name: made_up.identities[person][name] for name in ("given_name", "family_name", "date_of_birth")}
    own = Person("own", f"{who['given_name']} {who['family_name']}", Role.CHAIR, frozenset({"castlebridge"}))
    Accounts(service.stores).add(own, "admin", identity={"date_of_birth": who["date_of_birth"]})
    for _ in range(2):  # while the list may be read, and after it has expired
        seen = Viewing(service, own)
        assert (referrals(seen), seen.decisions()) == ([], [])
        clock.forward(days=60)
    everybody = Viewing(service, CHAIR)
    assert (len(referrals(everybody)), len(everybody.decisions())) == (1, 1)


@pytest.fixture
def browser(service: Service) -> Callable[[str], TestClient]:
    app = create_app(service, WebSettings(demo=True), service.publish)

    def of(user: str) -> TestClient:
        client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
        client.post("/sign-in", data={"user": user})
        return client

    return of


def token(page: Any) -> str:
    found = re.search(
        r'action="/referrals[^"]*" novalidate>\s*<input type="hidden" name="csrf" value="([^"]+)"', page.text
    )
    assert found is not None
    return found[1]


def test_a_chair_refers_and_decides_through_the_pages_once(
    service: Service, released: str, made_up: Any, browser: Callable[[str], TestClient]
) -> None:
    chair = browser("chair")
    form = {"csrf": token(chair.get("/referrals")), "area": "castlebridge", "agency": "housing"}
    empty = chair.post("/referrals", data={**form, "agency": ""})
    assert empty.status_code == 422
    assert re.findall(r'<a href="#(\w+)">', empty.text) == ["agency", "person", "why"]
    both = {**form, "person": made_up.rows[0]["person"], "family_name": "Bloggs", "why": "Why"}
    assert chair.post("/referrals", data=both).status_code == 422
    full = {**form, "given_name": "Jo", "family_name": "<b>Bloggs", "why": "Shouting", "born-day": "31"}
    assert "Enter the date of birth as a real date" in chair.post("/referrals", data=full).text
    full |= {"born-month": "1", "born-year": "1980"}
    assert [chair.post("/referrals", data=full).headers["location"] for _ in range(2)] == [
        "/referrals?done=referred"
    ] * 2
    found = the_one(service)
    shown = chair.get(f"/lists/{released}").text
    assert "Referred on this service" in shown
    assert "Jo &lt;b&gt;Bloggs" in shown
    page = chair.get(f"/referrals/{found.filed.number}")
    decision = {"csrf": token(page), "newest": "", "decision": "accept_direct", "reason_code": "pattern"}
    decision |= {"reason": "Agreed", "sensitive": "no", "safety_confirmed": "IDVA", "support": "Offered"}
    address = f"/referrals/{found.filed.number}/decision"
    assert chair.post(address, data={**decision, "support": ""}).status_code == 422
    assert chair.post(address, data=decision).status_code == 303
    assert chair.post(address, data={**decision, "reason": "Again"}).status_code == 409
    assert (
        "1 taken by decisions so far, without decisions on cases that are closed to you"
        in chair.get(f"/lists/{released}").text
    )
    deciding = chair.get(f"/lists/{released}/cases/{made_up.rows[0]['person']}/decision").text
    assert "Decisions on cases that are closed to you are not counted here" in deciding


def test_a_list_says_how_many_places_are_kept_for_referrals(
    service: Service,
    made_up: Any,
    reviewer: Person,
    browser: Callable[[str], TestClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = made_up.record
    capacity = {"places": 5, "reserved": {"childrens_social_care": 1, "housing": 1}, "list_factor": 2}
    monkeypatch.setattr(
        type(made_up), "record", property(lambda _: type(record)(**{**record.__dict__, "capacity": capacity}))
    )
    run = made_up.into(service)
    service.review(run, reviewer, "approve", "Audit read", acknowledged=made_up.gate["acknowledge"])
    service.publish(run)
    text = re.sub(r"\s+", " ", browser("chair").get(f"/lists/{run}").text)
    assert "2 kept for referrals (childrens social care 1, housing 1)" in text


def accepted() -> Decided:
    made = asked(Decision.ACCEPT_DIRECT, safety_confirmed="IDVA")
    return Decided(made, "IDVA offered, accepted")


def named(made_up: Any, person: str, **changes: str) -> Referred:
    known = made_up.identities[person]
    who = {name: known[name] for name in ("given_name", "family_name", "date_of_birth")}
    return replace(NAMED, who={**who, **changes})


def test_who_is_on_the_list_is_given_no_place_by_being_referred_by_name(
    service: Service, released: str, made_up: Any
) -> None:
    held = next(row["person"] for row in made_up.rows if row["section"] == "held")
    refer(service, CHAIR, "castlebridge", named(made_up, held))
    seen = Viewing(service, CHAIR)
    assert [(each.person, each.same) for each in namesakes(seen, "castlebridge", the_one(seen).who)] == [(held, True)]
    with pytest.raises(DecisionRefused, match="has a case"):
        decide(seen, CHAIR, the_one(seen), accepted(), None)
    decide(seen, CHAIR, the_one(seen), Decided(asked(Decision.NOT_SUITABLE)), None)  # nothing is passed by it


def test_a_namesake_born_on_another_day_is_told_and_can_be_accepted(
    service: Service, released: str, made_up: Any
) -> None:
    person = made_up.rows[0]["person"]
    refer(service, CHAIR, "castlebridge", named(made_up, person, date_of_birth="1971-07-07"))
    seen = Viewing(service, CHAIR)
    assert [(each.person, each.same) for each in namesakes(seen, "castlebridge", the_one(seen).who)] == [
        (person, False)
    ]
    decide(seen, CHAIR, the_one(seen), accepted(), None)
    assert len(given(referrals(seen), released)) == 1


def test_a_restricted_case_is_not_told_by_a_referral_in_its_name(service: Service, released: str, made_up: Any) -> None:
    person = made_up.rows[0]["person"]
    cases = Cases(service.stores)
    cases.restrict([Restriction(person, "Works for the force", "")])
    refer(service, CHAIR, "castlebridge", named(made_up, person))
    seen = Viewing(service, CHAIR)
    assert namesakes(seen, "castlebridge", the_one(seen).who) == []
    with pytest.raises(DecisionRefused, match="has a case") as refused:  # as of a case that is open
        decide(seen, CHAIR, the_one(seen), accepted(), None)
    assert person not in str(refused.value)
    assert [(each["person"], each["kind"]) for each in cases.alarms()] == [(person, "restricted")]


def test_one_person_referred_by_two_agencies_takes_one_place(service: Service, released: str) -> None:
    refer(service, CHAIR, "castlebridge", NAMED)
    refer(service, CHAIR, "castlebridge", replace(NAMED, agency="probation"))
    first, second = referrals(service)
    decide(service, CHAIR, first, accepted(), None)
    with pytest.raises(DecisionRefused, match=first.person):
        decide(service, CHAIR, second, accepted(), None)
    assert len(given(referrals(service), released)) == 1


def test_a_referral_by_number_goes_to_the_list_that_the_person_is_on(
    service: Service, released: str, made_up: Any
) -> None:
    person = made_up.rows[8]["person"]
    cases, identities = (
        {name: kept for name, kept in each.items() if name != person} for each in (made_up.cases, made_up.identities)
    )
    newer = made_up.but(rows=made_up.rows[:8], cases=cases, identities=identities).into(service)  # awaits its review
    refer(service, CHAIR, "castlebridge", Referred("probation", "On licence", "", person))
    (found,) = tabled(referrals(service), released, date(2026, 4, 30))
    assert (found.person, found.filed.document["run"]) == (person, released)
    assert newer != released
