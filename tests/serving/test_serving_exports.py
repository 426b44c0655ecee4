"""What leaves as a file: its reader's words only, no address, marked everywhere, obeyed by no program."""

from __future__ import annotations

import copy
import csv
import io
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
from pypdf import PdfReader
from starlette.testclient import TestClient

from serving import Batch, Person, Role, Service
from serving.access.accounts import Accounts
from serving.access.agency import agencies
from serving.access.cases import Cases, Restriction
from serving.access.sites import Sites
from serving.access.viewing import Viewing
from serving.panel import Decision, DecisionAsked, referrals
from serving.panel.meetings import Action, Attendee, agree_action, attend, call_meeting, meeting_of, sign_minutes
from serving.panel.requests import Question, answer, ask, challenge_link
from serving.web import WebSettings, create_app
from serving.web.exports import paper
from serving.web.exports.files import comma_separated, unobeyed, workbook
from serving.web.exports.left_out import ALWAYS
from serving.web.exports.making import MADE, OF_LIST, OF_MEETING
from serving.web.exports.shown import NOTHING, shown
from serving.web.exports.stamp import Stamp
from serving.web.exports.tables import Table
from serving.whereabouts import LEFT_OUT, signs
from values import digest, digest_bytes

AREA = "castlebridge"
NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
AGENCIES = ("marac_partners", "housing", "health", "prison_and_probation")
CHAIR = Person("casey", "Casey Chair", Role.CHAIR, frozenset({AREA}), "police")
MEMBERS = {
    agency: Person(f"m-{agency.replace('_', '-')}", f"Member {number}", Role.PANEL_MEMBER, frozenset({AREA}), agency)
    for number, agency in enumerate(AGENCIES)
}
# Every place in which a document holds where somebody could be found; no file holds a word of it.
WHEREABOUTS = ("whereroad", "whererefuge", "wheretown", "wherekey", "ZZ99 9ZZ", "zz999zz")
SENSITIVE = "chairsonlyword"
PLACES = ("reason", "criterion", "order", "hearing", "scheme", "need", "missing", "question", "answer", "challenge")
FILES = (*OF_LIST, *OF_MEETING)


def word(agency: str, place: str) -> str:
    """Return a word that stands in one place of one agency's restricted texts and nowhere else."""
    return f"only{agency.replace('_', '')}{place}"


