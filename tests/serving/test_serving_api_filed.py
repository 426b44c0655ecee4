"""The API of what is put on file and of oversight: the same acts, rules and restrictions as the pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from serving import Person, Role, Service

DATABASES = ("sqlite", "postgresql")
CHAIR, REVIEWER = Person("chair", "C", Role.CHAIR), Person("reviewer-1", "R", Role.REVIEWER)
MEMBER = Person("member", "M", Role.PANEL_MEMBER, agency="probation")
ADMIN = Person("admin", "A", Role.ADMINISTRATOR)
Call = Callable[..., Any]
GROUPS = ("entered", "left", "rose", "fell", "held", "decided", "due")


def test_a_meeting_is_called_changed_attended_and_minuted_and_nothing_of_it_twice(
    call_as: Callable[[Person], Call], service: Service, released: str, made_up: Any
) -> None:
    chair, member, person = call_as(CHAIR), call_as(MEMBER), made_up.rows[0]["person"]
    asked = {"run": released, "day": "2026-04-01", "places": 3}
    called = [chair("/meetings", asked, "call-of-april").json()["meeting"] for _ in range(2)]
    assert called[0] == called[1]
    page = f"/meetings/{called[0]}"
    stands = chair(page).json()["meeting"]["newest"]
    changed = [chair(page, {**asked, "places": 4, "newest": stands}, "four-places").status_code for _ in range(2)]
    assert changed == [201, 201]
    assert chair(page, {**asked, "newest": stands}).json()["type"] == "/about/api#filed-meanwhile"
    here = {"name": "A Member", "agency": "probation", "present": True, "recused": [person]}
    assert chair(f"{page}/attendance", here).status_code == 201
    assert chair(f"{page}/attendance", {**here, "recused": ["P-NONE"]}).status_code == 422
    action = chair(f"{page}/actions", {"what": "Ask", "owner": "Coordinator", "due": "2026-05-01", "person": person})
    done = [chair(f"{page}/actions/{action.json()['number']}", {"outcome": "Asked"}, "close-it") for _ in range(2)]
    assert [answer.status_code for answer in done] == [201, 201]
    assert chair(f"{page}/minutes", {"note": "Agreed"}).status_code == 201
    told = chair(page).json()
    assert (told["meeting"]["places"], told["agenda"]["taken"]) == (4, 0)
    assert told["agenda"]["to_decide"] == [row["person"] for row in made_up.rows[:3]]
    assert [each["document"]["recused"] for each in told["attendance"]] == [[person]]
    assert [each["document"]["done"] for each in told["actions"]] == ["Asked"]
    assert [each["document"]["note"] for each in told["minutes"]] == ["Agreed"]
    assert member(page).json()["attendance"][0]["document"]["recused"] == []
    assert member(f"{page}/minutes", {"note": "Mine"}).status_code == 403
    assert [each["meeting"] for each in member("/meetings").json()["meetings"]] == called[:1]
    seen = {(view["actor"], view["action"]) for view in service.views()}
    assert {("chair", "view.meeting"), ("member", "view.meeting"), ("member", "view.list")} <= seen
    assert service.verify().ok


def test_an_agency_is_asked_answers_for_itself_and_challenges_a_link(
    call_as: Callable[[Person], Call], released: str, made_up: Any
) -> None:
    chair, member, other = call_as(CHAIR), call_as(MEMBER), call_as(Person("m2", "M", Role.PANEL_MEMBER, agency="x"))
    page = f"/lists/{released}/cases/{made_up.rows[0]['person']}"
    question = {"agency": "probation", "what": "Which order?", "due": "2026-05-01"}
    number = chair(f"{page}/information", question).json()["number"]
    assert [each["number"] for each in member("/requests").json()["waiting"]] == [number]
    assert other("/requests").json() == {"agency": "x", "waiting": []}
    answer = {"words": "None in force", "for_all": False}
    assert other(f"{page}/information/{number}", answer).status_code == 422
    assert member(f"{page}/information/{number}", answer).status_code == 201
    assert member(f"{page}/link", {"why": "INC001 is the brother's"}).status_code == 201
    told = [call(f"{page}/information").json() for call in (chair, member, other)]
    words = [each["requests"][0]["answer"] and each["requests"][0]["answer"]["document"]["words"] for each in told]
    assert words == ["None in force", "None in force", None]
    assert [len(each["challenges"]) for each in told] == [1, 1, 0]
    assert all(each["requests"][0]["answered"] for each in told)


def test_the_registers_stops_and_figures_are_those_of_the_pages(
    call_as: Callable[[Person], Call],
    service: Service,
    released: str,
    evidence: Callable[..., dict[str, Any]],
    keep_report: Callable[..., Any],
    tmp_path: Path,
) -> None:
    chair, reviewer, admin = call_as(CHAIR), call_as(REVIEWER), call_as(ADMIN)
    incident = {"area": "castlebridge", "kind": "near_miss", "happened": "2026-03-31", "what": "A pack on a desk"}
    number = chair("/registers/incidents", incident).json()["number"]
    assert chair("/registers/incidents", {**incident, "area": "nowhere"}).status_code == 422
    arrived = {"area": "castlebridge", "arrived": "2026-03-31", "who": "subject", "reference": "C-1", "about": "A rank"}
    assert reviewer("/registers/challenges", arrived).status_code == 201
    assert reviewer(f"/registers/incident/{number}", {"outcome": "Locked away"}).status_code == 201
    assert reviewer(f"/registers/incident/{number}", {"outcome": "Again"}).status_code == 409
    told = reviewer("/registers").json()
    assert [each["document"]["outcome"] for each in told["incidents"]] == ["Locked away"]
    assert [each["document"]["due"] for each in told["challenges"]] == ["2026-04-30"]
    assert chair("/registers").status_code == 403

    assert reviewer("/evidence").json() == {"evidence": None}
    service.keep_evidence(evidence(released), "batch")
    assert reviewer("/evidence").json()["evidence"]["lists"][0]["run"] == released
    assert reviewer(f"/audits/{released}/report").json()["files"] == {}
    keep_report(service, tmp_path, released, "released")
    assert reviewer(f"/audits/{released}/report").json()["holds"]
    told = reviewer("/oversight").json()
    figures = told["lists"]
    assert (told["total"]["decided"], figures[0]["stopped"]) == (0, False)
    assert [(each["run"], each["figures"]["decided"]) for each in figures] == [(released, 0)]
    assert [view["action"] for view in reviewer(f"/oversight/{released}").json()["views"]] == []

    stop = {"area": "castlebridge", "reason": "A source delivered twice"}
    assert reviewer("/stops", {**stop, "area": "nowhere"}).status_code == 422
    assert [admin("/stops", stop, "stop-it-now").status_code for _ in range(2)] == [201, 201]
    assert [each["by"] for each in chair("/stops").json()["stops"]] == ["admin"]
    assert chair(f"/lists/{released}").status_code == 409
    assert reviewer("/stops/go-on", stop).status_code == 201
    assert chair("/stops").json() == {"stops": []}


def test_a_text_that_no_database_keeps_is_refused(
    call_as: Callable[[Person], Call], released: str, made_up: Any
) -> None:
    chair, page = call_as(CHAIR), f"/lists/{released}/cases/{made_up.rows[0]['person']}"
    decision = {"decision": "not_suitable", "reason_code": "pattern", "reason": "Nul \x00 within", "sensitive": False}
    question = {"agency": "pro\x00bation", "what": "Which order?", "due": "2026-05-01"}
    answers = [chair(f"{page}/decisions", decision), chair(f"{page}/information", question)]
    assert [answer.status_code for answer in answers] == [422, 422]


def test_somebody_is_referred_and_decided_on_by_a_program_once(
    call_as: Callable[[Person], Call], released: str
) -> None:
    chair, member = call_as(CHAIR), call_as(MEMBER)
    asked = {"area": "castlebridge", "agency": "housing", "why": "Shouting", "family_name": "Bloggs"}
    numbers = [chair("/referrals", asked, "the-referral").json()["number"] for _ in range(2)]
    assert numbers[0] == numbers[1]
    (found,) = chair("/referrals").json()["referrals"]
    assert (found["number"], found["family_name"], found["unlisted"]) == (numbers[0], "Bloggs", True)
    (seen,) = call_as(REVIEWER)("/referrals").json()["referrals"]
    assert (seen["family_name"], seen["why"]) == (None, None)
    page = f"/referrals/{numbers[0]}"
    meeting = chair("/meetings", {"run": released, "day": "2026-04-01", "places": 4}).json()["meeting"]
    assert chair(f"/meetings/{meeting}").json()["agenda"]["tabled"] == [numbers[0]]
    decision = {"decision": "not_suitable", "reason_code": "pattern", "reason": "Agreed", "sensitive": True}
    assert member(f"{page}/decision", decision).status_code == 403
    assert chair(f"{page}/decision", {**decision, "decision": "accept_direct"}).status_code == 422
    assert chair(f"{page}/decision", decision).status_code == 201
    assert chair(f"{page}/decision", decision).status_code == 409
    assert member(page).json()["decisions"][0]["reason"] == "Withheld: marked as sensitive."
    changed = chair(f"/lists/{released}/changes").json()
    assert changed == {"before": None} | {name: [] for name in GROUPS}
