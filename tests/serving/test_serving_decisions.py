"""What a decision says beside its reason, and two chairs who decide at once."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.errors import DecisionRefused
from serving.panel import (
    Decision,
    Elsewhere,
    Offer,
    Opinion,
    Override,
    Particulars,
    Referred,
    Support,
    against_order,
    has_side,
)
from serving.panel.meetings import call_meeting
from serving.panel.places import Given, Share, Taken, has_place, route_of, shares, taken
from serving.web import WebSettings, create_app

OFFERED = Particulars(Support(" IDVA service ", Offer.OFFERED))
AGREED = ("pattern", "Agreed")
ODD = "<script>alert(1)</script>=HYPERLINK(1)\u202egnp.exe{{ 7*7 }}"
on_both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def browse(service: Service) -> Callable[[str], TestClient]:
    """Sign somebody in to the pages."""
    users = (
        Person("chair", "Casey Chair", Role.CHAIR),
        Person("chair-2", "Charlie Chair", Role.CHAIR),
        Person("member", "Morgan Member", Role.PANEL_MEMBER),
    )
    app = create_app(service, WebSettings(demo=True, mark="OFFICIAL", users=users))

    def signed_in(user: str) -> TestClient:
        client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
        assert client.post("/sign-in", data={"user": user}).status_code == 303
        return client

    return signed_in


def filled(client: TestClient, page: str, **fields: str) -> dict[str, str]:
    """Return a decision form of a page as a browser sends it."""
    shown = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', client.get(page).text))
    form = {"decision": "not_suitable", "reason_code": "pattern", "reason": "Agreed", "sensitive": "no"}
    return {"csrf": shown["csrf"], "replaces": shown["replaces"], **form, **fields}


@on_both
def test_an_acceptance_keeps_the_offer_of_support_and_what_the_panel_makes_of_the_reasons(
    service: Service, released: str, made_up: Any, chair: Person
) -> None:
    person = made_up.rows[3]["person"]
    told = Particulars(OFFERED.support, None, ((2, Opinion.DISAGREE), (1, Opinion.AGREE)))
    service.decide(released, person, chair, "accept_direct", *AGREED, particulars=told)
    (row,) = service.decisions()
    assert row["particulars"] == {
        "support": {"service": "IDVA service", "offer": "offered", "why": ""},
        "referred": None,
        "opinions": [{"reason": 1, "opinion": "agree"}, {"reason": 2, "opinion": "disagree"}],
        "against_order": "accepted_below",
    }
    assert service.verify().ok
    entry = next(each for each in service.ledger() if each.action == "decision.made")
    assert [made["table"] for made in entry.content["acts"]] == ["decisions", "filed"]


@pytest.mark.parametrize(
    ("decision", "told", "why"),
    [
        ("accept_direct", Particulars(), "needs the offer of support"),
        ("disrupt_only", Particulars(Support(" ", Offer.DECLINED)), "not said which service"),
        ("accept_direct", Particulars(Support("", Offer.NOT_POSSIBLE, " ")), "not said why victims"),
        ("accept_direct", Particulars(Support("x" * 201, Offer.OFFERED)), "at most 200 characters"),
        ("accept_direct", Particulars(Support("x", Offer.OFFERED, "y" * 4001)), "at most 4,000 characters"),
        ("refer_elsewhere", Particulars(), "names a place"),
        ("refer_elsewhere", Particulars(None, Referred(Elsewhere.OTHER)), "not said where to"),
        ("not_suitable", Particulars(None, Referred(Elsewhere.RESTART)), "nothing else does"),
        ("not_suitable", Particulars(opinions=((3, Opinion.AGREE),)), "no such reason"),
        ("not_suitable", Particulars(opinions=((1, Opinion.AGREE), (1, Opinion.AGREE))), "no such reason"),
        ("remove", Particulars(), "holds no place"),
    ],
)
def test_a_decision_that_lacks_what_it_needs_is_refused_and_leaves_nothing(
    service: Service, released: str, made_up: Any, chair: Person, decision: str, told: Particulars, why: str
) -> None:
    with pytest.raises(DecisionRefused) as refused:
        service.decide(released, made_up.rows[0]["person"], chair, decision, *AGREED, particulars=told)
    assert why in str(refused.value)
    assert refused.value.remedy
    assert service.decisions() == []


def test_a_removal_ends_a_place_that_the_person_holds(
    service: Service, released: str, made_up: Any, chair: Person
) -> None:
    person = made_up.rows[0]["person"]
    first = service.decide(released, person, chair, "disrupt_only", *AGREED, particulars=OFFERED)
    last = service.decide(released, person, chair, "remove", "ended", "Moved away", replaces=first)
    with pytest.raises(DecisionRefused, match="holds no place"):
        service.decide(released, person, chair, "remove", "ended", "Again", replaces=last)
    assert service.decisions()[-1]["particulars"] is None  # above the line, and against nothing


def test_of_those_shown_apart_only_who_has_a_place_loses_it(
    service: Service, made_up: Any, reviewer: Person, chair: Person
) -> None:
    notes = {
        "on Drive since 2026-01-05": True,
        "accepted on 2026-03-05, not started yet": True,
        "panel decision 'accept direct' of 2026-03-05": True,
        "panel decision 'disrupt only' of 2026-03-05": True,
        "panel decision 'defer' of 2026-03-05": False,
        "panel decision 'not suitable' of 2026-03-05": False,
        "panel decision 'accepted' of 2026-01-05": False,  # work that has ended
        "panel decision 'remove' of 2026-03-05": False,
        "": False,
    }
    assert {note: has_place({"section": "apart", "note": note}) for note in notes} == notes
    *others, one, two = made_up.rows
    told = {"person": one["person"], "case": one["case"], "note": "panel decision 'not suitable' of 2026-03-05"}
    apart = [{**two, **told}, {**two, "note": "on Drive since 2026-01-05"}]
    changed = made_up.but(rows=[*others, *apart])
    run = changed.into(service)
    service.review(run, reviewer, "approve", "Audit read", acknowledged=made_up.gate["acknowledge"])
    service.publish(run)
    with pytest.raises(DecisionRefused, match="holds no place"):
        service.decide(run, one["person"], chair, "remove", "ended", "Finished")
    first = service.decide(run, two["person"], chair, "remove", "ended", "Finished")
    with pytest.raises(DecisionRefused, match="holds no place"):
        service.decide(run, two["person"], chair, "remove", "ended", "Again", replaces=first)


def test_particulars_that_the_ledger_does_not_vouch_for_are_not_told(
    service: Service, released: str, made_up: Any, chair: Person, database: Any
) -> None:
    person = made_up.rows[0]["person"]
    service.decide(released, person, chair, "accept_direct", *AGREED, particulars=OFFERED)
    database.sql("DROP TRIGGER filed_update", "UPDATE filed SET document = replace(document, 'IDVA', 'Other')")
    assert service.decisions()[0]["particulars"] is None
    assert not service.verify().ok


@given(
    section=st.sampled_from(["ranked", "held", "referred", "apart"]),
    above=st.booleans(),
    tied=st.sampled_from([None, False, True]),
    band=st.one_of(st.none(), st.integers(1, 12)),
    decision=st.sampled_from(Decision),
)
def test_a_decision_goes_against_the_order_only_where_the_order_speaks(
    section: str, above: bool, tied: bool | None, band: int | None, decision: Decision
) -> None:
    row = {"section": section, "place": 7, "above_line": above, **({} if tied is None else {"at_line": tied})}
    header = {} if band is None else {"line_band": {"from_place": band, "to_place": band + 2}}
    found = against_order(header, row, decision.value)
    speaks = section == "ranked" and not tied and (band is None or not band <= 7 <= band + 2)
    assert has_side(header, row) is speaks
    if not speaks or decision in (Decision.DEFER, Decision.REMOVE, Decision.ESCALATE) or decision.accepts is above:
        assert found is None
    else:
        assert found is (Override.DECLINED_ABOVE if above else Override.ACCEPTED_BELOW)


def test_places_that_are_reserved_are_taken_first_by_those_who_came_by_their_route() -> None:
    rows = [
        {"person": name, "referral": {"route": "housing"} if name[0] == "h" else None} for name in ["p1", "h1", "h2"]
    ]
    decided = {
        name: {"person": name, "decision": made, "decision_id": number}
        for number, (name, made) in enumerate([("h1", "accept_direct"), ("p1", "defer")])
    }
    assert shares(2, {"housing": 1}, rows, decided, "h2") == [Share("", 2, 0, 1), Share("housing", 1, 1, 1)]
    assert shares(2, {"housing": 1}, rows, decided, "h1") == [Share("", 2, 0, 0), Share("housing", 1, 0, 1)]
    unlisted = [Given("housing", "accept_direct"), Given("police", "disrupt_only")]
    assert shares(2, {"housing": 1}, rows, {}, "p1", unlisted) == [Share("", 2, 1, 2), Share("housing", 1, 1, 1)]
    assert shares(2, {}, rows, decided, "p1") == [Share("", 2, 1, 2)]


def test_disruption_only_takes_as_much_of_a_place_as_the_panel_says() -> None:
    made = ["accept_direct", "disrupt_only", "disrupt_only", "defer", "remove"]
    assert [taken(made, each) for each in (1, 0.5, 0.1, 0)] == [
        Taken(3, 2, 1), Taken(2, 2, 0.5), Taken(1.2, 2, 0.1), Taken(1, 2, 0),
    ]  # fmt: skip
    rows = [{"person": name, "referral": {"route": "housing"}} for name in ("h1", "h2")]
    decided = {"h1": {"person": "h1", "decision": "disrupt_only", "decision_id": 1}}
    # Half of the place that is kept for the route is left: direct work takes the other half from the ranking's share.
    assert shares(2, {"housing": 1}, rows, decided, "h2", disrupt_only=0.5) == [
        Share("", 2, 0, 0.5, 0),
        Share("housing", 1, 0.5, 1, 1),
    ]
    assert shares(2, {"housing": 1}, rows, decided, "h2") == [Share("", 2, 0, 1), Share("housing", 1, 1, 1)]


@pytest.mark.parametrize(
    ("each", "listed", "form"),
    [
        (1, "2 taken by decisions so far (1 person for disruption only)", "takes a place, as direct work does."),
        (
            0.5,
            "1.5 taken by decisions so far (1 person for disruption only, 0.5 of a place each)",
            "takes 0.5 of a place, direct work a whole one.",
        ),
    ],
)
def test_list_agenda_and_form_say_how_many_places_are_taken_for_disruption_only(
    service: Service,
    browse: Callable[[str], TestClient],
    reviewer: Person,
    made_up: Any,
    *,
    each: float,
    listed: str,
    form: str,
) -> None:
    kept, names = made_up, made_up.gate["acknowledge"]
    record = replace(kept.record, capacity={**kept.record.capacity, "disrupt_only": each})
    service.record_run(record, kept.header, kept.rows, kept.cases, kept.identities, kept.audit, kept.gate, kept.files)
    run, people, chair = record.run, [row["person"] for row in kept.rows], Person("chair", "Casey", Role.CHAIR)
    service.review(run, reviewer, "approve", "Audit read", acknowledged=names)
    service.publish(run)
    for person, decision in ((people[0], "accept_direct"), (people[1], "disrupt_only")):
        service.decide(run, person, chair, decision, *AGREED, particulars=OFFERED)
    meeting, client = call_meeting(service, chair, "castlebridge", service.today(), 3, run), browse("chair")
    assert f"{listed}, without" in client.get(f"/lists/{run}").text
    assert f"{listed} on this list, without" in client.get(f"/meetings/{meeting}").text
    page = client.get(f"/lists/{run}/cases/{people[2]}/decision").text
    assert "Of those who have a place now, 1 is accepted for disruption only." in page
    assert form in page
    assert ("For disruption only</th>" in page, "Takes 0.5 of a place." in page) == (each != 1, each != 1)
    agenda = client.get(f"/api/v1/meetings/{meeting}").json()["agenda"]
    assert (agenda["taken"], agenda["disrupt_only"]) == (1 + each, 1)


@pytest.mark.parametrize("told", ["childrens_social_care", "Children's Social Care", "children’s social-care"])
def test_a_place_is_kept_for_a_route_however_the_agency_is_spelt(told: str) -> None:
    assert route_of(told) == "childrens_social_care"
    rows = [{"person": "p1", "referral": {"route": told}}]
    kept = [Share("", 2, 0, 0), Share("childrens_social_care", 1, 0, 1)]
    assert shares(2, {"childrens_social_care": 1}, rows, {}, "p1") == kept


def test_the_form_shows_the_places_before_it_is_sent_and_the_case_what_was_said(
    browse: Callable[[str], TestClient], service: Service, released: str, made_up: Any
) -> None:
    client, page = browse("chair"), f"/lists/{released}/cases/{made_up.rows[3]['person']}"
    shown = re.sub(r"\s+", " ", client.get(f"{page}/decision").text)
    assert re.search(r"At this panel</th><td[^>]*>1 of 3</td><td[^>]*>0 of 3</td>", shown)
    form = filled(
        client,
        f"{page}/decision",
        decision="disrupt_only",
        offer="not_possible",
        support_why="No victim is identified yet",
        **{"opinion-2": "cannot_tell"},
    )
    assert client.post(f"{page}/decision", data=form).status_code == 303
    told = client.get(page).text
    for words in (
        "Against the order: a place given below the capacity line",
        "could not be offered yet. No victim is identified yet",
        "Cannot tell: A MARAC hearing in the last 12 months",
    ):
        assert words in re.sub(r"\s+", " ", re.sub("</?bdi>", "", told))
    assert "Against the order" in client.get(f"/lists/{released}").text
    declined = filled(client, f"{page}/decision", decision="remove", reason_code="ended")
    assert client.post(f"{page}/decision", data=declined).status_code == 303
    assert client.get(page).text.count("Against the order") == 1  # the first decision's, for good


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"decision": "accept_direct"}, "Say whether support was offered to the victims"),
        ({"decision": "accept_direct", "offer": "offered"}, "Name the service that offers it"),
        ({"decision": "accept_direct", "offer": "not_possible"}, "Say why it could not be offered"),
        ({"support_service": "IDVA"}, "Say whether support was offered to the victims"),
        ({"decision": "refer_elsewhere"}, "Say where the panel refers the person to"),
        ({"decision": "refer_elsewhere", "elsewhere": "other"}, "Name where to"),
        ({"named": "Elsewhere"}, "Only a referral names a place"),
        ({"decision": "remove"}, "This person holds no place on Drive."),
        ({"opinion-1": "maybe"}, "Choose one of these"),
        ({"opinion-9": "agree"}, "There is no such reason on this case."),
        ({"reason": "x" * 4001}, "Shorten this to 4,000 characters; it has 4,001"),
        ({"support_service": "x" * 201, "offer": "offered"}, "Shorten this to 200 characters; it has 201"),
        (
            {"decision": "defer", "until-day": "1" * 400, "until-month": "1", "until-year": "2027"},
            "the panel looks at it again as a real date",
        ),
    ],
)
def test_a_form_that_lacks_something_says_what_and_keeps_every_word(
    browse: Callable[[str], TestClient],
    service: Service,
    released: str,
    made_up: Any,
    fields: dict[str, str],
    words: str,
) -> None:
    client, page = browse("chair"), f"/lists/{released}/cases/{made_up.rows[0]['person']}/decision"
    answer = client.post(page, data=filled(client, page, **{"reason": "Typed with care", **fields}))
    assert answer.status_code == 422
    assert words in answer.text
    for name in {"reason", *fields} - {"decision", "opinion-1"}:
        assert {"reason": "Typed with care", **fields}[name] in answer.text
    assert service.decisions() == []


def test_a_place_or_an_offer_chosen_by_mistake_for_a_decision_without_it_is_no_error(
    browse: Callable[[str], TestClient], service: Service, released: str, made_up: Any
) -> None:
    client, page = browse("chair"), f"/lists/{released}/cases/{made_up.rows[3]['person']}/decision"
    form = filled(client, page, elsewhere="restart", offer="offered")  # a radio button cannot be let go again
    assert client.post(page, data=form).status_code == 303
    assert service.decisions()[0]["particulars"] is None


@pytest.mark.parametrize("field", ["reason", "support_service", "support_why", "named", "safety_confirmed"])
def test_odd_text_in_any_field_is_shown_as_text(
    browse: Callable[[str], TestClient], released: str, made_up: Any, field: str
) -> None:
    client, page = browse("chair"), f"/lists/{released}/cases/{made_up.rows[0]['person']}"
    chosen = {"decision": "accept_direct", "offer": "declined", "support_service": "IDVA"}
    if field == "named":
        chosen = {"decision": "refer_elsewhere", "elsewhere": "dvpp"}
    refused = client.post(
        f"{page}/decision", data=filled(client, f"{page}/decision", **{**chosen, field: ODD, "sensitive": ""})
    )
    done = client.post(f"{page}/decision", data=filled(client, f"{page}/decision", **{**chosen, field: ODD}))
    assert (refused.status_code, done.status_code) == (422, 303)
    # A field holds the character that turns text as it was typed, so that it is sent again as it was.
    texts = {"\ufffd": client.get(page).text, **({"&#8238;": refused.text} if field != "safety_confirmed" else {})}
    for turn, text in texts.items():
        assert "<script>alert(1)" not in text
        assert f"&lt;script&gt;alert(1)&lt;/script&gt;=HYPERLINK(1){turn}gnp.exe{{{{ 7*7 }}}}" in text
    huge = client.post(f"{page}/decision", data=filled(client, f"{page}/decision", **{**chosen, field: "x" * 2**20}))
    assert (huge.status_code, "The form is too long." in huge.text) == (413, True)


def test_words_marked_sensitive_are_for_chairs_only_whatever_field_they_stand_in(
    browse: Callable[[str], TestClient], released: str, made_up: Any
) -> None:
    client, cases = browse("chair"), [f"/lists/{released}/cases/{row['person']}" for row in made_up.rows[:2]]
    first = {"decision": "accept_direct", "offer": "not_possible", "support_why": "She lives in a refuge"}
    second = {"decision": "refer_elsewhere", "elsewhere": "other", "named": "The refuge's own programme"}
    for page, fields in zip(cases, (first, second), strict=True):
        form = filled(client, f"{page}/decision", sensitive="yes", **fields)
        assert client.post(f"{page}/decision", data=form).status_code == 303
        assert "refuge" in client.get(page).text
        for address in (page, f"/api/v1{page}", f"/api/v1/lists/{released}", f"/lists/{released}"):
            answer = browse("member").get(address)
            assert answer.status_code == 200
            assert "refuge" not in answer.text


def test_words_that_may_tell_where_somebody_stays_wait_until_their_writer_has_read_them_again(
    browse: Callable[[str], TestClient], service: Service, released: str, made_up: Any
) -> None:
    client, person = browse("chair"), made_up.rows[0]["person"]
    page = f"/lists/{released}/cases/{person}/decision"
    chosen = {"decision": "not_suitable", "reason": "She moved to the refuge in spring", "sensitive": "no"}
    assert 'name="read_again"' not in client.get(page).text
    asked = client.post(page, data=filled(client, page, **chosen))
    assert asked.status_code == 422
    assert "This may tell where somebody lives or stays: “moved to”, “refuge”." in asked.text
    assert service.decisions(run=released, person=person) == []
    again = filled(client, page, **{**chosen, "read_again": "yes"})
    assert 'name="read_again"' in asked.text
    assert client.post(page, data=again).status_code == 303
    (made,) = service.decisions(run=released, person=person)
    assert (made["reason"], made["sensitive"]) == ("She moved to the refuge in spring", False)


@on_both
def test_of_two_chairs_at_once_one_wins_and_the_other_is_told_and_keeps_every_word(
    browse: Callable[[str], TestClient], service: Service, released: str, made_up: Any
) -> None:
    page = f"/lists/{released}/cases/{made_up.rows[0]['person']}/decision"
    clients = {user: browse(user) for user in ("chair", "chair-2")}
    sent = {
        user: filled(client, page, reason=f"Words of {user}", support_why=f"Asked by {user}", offer="not_possible")
        for user, client in clients.items()
    }
    answers: dict[str, Any] = {}
    start = threading.Barrier(2)

    def send(user: str) -> None:
        start.wait()
        answers[user] = clients[user].post(page, data=sent[user])

    threads = [threading.Thread(target=send, args=(user,)) for user in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers.values()) == [303, 409]
    (row,) = service.decisions()
    loser = "chair-2" if row["by"] == "chair" else "chair"
    text = re.sub(r"\s+", " ", re.sub("</?bdi>", "", answers[loser].text))
    assert "Somebody recorded a decision on this person in the meantime" in text
    assert f"by {row['by']}: Not suitable. Pattern of repeat or serial abuse. Words of {row['by']}" in text
    for typed in (sent[loser]["reason"], sent[loser]["support_why"]):
        assert f">{typed}</textarea>" in text
    again = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', answers[loser].text))
    last = clients[loser].post(page, data={**sent[loser], "csrf": again["csrf"], "replaces": again["replaces"]})
    assert last.status_code == 303
    assert [(each["by"], each["current"]) for each in service.decisions()] == [(row["by"], False), (loser, True)]
    assert service.verify().ok


def test_the_api_takes_the_same_particulars_by_the_same_rules(
    browse: Callable[[str], TestClient], released: str, made_up: Any
) -> None:
    client, page = browse("chair"), f"/api/v1/lists/{released}/cases/{made_up.rows[0]['person']}"
    headers = {"X-CSRF-Token": client.get("/api/v1/session").json()["csrf"]}
    asked = {"decision": "accept_direct", "reason_code": "pattern", "reason": "Agreed", "sensitive": False}
    support, opinions = {"service": "IDVA", "offer": "offered"}, [{"reason": 1, "opinion": "disagree"}]

    def send(**fields: Any) -> Any:
        return client.post(f"{page}/decisions", json={**asked, **fields}, headers=headers)

    for fields, kind, words in (
        ({}, "decision-refused", "needs the offer of support to victims"),
        ({"support": {"service": "", "offer": "declined"}}, "decision-refused", "which service offers victims support"),
        ({"support": {"offer": "perhaps"}}, "not-valid", "Wrong: offer."),
        ({"support": support, "referred": {"place": "restart"}}, "decision-refused", "nothing else does"),
        ({"support": support, "opinions": opinions * 2}, "decision-refused", "no such reason"),
        ({"support": support, "opinions": [{"reason": 0, "opinion": "agree"}]}, "not-valid", "Wrong: reason."),
        ({"support": {**support, "more": 1}}, "not-valid", "Wrong: "),
    ):
        answer = send(**fields)
        assert (answer.status_code, answer.json()["type"].partition("#")[2]) == (422, kind), fields
        assert words in answer.json()["detail"]
    assert send(support=support, opinions=opinions).status_code == 201
    (made,) = client.get(page).json()["decisions"]
    assert made["particulars"] == {
        "support": {**support, "why": ""},
        "referred": None,
        "opinions": opinions,
        "against_order": None,
    }