def planted(case: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a case and its row in which every agency holds something of every kind, and whereabouts lie about."""
    case, row = copy.deepcopy(dict(case)), copy.deepcopy(dict(row))
    reasons = [
        {"text": word(agency, "reason"), "push": "+", "group": word(agency, "reason"), "events": [], "more": 0}
        | {"share": 0.1, "held_by": [agency]}
        for agency in AGENCIES
    ]
    criteria = [
        {"name": agency, "label": f"Criterion {number}", "state": "met", "held_by": [agency]}
        for number, agency in enumerate(AGENCIES)
    ]
    for document in (case, row):
        document["reasons"] += reasons
        document["missing"] = [word(agency, "missing") for agency in AGENCIES]
        document["held_by"] = {word(agency, "missing"): [agency] for agency in AGENCIES}
    row["criteria"] += criteria
    case["criteria"] += [
        {**each, "definition": "d", "detail": word(agency, "criterion"), "events": []}
        for each, agency in zip(criteria, AGENCIES, strict=True)
    ]
    case["orders"] = [{"kind": word(agency, "order"), "held_by": [agency]} for agency in AGENCIES]
    case["marac"] = [{"heard_at": "2026-01-01", "criterion": word(a, "hearing"), "held_by": [a]} for a in AGENCIES]
    case["management"] = [{"scheme": word(agency, "scheme"), "held_by": [agency]} for agency in AGENCIES]
    case["needs"] = [{"need": word(agency, "need"), "agency": agency, "held_by": [agency]} for agency in AGENCIES]
    case["provisional"]["depends_on"] = [word(agency, "question") for agency in AGENCIES]
    case["held_by"] |= {word(agency, "question"): [agency] for agency in AGENCIES}
    case["chronology"][0] |= {"address": "wherekey", "note": "Went to ZZ99 9ZZ that night"}
    case["safety"][0] |= {"victim_address": "wherekey", "place": "wheretown"}
    case["orders"].append({"kind": "non_molestation", "starts_on": "2026-01-05", "not_within": "whereroad"})
    row["case"] = digest(case)
    return case, row


@dataclass(frozen=True)
class Panel:
    """The application over a released list and a meeting on it, and how its people take files."""

    service: Service
    app: Any
    run: str
    meeting: str
    people: list[str]
    taken: dict[tuple[str, str, str], bytes] = field(default_factory=dict)

    def ask(self, person: Person, what: str, reader: str = "own") -> Any:
        client = TestClient(self.app, base_url="https://panel.example", follow_redirects=False)
        Accounts(self.service.stores).make_up(person)
        client.cookies.set("__Host-panel", self.app.state.web.sessions.start(person))
        session = self.app.state.web.sessions.find(client.cookies["__Host-panel"])
        place = f"/lists/{self.run}" if what in OF_LIST else f"/meetings/{self.meeting}"
        return client.post(f"{place}/exports", data={"csrf": session.csrf, "what": what, "reader": reader})

    def take(self, person: Person, what: str, reader: str = "own") -> bytes:
        """Return a file; one that was taken before is the same."""
        if (person.user, what, reader) not in self.taken:
            answered = self.ask(person, what, reader)
            assert answered.status_code == 200, answered.text
            assert answered.headers["content-disposition"].endswith(f'-{what}"')
            self.taken[person.user, what, reader] = bytes(answered.content)
        return self.taken[person.user, what, reader]

    def text(self, person: Person, what: str, reader: str = "own") -> str:
        return text_of(what, self.take(person, what, reader))

    def everything(self, person: Person) -> dict[str, str]:
        """Return the text of every file that somebody can take."""
        return {what: self.text(person, what) for what in FILES}


def pages_of(content: bytes) -> list[str]:
    """Return the text of each page of a PDF, without what its lines break."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def cells_of(content: bytes) -> dict[str, list[list[Any]]]:
    """Return every cell of every sheet."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {page.title: [[cell.value for cell in row] for row in page.iter_rows()] for page in book}


def text_of(what: str, content: bytes) -> str:
    """Return all that a file says, in one text without blanks, so that no broken line hides a word."""
    if what.endswith("pdf"):
        # Where a font lacks a letter, the library writes a NUL between any two of them.
        found = "".join(pages_of(content)).replace("\0", "")
        assert "official-sensitive" in squeezed(found)  # else nothing was read, and nothing would be found
    elif what.endswith("xlsx"):
        found = json.dumps(cells_of(content), ensure_ascii=False)
    else:
        found = content.decode("utf-8-sig")
    return squeezed(found)


def squeezed(text: str) -> str:
    """Return a text as it is searched: without blanks, and however its letters are written."""
    return re.sub(r"\s", "", text).casefold()


def build(service: Service, made: Any, reviewer: Person) -> Panel:
    """Record a list in which everything lies about, hold a meeting on it, ask and answer."""
    for number, row in enumerate(made.rows[:2]):
        case = made.cases[row["person"]]
        made.cases[row["person"]], made.rows[number] = planted(case, row)
    for who in made.identities.values():
        who["addresses"] = ["whereroad 1, whererefuge, wheretown", "ZZ99 9ZZ, castlebridge"]
    run = made.into(service)
    service.review(run, reviewer, "approve", "Audit read", acknowledged=made.gate["acknowledge"])
    service.publish(run)
    people = [row["person"] for row in made.rows]
    for each in (CHAIR, *MEMBERS.values()):
        Accounts(service.stores).make_up(each)
    meeting = call_meeting(service, CHAIR, AREA, date(2026, 4, 1), 3, run)
    known = meeting_of(service, meeting)
    attend(service, CHAIR, known, Attendee("A Member", "housing", True))
    agree_action(service, CHAIR, known, Action("Visit with zz999zz in mind", "housing", date(2026, 5, 1), people[0]))
    for agency, member in MEMBERS.items():
        asked = ask(service, CHAIR, run, people[0], Question(agency, f"What of {agency}?", date(2026, 4, 9)))
        answer(service, member, run, people[0], asked, f"{word(agency, 'answer')} at ZZ99 9ZZ", False)
        challenge_link(service, member, run, people[0], word(agency, "challenge"))
    service.decide(run, people[0], CHAIR, "not_suitable", "pattern", SENSITIVE, sensitive=True)
    who = {"given_name": "Synthetic", "family_name": "Unlisted", "postcode": "ZZ99 9ZZ"}
    referred = referrals.refer(
        service, MEMBERS["health"], AREA, referrals.Referred("health", "Fears of neighbours", "", who=who)
    )
    deferred = DecisionAsked(Decision.DEFER, "information_missing", "Ask again", date(2026, 5, 6))
    found = referrals.referral_of(service, str(referred))
    referrals.decide(service, CHAIR, found, referrals.Decided(deferred), None)
    sign_minutes(service, CHAIR, known, "Noted")
    return Panel(service, create_app(service, WebSettings(demo=False)), run, meeting, people)


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, documents: Any) -> Iterator[Panel]:
    """One list and meeting for every test that changes nothing: a file that was taken once is not made again."""
    folder = tmp_path_factory.mktemp("exports")
    for name in ("panel.db", "scores.db"):
        shutil.copy(sqlite_template / name, folder / name)
    service = Batch(folder / "panel.db", folder / "scores.db", folder / "keys", lambda: NOW)
    yield build(service, documents(folder, people=4), Person("reviewer-1", "Riley Reviewer", Role.REVIEWER))
    service.close()


@pytest.fixture
def fresh(service: Service, reviewer: Person, make: Any) -> Panel:
    """A list and a meeting of the test's own."""
    return build(service, make(people=4), reviewer)


def test_agencies_that_take_all_at_once_get_no_word_of_each_other_nor_whereabouts(panel: Panel) -> None:
    for member in MEMBERS.values():
        panel.text(member, "list.csv")  # everybody has an account before they come together
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(MEMBERS, pool.map(panel.everything, MEMBERS.values()), strict=True))
    for agency, files in found.items():
        others = [word(other, place) for other in AGENCIES if other != agency for place in PLACES]
        hidden = [squeezed(each) for each in (*others, *WHEREABOUTS, SENSITIVE)]
        assert [(what, each) for what, text in files.items() for each in hidden if each in text] == []
        own = [word(agency, place) for place in PLACES if place not in ("question", "challenge")]
        assert [each for each in own if each not in files["pack.pdf"]] == []
        assert word(agency, "reason") in files["list.xlsx"]
        assert word(agency, "reason") in files["list.csv"]
    assert panel.service.verify().ok


