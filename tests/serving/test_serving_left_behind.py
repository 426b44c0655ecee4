"""What the service keeps about people after a list ended, and since when: its own part of what falls due."""

from __future__ import annotations

from datetime import date
from typing import Any

from serving import Person, Service
from serving.panel import meetings
from serving.panel.left_behind import left_behind
from serving.panel.referrals import Referred, refer


def test_a_list_counts_from_the_day_it_ended_and_a_thread_from_its_newest_document(
    service: Service, released: str, made_up: Any, chair: Person, clock: Any
) -> None:
    meeting = meetings.call_meeting(service, chair, "castlebridge", date(2026, 4, 1), 3, released)
    number = refer(service, chair, "castlebridge", Referred("housing", "Why", "", made_up.rows[0]["person"]))
    (run,) = service.runs()
    assert run.expires is not None
    found = left_behind(service)
    assert found["lists_ended"] == {}
    assert found["documents_on_file"] == {meeting: date(2026, 4, 1), f"referral {number}": date(2026, 4, 1)}
    clock.forward(days=2)
    meetings.sign_minutes(service, chair, meetings.meeting_of(service, meeting), "Noted")
    assert left_behind(service)["documents_on_file"][meeting] == date(2026, 4, 3)
    clock.forward(days=60)
    assert left_behind(service)["lists_ended"] == {released: run.expires}


def test_a_withdrawn_list_ended_on_the_day_of_its_withdrawal(
    service: Service, released: str, reviewer: Person, clock: Any
) -> None:
    clock.forward(days=3)
    service.review(released, reviewer, "withdraw", "Wrong extract")
    clock.forward(days=90)
    assert left_behind(service)["lists_ended"] == {released: date(2026, 4, 4)}


def test_a_withdrawn_list_whose_withdrawal_was_taken_out_ended_with_its_release(
    service: Service, released: str, reviewer: Person, clock: Any, database: Any
) -> None:
    (run,) = service.runs()
    service.review(released, reviewer, "withdraw", "Wrong extract")
    database.sql(
        "DROP TRIGGER withdrawals_delete",
        "DROP TRIGGER reviews_delete",
        "DELETE FROM withdrawals",
        "DELETE FROM reviews WHERE act = 'withdraw'",
    )
    clock.forward(days=90)
    assert left_behind(service)["lists_ended"] == {released: run.expires}


def test_a_changed_run_is_left_to_the_ledger_and_takes_no_other_count_with_it(
    service: Service, released: str, chair: Person, clock: Any, database: Any
) -> None:
    meeting = meetings.call_meeting(service, chair, "castlebridge", date(2026, 4, 1), 3, released)
    database.sql("DROP TRIGGER runs_update", "UPDATE runs SET gate = replace(gate, 'pass', 'fail')")
    clock.forward(days=90)
    assert left_behind(service) == {"lists_ended": {}, "documents_on_file": {meeting: date(2026, 4, 1)}}
    assert not service.verify().ok
