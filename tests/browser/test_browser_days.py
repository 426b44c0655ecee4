"""Each user's day from signing in to its end, on both databases; what they entered is read back from the database.

On SQLite by keyboard, without JavaScript and 320 px wide; on PostgreSQL with a mouse and JavaScript, and axe looks.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from serving import Person, Role
from serving.access.viewing import Viewing
from serving.links import settled
from serving.panel.referrals import Referred, refer
from serving.panel.requests import Question, ask
from serving.web.rules import RULES

pytestmark = pytest.mark.browser
Walks = Callable[[str], Any]
USERS = ("Casey Chair", "Morgan Member", "Riley Reviewer", "Sasha Scientist", "Ashley Administrator")
CHAIR = Person("chair", "Casey Chair", Role.CHAIR)
MEMBER = Person("member", "Morgan Member", Role.PANEL_MEMBER, agency="probation")


def name_of(days: dict[str, Any], person: str) -> str:
    """Return the made-up name of somebody on the list."""
    return f"Synthetic Number{int(person[-4:])} (synthetic)"


def test_a_chairs_day(walk: Walks, days: dict[str, Any]) -> None:
    chair, listed, people = walk("Casey Chair"), days["list"], days["people"]
    chair.follow("Panel")
    chair.choose("Castlebridge, as of 31 March 2026 (released)")
    chair.date("day", 1, 4)
    chair.write("How many people can the panel accept?", "3")
    chair.send("Call the meeting")
    assert chair.told == "The meeting is called."
    meeting = chair.page.url.partition("?")[0].removeprefix(days["url"])
    assert "Yes: released until" in chair.page.locator(".dp-facts div").first.inner_text()
    chair.unfold("Note somebody")
    for member, there in (("Morgan Member", "Yes"), ("Avery Away", "No")):
        chair.write("Name", member)
        chair.write("Agency", "Probation")
        chair.choose(there, "#attendance")
        chair.send("Note attendance")
        assert chair.told == "Attendance is noted."
        chair.unfold("Note somebody")

    chair.open(f"/lists/{listed}/own-views")
    chair.follow(name_of(days, people[0]))
    chair.choose("I would give a place")
    chair.write("What leads you to it?", "Two victims in a year")
    chair.send("Put my view on file")
    assert chair.told == "Your own view is on file."
    chair.open(meeting)

    chair.follow("Open the whole list")
    chair.unfold("Filter this list")
    chair.choose("Very high")
    chair.send("Apply filters")
    assert "Showing 2 of 14." in chair.text
    chair.follow("Clear all")
    chair.follow("Show as a table that can be sorted")
    chair.follow("V100")
    assert "Showing 14 of 14." in chair.text
    chair.follow("Show with reasons")
    chair.follow("What changed since the last panel")
    assert name_of(days, people[0]) in chair.page.locator("section:has(#entered)").inner_text()
    chair.follow("Back to the Castlebridge list")
    chair.follow(name_of(days, people[0]))
    for side in ("Why this place", "Criteria", "Chronology", "What is missing", "Information"):
        chair.follow(side)
    chair.write("Which agency?", "Housing")
    chair.write("What does the panel need to know?", "Which order is in force?")
    chair.date("due", 8, 4)
    chair.send("Ask")
    assert chair.told == "The agency is asked."

    decide(chair, days, people[0], "Accept for direct work")
    decide(chair, days, people[1], "Defer", until=(1, 6), late=True)
    decide(chair, days, people[2], "Not suitable")
    decide(chair, days, people[3], "Escalate to MARAC")
    case = f"/lists/{listed}/cases/{days['held']}"
    chair.open(f"{case}/decision")
    chair.write("What was checked, with whom, and what did it show?", "The IDVA knows of no abuse by the victim")
    chair.send("Clear the hold")
    assert "The hold is cleared." in chair.told
    decide(chair, days, days["held"], "Accept for disruption only")
    chair.open(f"/lists/{listed}/cases/{people[4]}")
    chair.follow("Declare a conflict of interest in this case")
    chair.send("Declare a conflict of interest")
    assert name_of(days, people[4]) not in chair.text
    chair.open(f"/lists/{listed}/cases/{people[4]}")
    assert "You declared a conflict of interest in this case." in chair.text

    refer(days["service"], MEMBER, "castlebridge", Referred("", "Three callouts", "", who={"family_name": "Partner"}))
    chair.open(meeting)
    chair.follow("Partner (synthetic)")
    chair.choose("Refer elsewhere")
    chair.choose("Pattern of repeat or serial abuse")
    chair.write("Why, in the panel’s own words", "Another service knows the family")
    chair.choose("No")
    chair.send("Record the decision")
    assert chair.told == "The decision is recorded."

    chair.open(meeting)
    chair.unfold("Agree an action")
    chair.write("What is to be done?", "Ask housing for the tenancy")
    chair.write("Who does it?", "Coordinator")
    chair.date("due", 8, 4, within="#actions")
    chair.send("Agree the action")
    chair.write("What came of it?", "Housing answered by telephone")
    chair.send("Close")
    assert chair.told == "The action is closed."
    chair.unfold("Sign the minutes")
    chair.write("Note", "Quorate; five cases decided")
    chair.send("Sign the minutes")
    assert chair.told == "The minutes are signed."
    chair.open(f"{meeting}/exports")
    chair.choose("Minutes (PDF)")
    assert "Quorate; five cases decided" in text_of(chair.fetch("Take the file"))
    chair.choose("Paper pack: agenda, list and a brief of each case on the agenda (PDF)")
    pack = text_of(chair.fetch("Take the file"))
    assert "Which order is in force?" in pack
    assert name_of(days, people[0]) in pack

    service = days["service"]
    assert [each["words"] for each in filed(days, "own_view")] == ["Two victims in a year"]
    assert {row["person"]: row["decision"] for row in service.decisions(run=listed)} == {
        people[0]: "accept_direct",
        people[1]: "defer",
        people[2]: "not_suitable",
        people[3]: "escalate_to_marac",
        days["held"]: "disrupt_only",
    }
    (elsewhere,) = filed(days, "referral_decision")
    assert (elsewhere["decision"], elsewhere["reason"]) == ("refer_elsewhere", "Another service knows the family")
    accepted = next(row for row in service.decisions(run=listed) if row["person"] == people[0])
    assert accepted["particulars"]["support"] == {"service": "The IDVA service", "offer": "declined", "why": ""}
    assert [(row["person"], row["kind"]) for row in service.clearances()] == [(days["held"], "counter_allegation")]
    assert [(who["name"], who["present"]) for who in filed(days, "attendance")] == [
        ("Morgan Member", True),
        ("Avery Away", False),
    ]
    assert [each["done"] for each in filed(days, "action")] == ["", "Housing answered by telephone"]
    assert [each["note"] for each in filed(days, "minutes")] == ["Quorate; five cases decided"]
    assert service.verify().ok


def text_of(paper: bytes) -> str:
    return " ".join("".join(page.extract_text() for page in PdfReader(BytesIO(paper)).pages).split())


def decide(
    chair: Any,
    days: dict[str, Any],
    person: str,
    decision: str,
    until: tuple[int, int] | None = None,
    late: bool = False,
) -> None:
    """Record a decision on the page of a case; an acceptance is first sent without what was offered to victims.

    Parameters
    ----------
    late
        Whether the session ends while the reason is typed: it is there again after signing in.
    """
    chair.open(f"/lists/{days['list']}/cases/{person}/decision")
    chair.choose(decision)
    if until:
        chair.date("until", *until)
    chair.choose("Pattern of repeat or serial abuse")
    chair.write("Why, in the panel’s own words", "Agreed by every agency")
    chair.choose("No")
    if decision.startswith("Accept"):
        chair.send("Record the decision")
        assert chair.page.locator(".govuk-error-summary a").count() > 0
        chair.choose("Offered, and declined")
        chair.write("Which service offers it?", "The IDVA service")
        chair.unfold("Does the panel agree with the list’s reasons?")
        chair.choose("Disagree", "#opinion-1-hint, fieldset:has([name=opinion-1])")
    if late:
        days["clock"].forward(hours=1)
        chair.send("Record the decision")
        assert "What you typed is kept for you" in chair.text
        chair.send("Sign in as Casey Chair")
        assert "Not recorded yet." in chair.text
        assert chair.page.get_by_label("Why, in the panel’s own words").input_value() == "Agreed by every agency"
    chair.send("Record the decision")
    assert chair.told == "The decision is recorded."


def filed(days: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [dict(each.document) for each in days["service"].filed([kind])]


def test_a_members_day(walk: Walks, days: dict[str, Any]) -> None:
    service, person = days["service"], days["people"][5]
    ask(service, CHAIR, days["list"], person, Question("probation", "Is a licence in force?", date(2026, 4, 8)))
    member = walk("Morgan Member")
    member.open("/mine")
    member.follow(person)
    member.write("Your agency’s answer", "A licence until June")
    member.choose("The whole panel")
    member.send("Give the answer")
    assert member.told == "The answer is given."
    member.write("Which records, and why?", "INC005 is of somebody else of that name")
    member.send("Challenge the link")
    assert "The link is challenged." in member.told
    member.follow("Your work")
    assert "No question waits for an answer." in member.text
    assert "INC005 is of somebody else of that name" in member.text
    member.open("/requests")
    assert person not in member.text
    member.open("/referrals")
    member.choose("Castlebridge")
    member.write("Family name", "Neighbour")
    member.write("Why should the panel look at this person?", "Two partners came to us")
    member.send("Refer to the panel")
    assert "The referral is made." in member.told
    member.follow("Neighbour")
    assert "Two partners came to us" in member.text
    member.open(f"/lists/{days['list']}/exports")
    member.choose("The list (CSV)")
    assert person in member.fetch("Take the file").decode()
    assert [each["words"] for each in filed(days, "answer")] == ["A licence until June"]
    assert filed(days, "referral")[-1]["agency"] == "probation"
    assert service.verify().ok


def test_a_reviewers_day(walk: Walks, days: dict[str, Any]) -> None:
    service, first = days["service"], walk("Riley Reviewer")
    audit = f"/audits/{days['ashford']}"
    first.follow("Read the audit of Ashford, 31 March 2026")
    first.write("Reason", "Read in full", "[aria-labelledby=approve-title]")
    first.send("Release the list")
    assert "1 not assessable: subjects/ethnicity/mixed" in first.text
    first.choose("subjects/ethnicity/mixed")
    first.send("Release the list")
    assert first.told == "The list is released and published."
    first.follow("Open the released list")
    assert "Number0" not in first.text  # a reviewer reads pseudonyms

    first.open(f"/audits/{days['millbrook']}")
    first.write("Reason", "The extract was a month old", "[aria-labelledby=refuse-title]")
    first.send("Refuse the list")
    assert first.told == "The list is refused."
    first.open(audit)
    first.write("Reason", "A source was sent twice")
    first.send("Withdraw the list")
    assert "The list is withdrawn." in first.told
    first.open(f"/lists/{days['ashford']}")
    assert "This list cannot be shown" in first.text

    first.open("/stops")
    first.choose("Millbrook")
    first.write("Why?", "Records of two forces may be mixed")
    first.send("Stop the lists")
    assert "You stopped them; another governance reviewer lets them go on." in first.text
    second = walk("Robin Reviewer")
    second.open("/stops")
    second.write("Why may they go on?", "They were not mixed")
    second.send("Let them go on")
    assert second.told == "The lists go on."

    for name in ("Evidence", "Governance"):
        first.follow(name)
    first.follow("Castlebridge, 31 March 2026")
    first.follow("Incidents")
    first.choose("Castlebridge", "form[action='/registers/challenges']")
    first.choose("The person themselves")
    first.write("Reference of the letter or case", "SAR-7")
    first.date("arrived", 1, 4)
    first.write("What is asked?", "What is held")
    first.send("Enter the challenge")
    first.write("What was found, and what changes?", "Told within the month", "#challenges ~ .govuk-inset-text")
    first.send("Close", "#challenges ~ .govuk-inset-text")
    assert first.told == "The entry is closed."
    first.follow("Ledger")
    first.open("/policy")
    assert "The policy loads." in first.text
    first.open("/papers")
    assert first.fetch("All of them in one file (ZIP)")

    assert [service.state(days[area]) for area in ("ashford", "millbrook")] == ["withdrawn", "refused"]
    assert [each["outcome"] for each in filed(days, "challenge")] == ["", "Told within the month"]
    assert [each["stopped"] for each in filed(days, "stop")] == [True, False]
    assert service.verify().ok


def test_a_data_scientists_day(walk: Walks, days: dict[str, Any]) -> None:
    scientist = walk("Sasha Scientist")
    scientist.open(f"/audits/{days['list']}")
    assert scientist.fetch("JSON, with every cell") == b"made json"
    scientist.follow("Evidence")
    scientist.open("/models")
    scientist.open(f"/models/{days['bundle']}")
    scientist.open("/data-quality")
    for reviewer in (scientist, walk("Sam Scientist")):
        reviewer.open("/links")
        reviewer.follow(days["pair"][2:10])
        reviewer.choose("The same person")
        reviewer.write("What decides it?", "One PNC number, one address")
        reviewer.send("Put on file")
        assert reviewer.told == "Your answer is on file."
    assert "The same person." in reviewer.text
    scientist.open("/about")
    scientist.follow("Governance")
    scientist.follow("Incidents")
    scientist.choose("Castlebridge")
    scientist.choose("Something else")
    scientist.date("happened", 31, 3)
    scientist.write("What happened?", "The backtest was read to somebody outside")
    scientist.send("Report the incident")
    assert "The incident is reported." in scientist.told
    scientist.follow("About")
    scientist.open("/about/api")
    scientist.open(f"/lists/{days['list']}")
    assert "A data scientist may not see released lists." in scientist.text
    (decided,) = settled(days["service"].stores)
    assert (decided.pair.pair, decided.outcome, len(decided.answers)) == (days["pair"], "the same person", 2)
    assert [each["what"] for each in filed(days, "incident")] == ["The backtest was read to somebody outside"]
    assert days["service"].verify().ok


def test_an_administrators_day(walk: Walks, days: dict[str, Any]) -> None:
    service, admin, away = days["service"], walk("Ashley Administrator"), walk("Robin Reviewer")
    admin.follow("Administration")
    admin.follow("Users")
    admin.unfold("Find an account")
    admin.write("Name, short name or agency", "Robin")
    admin.send("Show")
    admin.follow("Robin Reviewer (made up)")
    admin.send("Block")
    assert admin.told == "The user is blocked and signed out everywhere."
    away.open("/")
    assert "Sign in to the demonstration" in away.text
    admin.send("Let in Robin Reviewer")
    assert admin.told == "The user may sign in again."

    Viewing(service, MEMBER).declare_conflict(days["list"], days["people"][6])
    declared = f".govuk-inset-text:has-text('{days['people'][6]}')"
    admin.open("/access")
    admin.write("Why may it be lifted?", "They only share a street", declared)
    admin.send("Lift", declared)
    assert admin.told == "The conflict of interest is lifted."

    admin.open("/administration/panels")
    admin.follow("Change the places of Castlebridge")
    admin.write("Places for new cases at one meeting", "5")
    admin.send("Put on file")
    assert admin.page.locator(".govuk-error-summary").count() == 1
    admin.write("Why?", "A case manager joined")
    admin.send("Put on file")
    assert "The places are on file." in admin.told
    for room in ("Retention", "Jobs", "Health"):
        admin.follow(room)
    admin.follow("Governance")
    admin.follow("Ledger")
    assert "User unblocked" in admin.text

    acts = [(entry.actor, entry.action) for entry in service.ledger(None) if entry.subject == "reviewer-2"]
    lifted = next(entry for entry in service.ledger(None) if entry.action == "conflict.lifted")
    assert (lifted.actor, json.loads(lifted.detail)["reason"]) == ("admin", "They only share a street")
    assert acts[:2] == [("admin", "user.unblocked"), ("admin", "user.blocked")]
    assert [(each["places"], each["reason"]) for each in filed(days, "capacity")] == [(5, "A case manager joined")]
    assert service.verify().ok


def test_every_address_that_is_read_is_visited_on_some_day_or_looked_at_alone(days: dict[str, Any]) -> None:
    """Runs last: which pages the days above came by is known only then."""
    if not set(USERS) <= days["walked"]:
        pytest.skip("needs the days of all users before it")
    pages = days["pages"]
    there_are = {path for method, path in RULES if method == "GET" and not path.startswith(("/api/", "/health/"))}
    looked_at = {pages.rule_of(template) for _, template in pages.PAGES}
    visited = {pages.rule_of(path) for path in days["visited"]}
    assert there_are - looked_at - visited == pages.SIGNING_IN