@pytest.mark.parametrize("agency", ["housing", ""])
def test_what_a_chair_prints_for_an_agency_holds_what_its_member_would_take(panel: Panel, agency: str) -> None:
    text = panel.text(CHAIR, "pack.pdf", f"agency:{agency}") if agency else panel.text(CHAIR, "list.xlsx", "panel")
    hidden = [word(other, place) for other in AGENCIES if other != agency for place in PLACES]
    assert [each for each in (*hidden, *map(squeezed, WHEREABOUTS), SENSITIVE) if each in text] == []
    own = [word(agency, place) for place in PLACES if agency and place not in ("question", "challenge")]
    assert [each for each in (*own, panel.people[0].casefold()) if each not in text] == []


def test_a_chair_takes_what_every_agency_told_and_still_nobodys_whereabouts(panel: Panel) -> None:
    files = panel.everything(CHAIR)
    told = [word(agency, place) for agency in AGENCIES for place in ("reason", "order", "need", "answer")]
    assert [each for each in told if each not in files["pack.pdf"]] == []
    assert SENSITIVE in files["minutes.pdf"]
    gone = [(what, each) for what, text in files.items() for each in map(squeezed, WHEREABOUTS) if each in text]
    assert gone == []
    for what in ("pack.pdf", "minutes.pdf", "meeting.xlsx", "actions.csv"):
        assert squeezed(LEFT_OUT) in files[what]


