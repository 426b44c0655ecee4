"""Views are stored before the page is sent, and entered in the ledger together with the others of a minute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from serving import Service
from serving.errors import ClockBehind

DATABASES = ("sqlite", "postgresql")
Made = Callable[[], Service]


def batches(service: Service) -> list[tuple[str, int]]:
    return [(entry.actor, entry.content["views"]) for entry in service.ledger() if entry.action == "view.batch"]


def look(service: Service, times: int, actor: str = "chair") -> None:
    for number in range(times):
        service.note(actor, "view.case", "run", {"person": f"P-{number}"})


def test_many_views_within_a_minute_cost_one_entry_that_lists_them(service: Service, clock: Any) -> None:
    look(service, 5)
    assert (batches(service), len(service.views()), service.verify().open_views) == ([], 5, 5)
    clock.forward(minutes=1)
    look(service, 1)
    assert batches(service) == [("chair", 5)]
    assert len(service.ledger()[0].content["acts"]) == 5
    found = service.verify()
    assert (found.ok, found.entries, found.open_views) == (True, 1, 1)


def test_each_person_and_each_session_has_batches_of_its_own(service: Service, clock: Any) -> None:
    look(service, 2, "chair")
    look(service, 3, "member")
    service.note("chair", "view.list", "run", session="another")
    clock.forward(minutes=2)
    look(service, 1, "reviewer-1")
    assert sorted(batches(service)) == [("chair", 1), ("chair", 2), ("member", 3)]


def test_what_a_killed_process_left_is_entered_by_the_next_one(service: Service, another: Made, clock: Any) -> None:
    look(another(), 3)  # and nobody closes it
    clock.forward(minutes=1)
    service.list_views()
    assert batches(service) == []  # it may still be at work
    clock.forward(minutes=5)
    service.list_views()
    service.list_views()
    assert batches(service) == [("chair", 3)]
    assert service.verify().ok


def test_a_batch_that_another_process_entered_is_not_entered_again(service: Service, another: Made, clock: Any) -> None:
    slow = another()
    look(slow, 2)
    clock.forward(minutes=6)
    service.list_views()
    look(slow, 1)
    assert batches(service) == [("chair", 2)]
    assert service.verify().ok


def test_closing_enters_what_waits(service: Service, another: Made) -> None:
    other = another()
    look(other, 2)
    other.close()
    assert batches(service) == [("chair", 2)]


def test_nobody_reads_who_looked_at_what_from_another_run(service: Service) -> None:
    look(service, 2)
    service.note("chair", "view.list", "other")
    assert [view["action"] for view in service.views("other")] == ["view.list"]


def test_nothing_is_shown_or_done_after_the_clock_was_set_back_and_the_ledger_says_so(
    service: Service, released: str, made_up: Any, reviewer: Any, chair: Any, clock: Any
) -> None:
    clock.forward(days=40)
    with pytest.raises(Exception, match="expired"):
        service.released_list(released)
    service.note("chair", "session.started", "chair")
    clock.forward(days=-40)
    for attempt in (
        lambda: service.released_list(released),
        lambda: service.case(released, made_up.rows[0]["person"]),
        lambda: service.note("chair", "view.list", released),
        lambda: service.review(released, reviewer, "withdraw", "Late"),
        lambda: service.decide(released, made_up.rows[0]["person"], chair, "not_suitable", "pattern", "Agreed"),
    ):
        with pytest.raises(ClockBehind, match="clock of this machine is behind"):
            attempt()
    marks = [entry for entry in service.ledger() if entry.action == "clock.behind"]
    assert [mark.content for mark in marks] == [{"clock": "2026-04-01T09:00:00+00:00"}]
    assert service.verify().ok


def test_a_clock_a_little_behind_takes_the_time_of_the_entry_before(service: Service, clock: Any) -> None:
    service.note("a", "test.made", "one")
    clock.forward(seconds=-4)
    service.note("b", "test.made", "two")
    assert [entry.at for entry in service.ledger()] == ["2026-04-01T09:00:00+00:00"] * 2
    assert service.verify().ok
