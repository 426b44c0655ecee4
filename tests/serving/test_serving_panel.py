from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving import Person, Role, Service
from serving.errors import DecisionConflict, DecisionRefused, NoLiveRelease, NotFound, NotPermitted
from serving.panel import REASON_CODES, Decision, DecisionAsked, Hold, Offer, Particulars, Support, check_decision

DATABASES = ("sqlite", "postgresql")
TODAY = date(2026, 4, 1)
CLEAR = [{"status": "clear"}]
OFFERED = Particulars(Support("IDVA service", Offer.OFFERED))


def test_a_decision_is_kept_with_who_why_and_when(service: Service, released: str, made_up: Any, chair: Person) -> None:
    person = made_up.rows[0]["person"]
    number = service.decide(
        released, person, chair, "defer", "information_missing", "Wait for probation", date(2026, 5, 1), True
    )
    (row,) = service.decisions()
    assert row == {
        "decision_id": number,
        "run": released,
        "person": person,
        "by": "chair",
        "decision": "defer",
        "reason_code": "information_missing",
        "reason": "Wait for probation",
        "until": "2026-05-01",
        "sensitive": True,
        "safety_confirmed": "",
        "replaces": None,
        "at": "2026-04-01T09:00:00+00:00",
        "current": True,
        "particulars": None,
    }


def test_a_second_decision_must_have_read_the_first(
    service: Service, released: str, made_up: Any, chair: Person, clock: Any
) -> None:
    person = made_up.rows[0]["person"]
    first = service.decide(released, person, chair, "accept_direct", "pattern", "Agreed", particulars=OFFERED)
    with pytest.raises(DecisionConflict, match="in the meantime"):
        service.decide(released, person, chair, "not_suitable", "other", "No")
    clock.forward(hours=1)
    service.decide(released, person, chair, "disrupt_only", "other", "Declined", particulars=OFFERED, replaces=first)
    assert [(row["decision"], row["current"]) for row in service.decisions()] == [
        ("accept_direct", False),
        ("disrupt_only", True),
    ]
    assert [row["decision"] for row in service.decisions(since=clock.now)] == ["disrupt_only"]


