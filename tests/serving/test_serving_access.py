"""Every address as every role, in area and out of it; restricted cases, conflicts, alarms, service accounts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from serving import Batch, Person, Role, Service
from serving.access import viewing
from serving.access.accounts import Accounts, Arrival
from serving.access.cases import Cases, Restriction, likeness
from serving.access.sites import Sites
from serving.access.tokens import Tokens
from serving.access.viewing import Viewing
from serving.errors import NotFound, NotPermitted
from serving.links import name_of, publish
from serving.panel import Elsewhere, Offer, Particulars, Referred, Support, meetings, referrals, registers, requests
from serving.people import PEOPLE, SCOPES
from serving.redaction import NOT_FOR_PROGRAMS
from serving.release import Act
from serving.web import WebSettings, create_app
from serving.web.rates import RateSettings
from serving.web.rules import RULES, Ruled, matrix, ruled

OFFERED = Particulars(Support("IDVA service", Offer.OFFERED))
on_both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
OFTEN = RateSettings("100000/minute", "100000/minute", "100000/minute")
ADDRESSES = [Ruled(method, path, rule) for (method, path), rule in RULES.items()]
# What closes something to who asks comes last.
CLOSED = sorted((each for each in ADDRESSES if not each.rule.public), key=lambda each: each.path.endswith("/conflict"))
# What a form or call needs so that it is refused for nothing but what this test asks about.
SENT: dict[str, dict[str, str]] = {
    "/access/block": {"user": "somebody", "active": "yes"},
    "/access/sign-out": {"user": "somebody"},
    "/access/lift": {"user": "somebody", "person": "{other}", "reason": "Asked them"},
    "/audits/{run}/review": {"act": "withdraw", "reason": ""},
    "/registers/incidents": {"area": "castlebridge", "kind": "other", "what": ""},
    "/administration/users/{user}": {"role": "panel_member", "areas": "castlebridge", "agency": ""},
    "/administration/add-account": {"user": "somebody.new", "role": "panel_member", "areas": "castlebridge"},
    "/administration/panels": {"area": "castlebridge", "places": "", "list_factor": "3"},
    "/links/{pair}": {"said": "cannot_tell", "reason": "Too little", "number": "1"},
    "/stops": {"area": "castlebridge", "reason": ""},
    "/stops/go-on": {"area": "castlebridge", "reason": ""},
    "/meetings": {"run": "{run}", "places": "3", "day-day": "1", "day-month": "5", "day-year": "2026"},
    "/meetings/{meeting}": {"run": "{run}", "places": "3", "newest": "{newest}"},
    "/meetings/{meeting}/attendance": {"name": "A Member", "agency": "probation", "present": "yes"},
    "/meetings/{meeting}/minutes": {"note": "Agreed"},
    "/meetings/{meeting}/exports": {"what": "actions.csv"},
    "/lists/{run}/exports": {"what": "list.csv"},
}
CALLED: dict[str, dict[str, Any]] = {
    "/meetings": {"run": "{run}", "day": "2026-05-01", "places": 3},
    "/meetings/{meeting}": {"run": "{run}", "day": "2026-05-01", "places": 3, "newest": 1},
    "/meetings/{meeting}/attendance": {"name": "A Member", "agency": "probation", "present": True},
    "/meetings/{meeting}/actions": {"what": "Ask", "owner": "Coordinator", "due": "2026-05-01"},
    "/meetings/{meeting}/actions/{number}": {"outcome": "They answered"},
    "/meetings/{meeting}/minutes": {"note": "Agreed"},
    "/meetings/{meeting}/exports": {"what": "actions.csv"},
    "/lists/{run}/exports": {"what": "list.csv"},
    "/lists/{run}/cases/{person}/information": {"agency": "probation", "what": "Which?", "due": "2026-05-01"},
    "/lists/{run}/cases/{person}/information/{number}": {"words": "None", "for_all": True},
    "/lists/{run}/cases/{person}/link": {"why": "The brother's"},
    "/lists/{run}/cases/{person}/own-view": {"leaning": "place", "words": "Two victims"},
    "/referrals": {"area": "castlebridge", "agency": "probation", "why": "Asked", "family_name": "Else"},
    "/referrals/{referral}/decision": {
        "decision": "not_suitable",
        "reason_code": "pattern",
        "reason": "Agreed",
        "sensitive": False,
    },
    "/registers/incidents": {"area": "castlebridge"},
    "/registers/challenges": {"area": "castlebridge"},
    "/registers/{kind}/{number}": {"outcome": "Settled"},
    "/stops": {"area": "castlebridge"},
    "/stops/go-on": {"area": "castlebridge", "reason": "Right"},
    "/access/block": {"user": "somebody", "active": True},
    "/access/sign-out": {"user": "somebody"},
    "/access/lift": {"user": "somebody", "person": "{other}", "reason": "Asked them"},
    "/administration/users/{user}": {"role": "panel_member", "areas": ["castlebridge"]},
    "/administration/add-account": {"user": "another", "name": "A", "role": "panel_member", "areas": ["castlebridge"]},
    "/administration/panels": {"area": "castlebridge", "places": 4, "list_factor": 3, "reason": "Agreed"},
    "/links/{pair}": {"answer": "cannot_tell", "reason": "Too little", "round": 1},
    "/links/challenges/{number}": {"outcome": "Two brothers"},
    "/audits/{run}/report": {},
    "/papers/{run}": {},
    "conflict": {},
    "decisions": {"decision": "not_suitable", "reason_code": "pattern", "reason": "Agreed", "sensitive": False},
    "clearances": {"kind": "counter_allegation", "reason": "Asked"},
}
_MOMENTARY = re.compile(r'nonce="[^"]*"|value="[0-9a-f]{64}\.[A-Za-z0-9_-]{22}"|urn:request:[0-9a-f-]+')


class Site:
    """The application over one released list, and browsers signed in to it."""

    def __init__(self, service: Service, run: str, people: list[str]) -> None:
        self.service, self.run, self.people = service, run, people
        self.app = create_app(service, WebSettings(demo=False, rates=OFTEN))
        chair = Person("first-chair", "First Chair", Role.CHAIR)
        self.meeting = meetings.call_meeting(service, chair, service.area(run), date(2026, 4, 1), 3, run)
        known = meetings.meeting_of(service, self.meeting)
        action = meetings.Action("Ask probation", "Coordinator", date(2026, 5, 1))
        incident = registers.Incident(registers.IncidentKind.OTHER, date(2026, 3, 31), "Seen on a screen")
        self.incident = registers.report_incident(service, chair, service.area(run), incident)
        referred = referrals.Referred("probation", "Asked for", "", who={"family_name": "Referred"})
        self.referral, *self.recused = (referrals.refer(service, chair, service.area(run), referred) for _ in "123")
        self.pair = name_of(service.stores, "R01", "R02")
        self.challenge = requests.challenge_link(service, chair, run, people[0], "INC000 is the brother's")
        self.newest, self.action = known.newest, meetings.agree_action(service, chair, known, action)

    def browser(self, person: Person | None = None) -> TestClient:
        client = TestClient(self.app, base_url="https://panel.example", follow_redirects=False)
        if person is not None:
            Accounts(self.service.stores).make_up(person)
            client.cookies.set("__Host-panel", self.app.state.web.sessions.start(person))
        return client

    def csrf(self, client: TestClient) -> str:
        session = self.app.state.web.sessions.find(client.cookies.get("__Host-panel", ""))
        return session.csrf if session else ""

    def call(self, client: TestClient, address: Ruled, run: str = "", person: str = "") -> Any:
        numbers = {"/registers/": self.incident, "/links/": self.challenge}
        is_api = address.path.startswith("/api/")
        path = address.path.format(
            run=run or self.run,
            person=person or self.people[0],
            view="why",
            name="pack.zip",
            meeting=run or self.meeting,
            user="somebody",
            referral=run or (self.recused[is_api] if address.path.endswith("/conflict") else self.referral),
            pair=self.pair,
            number=next((each for room, each in numbers.items() if room in address.path), self.action),
            kind="html" if "/audits/" in address.path else "incident",
            bundle="b" * 64,
        )
        if address.method == "GET":
            return client.get(f"{path}?a={'b' * 64}&b={'b' * 64}" if path.endswith("/compare") else path)
        csrf = self.csrf(client)
        known = {"other": self.people[3 if is_api else 1], "run": self.run, "newest": str(self.newest)}
        if is_api:
            asked = address.path.removeprefix("/api/v1")
            body = {**CALLED[asked if asked in CALLED else path.rpartition("/")[2]]}
            body |= {name: value.format_map(known) for name, value in body.items() if isinstance(value, str)}
            return client.post(path, json=body, headers={"X-CSRF-Token": csrf})
        form = {name: value.format_map(known) for name, value in SENT.get(address.path, {}).items()}
        return client.post(path, data={"csrf": csrf, **form})


def the(role: Role, *areas: str) -> Person:
    return Person(role.value.replace("_", "-"), "Made Up", role, frozenset(areas or ("castlebridge",)))


def same(first: Any, second: Any) -> bool:
    texts = [_MOMENTARY.sub("", answer.text) for answer in (first, second)]
    return bool(first.status_code == second.status_code and texts[0] == texts[1])


@pytest.fixture
def site(
    service: Service,
    released: str,
    made_up: Any,
    keep_report: Any,
    keep_papers: Any,
    make_pair: Any,
    keep_cards: Any,
    tmp_path: Path,
) -> Site:
    publish(service.stores, [make_pair()])
    keep_report(service, tmp_path, released, "released")
    keep_papers(service, tmp_path, released, "released")
    keep_cards(service, released)
    found = Site(service, released, [row["person"] for row in made_up.rows])
    found.browser(Person("somebody", "Some Body", Role.PANEL_MEMBER, frozenset({"castlebridge"})))
    return found


@on_both
@pytest.mark.parametrize("role", PEOPLE, ids=str)
def test_every_address_answers_every_role_as_its_rule_says(site: Site, role: Role) -> None:
    me, somebody = the(role), Person("somebody", "Some Body", Role.PANEL_MEMBER)
    client = site.browser(me)
    for number in (1, 3):
        Cases(site.service.stores).declare(site.run, site.people[number], somebody)
    for address in CLOSED:
        own = site.people[5 if address.path.startswith("/api/") else 2]
        person = own if address.path.endswith("/conflict") else ""
        status = site.call(client, address, person=person).status_code
        if address.path == "/sign-out":
            client = site.browser(me)
        named = f"{address.method} {address.path}"
        if address.rule.allows(me):
            assert status < 500, named
            assert status not in (401, 403, 404), named
        else:
            assert status == 403, named


@on_both
@pytest.mark.parametrize("role", PEOPLE, ids=str)
def test_a_run_of_another_area_is_answered_like_one_that_is_not_there(site: Site, role: Role) -> None:
    me = the(role, "ashford")
    client = site.browser(me)
    for address in CLOSED:
        if address.area_bound and address.rule.allows(me):
            there, nowhere = site.call(client, address), site.call(client, address, run="2026-01-01-none-00000000")
            assert there.status_code == 404, address.path
            assert same(there, nowhere), address.path
    assert client.get("/api/v1/runs").json()["runs"] == []


def the_sent(role: Role, provider: str = "Cranfield") -> Person:
    """Somebody whom a provider sends, with every area: where it works is what holds them back."""
    return Person(f"sent-{role.value.replace('_', '-')}", "Made Up", role, agency=provider)


@pytest.fixture
def sites(site: Site) -> Sites:
    """Two sites: one provider delivers where the list is, another elsewhere; the panel accepted two people."""
    found = Sites(site.service.stores)
    found.add("north-vale", ["castlebridge", "ashford"], 40, "admin")
    found.add("south-vale", ["millbrook"], 40, "admin")
    found.let_deliver("north-vale", "cranfield", "admin", ["castlebridge"])
    found.let_deliver("south-vale", "weirside", "admin")
    for person in (site.people[1], site.people[3]):
        site.service.decide(
            site.run, person, the(Role.CHAIR), "accept_direct", "pattern", "Agreed", particulars=OFFERED
        )
    return found


@pytest.mark.parametrize(
    ("database", "role", "provider"),
    [(kind, Role.PANEL_MEMBER, name) for kind in ("sqlite", "postgresql") for name in ("cranfield", "weirside")]
    + [("sqlite", role, "weirside") for role in PEOPLE if role is not Role.PANEL_MEMBER],
    indirect=["database"],
)
def test_whom_a_provider_sends_meets_every_address_as_role_and_site_say(
    site: Site, sites: Sites, role: Role, provider: str
) -> None:
    me = the_sent(role, provider)
    client, bound, there_are = site.browser(me), role not in (Role.CHAIR, Role.REVIEWER), site.people
    for address in CLOSED:
        if not address.area_bound or not address.rule.allows(me):
            continue
        named, is_case = f"{address.method} {address.path}", "{person}" in address.path
        accepted = there_are[3] if re.fullmatch("/lists/.*/conflict", address.path) else there_are[1]
        if bound and provider == "weirside":
            assert same(site.call(client, address), site.call(client, address, run="2026-01-01-none-00000000")), named
            assert site.call(client, address, person=accepted).status_code == 404, named
            continue
        status = site.call(client, address, person=accepted).status_code
        if bound and (
            "{meeting}" in address.path or "{referral}" in address.path
        ):  # what is said there is about other cases too
            assert status == 404, named
            continue
        assert status not in (401, 403, 404), named
        if is_case:
            other, nobody = (site.call(client, address, person=each) for each in (there_are[4], "P-NONE"))
            assert same(other, nobody) == bound, named
            assert nobody.status_code == 404, named


@on_both
def test_a_provider_sees_whom_the_panel_accepted_where_it_works_and_nobody_else(site: Site, sites: Sites) -> None:
    member, others = the_sent(Role.PANEL_MEMBER), site.browser(the(Role.PANEL_MEMBER))
    page, api = f"/lists/{site.run}", f"/api/v1/lists/{site.run}"
    client, first, second = site.browser(member), site.people[1], site.people[3]

    def seen() -> list[str]:
        answers = [client.get(path).text for path in (page, api, f"{api}/decisions", "/")]
        return [person for person in site.people if any(person in answer for answer in answers)]

    assert seen() == [first, second]
    assert all(person in others.get(page).text for person in site.people)
    chair, number = the(Role.CHAIR), site.service.decisions()[0]["decision_id"]
    site.service.decide(site.run, first, chair, "not_suitable", "pattern", "Moved away", replaces=number)
    assert seen() == [second]
    site.service.decide(site.run, site.people[0], chair, "disrupt_only", "pattern", "Agreed", particulars=OFFERED)
    assert seen() == [site.people[0], second]
    Cases(site.service.stores).restrict([Restriction(site.people[0], "officer", "victim")])
    assert seen() == [second]


@on_both
@pytest.mark.parametrize("written", ["Cranfield", " cran-field", "CRAN_FIELD"])
def test_a_provider_is_the_same_however_an_account_writes_it(sites: Sites, written: str) -> None:
    sent = Person("d", "D", Role.PANEL_MEMBER, agency=written)
    assert sites.delivered_by(sent) == frozenset({"castlebridge"})


@on_both
def test_a_provider_that_delivers_no_more_falls_back_to_nothing(site: Site, sites: Sites) -> None:
    client = site.browser(the_sent(Role.PANEL_MEMBER))
    assert client.get(f"/lists/{site.run}").status_code == 200
    sites.end_delivery("north-vale", "cranfield", "admin")
    assert client.get(f"/lists/{site.run}").status_code == 404
    assert client.get("/api/v1/runs").json()["runs"] == []
    sites.let_deliver("north-vale", "CRANFIELD", "admin")
    assert client.get(f"/lists/{site.run}").status_code == 200
    sites.change("north-vale", "admin", areas=["ashford"])
    assert client.get(f"/lists/{site.run}").status_code == 404
    sites.close("north-vale", "admin")
    assert client.get(f"/lists/{site.run}").status_code == 404
    acts = [(entry.actor, entry.content) for entry in site.service.ledger(None) if entry.action == "site.set"]
    assert [(actor, content["areas"], content["providers"], content["closed"]) for actor, content in acts[:3]] == [
        ("admin", ["ashford"], {}, True),
        ("admin", ["ashford"], {"cranfield": ["ashford"]}, False),
        ("admin", ["ashford", "castlebridge"], {"cranfield": ["ashford", "castlebridge"]}, False),
    ]
    assert site.service.verify().ok


def test_the_page_of_access_shows_the_sites_of_ones_areas(site: Site, sites: Sites) -> None:
    page = site.browser(the(Role.ADMINISTRATOR, "ashford", "castlebridge")).get("/access").text
    assert "north-vale: 40 places in Ashford, Castlebridge. cranfield delivers Drive in Castlebridge" in page
    assert "south-vale" not in page


def test_a_site_that_the_ledger_does_not_say_widens_nobodys_view(site: Site, sites: Sites, database: Any) -> None:
    client = site.browser(the_sent(Role.PANEL_MEMBER, "weirside"))
    told = {"site": "south-vale", "areas": ["castlebridge"], "places": 9, "closed": False}
    text = json.dumps({**told, "providers": {"weirside": ["castlebridge"]}})
    database.sql(
        "INSERT INTO ledger SELECT seq + 1, hash, at, 'admin', 'site.set', 'site:south-vale', "
        f"'{text}', 'forged', signature FROM ledger ORDER BY seq DESC LIMIT 1"
    )
    for path in ("/api/v1/runs", f"/lists/{site.run}", f"/api/v1/lists/{site.run}"):
        answer = client.get(path)
        assert site.run not in answer.text or answer.status_code == 404
        assert site.people[1] not in answer.text
    assert not site.service.verify().ok


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda sites: sites.add("north-vale", ["oakley"], 1, "admin"), "such a site already"),
        (lambda sites: sites.add("third", ["oakley", "ashford"], 1, "admin"), "ashford belongs to another site"),
        (lambda sites: sites.add("third", [], 1, "admin"), "needs its areas"),
        (lambda sites: sites.add("third", ["*"], 1, "admin"), "needs its areas"),
        (lambda sites: sites.add("third", ["oakley"], 0, "admin"), "at least one place"),
        (lambda sites: sites.add("Third!", ["oakley"], 1, "admin"), "small letters"),
        (lambda sites: sites.change("fourth", "admin", places=2), "no such site"),
        (lambda sites: sites.let_deliver("north-vale", "weirside", "admin"), "Another provider delivers Drive in cas"),
        (lambda sites: sites.let_deliver("north-vale", "weirside", "admin", ["millbrook"]), "millbrook is no area"),
        (lambda sites: sites.end_delivery("north-vale", "weirside", "admin"), "No such provider works in this site"),
    ],
)
def test_what_a_site_may_not_be_is_refused(sites: Sites, change: Callable[[Sites], Any], error: str) -> None:
    before = sites.all()
    with pytest.raises((NotFound, NotPermitted), match=error):
        change(sites)
    assert sites.all() == before


@on_both
def test_nobody_signed_in_gets_nothing(site: Site) -> None:
    nobody = site.browser()
    for address in CLOSED:
        answer = site.call(nobody, address)
        if address.path.startswith("/api/"):
            assert answer.status_code == 401, address.path
        else:
            assert answer.status_code == 303, address.path
            assert answer.headers["location"].startswith("/sign-in?next=/"), address.path
    open_ = {address.path for address in ADDRESSES if address.rule.public}
    assert open_ == {"/sign-in", "/sign-in/start", "/sign-in/back", "/signed-out", "/health/live", "/health/ready"}


def test_a_route_without_a_rule_keeps_the_application_from_starting(site: Site) -> None:
    router = APIRouter()
    router.add_api_route("/new", lambda: None, methods=["GET"])
    site.app.include_router(router)
    with pytest.raises(LookupError, match="GET /new has no rule of access"):
        ruled(site.app)


def test_every_rule_is_of_a_route_that_is_there(site: Site) -> None:
    assert {(found.method, found.path) for found in site.app.state.ruled.values()} == set(RULES)


# Pages whose counterpart in the API has another name.
OTHERWISE = {
    "/": "/runs",
    "/lists/{run}/cases/{person}/{view}": "/lists/{run}/cases/{person}/history",
    "/lists/{run}/cases/{person}/decision": "/lists/{run}/cases/{person}/decisions",
    "/lists/{run}/cases/{person}/hold": "/lists/{run}/cases/{person}/clearances",
}
# Pages that have none, and why.
_BROWSER = "a session begins and ends in a browser; programs have tokens"
_FORM = "an empty form; what it is about is read from the case"
_PERSON = "releasing is an act of a person at the pages or with their own key (decision 26)"
NOT_CALLED = {
    **dict.fromkeys(("/sign-in", "/sign-in/start", "/sign-in/back", "/signed-out", "/sign-out"), _BROWSER),
    **dict.fromkeys(
        ("/health/live", "/health/ready"), "for probes, which are programs; /administration/health tells it"
    ),
    **dict.fromkeys(("/about", "/about/api"), "help; the description for programs is /api/v1/openapi.json"),
    "/unsent": "what somebody typed when their session ended goes back into their form",
    "GET /lists/{run}/cases/{person}/decision": _FORM,
    "GET /lists/{run}/cases/{person}/conflict": _FORM,
    "GET /administration/add-account": _FORM,
    **dict.fromkeys(("/audits/{run}/review", "/audits/{run}/publish"), _PERSON),
}
# Counterparts that are not for the same roles as the page, and why.
FOR_OTHERS = {
    "GET /lists/{run}/cases/{person}/own-view": "the page is the form; views on file are on the case, for its readers",
    "GET /registers": "the page is the form for everybody; the registers on it are for who sees the ledger",
}


def test_whatever_a_page_shows_or_does_the_api_does_for_the_same_roles() -> None:
    pages = {key: rule for key, rule in RULES.items() if not key[1].startswith("/api/")}
    left_out = {key for key in pages if {key[1], " ".join(key)} & NOT_CALLED.keys()}
    assert {name for key in left_out for name in (key[1], " ".join(key))} >= NOT_CALLED.keys()
    called = {key: (key[0], f"/api/v1{OTHERWISE.get(key[1], key[1])}") for key in pages.keys() - left_out}
    assert [key for key, call in called.items() if call not in RULES] == []
    others = {
        " ".join(key)
        for key, call in called.items()
        if any(pages[key].allows(the(role)) != RULES[call].allows(the(role)) for role in PEOPLE)
    }
    assert others == FOR_OTHERS.keys()


def test_the_matrix_in_the_documents_is_the_one_that_is_enforced() -> None:
    page = (Path(__file__).parents[2] / "docs" / "access.md").read_text(encoding="utf-8")
    assert page.endswith("\n".join(matrix()) + "\n")


def test_what_a_page_may_ask_of_the_service_was_thought_of() -> None:
    # A method that is here holds nothing about a person on a list; every other one is narrowed by `Viewing`.
    open_ = {"now", "today", "close", "verify", "checked", "answered", "in_one_state"}
    assert public(Service) - public(Viewing) == open_


def test_what_batch_work_does_nobody_asks_for_from_a_page() -> None:
    assert {name for name in public(Batch) if hasattr(Viewing, name)} == set()


def public(seen: type) -> set[str]:
    return {name for name in vars(seen) if not name.startswith("_")}


@pytest.fixture
def restricted(site: Site) -> str:
    """A case that is restricted since a victim is an officer."""
    person = site.people[0]
    Cases(site.service.stores).restrict([Restriction(person, "officer", "victim")])
    return person


@on_both
@pytest.mark.parametrize("role", [Role.CHAIR, Role.PANEL_MEMBER, Role.REVIEWER], ids=str)
def test_a_restricted_case_is_answered_like_one_that_is_not_there(site: Site, restricted: str, role: Role) -> None:
    me = the(role)
    client = site.browser(me)
    for address in CLOSED:
        if "{person}" in address.path and address.rule.allows(me):
            there, nowhere = site.call(client, address), site.call(client, address, person="P-NONE")
            assert there.status_code == 404, address.path
            assert same(there, nowhere), address.path
    assert site.service.decisions() == []


def on_file(site: Site, person: str) -> None:
    """Put something of every kind on file about a case."""
    service, chair = site.service, the(Role.CHAIR)
    known, day = meetings.meeting_of(service, site.meeting), date(2026, 5, 1)
    meetings.agree_action(service, chair, known, meetings.Action("Ask housing", "Coordinator", day, person))
    meetings.attend(service, chair, known, meetings.Attendee("A Member", "police", True, (person,)))
    requests.ask(service, chair, site.run, person, requests.Question("probation", "Which order?", day))
    requests.challenge_link(service, chair, site.run, person, "INC001 is the brother's")
    service.decide(site.run, person, chair, "not_suitable", "pattern", "Agreed")
    Cases(service.stores).declare(site.run, person, Person("somebody", "Some Body", Role.PANEL_MEMBER))
    Cases(service.stores).alarm(the(Role.PANEL_MEMBER), site.run, person, "own_name")


@on_both
@pytest.mark.parametrize("role", PEOPLE, ids=str)
def test_a_restricted_case_is_on_no_page_that_a_role_may_read(site: Site, role: Role) -> None:
    me, person = replace(the(role), agency="probation" if role is Role.PANEL_MEMBER else ""), site.people[0]
    on_file(site, person)
    client = site.browser(me)
    reading = [
        address
        for address in CLOSED
        if address.method == "GET" and "{person}" not in address.path and address.rule.allows(me)
    ]
    before = {address.path: site.call(client, address).text for address in reading}
    named = {path for path, text in before.items() if person in text}
    wanted = {
        Role.CHAIR: {"/lists/{run}", "/meetings/{meeting}", "/access", "/api/v1/lists/{run}/decisions"},
        Role.PANEL_MEMBER: {"/lists/{run}", "/meetings/{meeting}", "/requests", "/api/v1/lists/{run}/decisions"},
        Role.REVIEWER: {"/lists/{run}", "/ledger", "/access", "/api/v1/ledger"},
        Role.ADMINISTRATOR: {"/ledger", "/access", "/api/v1/ledger"},
    }
    assert wanted.get(role, set()) <= named
    Cases(site.service.stores).restrict([Restriction(person, "officer", "victim")])
    for address in reading:
        answer = site.call(client, address)
        assert answer.status_code == 200, address.path
        assert "Number0" not in answer.text, address.path
        # Who restricts cases reads alarms about them.
        if role is not Role.ADMINISTRATOR or not address.path.endswith("/access"):
            assert person not in answer.text, address.path


@on_both
def test_the_ledger_shows_an_area_its_own_entries_and_each_person_those_about_themselves(
    site: Site, restricted: str, program: Callable[..., TestClient]
) -> None:
    elsewhere = the(Role.REVIEWER, "ashford")
    token = program("read:ledger", areas=("ashford",))
    site.service.note("batch", "identities.refreshed", "elsewhere", {"area": "castlebridge"})
    site.service.note("batch", "identities.refreshed", "here", {"area": "ashford"})
    for client, who in ((site.browser(elsewhere), elsewhere.user), (token, "service:report")):
        answer = client.get("/api/v1/ledger?limit=200")
        assert restricted not in answer.text
        assert site.run not in answer.text
        for entry in answer.json()["entries"]:
            ours = "ashford" in entry["detail"] or who in (entry["actor"], entry["subject"])
            assert ours, (entry["action"], entry["subject"])
        assert "here" in {entry["subject"] for entry in answer.json()["entries"]}
    page = site.browser(elsewhere).get("/ledger").text
    assert restricted not in page
    assert site.run not in page
    assert site.run in site.browser(the(Role.REVIEWER)).get("/api/v1/ledger?limit=200").text


def test_the_key_of_a_row_names_nobody_to_whom_a_case_is_closed(site: Site) -> None:
    person, chair = site.people[0], Person("all-chair", "C", Role.CHAIR)
    key = json.dumps([site.run, person, "counter_allegation"])
    site.service.note("chair", "hold.cleared", site.run, {"acts": [{"table": "clearances", "key": key, "row": "0"}]})
    reviewer = Viewing(site.service, the(Role.REVIEWER))
    assert reviewer.ledger()[0].action == "hold.cleared"
    Cases(site.service.stores).restrict([Restriction(person, "officer", "victim")])
    assert "hold.cleared" not in {entry.action for entry in Viewing(site.service, the(Role.REVIEWER)).ledger()}
    assert person not in "".join(entry.detail for entry in Viewing(site.service, chair).ledger())


def test_the_ledgers_parts_lead_to_its_first_entry_whatever_is_left_out(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewing, "_PART", 3)
    monkeypatch.setattr(viewing, "_MOST_PARTS", 2)
    for number in range(12):
        site.service.note("batch", "note", f"note-{number}", {"area": "ashford" if number in (0, 11) else "elsewhere"})
    client, seen, following, answers = site.browser(the(Role.REVIEWER, "ashford")), [], "", 0
    while following is not None:
        asked = {"limit": "1"} | ({"cursor": following} if following else {})
        answer = client.get("/api/v1/ledger", params=asked).json()
        seen += [entry["subject"] for entry in answer["entries"]]
        following, answers = answer["next"], answers + 1
        assert answers < 50
    assert [subject for subject in seen if subject.startswith("note-")] == ["note-11", "note-0"]
    assert len(seen) == len(Viewing(site.service, the(Role.REVIEWER, "ashford")).ledger(None))


def test_a_restricted_case_takes_nothing_else_of_the_page_with_it(site: Site, restricted: str) -> None:
    listed = site.browser(the(Role.CHAIR)).get(f"/api/v1/lists/{site.run}").json()
    assert [row["person"] for row in listed["rows"]] == site.people[1:6]
    assert not {"held", "apart"} & listed["header"]["counts"].keys()
    assert listed["not_shown"] == 1
    member = site.browser(the(Role.PANEL_MEMBER))
    assert "1 more not shown to you" in member.get(f"/lists/{site.run}").text
    Cases(site.service.stores).lift(restricted, "admin", "Left the force")
    assert restricted in member.get(f"/lists/{site.run}").text
    assert "Every case of this list is shown to you" in member.get(f"/lists/{site.run}").text


@pytest.mark.parametrize(
    ("role", "number"),
    [(Role.CHAIR, 0), (Role.CHAIR, 7), (Role.PANEL_MEMBER, 6), (Role.REVIEWER, 8)],
    ids=["ranked", "referred", "held", "apart"],
)
def test_a_gap_does_not_say_whether_a_case_is_restricted_or_erased(
    site: Site, made_up: Any, role: Role, number: int
) -> None:
    person, client, cases = site.people[number], site.browser(the(role)), Cases(site.service.stores)
    paths = [f"/lists/{site.run}", f"/api/v1/lists/{site.run}", f"/api/v1/lists/{site.run}/decisions", "/"]
    paths += [f"/audits/{site.run}"]
    cases.restrict([Restriction(person, "officer", "victim")])
    restricted = [client.get(path) for path in paths]
    cases.lift(person, "admin", "Left the force")
    site.service.erase(person, "admin")
    for path, before in zip(paths, restricted, strict=True):
        assert same(before, client.get(path)), path
    assert restricted[1].json()["not_shown"] == 1


@on_both
def test_a_grant_opens_a_restricted_case_to_one_person_until_it_ends(site: Site, restricted: str) -> None:
    chair, cases = site.browser(the(Role.CHAIR)), Cases(site.service.stores)
    page = f"/lists/{site.run}/cases/{restricted}"
    cases.grant(restricted, "chair", "admin", "Chairs the meeting of 3 May")
    assert chair.get(page).status_code == 200
    assert restricted in chair.get(f"/lists/{site.run}").text
    assert site.browser(the(Role.PANEL_MEMBER)).get(page).status_code == 404
    assert cases.restricted()[0]["named"] == ["chair"]
    cases.end_grant(restricted, "chair", "admin", "The meeting is over")
    assert chair.get(page).status_code == 404
    acts = [entry for entry in site.service.ledger() if entry.action.startswith("case.")]
    assert [(entry.action, entry.actor) for entry in acts] == [
        ("case.grant_ended", "admin"),
        ("case.granted", "admin"),
        ("case.restricted", "batch"),
    ]
    assert acts[1].content == {"user": "chair", "reason": "Chairs the meeting of 3 May"}


@pytest.mark.parametrize(
    ("person", "user", "reason", "error"),
    [
        ("P-NONE", "somebody", "Why not", "No such case is restricted"),
        ("", "nobody", "Why not", "There is no such user"),
        ("", "somebody", " ", "needs a reason"),
    ],
)
def test_a_grant_names_a_restricted_case_a_user_and_a_reason(
    site: Site, restricted: str, person: str, user: str, reason: str, error: str
) -> None:
    with pytest.raises((NotFound, NotPermitted), match=error):
        Cases(site.service.stores).grant(person or restricted, user, "admin", reason)


def test_records_that_no_longer_restrict_a_case_lift_nothing(site: Site, restricted: str) -> None:
    cases = Cases(site.service.stores)
    assert cases.restrict([]) == 0
    assert cases.restrict([Restriction(restricted, "officer", "victim")]) == 0
    assert [row["person"] for row in cases.restricted()] == [restricted]


@on_both
def test_an_erased_person_leaves_no_restriction_grant_conflict_or_alarm(site: Site, restricted: str) -> None:
    cases, chair = Cases(site.service.stores), the(Role.CHAIR)
    site.browser(chair).get(f"/lists/{site.run}/cases/{restricted}")
    cases.grant(restricted, "chair", "admin", "Chairs")
    cases.declare(site.run, restricted, chair)
    assert [row["kind"] for row in cases.alarms()] == ["restricted"]
    site.service.erase(restricted, "admin")
    assert (cases.restricted(), cases.conflicts(), cases.alarms()) == ([], [], [])


def alarms(site: Site) -> list[tuple[str, str]]:
    return [(row["user"], row["kind"]) for row in Cases(site.service.stores).alarms()]


@on_both
def test_a_relative_never_sees_the_case_and_raises_an_alarm(site: Site) -> None:
    cases, person = Cases(site.service.stores), site.people[0]
    cases.restrict([Restriction(person, "related", "subject", "CHAIR")])
    chair = site.browser(the(Role.CHAIR))
    cases.grant(person, "chair", "admin", "Named by mistake")
    for _ in range(2):
        assert chair.get(f"/lists/{site.run}/cases/{person}").status_code == 404
    assert person not in chair.get(f"/lists/{site.run}").text
    assert alarms(site) == [("chair", "related")]
    entries = [entry for entry in site.service.ledger() if entry.action == "access.alarm"]
    assert [(entry.actor, entry.content) for entry in entries] == [("chair", {"person": person, "kind": "related"})]
    page = site.browser(the(Role.ADMINISTRATOR)).get("/access").text
    assert "tried to open a case of somebody related to them" in page
    assert person in page
    assert person not in site.browser(the(Role.REVIEWER)).get("/access").text
    assert "Alarms" not in chair.get("/access").text
    assert person not in site.browser(the(Role.REVIEWER, "ashford")).get("/access").text


def test_somebody_who_opens_a_case_under_their_own_name_raises_an_alarm(site: Site, clock: Any) -> None:
    me = Person("namesake", "Number0, Synthetic", Role.CHAIR)
    page = f"/lists/{site.run}/cases/{site.people[0]}"
    client = site.browser(me)
    assert client.get(page).status_code == 200  # a name alone proves nothing
    assert client.get(f"/lists/{site.run}/cases/{site.people[1]}").status_code == 200
    assert alarms(site) == [("namesake", "own_name")]
    clock.forward(days=1)
    assert site.browser(me).get(page).status_code == 200
    assert alarms(site) == [("namesake", "own_name")] * 2


def test_ones_own_case_is_closed_where_the_provider_sends_the_date_of_birth(site: Site) -> None:
    identity = {"given_name": "Synthetic", "family_name": "Number0", "date_of_birth": "1990-01-01"}
    person = Accounts(site.service.stores).arrive(
        Arrival("https://id.example", "s1", "sn0", "S. N.", Role.CHAIR, frozenset({"*"}), identity=identity)
    )
    client = site.browser()
    client.cookies.set("__Host-panel", site.app.state.web.sessions.start(person))
    assert client.get(f"/lists/{site.run}/cases/{site.people[0]}").status_code == 403
    assert site.people[0] not in client.get(f"/lists/{site.run}").text
    assert client.get(f"/lists/{site.run}/cases/{site.people[1]}").status_code == 200
    assert alarms(site) == [("sn0", "own_record")]


OWN = {"given_name": "Synthetic", "family_name": "Number0"}


@on_both
@pytest.mark.parametrize(
    ("kind", "identity", "status"),
    [
        ("own_name", OWN, 200),
        ("own_record", {**OWN, "date_of_birth": "1990-01-01"}, 403),
        ("household", {"given_name": "Alex", "family_name": "Number0", "postcode": "1 MADE-UP road"}, 403),
        ("related", {"given_name": "Alex", "family_name": "Field"}, 404),
    ],
)
def test_reaching_for_a_case_of_ones_own_or_a_relative_raises_an_alarm_on_pages_and_api(
    site: Site, kind: str, identity: dict[str, str], status: int, clock: Any
) -> None:
    arrived = Arrival("https://id.example", "s1", "sn0", "S. N.", Role.CHAIR, frozenset({"*"}), identity=identity)
    person = Accounts(site.service.stores).arrive(arrived)
    if kind == "related":
        Cases(site.service.stores).relate(site.people[0], person.user, "admin")
    page, closes = f"/lists/{site.run}/cases/{site.people[0]}", kind != "own_name"
    for ways in ([page, f"{page}/why", f"{page}/decision"], [f"/api/v1{page}"]):
        client = site.browser()
        client.cookies.set("__Host-panel", site.app.state.web.sessions.start(person))
        assert [client.get(path).status_code for path in ways] == [status] * len(ways)
        assert alarms(site)[0] == ("sn0", kind)
        for listed in (f"/lists/{site.run}", f"/api/v1/lists/{site.run}"):
            assert (site.people[0] in client.get(listed).text) == (not closes)
        clock.forward(days=1)
    assert alarms(site) == [("sn0", kind)] * 2
    client.cookies.set("__Host-panel", site.app.state.web.sessions.start(person))
    body, csrf = CALLED["decisions"], site.csrf(client)
    answer = client.post(f"/api/v1{page}/decisions", json=body, headers={"X-CSRF-Token": csrf})
    assert (answer.status_code, len(alarms(site))) == (status if closes else 201, 3)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Ann Lee", "own_name"),
        ("LEE, Ann Mary", "own_name"),
        ("Ann-Léé", "own_name"),
        ("Anne Lee", ""),
        ("Lee", ""),
        ("", ""),
    ],
)
def test_names_are_like_whatever_their_order_case_and_marks(name: str, kind: str) -> None:
    theirs = {"given_name": "Ann", "family_name": "Lee", "date_of_birth": "1990-01-01"}
    assert likeness({"name": name}, theirs) == kind
    assert likeness({"name": name, "date_of_birth": "1990-01-01"}, theirs) == (kind and "own_record")
    assert likeness({"name": name, "date_of_birth": "1990-01-01"}, {"given_name": "Ann", "family_name": None}) == ""


@pytest.mark.parametrize(
    ("mine", "kind"),
    [
        ({"name": "Jo Lee", "postcode": "xx11aa"}, "household"),
        ({"given_name": "Jo", "family_name": "Lee", "postcode": "XX1 1AA"}, "household"),
        ({"name": "Ann Lee", "postcode": "XX1 1AA"}, "household"),
        ({"name": "Jo Lee", "postcode": "XX1 1AB"}, ""),
        ({"name": "Jo Leeson", "postcode": "XX1 1AA"}, ""),
        ({"name": "Jo Lee"}, ""),
    ],
)
def test_of_one_household_is_who_bears_the_family_name_at_the_postcode(mine: dict[str, str], kind: str) -> None:
    theirs = {"given_name": "Ann", "family_name": "Lee", "addresses": ["ZZ9 9ZZ, millbrook", "XX1 1AA, ashford"]}
    assert likeness(mine, theirs) == kind


@on_both
def test_a_declared_conflict_closes_the_case_until_another_person_lifts_it(site: Site) -> None:
    person = site.people[0]
    page = f"/lists/{site.run}/cases/{person}"
    chair, admin = site.browser(the(Role.CHAIR)), site.browser(the(Role.ADMINISTRATOR))
    asked = chair.get(f"{page}/conflict")
    assert "Do you have a conflict of interest" in asked.text
    assert "Number0" not in asked.text
    csrf = chair.get("/api/v1/session").json()["csrf"]
    assert chair.post(f"{page}/conflict", data={"csrf": csrf}).status_code == 303
    assert "Your conflict of interest is recorded" in chair.get(f"/lists/{site.run}?done=conflict").text
    for view in ("", "/why", "/decision"):
        assert chair.get(page + view).status_code == 403
    body = {**CALLED["decisions"], "reason": "I decide anyway"}
    assert chair.post(f"/api/v1{page}/decisions", json=body, headers={"X-CSRF-Token": csrf}).status_code == 403
    assert person not in chair.get(f"/lists/{site.run}").text
    lift = {"user": "chair", "person": person, "reason": "They only share a street"}
    assert "Nobody lifts a conflict of their own" in chair.post("/access/lift", data={"csrf": csrf, **lift}).text
    csrf = admin.get("/api/v1/session").json()["csrf"]
    assert admin.post("/access/lift", data={"csrf": csrf, **lift, "reason": ""}).status_code == 403
    assert admin.post("/access/lift", data={"csrf": csrf, **lift}).status_code == 303
    assert chair.get(page).status_code == 200
    acts = [entry for entry in site.service.ledger() if entry.action.startswith("conflict.")]
    assert [(entry.actor, entry.action) for entry in acts] == [
        ("administrator", "conflict.lifted"),
        ("chair", "conflict.declared"),
    ]


@pytest.fixture
def program(site: Site) -> Callable[..., TestClient]:
    """Make a service account and return a client that sends its token."""

    def make(*scopes: str, areas: tuple[str, ...] = ("castlebridge",), name: str = "report") -> TestClient:
        token = Tokens(site.service.stores).make(name, scopes, areas, date(2026, 6, 1), "admin")
        client = site.browser()
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    return make


@pytest.mark.parametrize("scope", SCOPES)
def test_a_service_account_reads_what_its_scope_names_and_nothing_else(
    site: Site, program: Callable[..., TestClient], scope: str
) -> None:
    client = program(scope)
    for address in CLOSED:
        status = site.call(client, address).status_code
        if not address.path.startswith("/api/"):
            assert status == 303, address.path  # a page knows no tokens
        elif address.method == "GET" and (scope in address.scopes or not address.rule.permissions):
            assert status == 200, address.path
        else:
            assert status == 403, address.path


@on_both
def test_a_service_account_keeps_to_its_areas_and_sees_no_restricted_case(
    site: Site, restricted: str, program: Callable[..., TestClient]
) -> None:
    here, elsewhere = program("read:lists"), program("read:lists", "read:runs", areas=("ashford",), name="other")
    assert restricted not in here.get(f"/api/v1/lists/{site.run}").text
    assert here.get("/api/v1/referrals").status_code == 403  # agencies write freely there
    assert here.get(f"/api/v1/lists/{site.run}/cases/{restricted}").status_code == 404
    assert elsewhere.get(f"/api/v1/lists/{site.run}").status_code == 404
    assert elsewhere.get("/api/v1/runs").json()["runs"] == []
    assert [view["actor"] for view in site.service.views() if view["action"] == "view.list"] == ["service:report"]


@on_both
def test_no_service_account_reads_what_a_panel_wrote_or_who_supports_victims(
    site: Site, program: Callable[..., TestClient], chair: Person
) -> None:
    person, *_ = (row["person"] for row in site.service.released_list(site.run).rows)
    support = Support("Refuge of wordrose Lane", Offer.NOT_POSSIBLE, "wordwhy")
    told = Particulars(support, Referred(Elsewhere.OTHER, "wordplace"))
    site.service.decide(
        site.run, person, chair, "refer_elsewhere", "pattern", "wordreason",
        safety_confirmed="wordsafe", particulars=told,
    )  # fmt: skip
    client, read = program("read:lists"), f"/api/v1/lists/{site.run}"
    for address in (read, f"{read}/decisions", f"{read}/cases/{person}"):
        assert re.findall(r"word\w+", client.get(address).text) == [], address
    (made,) = client.get(f"{read}/decisions").json()["decisions"]
    assert (made["decision"], made["reason"]) == ("refer_elsewhere", NOT_FOR_PROGRAMS)
    assert (made["particulars"]["support"]["offer"], made["particulars"]["opinions"]) == ("not_possible", [])


@on_both
def test_no_service_account_reads_in_the_ledger_what_people_wrote(
    site: Site, program: Callable[..., TestClient], chair: Person
) -> None:
    person, reviewer, cases = site.people[0], the(Role.REVIEWER), Cases(site.service.stores)
    cases.declare(site.run, person, reviewer)
    cases.lift_conflict(reviewer.user, person, chair, "Another reviewer of that name")
    site.service.note("chair", "policy.set", "policy", {"name": "Drive", "why": "As the board wrote"})
    site.service.note("chair", "refused.publish", site.run, {"why": "GateRefused"})
    told, read = [
        {entry["action"]: json.loads(entry["detail"]) for entry in client.get("/api/v1/ledger").json()["entries"]}
        for client in (program("read:ledger", areas=("*",)), site.browser(the(Role.ADMINISTRATOR, "*")))
    ]
    assert told["conflict.lifted"] == {"reason": NOT_FOR_PROGRAMS, "user": reviewer.user}
    assert told["policy.set"] == {"name": "Drive", "why": NOT_FOR_PROGRAMS}
    assert told["refused.publish"] == {"why": "GateRefused"}
    assert read["conflict.lifted"]["reason"] == "Another reviewer of that name"
    assert read["policy.set"]["why"] == "As the board wrote"


@on_both
def test_a_token_ends_when_it_expires_or_is_revoked(site: Site, program: Callable[..., TestClient], clock: Any) -> None:
    first, second = program("read:runs"), program("read:runs", name="second")
    Tokens(site.service.stores).revoke("second", "admin")
    assert (first.get("/api/v1/runs").status_code, second.get("/api/v1/runs").status_code) == (200, 401)
    clock.forward(days=62)
    assert first.get("/api/v1/runs").status_code == 401
    with pytest.raises(NotFound):
        Tokens(site.service.stores).revoke("second", "admin")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": "Not This"}, "small letters"),
        ({"scopes": ["decide"]}, "scopes that exist"),
        ({"scopes": []}, "scopes that exist"),
        ({"areas": []}, "needs its areas"),
        ({"expires": date(2026, 4, 1)}, "within a year"),
        ({"expires": date(2028, 4, 1)}, "within a year"),
    ],
)
def test_a_service_account_is_made_narrow(site: Site, change: dict[str, Any], error: str) -> None:
    asked = {"name": "report", "scopes": ["read:runs"], "areas": ["*"], "expires": date(2026, 6, 1), "by": "admin"}
    with pytest.raises(NotPermitted, match=error):
        Tokens(site.service.stores).make(**{**asked, **change})


def test_a_token_in_an_address_is_refused_and_revoked(site: Site, program: Callable[..., TestClient]) -> None:
    client = program("read:runs")
    token = client.headers["Authorization"].partition(" ")[2]
    assert site.browser().get("/api/v1/runs", params={"token": token}).status_code == 403
    assert site.browser().get("/health/live", params={"access_token": "x"}).status_code == 403
    assert client.get("/api/v1/runs").status_code == 401
    acts = [(entry.actor, entry.action, entry.subject) for entry in site.service.ledger(3)]
    assert acts == [
        ("nobody", "access.refused", "token that is not in force"),
        ("nobody", "access.refused", "token in an address"),
        ("drive-panel", "token.revoked", "service:report"),
    ]


def test_no_token_lies_in_the_database(site: Site, program: Callable[..., TestClient], database: Any) -> None:
    token = program("read:runs").headers["Authorization"].partition(" ")[2]
    cookie = site.browser(the(Role.CHAIR)).cookies["__Host-panel"]
    held = database.content()
    assert b"service:report" in held
    assert token.encode() not in held
    assert cookie.encode() not in held


def test_an_administrator_blocks_a_user_who_is_out_at_the_next_click(site: Site) -> None:
    member, admin = site.browser(the(Role.PANEL_MEMBER)), site.browser(the(Role.ADMINISTRATOR))
    csrf = admin.get("/api/v1/session").json()["csrf"]
    assert member.get(f"/lists/{site.run}").status_code == 200
    assert admin.post("/access/block", data={"csrf": csrf, "user": "panel-member"}).status_code == 303
    assert member.get(f"/lists/{site.run}").status_code == 303
    assert "Blocked" in admin.get("/access").text
    assert admin.post("/access/block", data={"csrf": csrf, "user": "administrator"}).status_code == 403
    assert next(entry.action for entry in site.service.ledger() if entry.subject == "panel-member") == "user.blocked"


def test_an_administrator_of_one_area_manages_and_sees_nobody_beyond_it(
    site: Site, program: Callable[..., TestClient]
) -> None:
    member = site.browser(the(Role.PANEL_MEMBER))
    site.browser(Person("everywhere", "Every Where", Role.CHAIR))
    site.browser(Person("both", "Bo Th", Role.CHAIR, frozenset({"ashford", "castlebridge"})))
    program("read:runs")
    elsewhere = site.browser(Person("admin-2", "Ad Min", Role.ADMINISTRATOR, frozenset({"ashford"})))
    csrf = elsewhere.get("/api/v1/session").json()["csrf"]
    for user in ("panel-member", "everywhere", "both"):
        for address in ("/access/block", "/access/sign-out"):
            there = elsewhere.post(address, data={"csrf": csrf, "user": user})
            nowhere = elsewhere.post(address, data={"csrf": csrf, "user": "nobody-at-all"})
            assert there.status_code == 404, (address, user)
            assert same(there, nowhere), (address, user)
        assert user not in elsewhere.get("/access").text
    assert member.get(f"/lists/{site.run}").status_code == 200
    assert "service:report" not in elsewhere.get("/access").text
    page = site.browser(Person("admin-3", "Ad Min", Role.ADMINISTRATOR)).get("/access").text
    assert all(name in page for name in ("panel-member", "everywhere", "both", "report"))


@on_both
def test_a_list_that_is_not_live_tells_nothing_of_a_restricted_case(
    site: Site, restricted: str, made_up: Any, reviewer: Person
) -> None:
    other = site.people[1]
    me = the(Role.CHAIR)
    site.service.review(site.run, reviewer, Act.WITHDRAW, "A mistake was found")
    client = site.browser(me)
    for address in CLOSED:
        if "{person}" in address.path and address.rule.allows(me):
            there, open_ = (site.call(client, address, person=each) for each in (restricted, other))
            assert there.status_code == open_.status_code, address.path
            assert there.status_code in (409, 410), address.path
            assert same(there, site.call(client, address, person=restricted)), address.path


def test_a_refused_attempt_is_in_the_ledger_once_and_then_counted(site: Site, clock: Any) -> None:
    member = site.browser(the(Role.PANEL_MEMBER))
    decision = next(each for each in ADDRESSES if each.path.endswith("/decision") and each.method == "POST")
    for _ in range(3):
        assert site.call(member, decision).status_code == 403
    clock.forward(minutes=11)
    site.call(member, decision)
    refused = [entry for entry in site.service.ledger() if entry.action == "access.refused"]
    assert [(entry.actor, entry.subject, entry.content) for entry in refused] == [
        ("panel-member", f"POST {decision.path}", {"more_before": 2}),
        ("panel-member", f"POST {decision.path}", {}),
    ]


@on_both
def test_a_form_of_another_site_or_without_the_sessions_token_changes_nothing(site: Site) -> None:
    chair = site.browser(the(Role.CHAIR))
    csrf = chair.get("/api/v1/session").json()["csrf"]
    page = f"/lists/{site.run}/cases/{site.people[0]}/conflict"
    for headers, form in (
        ({"sec-fetch-site": "cross-site"}, {"csrf": csrf}),
        ({"sec-fetch-site": "same-site"}, {"csrf": csrf}),
        ({"origin": "https://evil.example"}, {"csrf": csrf}),
        ({}, {"csrf": ""}),
        ({}, {"csrf": "x" * 43}),
        ({}, {}),
    ):
        assert chair.post(page, data=form, headers=headers).status_code == 403
    other = site.browser(the(Role.PANEL_MEMBER)).get("/api/v1/session").json()["csrf"]
    assert chair.post(page, data={"csrf": other}).status_code == 403
    assert Cases(site.service.stores).conflicts() == []
    refused = [entry.subject for entry in site.service.ledger() if entry.action == "access.refused"]
    assert refused == ["form without the token of the session", "form of another site"]


@on_both
def test_what_is_refused_before_anybody_is_known_is_in_the_ledger_by_kind(site: Site) -> None:
    app = create_app(site.service, WebSettings(demo=False, rates=OFTEN, hosts=frozenset({"panel.example"})))
    client = TestClient(app, base_url="https://panel.example", follow_redirects=False)
    long = "x" * (64 * 1024 + 1)
    for _ in range(2):
        assert client.get("/", headers={"host": "other.example"}).status_code == 400
        assert client.get("/runs%07secret").status_code == 404
        assert client.post("/access/lift", content=iter([b"x"])).status_code == 411
        assert client.post("/access/lift", content=long).status_code == 413
    refused = [entry for entry in site.service.ledger() if entry.action == "access.refused"]
    assert [(entry.actor, entry.subject, entry.content) for entry in reversed(refused)] == [
        ("nobody", "request under another host's name", {}),
        ("nobody", "control characters in an address", {}),
        ("nobody", "form without a length", {}),
        ("nobody", "form that is too long", {}),
    ]


TRICKS = (
    "/lists/{run}/../{run}",
    "/lists/%2e%2e/ledger",
    "//lists/{run}",
    "/lists/{run}%2fcases%2f{person}",
    "/lists/{run}/cases/{person}%00",
    "/lists/{run}/cases/{person}%0d%0aSet-Cookie:x",
    "/lists/{run};/",
    "/LISTS/{run}",
    "/lists/{run}/cases/{person}/why/",
    "/static/..%2f..%2frules.py",
    "/static/%2e%2e/rules.py",
)


@on_both
def test_no_trick_with_the_path_leads_anywhere(site: Site) -> None:
    data_scientist = site.browser(the(Role.DATA_SCIENTIST))  # who may open no list
    for path in TRICKS:
        answer = data_scientist.get(path.format(run=site.run, person=site.people[0]))
        assert answer.status_code in (307, 403, 404), path
        assert site.people[0] not in answer.text


FORMULA, MARKS = '=HYPERLINK("http://x","y") @SUM(1) +1 -1', "\u202egnp.exe\u2066\u200f"
HOSTILE = f"<script>alert(1)</script><img src=x onerror=alert(2)>{{{{ 7*7 }}}}\"' {FORMULA} {MARKS}"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;{{ 7*7 }}"
# A form of each address that is carried out as it stands; the last ones stop the lists.
FORMS: dict[str, dict[str, str]] = {
    "/registers/incidents": SENT["/registers/incidents"] | {"what": "Seen", "happened": "31 3 2026"},
    "/registers/challenges": {
        "area": "castlebridge", "who": "subject", "reference": "C-1", "about": "A rank", "arrived": "31 3 2026"
    },
    "/registers/{kind}/{number}": {"outcome": "Settled"},
    "/meetings": {"run": "{run}", "places": "3", "day": "1 5 2026"},
    "/meetings/{meeting}": {"run": "{run}", "places": "3", "newest": "{newest}", "day": "2 5 2026"},
    "/meetings/{meeting}/attendance": SENT["/meetings/{meeting}/attendance"] | {"recused": ""},
    "/meetings/{meeting}/actions": {"what": "Ask", "owner": "Coordinator", "person": "", "due": "1 5 2026"},
    "/meetings/{meeting}/actions/{number}": {"done": "They answered"},
    "/meetings/{meeting}/minutes": {"note": "Agreed", "newest": ""},
    "/lists/{run}/cases/{person}/information": {"agency": "probation", "what": "Which order?", "due": "1 5 2026"},
    "/lists/{run}/cases/{person}/information/{number}": {"words": "None", "for_all": "yes"},
    "/lists/{run}/cases/{person}/link": {"why": "INC001 is the brother's"},
    "/administration/users/{user}": {"role": "panel_member", "areas": "castlebridge", "agency": "police", "read": ""},
    "/administration/add-account": {
        **SENT["/administration/add-account"], "name": "Some New", "login": "new@force.example", "agency": "police",
    },
    "/administration/panels": {
        "area": "castlebridge", "places": "4", "reserved": "housing: 1", "list_factor": "3", "reason": "Agreed",
        "newest": "",
    },
    "/lists/{run}/cases/{person}/own-view": {"leaning": "place", "words": "Two victims"},
    "/links/{pair}": SENT["/links/{pair}"],
    "/links/challenges/{number}": {"outcome": "Two brothers"},
    "/stops": {"area": "castlebridge", "reason": "Something is wrong"},
    "/stops/go-on": {"area": "castlebridge", "reason": "Nothing was wrong"},
}  # fmt: skip


def fields_of(site: Site, path: str) -> set[str]:
    asked = next(each for each in iter_route_contexts(site.app.routes) if (each.path, each.methods) == (path, {"POST"}))
    return named_in(asked.dependant) - {"csrf"}


def named_in(asked: Any) -> set[str]:
    """Return every field that an address or what it depends on reads."""
    return {field.alias for field in asked.body_params}.union(*map(named_in, asked.dependencies))


def filled(path: str, known: dict[str, str]) -> dict[str, str]:
    """Return a form as a browser sends it: a date in its three parts."""
    form: dict[str, str] = {}
    for name, value in FORMS[path].items():
        day = re.fullmatch(r"(\d+) (\d+) (\d+)", value)
        parts = zip(("day", "month", "year"), day.groups(), strict=True) if day else ()
        form |= {f"{name}-{part}": each for part, each in parts} or {name: value.format_map(known)}
    return form


@on_both
def test_no_field_of_what_is_filed_takes_anything_but_text(site: Site) -> None:
    """Shown as text or refused; nothing that anybody types, in any field, is an error of the service."""
    person = site.people[0]
    asked = requests.ask(
        site.service, the(Role.CHAIR), site.run, person, requests.Question("police", "?", date(2026, 5, 1))
    )
    users = [the(role) for role in (Role.CHAIR, Role.REVIEWER, Role.ADMINISTRATOR, Role.DATA_SCIENTIST)]
    member = replace(the(Role.PANEL_MEMBER), agency="police")
    clients = {user.user: (site.browser(user), user) for user in (*users, member)}
    answers: list[tuple[str, str]] = []
    kept: dict[tuple[str, str], str] = {}
    for path in FORMS:
        known = {"run": site.run, "newest": str(site.newest)}
        # Where words may tell whereabouts a form asks that they are read again, which whoever fills it in has done.
        form = filled(path, known) | dict.fromkeys(fields_of(site, path) & {"read_again"}, "read")
        assert fields_of(site, path) == set(form), path
        rule = RULES["POST", path]
        who = {"/stops": "administrator", "/lists/{run}/cases/{person}/information/{number}": member.user}.get(path)
        client, user = clients[who or next(each.user for each in users if rule.allows(each))]
        number = {"/registers/{kind}/{number}": site.incident, "/meetings/{meeting}/actions/{number}": site.action}
        number |= {"/links/challenges/{number}": site.challenge}
        place = {"run": site.run, "person": person, "meeting": site.meeting, "kind": "incident"}
        place |= {"user": "somebody", "pair": site.pair}
        address = path.format(**place, number=number.get(path, asked))
        for name in form:
            marked = f"m{len(answers)}m {HOSTILE}"
            for value in (marked, "nul \x00 within", "9" * 30):
                answer = client.post(address, data={"csrf": site.csrf(client), **form, name: value})
                assert answer.status_code < 500, (path, name, value)
                answers.append((f"{path} {name}", answer.text))
                if value == marked and answer.status_code == 303:
                    kept[path, name] = marked.replace(HOSTILE, ESCAPED)
                    answers.append((f"{path} {name}", client.get(answer.headers["location"]).text))
        for odd in ("9" * 30, "-1") if path.endswith("{number}") else ():
            answer = client.post(path.format(**place, number=odd), data={"csrf": site.csrf(client), **form})
            assert answer.status_code < 500, (path, odd)
    for client, user in clients.values():
        for found in CLOSED:
            if found.method == "GET" and found.rule.allows(user) and not found.path.startswith("/about"):
                answer = site.call(client, found)
                assert answer.status_code < 500, found.path
                if not found.path.startswith("/api/"):  # a program reads words as they were written
                    answers.append((found.path, answer.text))
    for where, text in answers:
        assert "<script>alert" not in text, where
        assert "<img src=x" not in text, where
    told = "".join(text for _, text in answers)
    nowhere = {each for each, shown in kept.items() if shown not in told and each[1] != "read_again"}  # an answer
    assert nowhere == {("/stops/go-on", "reason")}  # on file only
    assert len(kept) > 9
    assert site.service.verify().ok
