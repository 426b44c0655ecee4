"""Meetings of a panel: called on a list, attended, with actions and signed minutes, each within its area."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from serving import Person, Role, Service
from serving.access.viewing import Viewing
from serving.errors import DecisionRefused, FilingConflict, FilingRefused, NotFound, NotPermitted
from serving.panel import meetings
from serving.panel.meetings import Action, Attendee, Meeting
from serving.web.pages.agenda import next_meeting, turn

DATABASES = ("sqlite", "postgresql")
TODAY = date(2026, 4, 1)
ASK = Action("Ask probation for the order", "Coordinator", TODAY + timedelta(days=7))


@pytest.fixture
def meeting(service: Service, released: str, chair: Person) -> Meeting:
    name = meetings.call_meeting(service, chair, "castlebridge", TODAY, 3, released)
    return meetings.meeting_of(service, name)


def test_a_meeting_is_called_on_a_list_of_its_area(
    service: Service, released: str, chair: Person, meeting: Meeting
) -> None:
    assert (meeting.area, meeting.day, meeting.places, meeting.run) == ("castlebridge", TODAY, 3, released)
    assert meetings.meetings(service) == [meeting]
    for area, day, places, why in (
        ("castlebridge", TODAY - timedelta(days=1), 3, "in the past"),
        ("castlebridge", TODAY, 0, "number of places"),
        ("nowhere", TODAY, 3, "No list was ever scored"),
    ):
        with pytest.raises(FilingRefused, match=why):
            meetings.call_meeting(service, chair, area, day, places, released)


def test_a_case_leads_on_to_the_next_of_the_agenda_that_is_not_settled(meeting: Meeting) -> None:
    order = ["A", "B", "C", "D"]
    first = turn(meeting, order, {"B"}, "A")
    assert (first.number, first.cases, first.left) == (1, 4, 3)
    assert (first.before, first.after, first.next) == (None, "B", "C")
    last = turn(meeting, order, {"B", "D"}, "D")
    assert (last.number, last.before, last.after, last.next) == (4, "C", None, "A")
    assert turn(meeting, order, {"A", "C", "D"}, "B").next is None  # none is left but this
    elsewhere = turn(meeting, order, {"A"}, "Z")
    assert (elsewhere.number, elsewhere.before, elsewhere.after, elsewhere.next) == (None, None, None, "B")


def test_the_meeting_that_a_list_waits_for_is_the_next_one_else_the_last(meeting: Meeting) -> None:
    on = {day: replace(meeting, day=TODAY + timedelta(days=day)) for day in (-9, -2, 3, 8)}
    assert next_meeting([on[8], on[-2], on[3]], TODAY) == on[3]
    assert next_meeting([on[-9], on[-2]], TODAY) == on[-2]
    assert next_meeting([], TODAY) is None


def test_a_change_replaces_what_the_chair_read_and_the_second_is_told(
    service: Service, released: str, chair: Person, meeting: Meeting
) -> None:
    later = TODAY + timedelta(days=28)
    meetings.change_meeting(service, chair, meeting, later, 5, released)
    changed = meetings.meeting_of(service, meeting.meeting)
    assert (changed.day, changed.places, changed.called_by) == (later, 5, "chair")
    with pytest.raises(FilingConflict, match="in the meantime"):
        meetings.change_meeting(service, chair, meeting, TODAY, 1, released)
    assert meetings.meetings(service) == [changed]


def test_somebody_noted_twice_stands_once_as_noted_last(service: Service, chair: Person, meeting: Meeting) -> None:
    here = Attendee("A Member", "probation", True)
    meetings.attend(service, chair, meeting, here)
    meetings.attend(service, chair, meeting, replace(here, name="a member ", present=False, recused=("P1",)))
    meetings.attend(service, chair, meeting, replace(here, name="a member", present=False))  # a recusal stays
    (found,) = meetings.attendance(service, meeting)
    assert found.document == {"name": "a member", "agency": "probation", "present": False, "recused": ["P1"]}
    with pytest.raises(FilingRefused, match="a name and an agency"):
        meetings.attend(service, chair, meeting, replace(here, name=" "))


def test_an_action_stays_open_for_later_meetings_until_it_is_closed(
    service: Service, chair: Person, meeting: Meeting
) -> None:
    number = meetings.agree_action(service, chair, meeting, ASK)
    assert [each.number for each in meetings.open_actions(service, "castlebridge")] == [number]
    with pytest.raises(FilingRefused, match="what came of the action"):
        meetings.close_action(service, chair, meeting, number, " ")
    meetings.close_action(service, chair, meeting, number, "Sent")
    for again in (number, meetings.actions(service, meeting)[0].number):
        with pytest.raises(FilingConflict):
            meetings.close_action(service, chair, meeting, again, "Sent again")
    assert meetings.open_actions(service, "castlebridge") == []
    (found,) = meetings.actions(service, meeting)
    assert (found.document["what"], found.document["done"]) == ("Ask probation for the order", "Sent")
    with pytest.raises(NotFound, match="no such action"):
        meetings.close_action(service, chair, meeting, 999, "Sent")


def test_minutes_are_signed_on_the_day_or_later_and_every_version_stays(
    service: Service, chair: Person, meeting: Meeting, clock: Any, released: str
) -> None:
    later = TODAY + timedelta(days=2)
    meetings.change_meeting(service, chair, meeting, later, 3, released)
    known = meetings.meeting_of(service, meeting.meeting)
    with pytest.raises(FilingRefused, match="has not been yet"):
        meetings.sign_minutes(service, chair, known, "Agreed")
    clock.forward(days=2)
    first = meetings.sign_minutes(service, chair, known, "Agreed")
    with pytest.raises(FilingConflict):  # by a chair whose page showed none
        meetings.sign_minutes(service, chair, known, "Not agreed")
    meetings.sign_minutes(service, chair, known, "Agreed by all", first)
    with pytest.raises(FilingConflict):
        meetings.sign_minutes(service, chair, known, "Not agreed", first)
    assert [each.document["note"] for each in meetings.minutes(service, known)] == ["Agreed", "Agreed by all"]


def test_only_a_chair_of_the_area_acts_and_others_of_other_areas_do_not_see_it(
    service: Service, meeting: Meeting, released: str
) -> None:
    member = Person("m", "M", Role.PANEL_MEMBER, frozenset({"castlebridge"}), "probation")
    far = Person("far", "Far", Role.CHAIR, frozenset({"ashford"}))
    assert meetings.meetings(Viewing(service, member)) == [meeting]
    with pytest.raises(NotPermitted):
        meetings.agree_action(Viewing(service, member), member, meeting, ASK)
    assert meetings.meetings(Viewing(service, far)) == []
    with pytest.raises(NotFound, match="no such meeting"):
        meetings.meeting_of(Viewing(service, far), meeting.meeting)
    with pytest.raises(NotFound):
        meetings.call_meeting(Viewing(service, far), far, "castlebridge", TODAY, 3, released)
    with pytest.raises(NotFound):
        meetings.agree_action(Viewing(service, far), far, meeting, ASK)


def test_who_leaves_the_room_for_a_case_is_told_and_does_not_decide_on_it(
    service: Service, chair: Person, meeting: Meeting
) -> None:
    meetings.attend(service, chair, meeting, Attendee("A Member", "probation", True, ("P1",)))
    meetings.attend(service, chair, meeting, Attendee(chair.name.upper(), "police", True, ("P1", "P2")))
    told = [
        (each.document["name"], each.document["agency"]) for each in meetings.out_of_room(service, meeting.area, "P1")
    ]
    assert told == [("A Member", "probation"), (chair.name.upper(), "police")]
    for person in ("P1", "P2"):
        with pytest.raises(DecisionRefused, match="leave the room"):
            meetings.need_in_room(service, chair, meeting.area, person)
    meetings.need_in_room(service, chair, meeting.area, "P3")
    for name, told in (("Dr A Member", True), ("Member", False), ("Another Member", False), ("Member, A.", True)):
        by = Person("m", name, Role.CHAIR)
        if told:
            with pytest.raises(DecisionRefused):
                meetings.need_in_room(service, by, meeting.area, "P1")
        else:
            meetings.need_in_room(service, by, meeting.area, "P1")
    meetings.need_in_room(service, Person("chair-2", "Another", Role.CHAIR), meeting.area, "P1")
    assert meetings.out_of_room(service, "ashford", "P1") == []


def test_a_chair_who_left_the_room_is_refused_wherever_they_decide(
    service: Service, released: str, made_up: Any, chair: Person, meeting: Meeting
) -> None:
    person = made_up.rows[0]["person"]
    meetings.attend(service, chair, meeting, Attendee(chair.name, "police", True, (person,)))
    with pytest.raises(DecisionRefused, match="leave the room"):
        Viewing(service, chair).decide(released, person, chair, "not_suitable", "pattern", "Agreed")
    held = next(row for row in made_up.rows if row["section"] == "held")
    meetings.attend(service, chair, meeting, Attendee(chair.name, "police", True, (held["person"],)))
    with pytest.raises(DecisionRefused, match="leave the room"):
        Viewing(service, chair).clear_hold(released, held["person"], held["hold"]["kind"], chair, "Settled")
    assert service.decisions() == []
