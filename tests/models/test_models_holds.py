from __future__ import annotations

from datetime import date

import pytest

from features.building import build_stream
from models import HoldParameters, find_holds
from values import AsOf

T = AsOf(date(2026, 3, 31))


@pytest.fixture
def holds(make_source):
    def of(incidents, cleared=(), people=("A", "V"), as_of=T, parameters=None, **tables):
        held = make_source(incidents, **tables)
        found = find_holds(build_stream(held), held, people, as_of, cleared, parameters or HoldParameters())
        return found.set_index("person_id")

    return of


def on(day, suspect, victim, **more):
    return {"day": day, "suspects": (suspect,), "victims": (victim,), **more}


def test_victim_who_was_once_accused_back_is_held_and_the_primary_is_not(holds):
    found = holds([on("2025-01-01", "A", "V"), on("2025-02-01", "A", "V"), on("2025-03-01", "V", "A")])
    assert found.index.tolist() == ["V"]
    row = found.loc["V"]
    assert (row["kind"], row["counterpart"]) == ("counter_allegation", "A")
    assert (row["as_suspect"], row["as_victim"]) == (1, 2)
    assert row["event_refs"] == ("incident:I3", "incident:I2", "incident:I1")
    assert "recorded as the victim in 2 of 3 incidents" in row["why"]
    assert "the first report, of 2025-01-01" in row["why"]


def test_first_report_against_the_other_holds_even_when_outnumbered(holds):
    incidents = [on("2024-01-01", "A", "V"), *[on(f"2025-0{m}-01", "V", "A") for m in range(1, 6)]]
    found = holds(incidents)
    assert found.index.tolist() == ["A", "V"]
    assert "1 of 6" not in found.loc["V", "why"]
    assert "first report" in found.loc["V", "why"]
    share_only = HoldParameters(first_report=False)
    assert holds(incidents, parameters=share_only).index.tolist() == ["A"]


def test_both_accused_in_one_incident_are_both_held(holds):
    both = {"day": "2025-01-01", "suspects": ("A", "V"), "victims": ("A", "V"), "pairs": [("A", "V"), ("V", "A")]}
    found = holds([both])
    assert found.index.tolist() == ["A", "V"]
    assert not found["why"].str.contains("first report").any()


def test_being_a_victim_of_somebody_else_is_no_counter_allegation(holds):
    assert holds([on("2025-01-01", "A", "V"), on("2025-02-01", "X", "A")]).empty


def test_a_counter_allegation_counts_from_the_day_it_was_known(holds):
    incidents = [on("2025-01-01", "A", "V"), on("2025-02-01", "V", "A", known_from="2026-03-01")]
    assert holds(incidents, as_of=AsOf(date(2026, 2, 28))).empty
    assert holds(incidents).index.tolist() == ["A", "V"]


def test_cleared_hold_is_gone_for_that_person_and_kind_only(holds):
    incidents = [on("2025-01-01", "A", "V"), on("2025-02-01", "V", "A")]
    concern = {"person_id": "A", "victim_id": "V", "status": "concern", "by_agency": "idva", "checked_on": "2026-01-02"}
    found = holds(incidents, cleared={("A", "counter_allegation")}, safety_checks=[concern])
    assert found["kind"].to_dict() == {"A": "safety_concern", "V": "counter_allegation"}


def test_safety_concern_of_one_agency_is_not_lifted_by_another(holds):
    def check(status, agency, **known):
        return {"person_id": "A", "victim_id": "V", "status": status, "by_agency": agency, **known}

    found = holds(
        [on("2025-01-01", "A", "V")],
        safety_checks=[
            check("concern", "victim_service", checked_on="2026-01-02", known_from="2026-01-02"),
            check("clear", "police", checked_on="2026-02-02", known_from="2026-02-02"),
        ],
    )
    assert found.index.tolist() == ["A"]
    assert found.loc["A", "why"] == "A victim-safety check by victim service on 2026-01-02 found a concern."
    assert found.loc["A", "event_refs"] == ()


def test_safety_concern_is_known_only_between_its_dates(holds):
    row = {"person_id": "A", "victim_id": "V", "status": "concern", "by_agency": "idva", "checked_on": "2026-01-02"}
    row |= {"known_from": "2026-01-02", "known_to": "2026-02-01"}
    tables = {"safety_checks": [row]}
    incidents = [on("2025-01-01", "A", "V")]
    assert [len(holds(incidents, as_of=AsOf(date(2026, m, d)), **tables)) for m, d in ((1, 1), (1, 2), (1, 31))] == [
        0,
        1,
        1,
    ]
    assert holds(incidents, as_of=AsOf(date(2026, 2, 1)), **tables).empty


def test_unasked_safety_checks_hold_no_place(holds):
    row = {"person_id": "A", "victim_id": "V", "status": "not_asked", "by_agency": "idva", "checked_on": None}
    assert holds([on("2025-01-01", "A", "V")], safety_checks=[row]).empty


def test_reasons_of_a_hold_name_nobody(holds):
    found = holds([on("2025-01-01", "SUBJ-1", "OTHER-2"), on("2025-02-01", "OTHER-2", "SUBJ-1")], people=["SUBJ-1"])
    assert len(found) == 1
    assert "OTHER-2" not in found["why"].iloc[0]
