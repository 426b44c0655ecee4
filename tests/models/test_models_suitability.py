from __future__ import annotations

from datetime import date

import pytest

from features.building import build_stream
from models import SuitabilityParameters, assess, gather_records
from values import AsOf, Window

T = AsOf(date(2026, 3, 31))


@pytest.fixture
def criteria(make_source):
    def of(incidents, person="A", area="castlebridge", adult="yes", parameters=None, as_of=T, **tables):
        held = make_source(incidents, **tables)
        record = gather_records(build_stream(held), held, [person], as_of, {person: adult})[person]
        found = assess(record, area, parameters or SuitabilityParameters())
        return {criterion.name: criterion for criterion in found}

    return of


def refs(criterion):
    return [event.event_ref.removeprefix("incident:") for event in criterion.events]


def on(day, victim="V", suspects=("A",), **more):
    return {"day": day, "suspects": suspects, "victims": (victim,) if victim else (), **more}


TWO_VICTIMS = [on("2025-06-01", "V"), on("2024-01-10", "W", crime=False)]


def test_every_person_gets_the_same_criteria_with_definitions(criteria):
    known, nobody = criteria(TWO_VICTIMS), criteria(TWO_VICTIMS, person="ZZ", adult="unknown")
    assert list(known) == list(nobody)
    assert len(known) == 13
    assert all(c.definition and c.detail and c.label for c in [*known.values(), *nobody.values()])
    assert all(c.state in ("met", "not met", "unknown") for c in nobody.values())
    assert not any(c.events for c in nobody.values())


@pytest.mark.parametrize(("adult", "state"), [("yes", "met"), ("no", "not met"), ("unknown", "unknown")])
def test_adult_is_taken_as_given(criteria, adult, state):
    assert criteria(TWO_VICTIMS, adult=adult)["adult"].state == state


def test_relationship_is_unknown_unless_recorded(criteria):
    assert criteria(TWO_VICTIMS)["intimate_or_family"].state == "unknown"
    told = criteria([on("2025-06-01", relationship="ex_partner"), on("2025-07-01", "W")])["intimate_or_family"]
    assert (told.state, refs(told)) == ("met", ["I1"])
    assert "ex-partner" in told.detail


def test_overwritten_columns_say_when_they_were_recorded(criteria):
    told = criteria([on("2025-06-01", relationship="partner")], as_of=AsOf(date(2025, 12, 31)))
    assert "As recorded on 2026-03-31" in told["intimate_or_family"].detail
    now = criteria([on("2025-06-01", relationship="partner")])
    assert "As recorded" not in now["intimate_or_family"].detail


def test_serial_by_northumbria_counts_non_crimes_over_three_years(criteria):
    serial = criteria(TWO_VICTIMS)["serial_northumbria"]
    assert (serial.state, refs(serial)) == ("met", ["I1", "I2"])
    assert criteria(TWO_VICTIMS)["serial_college"].state == "not met"
    old = [on("2025-06-01", "V"), on("2023-03-31", "W")]
    assert criteria(old)["serial_northumbria"].state == "not met"
    assert criteria([old[0], on("2023-04-02", "W")])["serial_northumbria"].state == "met"


def test_two_victims_of_one_incident_are_not_serial(criteria):
    one = [{"day": "2025-06-01", "suspects": ("A",), "victims": ("V", "W")}]
    found = criteria(one)
    assert found["serial_northumbria"].state == "not met"
    assert found["serial_college"].state == "not met"
    connected = criteria([*one, on("2025-07-01", "V")])
    assert connected["serial_northumbria"].state == "met"
    assert connected["serial_college"].state == "not met"
    assert criteria([*one, on("2025-07-01", "X")])["serial_college"].state == "met"


def test_serial_and_repeat_stay_unknown_while_a_victim_is_unidentified(criteria):
    found = criteria([on("2025-06-01", "V"), on("2025-07-01", None)])
    assert [found[n].state for n in ("serial_northumbria", "serial_college", "repeat")] == ["unknown"] * 3


def test_repeat_needs_the_same_victim_twice_within_the_window(criteria):
    assert criteria(TWO_VICTIMS)["repeat"].state == "not met"
    twice = criteria([on("2025-06-01"), on("2025-05-01"), on("2025-04-01", "W")])["repeat"]
    assert (twice.state, refs(twice)) == ("met", ["I1", "I2"])
    apart = [on("2025-06-01"), on("2024-03-31")]
    assert criteria(apart)["repeat"].state == "not met"
    wider = SuitabilityParameters(repeat=Window(None))
    assert criteria(apart, parameters=wider)["repeat"].state == "met"


HEARING = {
    "hearing_id": "H1",
    "victim_id": "V",
    "perpetrator_id": "A",
    "referred_at": "2025-08-01",
    "heard_at": "2025-08-20",
    "area": "castlebridge",
}


def test_marac_repeat_definitions_differ_on_non_crimes(criteria):
    after = [on("2025-09-01", crime=False), on("2025-07-31")]
    found = criteria(after, marac_hearings=[HEARING])
    assert found["marac_repeat_current"].state == "met"
    assert [e.event_ref for e in found["marac_repeat_current"].events] == ["incident:I1", "hearing:H1"]
    assert found["marac_repeat_older"].state == "not met"
    crime = criteria([on("2025-09-01")], marac_hearings=[HEARING])
    assert crime["marac_repeat_older"].state == "met"


