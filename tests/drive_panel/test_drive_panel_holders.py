"""Every line about a person says whose records it rests on, where not everybody at a panel is shown them."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from drive_panel.workflows.holders import CRITERIA, Holders
from features import CATALOGUE
from models import PersonRecord, assess
from records.purposes import load_sources
from values import AsOf


@pytest.fixture(scope="module")
def holders() -> Holders:
    bundle: Any = SimpleNamespace(indicators=CATALOGUE.names)
    return Holders(load_sources(), bundle)


def test_an_indicator_is_held_by_whoever_answers_for_what_it_reads(holders: Holders) -> None:
    assert holders.of_indicators(["domestic_incidents_730", "victims_730"]) == []
    assert holders.of_indicators(["marac_hearings_730"]) == ["marac_partners"]
    assert holders.of_indicators(["marac_repeat_current_730", "custody_ever"]) == [
        "marac_partners", "prison_and_probation",
    ]  # fmt: skip
    told = {name for name in CATALOGUE.names if "marac" in name}
    assert told <= set(holders.of_facts)
    assert all(holders.of_facts[name] == ["marac_partners"] for name in told)


def test_a_group_is_held_by_whoever_holds_any_of_it_that_the_bundle_reads(holders: Holders) -> None:
    assert holders.of_group("frequency") == []
    assert holders.of_group("orders") == ["prison_and_probation"]
    police: Any = SimpleNamespace(indicators=[name for name in CATALOGUE.names if name not in holders.of_facts])
    assert Holders(load_sources(), police).of_group("orders") == []


def test_a_sentence_is_held_as_the_indicator_that_it_tells_of(holders: Holders) -> None:
    question = CATALOGUE["marac_hearings_730"].question
    assert holders.of_those([question, "Not available: needs."]) == {question: ["marac_partners"]}


NOTHING: frozenset[str] = frozenset()
EMPTY = PersonRecord(
    person_id="P", as_of=AsOf(date(2026, 3, 31)), adult="yes", events=(), relationships={}, graded=NOTHING,
    high_grade=NOTHING, homes=NOTHING, victim_homes=NOTHING, custody=(), schemes=(), childrens_social_care=False,
    available=NOTHING, extract_date=date(2026, 3, 31),
)  # fmt: skip


def test_every_criterion_that_tells_of_more_than_incidents_is_declared(holders: Holders) -> None:
    criteria = assess(EMPTY, "north")
    assert set(CRITERIA) <= {criterion.name for criterion in criteria}
    assert {each.name for each in criteria if "not delivered" in each.detail} <= set(CRITERIA)
    assert holders.of_criterion("high_harm") == ["marac_partners"]
    assert holders.of_criterion("custody") == ["prison_and_probation"]
    assert holders.of_criterion("restart") == ["panel_partners"]
    assert holders.of_criterion("already_managed") == holders.of_criterion("serial_college") == []