def test_minutes_say_who_left_the_room_for_which_case_to_chairs_alone_and_what_is_not_decided(fresh: Panel) -> None:
    known = meeting_of(fresh.service, fresh.meeting)
    attend(fresh.service, CHAIR, known, Attendee("Jo Apart", "housing", True, (fresh.people[2],)))
    call_meeting(fresh.service, CHAIR, AREA, known.day + timedelta(days=7), 2, fresh.run)
    for_chairs, for_panel = fresh.text(CHAIR, "minutes.pdf"), fresh.text(CHAIR, "minutes.pdf", "panel")
    assert squeezed("Leaves the room for") in for_chairs
    assert squeezed("Leaves the room for") not in for_panel
    there = for_chairs.partition(squeezed("Leaves the room for"))[2].partition(squeezed("Decisions on the list"))[0]
    assert fresh.people[2].casefold() in there
    assert squeezed("works on the same list") in for_panel
    undecided = for_panel.partition(squeezed("without a decision"))[2].partition(squeezed("Holds cleared"))[0]
    assert [person.casefold() in undecided for person in fresh.people] == [False, True, True, False]


def test_who_was_referred_and_is_on_no_list_is_in_pack_minutes_and_decisions(panel: Panel) -> None:
    member = MEMBERS["housing"]
    assert squeezed("Synthetic Unlisted") in panel.text(member, "pack.pdf")
    assert squeezed("Fears of neighbours") in panel.text(member, "pack.pdf")
    for what in ("minutes.pdf", "meeting.xlsx", "decisions.csv"):
        text = panel.text(member, what)
        assert [each for each in ("Synthetic Unlisted", "Ask again", "6 May 2026") if squeezed(each) not in text] == []


def test_a_pack_says_of_each_case_what_is_left_out_and_why(panel: Panel) -> None:
    pack = panel.text(MEMBERS["housing"], "pack.pdf")
    assert pack.count("notinthispaper") == 1 + 2  # of any case, then more of one ranked and one held
    assert [pack.count(squeezed(sentence)) for sentence in ALWAYS] == [1, 1]
    assert squeezed("without decisions on cases that are left out") in pack
    for sentence in (
        "Reasons that rest on records of another agency: the agency that holds them, the chair and reviewers read",
        "What Health answered: it keeps its answer to itself, the chair and reviewers.",
        "The reason of a decision: it is marked as sensitive, so that chairs alone read it.",
        "What looks like a postcode or a numbered street; other words may still tell where somebody is.",
    ):
        assert squeezed(sentence) in pack
    assert squeezed("What Housing answered: it keeps") not in pack


def test_a_case_that_is_closed_to_a_member_is_in_nothing_that_they_take(fresh: Panel) -> None:
    cases, first, second = Cases(fresh.service.stores), *fresh.people[:2]
    cases.declare(fresh.run, first, MEMBERS["housing"])
    cases.restrict([Restriction(second, "officer", "victim")])
    cases.grant(second, CHAIR.user, "admin", "Named")
    told = {first: "Number0 (synthetic)", second: "Number1 (synthetic)"}
    gone = [squeezed(each) for pair in told.items() for each in pair]
    for what in ("pack.pdf", "list.csv", "meeting.xlsx"):
        assert [each for each in gone if each in fresh.text(MEMBERS["housing"], what)] == []
    for what in ("list.xlsx", "meeting.xlsx"):
        assert first.casefold() in fresh.text(CHAIR, what)
    assert second.casefold() in fresh.text(CHAIR, "list.csv")
    for what in ("list.csv", "decisions.csv"):  # a paper goes from hand to hand: no restricted case
        assert [each for each in gone if each in fresh.text(CHAIR, what, "agency:housing")] == []
    assert [each for each in gone if each in fresh.text(CHAIR, "list.csv", "panel")] == []
    health = fresh.text(CHAIR, "list.csv", "agency:health")
    assert [person.casefold() in health for person in told] == [True, False]


def test_a_case_of_a_members_own_is_in_nothing_that_is_taken_for_their_agency_or_the_whole_panel(fresh: Panel) -> None:
    own = fresh.people[1]
    who = fresh.service.identities(fresh.service.released_list(fresh.run))[own]
    assert own.casefold() in fresh.text(CHAIR, "list.csv", "agency:housing")
    fresh.taken.clear()
    told = {name: who[name] for name in ("given_name", "family_name", "date_of_birth")}
    Accounts(fresh.service.stores).identify(MEMBERS["housing"].user, "admin", told)
    readers = ("own", "agency:health", "agency:housing", "panel")
    assert [own.casefold() in fresh.text(CHAIR, "list.csv", reader) for reader in readers] == [True, True, False, False]


