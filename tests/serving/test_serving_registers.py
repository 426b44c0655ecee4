"""Registers of incidents and challenges, and the figures that show where to ask whether people decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving import Person, Role, Service
from serving.access.openings import openings
from serving.access.viewing import Viewing
from serving.errors import FilingConflict, FilingRefused, NotFound, NotPermitted
from serving.filing import CHAIRS, Filed
from serving.panel import registers
from serving.panel.involvement import Involvement, involvement, together
from serving.panel.registers import Challenge, ChallengeFrom, Incident, IncidentKind, a_month_after

TODAY = date(2026, 4, 1)
SEEN = Incident(IncidentKind.DISCLOSURE, TODAY, "A list was open on a screen")
ASKED = Challenge(date(2026, 1, 31), ChallengeFrom.SUBJECT, "SAR-1", "What is held, and why this place")


def member(*areas: str) -> Person:
    return Person("m", "M", Role.PANEL_MEMBER, frozenset(areas or ("castlebridge",)), "probation")


def test_anybody_reports_an_incident_and_a_reviewer_closes_it_once(
    service: Service, released: str, reviewer: Person
) -> None:
    number = registers.report_incident(Viewing(service, member()), member(), "castlebridge", SEEN)
    with pytest.raises(NotPermitted):
        registers.close(Viewing(service, member()), member(), "incident", number, "Spoken to")
    with pytest.raises(FilingRefused, match="what came of it"):
        registers.close(service, reviewer, "incident", number, " ")
    registers.close(service, reviewer, "incident", number, "Spoken to; screens are turned")
    for again in (number, registers.register(service, "incident")[0].number):
        with pytest.raises(FilingConflict):
            registers.close(service, reviewer, "incident", again, "Again")
    (found,) = registers.register(service, "incident")
    assert (found.document["what"], found.document["outcome"]) == (SEEN.what, "Spoken to; screens are turned")
    with pytest.raises(NotFound):
        registers.close(service, reviewer, "challenge", number, "Another register")


def test_an_incident_has_words_a_day_that_was_and_an_area_of_ones_own(service: Service, released: str) -> None:
    me = member("ashford")
    for area, day, what, why in (
        ("castlebridge", TODAY, " ", "what happened"),
        ("castlebridge", TODAY + timedelta(days=1), "x", "future"),
        ("nowhere", TODAY, "x", "No list was ever scored"),
    ):
        with pytest.raises(FilingRefused, match=why):
            registers.report_incident(service, Person("c", "C", Role.CHAIR), area, Incident(SEEN.kind, day, what))
    with pytest.raises(NotFound):
        registers.report_incident(Viewing(service, me), me, "castlebridge", SEEN)
    assert registers.register(service, "incident") == []


def test_a_challenge_is_due_within_a_month_and_open_ones_come_first(
    service: Service, released: str, reviewer: Person
) -> None:
    first = registers.enter_challenge(service, reviewer, "castlebridge", ASKED)
    registers.enter_challenge(service, reviewer, "castlebridge", Challenge(TODAY, ASKED.who, "SAR-2", "Put it right"))
    found = registers.register(service, "challenge")
    assert [(each.document["reference"], each.document["due"]) for each in found] == [
        ("SAR-2", "2026-05-01"),
        ("SAR-1", "2026-02-28"),
    ]
    assert [registers.is_overdue(each.document, TODAY) for each in found] == [False, True]
    registers.close(service, reviewer, "challenge", first, "Answered; the record was right")
    assert [each.document["reference"] for each in registers.register(service, "challenge")] == ["SAR-2", "SAR-1"]
    assert not any(registers.is_overdue(each.document, TODAY) for each in registers.register(service, "challenge"))
    with pytest.raises(NotPermitted):
        registers.enter_challenge(service, member(), "castlebridge", ASKED)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_month_after_a_day_is_in_the_next_month(day: date) -> None:
    after = a_month_after(day)
    assert (after.year * 12 + after.month) - (day.year * 12 + day.month) == 1
    assert after.day == day.day or (after + timedelta(days=1)).day == 1


def decision(number: int, person: str, made: str, at: str, reason: str = "Agreed", current: bool = True) -> Any:
    shared = {"decision_id": number, "person": person, "decision": made, "reason": reason, "by": "chair"}
    shared |= {"reason_code": "pattern", "particulars": None}
    return {**shared, "at": f"2026-04-01T{at}+00:00", "current": current}


def view(person: str, leaning: str, hour: str = "09", seen: bool = False) -> Filed:
    document = {"leaning": leaning, "words": "Two victims", "place_seen": seen}
    at = f"2026-04-01T{hour}:00:00+00:00"
    return Filed(1, "own_view", "run", "castlebridge", person, CHAIRS, "chair", document, None, at, True)


def seen(person: str, at: str, actor: str = "chair") -> Any:
    return {"actor": actor, "at": f"2026-04-01T{at}+00:00", "detail": {"person": person}}


ROWS = [
    *({"person": f"P{n}", "section": "ranked", "above_line": n <= 2} for n in range(1, 5)),
    {"person": "H1", "section": "held", "above_line": False},
]


def test_decisions_against_the_order_and_hasty_ones_are_counted() -> None:
    made = [
        decision(1, "P1", "accept_direct", "09:10:00", current=False),
        decision(2, "P1", "not_suitable", "09:20:00", "Moved away"),
        decision(3, "P3", "disrupt_only", "09:30:00"),
        decision(4, "P2", "accept_direct", "09:30:30", " agreed "),
        decision(5, "H1", "defer", "09:40:00", "Wait"),
    ]
    views = [seen("P1", "09:00:00"), seen("P1", "09:19:00"), seen("P3", "09:29:30"), seen("P2", "09:00:00", "other")]
    assert involvement({}, ROWS, made, views, None) == Involvement(
        decided=4,
        accepted_below=1,
        declined_above=1,
        changed=1,
        opened=2,
        minutes=10.2,
        under_a_minute=3,
        repeated_words=2,
        ordered=3,
        marked=0,
        disagreed=0,
        unseen=0,
        own_first=None,
        own_kept=None,
    )


def test_nothing_decided_gives_no_figure_and_no_minutes() -> None:
    none = involvement({}, ROWS, [], [seen("P1", "09:00:00")], [])
    assert none == Involvement(0, 0, 0, 0, 0, None, 0, 0, 0, 0, 0, 0, 0, 0)
    assert none.override_rate is None


def test_figures_of_several_lists_add_up_and_what_is_not_shown_of_one_is_not_of_all() -> None:
    one = involvement({}, ROWS, [decision(1, "P1", "not_suitable", "09:20:00")], [seen("P1", "09:00:00")], [])
    other = involvement({}, ROWS, [decision(2, "P2", "accept_direct", "09:30:30")], [], [])
    total = together([one, other])
    assert total is not None
    assert (total.decided, total.overrides, total.ordered, total.override_rate) == (2, 1, 2, 0.5)
    assert (total.opened, total.minutes, total.own_first) == (1, None, 0)
    hidden = together([one, replace(other, own_first=None)])
    assert hidden is not None
    assert (hidden.own_first, hidden.own_kept) == (None, 0)
    assert together([]) is None


def test_judgement_of_the_panels_own_is_counted() -> None:
    made = [
        {**decision(1, "P1", "not_suitable", "09:20:00"), "reason_code": "agency_information"},
        {**decision(2, "P2", "accept_direct", "09:30:00"), "particulars": {"opinions": [{"opinion": "disagree"}]}},
        {**decision(3, "P3", "accept_direct", "09:40:00"), "particulars": {"opinions": [{"opinion": "agree"}]}},
        {**decision(4, "P4", "defer", "09:50:00"), "reason_code": "record_wrong"},
    ]
    own = [view("P1", "no_place"), view("P2", "no_place"), view("P3", "place", seen=True), view("P4", "place", "10")]
    found = involvement({}, ROWS, made, [], own)
    assert (found.ordered, found.overrides, found.override_rate) == (3, 2, 2 / 3)
    assert (found.marked, found.disagreed, found.unseen) == (2, 1, 2)
    assert (found.own_first, found.own_kept) == (2, 1)  # what defers P4 keeps to no view, and goes against none


def test_what_says_nothing_of_a_place_is_neither_against_the_order_nor_against_a_view() -> None:
    made = [decision(1, "P1", "remove", "09:20:00"), decision(2, "P2", "escalate_to_marac", "09:30:00")]
    made += [decision(3, "P3", "defer", "09:40:00"), decision(4, "P4", "not_suitable", "09:50:00")]
    own = [view(person, "no_place") for person in ("P1", "P2", "P3")]
    found = involvement({}, ROWS, made, [], [*own, view("P4", "cannot_tell")])
    assert (found.ordered, found.overrides, found.own_first, found.own_kept) == (1, 0, 0, 0)


def test_a_choice_among_those_who_share_the_place_at_the_line_goes_against_nothing() -> None:
    rows = [{**row, "at_line": row["section"] == "ranked"} for row in ROWS]
    found = involvement({}, rows, [decision(1, "P1", "not_suitable", "09:20:00")], [], None)
    assert (found.ordered, found.overrides) == (0, 0)


def test_a_view_of_another_day_is_no_reading_for_the_decision() -> None:
    late = {**decision(1, "P1", "accept_direct", "09:00:00"), "at": "2026-04-02T09:00:00+00:00"}
    assert involvement({}, ROWS, [late], [seen("P1", "09:00:00")], None).opened == 0


def test_a_reviewer_sees_who_saw_what_of_a_run_but_of_no_case_that_is_not_for_them(
    service: Service, released: str, made_up: Any, reviewer: Person, chair: Person, database: Any
) -> None:
    person = made_up.rows[0]["person"]
    service.note("chair", "view.case", released, {"person": person, "view": "summary"})
    mine = Person(reviewer.user, reviewer.name, Role.REVIEWER, frozenset({"castlebridge"}))
    (view,) = Viewing(service, mine).views(released)
    assert (view["actor"], view["action"], view["detail"]["person"]) == ("chair", "view.case", person)
    with pytest.raises(NotPermitted):
        Viewing(service, chair).views(released)
    with pytest.raises(NotFound):
        Viewing(service, Person("far", "Far", Role.REVIEWER, frozenset({"ashford"}))).views(released)
    database.sql(
        "INSERT INTO views (batch, number, at, actor, action, subject, detail, signature) VALUES "
        f"('b', 1, '2026', 'chair', 'view.case', '{released}', '{{}}', 'forged')"
    )
    assert len(Viewing(service, mine).views(released)) == 1
    other = made_up.rows[1]["person"]
    service.note("chair", "view.case", released, {"person": other})
    database.sql(
        "INSERT INTO views (batch, number, at, actor, action, subject, detail, signature) VALUES "
        f"('c', 1, '2026', 'chair', 'view.case', '{released}', 'no JSON {person}', 'forged')"
    )
    found = openings(Viewing(service, mine), released, {("chair", person), ("another", other)})
    assert [(each["actor"], each["detail"]["person"]) for each in found] == [("chair", person)]
    assert openings(Viewing(service, mine), released, set()) == []
    with pytest.raises(NotPermitted):
        openings(Viewing(service, chair), released, {("chair", person)})