def test_two_chairs_at_once_make_one_decision(service: Service, released: str, made_up: Any, chair: Person) -> None:
    person = made_up.rows[0]["person"]
    results: list[str] = []

    def decide(decision: str) -> None:
        try:
            service.decide(released, person, chair, decision, "pattern", "Agreed", particulars=OFFERED)
            results.append("stored")
        except DecisionConflict:
            results.append("conflict")

    threads = [threading.Thread(target=decide, args=(one,)) for one in ("accept_direct", "not_suitable")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["conflict", "stored"]
    assert len(service.decisions()) == 1


def test_a_hold_stops_acceptance_until_a_named_person_clears_it(
    service: Service, released: str, made_up: Any, chair: Person
) -> None:
    person = next(row["person"] for row in made_up.rows if row["section"] == "held")
    with pytest.raises(DecisionRefused, match="A hold stands: counter allegation"):
        service.decide(released, person, chair, "accept_direct", "pattern", "Agreed", particulars=OFFERED)
    with pytest.raises(DecisionRefused, match="no such hold"):
        service.clear_hold(released, person, "identity", chair, "Checked")
    service.clear_hold(released, person, "counter_allegation", chair, "Primary perpetrator review done")
    assert [(row["person"], row["kind"]) for row in service.clearances()] == [(person, "counter_allegation")]
    with pytest.raises(DecisionRefused, match="cleared before"):
        service.clear_hold(released, person, "counter_allegation", chair, "Again")
    service.decide(released, person, chair, "accept_direct", "pattern", "Agreed", particulars=OFFERED)


@pytest.mark.parametrize("section", ["ranked", "referred", "apart"])
def test_a_hold_stops_acceptance_in_every_section_until_each_kind_is_cleared(
    service: Service, made_up: Any, reviewer: Person, chair: Person, section: str
) -> None:
    row = next(row for row in made_up.rows if row["section"] == section)
    held = next(row for row in made_up.rows if row["section"] == "held")
    row["hold"] = {**held["hold"], "kinds": ["counter_allegation", "safety", "identity"]}
    run, person = made_up.into(service), row["person"]
    service.review(run, reviewer, "approve", "Audit read", acknowledged=made_up.gate["acknowledge"])
    service.publish(run)
    for kind, standing in (
        ("safety", "counter allegation, safety, identity"),
        ("counter_allegation", "counter allegation, identity"),
        ("identity", "identity"),
    ):
        with pytest.raises(DecisionRefused, match=f"A hold stands: {standing}."):
            service.decide(run, person, chair, "disrupt_only", "pattern", "Agreed", particulars=OFFERED)
        service.clear_hold(run, person, kind, chair, "Checked")
    with pytest.raises(DecisionRefused, match="no such hold"):
        service.clear_hold(run, person, "another", chair, "Checked")
    service.decide(run, person, chair, "disrupt_only", "pattern", "Agreed", particulars=OFFERED)


def test_only_a_chair_decides_and_only_on_a_released_list(
    service: Service, released: str, made_up: Any, chair: Person, reviewer: Person
) -> None:
    person = made_up.rows[0]["person"]
    for other in (reviewer, Person("m", "M", Role.PANEL_MEMBER), Person("s", "S", Role.DATA_SCIENTIST)):
        with pytest.raises(NotPermitted):
            service.decide(released, person, other, "defer", "other", "r", date(2026, 5, 1))
    with pytest.raises(NotFound):
        service.decide(released, "P-NOBODY", chair, "defer", "other", "r", date(2026, 5, 1))
    elsewhere = Person("c", "C", Role.CHAIR, frozenset({"ashford"}))
    with pytest.raises(NotFound):
        service.decide(released, person, elsewhere, "not_suitable", "other", "r")
    service.review(released, reviewer, "withdraw", "Wrong extract")
    with pytest.raises(NoLiveRelease):
        service.decide(released, person, chair, "not_suitable", "other", "r")


@pytest.mark.parametrize("decision", [Decision.ACCEPT_DIRECT, Decision.DISRUPT_ONLY])
@pytest.mark.parametrize("status", ["not_asked", "asked", "concern"])
def test_nobody_is_accepted_before_the_victim_service_has_answered(decision: Decision, status: str) -> None:
    asked = DecisionAsked(decision, "pattern", "Agreed", safety_confirmed="IDVA service")
    with pytest.raises(DecisionRefused, match="safety check"):
        check_decision(asked, None, [{"status": "clear"}, {"status": status}], TODAY)
    check_decision(asked, None, CLEAR, TODAY)


def test_without_any_check_on_record_the_confirming_service_is_named() -> None:
    asked = DecisionAsked(Decision.ACCEPT_DIRECT, "pattern", "Agreed")
    with pytest.raises(DecisionRefused, match="holds no victim safety check"):
        check_decision(asked, None, [], TODAY)
    check_decision(DecisionAsked(**{**asked.__dict__, "safety_confirmed": "IDVA service"}), None, [], TODAY)


@given(
    decision=st.sampled_from(Decision),
    code=st.sampled_from([*REASON_CODES, "made_up"]),
    reason=st.sampled_from(["", "  ", "A reason"]),
    days=st.one_of(st.none(), st.integers(-5, 5)),
    hold=st.one_of(
        st.none(),
        st.builds(Hold, st.just(("identity", "safety")), st.frozensets(st.sampled_from(["identity", "safety"]))),
    ),
)
def test_what_passes_the_checks_is_complete(
    decision: Decision, code: str, reason: str, days: int | None, hold: Hold | None
) -> None:
    until = None if days is None else TODAY + timedelta(days=days)
    try:
        check_decision(DecisionAsked(decision, code, reason, until), hold, CLEAR, TODAY)
    except DecisionRefused:
        return
    assert code in REASON_CODES
    assert reason.strip()
    assert (decision is Decision.DEFER) == (until is not None and until > TODAY)
    assert not (decision.accepts and hold is not None and hold.standing)
