"""What changed since the last released list; who may never review; holds whose deadline has passed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.access.viewing import Viewing
from serving.errors import DecisionRefused, NotPermitted, ReviewRefused
from serving.panel.meetings import call_meeting, meeting_of
from serving.web import WebSettings, create_app
from serving.web.pages.agenda import agenda_of
from values import digest

DATABASES = ("sqlite", "postgresql")
NAMES = ["subjects/ethnicity/mixed"]


def publish(service: Service, made_up: Any, reviewer: Person) -> str:
    run = made_up.into(service)
    service.review(run, reviewer, "approve", "Read", acknowledged=NAMES)
    service.publish(run)
    return run


def next_month(made_up: Any) -> Any:
    """The same area a month later: the third person is held, the fourth moved above the line."""
    rows = [dict(row) for row in made_up.rows]
    for row in rows:
        row["above_line"] = row["place"] in (1, 2, 4) and row["section"] == "ranked"
    hashes = {**made_up.header["hashes"], "indicators": digest("other")}
    return made_up.but(header={**made_up.header, "as_of": "2026-04-30", "hashes": hashes}, rows=rows)


def test_a_first_list_has_nothing_to_be_compared_with(service: Service, made_up: Any, reviewer: Person) -> None:
    assert service.what_changed(made_up.into(service), reviewer) is None


def test_a_reviewer_reads_who_entered_and_left_the_line_and_which_files_changed(
    service: Service, made_up: Any, reviewer: Person
) -> None:
    before = publish(service, made_up, reviewer)
    run = next_month(made_up).into(service)
    changed = service.what_changed(run, reviewer)
    assert changed is not None
    people = [row["person"] for row in made_up.rows]
    assert (changed["since"], changed["as_of"], changed["places"]) == (before, "2026-03-31", [3, 3])
    assert (changed["entered"], changed["left"], changed["stayed"]) == (1, 1, 2)
    assert changed["lines"] == [
        {"person": people[3], "how": "entered", "other": "below the line"},
        {"person": people[2], "how": "left", "other": "below the line"},
    ]
    assert changed["files"] == {"indicators": [digest("indicators"), digest("other")]}
    assert service.verify().ok


def test_while_two_lists_may_be_read_the_panel_decides_on_the_newer(
    service: Service, made_up: Any, reviewer: Person, chair: Person
) -> None:
    person, gone = made_up.rows[0]["person"], made_up.rows[8]["person"]
    before = publish(service, made_up, reviewer)
    first = service.decide(before, person, chair, "not_suitable", "pattern", "Agreed")
    cases, known = ({name: each[name] for name in each if name != gone} for each in (made_up.cases, made_up.identities))
    later = next_month(made_up)
    later = later.but(rows=later.rows[:8], cases=cases, identities=known)
    awaiting = later.into(service)  # nobody may read it yet
    second = service.decide(before, person, chair, "defer", "pattern", "Ask", until=date(2026, 4, 20), replaces=first)
    service.review(awaiting, reviewer, "approve", "Read", acknowledged=NAMES)
    service.publish(awaiting)
    app = create_app(service, WebSettings(demo=True), service.publish)
    client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
    client.post("/sign-in", data={"user": "chair"})
    older, newer = (client.get(f"/lists/{run}/cases/{person}").text for run in (before, awaiting))
    assert f'href="/lists/{awaiting}/cases/{person}">open this case there' in older
    assert (f"/cases/{person}/decision" in older, f"/cases/{person}/decision" in newer) == (False, True)
    assert "open this case there" not in newer + client.get(f"/lists/{before}/cases/{gone}").text
    with pytest.raises(DecisionRefused, match=f"as of 2026-04-30.*/lists/{awaiting}/cases/{person}"):
        service.decide(before, person, chair, "not_suitable", "pattern", "Agreed", replaces=second)
    service.decide(awaiting, person, chair, "not_suitable", "pattern", "Agreed")
    service.decide(before, gone, chair, "not_suitable", "pattern", "Agreed")  # who left the list is decided on where
    service.review(awaiting, reviewer, "withdraw", "Wrong")  # they stand; and the older list counts again
    service.decide(before, person, chair, "not_suitable", "pattern", "Agreed", replaces=second)


def test_whom_a_later_list_settled_comes_back_on_no_agenda(
    service: Service, made_up: Any, reviewer: Person, chair: Person
) -> None:
    settled, waits = (row["person"] for row in made_up.rows[:2])
    before = publish(service, made_up, reviewer)
    for person in (settled, waits):
        service.decide(before, person, chair, "defer", "information_missing", "Ask", until=date(2026, 4, 20))
    run = publish(service, next_month(made_up), reviewer)
    service.decide(run, settled, chair, "not_suitable", "pattern", "Agreed")
    known = meeting_of(service, call_meeting(service, chair, "castlebridge", date(2026, 4, 30), 3, run))
    web = replace(create_app(service, WebSettings(demo=True)).state.web, service=Viewing(service, chair))
    agenda = agenda_of(web, chair, known, service.released_list(run))
    assert [row["person"] for row in agenda["back"]] == [waits]


def test_only_reviewers_read_what_changed(service: Service, made_up: Any, reviewer: Person, chair: Person) -> None:
    publish(service, made_up, reviewer)
    with pytest.raises(NotPermitted):
        service.what_changed(next_month(made_up).into(service), chair)


def test_an_erased_person_is_in_no_change_any_more(service: Service, made_up: Any, reviewer: Person) -> None:
    publish(service, made_up, reviewer)
    run = next_month(made_up).into(service)
    service.erase(made_up.rows[2]["person"], "admin")
    changed = service.what_changed(run, reviewer)
    assert changed is not None
    assert [line["person"] for line in changed["lines"]] == [made_up.rows[3]["person"]]
    assert (changed["left"], changed["not_named"]) == (1, 1)
    assert service.verify().ok


def test_nobody_who_ever_trained_the_bundle_reviews_its_lists(
    service: Service, made_up: Any, reviewer: Person, second_reviewer: Person
) -> None:
    record = made_up.record
    run = made_up.into(service)
    service.note("reviewer-2", "bundle.audited", record.hashes["bundle"], {"audit": "a"})
    assert service.run(run).trainers == {"scientist", "reviewer-2"}
    with pytest.raises(ReviewRefused, match="trained this bundle"):
        service.review(run, second_reviewer, "approve", "Mine", acknowledged=NAMES)
    assert service.review(run, reviewer, "approve", "Read", acknowledged=NAMES).state == "released"


def test_what_is_refused_is_in_the_ledger_with_who_tried(service: Service, made_up: Any, chair: Person) -> None:
    run = made_up.into(service)
    trainer = Person("scientist", "S", Role.REVIEWER)
    with pytest.raises(ReviewRefused):
        service.review(run, trainer, "approve", "Mine", acknowledged=NAMES)
    with pytest.raises(NotPermitted):
        service.review(run, chair, "approve", "Mine")
    with pytest.raises(Exception, match="not released"):
        service.decide(run, made_up.rows[0]["person"], chair, "not_suitable", "pattern", "Agreed")
    found = [(entry.actor, entry.action, entry.content["why"]) for entry in service.ledger(3)]
    assert found == [
        ("chair", "refused.decision", "NoLiveRelease"),
        ("chair", "refused.review.approve", "NotPermitted"),
        ("scientist", "refused.review.approve", "ReviewRefused"),
    ]


def held_person(made_up: Any) -> str:
    return str(next(row["person"] for row in made_up.rows if row["section"] == "held"))


def test_a_hold_whose_deadline_has_passed_is_escalated_once_and_stands(
    service: Service, released: str, made_up: Any, clock: Any
) -> None:
    assert service.escalate_holds() == 0
    clock.forward(days=14)  # the deadline is 14 April
    assert (service.escalate_holds(), service.escalate_holds()) == (1, 0)
    entry = service.ledger(1)[0]
    assert (entry.actor, entry.action, entry.subject) == ("batch", "hold.escalated", released)
    assert entry.content == {
        "person": held_person(made_up),
        "kinds": ["counter_allegation"],
        "deadline": "2026-04-14",
        "owner": "Panel coordinator",
        "to": "Senior responsible owner",
    }
    assert service.released_list(released).row(held_person(made_up))["hold"]["kind"] == "counter_allegation"


def test_a_hold_that_the_newest_list_does_not_show_is_not_escalated(
    service: Service, made_up: Any, released: str, reviewer: Person, clock: Any
) -> None:
    later = next_month(made_up)
    for row in later.rows:
        row["hold"] = None
    publish(service, later, reviewer)
    clock.forward(days=14)
    assert service.escalate_holds() == 0


def test_a_cleared_hold_is_not_escalated_and_gives_no_deadline(
    service: Service, released: str, made_up: Any, chair: Person, clock: Any
) -> None:
    person = held_person(made_up)
    assert service.hold_deadlines() == {(person, "counter_allegation"): date(2026, 4, 14)}
    service.clear_hold(released, person, "counter_allegation", chair, "Checked")
    clock.forward(days=14)
    assert (service.escalate_holds(), service.hold_deadlines()) == (0, {})


def test_a_later_list_gives_a_hold_no_more_time(
    service: Service, make: Callable[..., Any], made_up: Any, released: str, reviewer: Person
) -> None:
    later = next_month(made_up)
    for row in later.rows:
        if row["hold"]:
            row["hold"] = {**row["hold"], "deadline": "2026-05-28"}
    publish(service, later, reviewer)
    assert service.hold_deadlines() == {(held_person(made_up), "counter_allegation"): date(2026, 4, 14)}