def test_marac_repeat_needs_the_same_victim_and_twelve_months(criteria):
    assert criteria([on("2025-09-01", "W")], marac_hearings=[HEARING])["marac_repeat_current"].state == "not met"
    early = {**HEARING, "referred_at": "2025-01-10", "heard_at": "2025-01-20"}
    assert criteria([on("2026-01-11")], marac_hearings=[early])["marac_repeat_current"].state == "not met"
    assert criteria([on("2026-01-10")], marac_hearings=[early])["marac_repeat_current"].state == "met"


def test_without_hearings_marac_repeat_is_unknown_not_absent(criteria):
    found = criteria(TWO_VICTIMS)
    assert found["marac_repeat_older"].state == found["marac_repeat_current"].state == "unknown"


@pytest.mark.parametrize(
    ("incident", "state"),
    [
        (on("2025-06-01", code="00867"), "met"),  # coercive control: ten harm days only
        (on("2025-06-01", code="00858"), "not met"),
        (on("2025-06-01", code="00858", grade="high"), "met"),
        (on("2025-06-01", code="00858", strangulation=True), "met"),
        (on("2025-06-01", code="99999"), "unknown"),
        (on("2023-06-01", code="00867"), "not met"),
        (on("2025-06-01", code="00867", domestic=False), "not met"),
    ],
)
def test_high_harm_has_floors_that_no_weight_removes(criteria, incident, state):
    found = criteria([incident], marac_hearings=[{**HEARING, "perpetrator_id": "B"}])["high_harm"]
    assert found.state == state
    assert refs(found) == (["I1"] if state == "met" else [])


def test_high_harm_is_unknown_without_hearings_and_met_by_one(criteria):
    assert criteria([on("2025-06-01")])["high_harm"].state == "unknown"
    heard = criteria([on("2025-06-01")], marac_hearings=[HEARING])["high_harm"]
    assert (heard.state, [e.event_ref for e in heard.events]) == ("met", ["hearing:H1"])


def test_an_event_recorded_later_is_not_known_yet(criteria):
    late = [on("2025-06-01", known_from="2026-04-02")]
    assert criteria(late)["recent"].state == "not met"
    assert criteria(late, as_of=T.plus(2))["recent"].state == "met"


def test_recent_window_ends_after_a_year(criteria):
    assert criteria([on("2025-03-31")])["recent"].state == "not met"
    assert criteria([on("2025-04-01")])["recent"].state == "met"


def test_area_is_where_the_person_or_a_victim_lives(criteria):
    def lives(person, area):
        return {"person_id": person, "area": area, "postcode": None, "from": "2020-01-01", "to": None}

    incidents = [on("2025-06-01")]
    assert criteria(incidents)["area"].state == "unknown"
    assert "1 domestic incident recorded there" in criteria(incidents)["area"].detail
    assert criteria(incidents, addresses=[lives("V", "castlebridge")])["area"].state == "met"
    assert criteria(incidents, addresses=[lives("A", "castlebridge")])["area"].state == "met"
    assert criteria(incidents, addresses=[lives("A", "elsewhere")])["area"].state == "unknown"
    both = [lives("A", "elsewhere"), lives("V", "elsewhere")]
    assert criteria(incidents, addresses=both)["area"].state == "not met"


def test_custody_defers_with_the_release_date(criteria):
    spell = {"person_id": "A", "starts_on": "2026-01-05", "ends_on": None, "kind": "remand"}
    spell["expected_release"] = "2026-07-01"
    held = criteria(TWO_VICTIMS, custody=[spell])["custody"]
    assert (held.state, held.effect) == ("met", "defer")
    assert "release expected 2026-07-01" in held.detail
    out = criteria(TWO_VICTIMS, custody=[{**spell, "ends_on": "2026-02-01"}])["custody"]
    assert out.state == "not met"
    assert criteria(TWO_VICTIMS)["custody"].state == "unknown"


def test_management_is_shown_and_decides_nothing(criteria):
    scheme = {"person_id": "A", "scheme": "mappa", "starts_on": "2025-01-05", "ends_on": None}
    shown = criteria(TWO_VICTIMS, management=[scheme])["already_managed"]
    assert (shown.state, shown.effect, shown.detail) == ("met", "display", "Managed under MAPPA.")
    assert criteria(TWO_VICTIMS)["already_managed"].state == "unknown"


def test_restart_needs_social_care_and_an_established_lower_risk(criteria):
    referral = {"referral_id": "R1", "person_id": "A", "route": "childrens_social_care"}
    graded = [on("2025-06-01", grade="medium")]
    nobody = [{**HEARING, "perpetrator_id": "B"}]
    assert criteria(graded, marac_hearings=nobody)["restart"].state == "unknown"
    assert criteria(graded, marac_hearings=nobody, referrals=[referral])["restart"].state == "met"
    ungraded = criteria([on("2025-06-01")], marac_hearings=nobody, referrals=[referral])["restart"]
    assert ungraded.state == "unknown"
    high = criteria([on("2025-06-01", grade="high")], marac_hearings=nobody, referrals=[referral])
    assert high["restart"].state == "not met"
