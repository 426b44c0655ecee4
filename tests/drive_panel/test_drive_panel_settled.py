"""Whom a panel's decisions keep off the next lists, and until when."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from drive_panel.workflows.score import _settled
from values import AsOf

_NUMBERS = count(1)


def made(decision: str, day: str, until: str | None = None, person: str = "P-1") -> dict[str, Any]:
    at = f"{day}T10:00:00+00:00"
    return {"decision_id": next(_NUMBERS), "person": person, "decision": decision, "at": at, "until": until}


def settled(day: str, *decisions: dict[str, Any]) -> dict[str, str]:
    return _settled(decisions, AsOf.parse(day))


def test_a_decision_keeps_apart_for_six_months() -> None:
    decision = made("not_suitable", "2026-04-01")
    assert settled("2026-07-31", decision) == {"P-1": "panel decision 'not suitable' of 2026-04-01"}
    assert settled("2026-10-01", decision) == {}


@pytest.mark.parametrize("day", ["2026-04-02", "2026-07-31"])
def test_who_was_escalated_to_marac_stays_on_the_list(day: str) -> None:
    assert settled(day, made("escalate_to_marac", "2026-04-01")) == {}
    assert settled(day, made("not_suitable", "2026-03-01"), made("escalate_to_marac", "2026-04-01")) == {}


def test_the_newest_decision_counts_whichever_list_it_was_made_on() -> None:
    refused, deferred = made("not_suitable", "2026-04-01"), made("defer", "2026-05-01", "2026-06-01")
    assert settled("2026-05-31", refused, deferred) == {"P-1": "panel decision 'defer' of 2026-05-01"}
    assert settled("2026-06-30", deferred, refused) == {}


def test_what_was_decided_after_a_list_hides_nothing_that_was_decided_before() -> None:
    refused, deferred = made("not_suitable", "2026-04-01"), made("defer", "2026-05-01", "2026-05-02")
    assert settled("2026-04-30", refused, deferred) == {"P-1": "panel decision 'not suitable' of 2026-04-01"}