def test_a_colleague_whose_account_writes_the_agency_otherwise_is_of_the_same_agency(fresh: Panel) -> None:
    colleague = Person("m-other", "Member Other", Role.PANEL_MEMBER, frozenset({AREA}), "Prison and Probation")
    Accounts(fresh.service.stores).make_up(colleague)
    viewing, chair = (Viewing(fresh.service, each) for each in (colleague, CHAIR))
    assert (
        agencies(chair, AREA).count("prison_and_probation") + agencies(chair, AREA).count("Prison and Probation") == 1
    )
    kept = [each.document["words"] for each in viewing.filed(["answer"])]
    assert kept == [f"{word('prison_and_probation', 'answer')} at ZZ99 9ZZ"]
    viewing.declare_conflict(fresh.run, fresh.people[1])
    closed = fresh.people[1].casefold()
    assert closed not in fresh.text(CHAIR, "list.csv", "agency:prison_and_probation")
    assert closed in fresh.text(CHAIR, "list.csv", "agency:housing")


def test_nothing_is_taken_for_a_whole_panel_to_which_a_provider_sends_members(fresh: Panel) -> None:
    sites = Sites(fresh.service.stores)
    sites.add("north", [AREA], 10, "admin")
    sites.let_deliver("north", "housing", "admin")
    refused = fresh.ask(CHAIR, "list.csv", "panel")
    assert refused.status_code == 422
    assert "A provider sends members to this panel" in refused.text
    assert 'value="panel"' not in refused.text
    assert not [entry for entry in fresh.service.ledger(None) if entry.action == MADE]
    lines = [fresh.text(CHAIR, "list.csv", f"agency:{agency}") for agency in ("health", "housing")]
    assert [[person.casefold() in text for person in fresh.people] for text in lines] == [[True] * 4, [False] * 4]


def test_a_member_takes_nothing_for_another_agency(panel: Panel) -> None:
    for what in FILES:
        assert panel.ask(MEMBERS["housing"], what, "agency:health").status_code == 403
    refused = panel.ask(CHAIR, "list.csv", "agency:fire")
    assert refused.status_code == 422
    assert "No such agency sends somebody to this panel." in refused.text


def test_every_page_and_sheet_is_marked_and_says_who_took_it_and_where_the_ledger_stood(panel: Panel) -> None:
    says = ["OFFICIAL-SENSITIVE: everybody here is made up", "Member 3 (m-prison-and-probation)"]
    says += ["Prison and probation", "1 April 2026 at 10:00am"]
    for what in FILES:
        content = panel.take(MEMBERS["prison_and_probation"], what)
        entries = {entry.hash: entry for entry in panel.service.ledger(None)}
        if what.endswith("pdf"):
            parts = pages_of(content)
        elif what.endswith("xlsx"):
            parts = [json.dumps(rows, ensure_ascii=False) for rows in cells_of(content).values()]
        else:
            parts = content.decode("utf-8-sig").split('"\r\n"')[1:]
        assert parts
        for part in parts:
            assert [each for each in says if squeezed(each) not in squeezed(part)] == []
            stood = re.search(r"(\d+):([0-9a-f]{64})", squeezed(part))
            assert stood is not None
            assert entries[stood[2]].head == stood[0]
        if what.endswith("xlsx"):
            for sheet in openpyxl.load_workbook(io.BytesIO(content)):
                assert sheet.oddHeader.center.text == says[0]
                assert "Member 3" in str(sheet.oddFooter.left.text)
    assert panel.service.verify(stood[0]).ok


def test_every_file_is_an_act_in_the_ledger_with_its_hash_and_none_of_its_words(panel: Panel) -> None:
    taken = {what: str(digest_bytes(panel.take(MEMBERS["health"], what))) for what in FILES}
    made = {entry.content["hash"]: entry for entry in panel.service.ledger(None) if entry.action == MADE}
    for what, hashed in taken.items():
        entry = made[hashed]
        assert (entry.actor, entry.content["what"], entry.content["for"]) == ("m-health", what, "Health")
        assert set(entry.content) == {"what", "area", "for", "cases", "head", "hash"}
        assert entry.subject == (panel.run if what in OF_LIST else panel.meeting)
        assert not any(person in entry.detail for person in panel.people)
    cases = [made[hashed].content["cases"] for hashed in taken.values()]
    assert cases == [4, 4, 3, 2, 2, 2, 2]
    seen = [view for view in panel.service.views(panel.run) if view["actor"] == "m-health"]
    assert {view["detail"]["view"] for view in seen if view["action"] == "view.list"} == {*OF_LIST, "pack.pdf"}
    assert panel.service.verify().ok


def test_files_of_an_area_with_a_welsh_name_are_given_out_under_it(
    service: Service, reviewer: Person, make: Any, keep_report: Any, keep_papers: Any, tmp_path: Path
) -> None:
    made = make(area="gŵyr", people=4)
    run = made.into(service)
    keep_report(service, tmp_path, run, service.state(run))
    keep_papers(service, tmp_path, run, service.state(run))
    client = TestClient(create_app(service, WebSettings(demo=False)), base_url="https://panel.example")
    Accounts(service.stores).make_up(reviewer)
    client.cookies.set("__Host-panel", client.app.state.web.sessions.start(reviewer))
    begun = "attachment; filename*=UTF-8''"
    for address, name in ((f"/audits/{run}/report/html", "audit-{}.html"), (f"/papers/{run}/atrs.pdf", "{}-atrs.pdf")):
        answered = client.get(address)
        assert (answered.status_code, answered.headers["content-disposition"]) == (200, begun + quote(name.format(run)))
    service.review(run, reviewer, "approve", "Audit read", acknowledged=made.gate["acknowledge"])
    service.publish(run)
    panel = Panel(service, client.app, run, "", [])
    answered = panel.ask(replace(CHAIR, areas=frozenset({"gŵyr"})), "list.csv")
    assert (answered.status_code, answered.headers["content-disposition"]) == (200, f"{begun}{quote(run)}-list.csv")


def test_what_is_refused_leaves_no_entry(fresh: Panel, reviewer: Person) -> None:
    assert fresh.ask(CHAIR, "everything.zip").status_code == 422
    fresh.service.stop(reviewer, AREA, "Something is wrong")
    assert {what: fresh.ask(CHAIR, what).status_code for what in FILES} == dict.fromkeys(FILES, 409)
    second = Person("reviewer-2", "Robin Second", Role.REVIEWER)
    fresh.service.let_go_on(second, AREA, "Nothing is wrong")
    fresh.service.review(fresh.run, reviewer, "withdraw", "Wrong")
    assert {what: fresh.ask(CHAIR, what).status_code for what in FILES} == dict.fromkeys(FILES, 409)
    assert not [entry for entry in fresh.service.ledger(None) if entry.action == MADE]


def test_minutes_of_a_list_that_has_expired_are_taken_for_the_file_without_its_names(fresh: Panel, clock: Any) -> None:
    clock.now = clock.now.replace(year=2027)
    assert fresh.service.state(fresh.run) == "expired"
    refused = fresh.ask(CHAIR, "pack.pdf")
    assert refused.status_code == 422
    assert "The list of this meeting may not be read now." in refused.text
    minutes = fresh.text(CHAIR, "minutes.pdf")
    assert "thelistmaynotbereadnow." in minutes
    assert "number0" not in minutes  # names are of the list, which is not to be read


def test_a_paper_that_takes_too_long_or_cannot_be_made_is_refused_in_words_and_not_in_the_ledger(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [entry.seq for entry in panel.service.ledger(None) if entry.action == MADE]
    web = panel.app.state.web
    hurried = replace(web, settings=replace(web.settings, paper_seconds=0.001))
    monkeypatch.setitem(panel.app.state._state, "web", hurried)
    late = panel.ask(CHAIR, "pack.pdf").text
    assert "The paper was not made within 0.001 seconds: the machine is busy. Nothing left" in late
    assert "drive-panel export" in late
    monkeypatch.setitem(panel.app.state._state, "web", web)
    monkeypatch.setattr(paper, "_TYPESETTING", Path("nowhere.py"))
    assert "A PDF cannot be made on this machine." in panel.ask(CHAIR, "minutes.pdf").text
    assert [entry.seq for entry in panel.service.ledger(None) if entry.action == MADE] == before


HOSTILE = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "formula": '=HYPERLINK("http://evil.example","click")',
    "spaced formula": "  \t@SUM(A1:A9)",
    "wide formula": "＝1+1",
    "command": "-2+3+cmd|' /C calc'!A0",
    "right to left": "abc\u202egnp.exe\u2066",
    "nul": "be\0fore",
    "half of a pair": "x\ud800y",
    "megabyte": "w" * 1_000_000,
}


SHORT = {name: text for name, text in HOSTILE.items() if name not in ("half of a pair", "megabyte")}


@pytest.mark.parametrize("text", ["\n".join(SHORT.values()), HOSTILE["megabyte"]], ids=["short", "megabyte"])
def test_hostile_text_in_every_field_is_text_in_every_file(
    service: Service, make: Any, reviewer: Person, text: str
) -> None:
    made = make(people=4)
    row = made.rows[0]
    case = made.cases[row["person"]]
    case["reasons"][0]["text"] = row["reasons"][0]["text"] = case["chronology"][0]["note"] = text
    if len(text) < 1000:
        case["missing"] = row["missing"] = [text]
        case["criteria"][0] |= {"label": text, "definition": text, "detail": text}
        case["chronology"][0] |= {"offence": text, "counterpart": text, "status": text, "ref": text}
        case["orders"][0]["kind"] = case["safety"][0]["counterpart"] = case["provisional"]["text"] = text
        case["needs"] = [{"need": text, "agency": text}]
        made.identities[row["person"]] |= {"given_name": text}
    row |= {"note": text, "case": digest(case)}
    run = made.into(service)
    service.review(run, reviewer, "approve", "Audit read", acknowledged=made.gate["acknowledge"])
    service.publish(run)
    sent = text.replace("\0", "")[:3000]  # a form takes neither a NUL nor more
    chair = replace(CHAIR, name=sent[:300], agency=sent[:300])
    meeting = call_meeting(service, chair, AREA, date(2026, 4, 1), 3, run)
    known = meeting_of(service, meeting)
    attend(service, chair, known, Attendee(sent[:200], sent[:200], True))
    agree_action(service, chair, known, Action(sent, sent[:200], date(2026, 5, 1), row["person"]))
    ask(service, chair, run, row["person"], Question(sent[:200], sent, date(2026, 4, 9)))
    service.decide(run, row["person"], chair, "not_suitable", "pattern", sent)
    sign_minutes(service, chair, known, sent)
    panel = Panel(service, create_app(service, WebSettings(demo=False)), run, meeting, [])
    parts = [squeezed(str(shown(each, 300)))[:200] for each in (SHORT.values() if "<" in text else [text])]
    for what in FILES if len(text) < 1000 else ("list.csv", "list.xlsx", "pack.pdf"):
        content = panel.take(chair, what)
        said = text_of(what, content).replace("\\\\", "\\").replace('\\"', '"').replace('""', '"')
        # What people send holds no NUL, and a font of this machine may lack a letter.
        kept = [part for part in parts if "be" not in part or "list" in what or "pack" in what]
        assert [part for part in kept if part not in said and not (part[0] == "\uff1d" and "pdf" in what)] == [], what
        if what.endswith("pdf"):
            assert not any(tag in content for tag in (b"/JavaScript", b"/URI", b"/Launch"))
        elif what.endswith("csv"):
            for line in csv.reader(io.StringIO(content.decode("utf-8-sig"))):
                assert not [cell for cell in line if cell.lstrip().startswith(tuple("=+-@\uff1d"))]
        else:
            cells = [
                cell
                for page in openpyxl.load_workbook(io.BytesIO(content))
                for line in page.iter_rows()
                for cell in line
            ]
            assert {cell.data_type for cell in cells} <= {"s", "n"}
            assert not [cell for cell in cells if cell.hyperlink]


STAMP = Stamp("OFFICIAL", True, "T", "B", datetime(2026, 4, 1, tzinfo=UTC), "R", "1:ab")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_cell_is_written_and_read_back_as_it_is_shown(text: str) -> None:
    table = Table("T", "says", ("A", "B"), [[text, 1]])
    cell = cells_of(workbook(STAMP, [table]))["T"][-1][0]
    assert cell == shown(text, 32_000)
    line = list(csv.reader(io.StringIO(comma_separated(STAMP, table).decode("utf-8-sig"))))[1]
    assert line[0] == unobeyed(text)
    assert line[0].removeprefix("'") == shown(text, 32_000)


def test_an_empty_table_leaves_marked_all_the_same() -> None:
    lines = list(
        csv.reader(io.StringIO(comma_separated(STAMP, Table("T", "says", ("A", "B"), [])).decode("utf-8-sig")))
    )
    assert lines[1] == [
        "Nothing",
        "",
        "says",
        "OFFICIAL: everybody here is made up",
        "T",
        "B",
        "1 April 2026 at 1:00am",
        "R",
        "1:ab",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("SW1A 1AA", LEFT_OUT),
        ("at m1 1ae, second floor", f"at {LEFT_OUT}, second floor"),
        ("EC1A1BB", LEFT_OUT),
        ("in SW1A\u00a01AA now", f"in {LEFT_OUT} now"),
        ("SW1A\u2009\u200b1AA", LEFT_OUT),
        ("SW1A\n1AA", LEFT_OUT),
        ("SW1A-1AA, CF10\u20131AA and m1. 1ae", f"{LEFT_OUT}, {LEFT_OUT} and {LEFT_OUT}"),
        ("\uff33\uff37\uff11\uff21\u3000\uff11\uff21\uff21", LEFT_OUT),
        ("SW1A\u20281AA", LEFT_OUT),
        ("\u00bd of it … \uff21", "\u00bd of it … \uff21"),
        ("SW1A-1AA-7 and ref-SW1A-1AA", "SW1A-1AA-7 and ref-SW1A-1AA"),
        ("P-7K3M-9QXD-W2BC", "P-7K3M-9QXD-W2BC"),
        ("INC003 and H12, 3 May 2026", "INC003 and H12, 3 May 2026"),
        ("Flat 3, 12a Long Acre Road, Eastmere", f"Flat 3, {LEFT_OUT}, Eastmere"),
        ("7 St. Mary’s Close", LEFT_OUT),
        ("12  Elm Road, 12\nElm Road and 12 \u00a0Elm Hill", f"{LEFT_OUT}, {LEFT_OUT} and {LEFT_OUT}"),
        ("12-14 Elm Road; 12 \u2013 14a ELM CLOSE; 12 to 14 Elm road", f"{LEFT_OUT}; {LEFT_OUT}; {LEFT_OUT}"),
        ("12 de Winton Street, 3 Chapel Row, 8 Sea Parade", f"{LEFT_OUT}, {LEFT_OUT}, {LEFT_OUT}"),
        ("7 Ffordd Abertawe, 12 Heol-y-Deri, 3 Ŵyn Road", f"{LEFT_OUT}, {LEFT_OUT}, {LEFT_OUT}"),
        ("3 Mayfield Drive and 12 May Road", f"{LEFT_OUT} and {LEFT_OUT}"),  # 3 June Drive can be a day
        ("2 MARACs close together, 3 of the Elm Road calls", "2 MARACs close together, 3 of the Elm Road calls"),
        ("at 12 elm road, 14a st mary's rd and 2 road checks", f"at {LEFT_OUT}, {LEFT_OUT} and 2 road checks"),
        ("20 Castlebridge Drive places; 3 June Drive", "20 Castlebridge Drive places; 3 June Drive"),
        ("In a refuge", "In a refuge"),  # its writer is asked instead
        ("a\u202eb\0c", f"a{NOTHING}b{NOTHING}c"),
    ],
)
def test_a_text_on_paper_holds_no_postcode_no_numbered_street_and_no_command(text: str, told: str) -> None:
    assert shown(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("12  elm\nroad", ["12 elm road"]),
        ("flat  3, 12 elm hill", ["flat 3", "12 elm hill"]),
        ("7 ffordd  abertawe; lives  at home", ["7 ffordd abertawe", "lives at"]),
        ("20 castlebridge drive places, 12 months in a row", []),
    ],
)
def test_a_writer_is_asked_about_a_numbered_street_in_lower_case_too(text: str, told: list[str]) -> None:
    assert signs(text) == told


def test_a_long_text_says_how_much_of_it_is_left_out_and_no_postcode_slips_through_its_end() -> None:
    assert shown("w" * 4000, 3000).endswith("w … (1,000 more characters stand in the service)")
    for before in range(2985, 3001):
        assert "ZZ9" not in shown("." * before + " ZZ99 9ZZ " + "." * 100, 3000)
