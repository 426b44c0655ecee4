"""Every form that a page shows, found by following links as each user, with hostile text in each of its text fields."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.panel import meetings, registers, requests
from serving.people import demo_people
from serving.web import WebSettings, create_app
from serving.web.rates import RateSettings
from serving.web.rules import RULES

OFTEN = RateSettings("100000/minute", "100000/minute", "100000/minute")
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}\"'"
STRINGS = (f"{MARKUP}\u202egnp.exe\u2066\u200f", '=HYPERLINK("http://x","y")', "nul \x00 within")
# What ends the session, and what closes other pages: not sent, and sent last.
LAST = ("/review", "/publish", "/stops", "/go-on", "/conflict", "/access/", "/administration/users")
PAGES = 90
# Forms that no page shows in the state that is made here; test_serving_access tries the fields of most of them.
NOT_SHOWN = {
    "/sign-in",
    "/sign-out",
    "/unsent",
    "/access/lift",
    "/audits/*/publish",
    "/links/*",
    "/links/challenges/*",
    "/lists/*/cases/*/hold",
    "/referrals/*/conflict",
    "/referrals/*/decision",
    "/registers/*/*",
    "/stops/go-on",
}


@dataclass
class Found:
    """A form as a page shows it: hidden and chosen values as they are, its text fields by what identifies them."""

    action: str
    sent: list[tuple[str, str]] = field(default_factory=list)
    typed: dict[str, str] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)

    def fill(self, text: str, right: set[str]) -> dict[str, Any]:
        """Return what is sent: `text` in every text field but those that must be right."""
        data: dict[str, Any] = {**self.choices, **dict(self.sent)}
        return data | {name: _right(name) if {key, name} & right else text for name, key in self.typed.items()}


class Reader(HTMLParser):
    """Reads the links, forms and errors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Found] = []
        self.errors: set[str] = set()
        self._form: Found | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(said.get("href", ""))
            self.errors |= {said["href"][1:]} if said.get("href", "").startswith("#") else set()
        elif tag == "form" and said.get("method") == "post":
            self._form = Found(said["action"])
            self.forms.append(self._form)
        elif self._form is not None and said.get("name"):
            self._field(self._form, tag, said)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    @staticmethod
    def _field(form: Found, tag: str, said: dict[str, str]) -> None:
        kind, name = said.get("type", "text"), said["name"]
        if tag == "textarea" or (tag == "input" and kind == "text"):
            form.typed[name] = said.get("id", name)
        elif kind in ("radio", "checkbox"):
            form.choices.setdefault(name, said.get("value", ""))
        else:
            form.sent.append((name, said.get("value", "")))


def _right(name: str) -> str:
    """Return what fits a field that takes no free text."""
    if name.startswith("until-"):
        return ""  # of a deferral only
    parts = {"-day": "1", "-month": "4", "-year": "2026", "places": "3", "factor": "3", "areas": "castlebridge"}
    return next((value for part, value in parts.items() if name.endswith(part)), "")


def kind_of(address: str) -> str:
    """Return an address without which run, case or document it is about."""
    path = re.sub("(/users/).+", r"\1*", address.partition("?")[0].partition("#")[0])
    return re.sub(r"[^/]*\d[^/]*", "*", path)


@pytest.fixture
def users(service: Service, released: str, chair: Person, made_up: Any) -> dict[str, TestClient]:
    """Everybody, signed in over a list with something of every kind on file."""
    day, person = date(2026, 4, 1), made_up.rows[0]["person"]
    known = meetings.meeting_of(service, meetings.call_meeting(service, chair, "castlebridge", day, 3, released))
    meetings.agree_action(service, chair, known, meetings.Action("Ask", "Coordinator", day))
    requests.ask(service, chair, released, person, requests.Question("probation", "Which order?", day))
    seen = registers.Incident(registers.IncidentKind.OTHER, date(2026, 3, 31), "Seen")
    registers.report_incident(service, chair, "castlebridge", seen)
    people = tuple(Person(each.user, each.name, each.role, each.areas, "probation") for each in demo_people())
    app = create_app(service, WebSettings(demo=True, users=people, rates=OFTEN), service.publish)
    clients = {}
    for each in people:
        client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
        client.post("/sign-in", data={"user": each.user})
        if each.role is not Role.REVIEWER or each.user == "reviewer-1":
            clients[each.user] = client
    return clients


def walk(client: TestClient) -> dict[str, str]:
    """Follow links from the first page, two addresses of each kind; return address -> text."""
    found: dict[str, str] = {}
    waiting = ["/"]
    while waiting and len(found) < PAGES:
        address = waiting.pop(0).partition("#")[0]
        kinds = [kind_of(each) for each in found]
        if (
            address in found
            or kinds.count(kind_of(address)) > 1
            or not address.startswith("/")
            or address.startswith(("/static", "/sign", "/api"))
        ):
            continue
        answer = client.get(address)
        assert answer.status_code < 500, address
        if "text/html" in answer.headers.get("content-type", ""):
            found[address] = answer.text
            waiting += Reader(answer.text).links
    return found


def test_whatever_is_typed_into_any_field_of_any_form_is_text_on_every_page(users: dict[str, TestClient]) -> None:
    forms: dict[str, tuple[TestClient, str, str]] = {}
    for client in users.values():
        for address, text in walk(client).items():
            for form in Reader(text).forms:
                if form.action != "/sign-out":
                    forms.setdefault(kind_of(form.action), (client, address, form.action))
    filed = set()
    for kind in sorted(forms, key=lambda each: (each.startswith(LAST) or each.endswith(LAST), each)):
        client, address, action = forms[kind]
        for string in STRINGS:
            form = next((each for each in Reader(client.get(address).text).forms if each.action == action), None)
            if form is None:
                break  # what it was about is done
            right: set[str] = set()
            for more in (set(), {name for name in form.typed if name.endswith(("-day", "-month", "-year"))}, set()):
                right |= more
                answer = client.post(action, data=form.fill(string, right))
                assert answer.status_code < 500, (kind, string)
                assert MARKUP[:8] not in answer.text, kind
                if answer.status_code != 422:
                    break
                right |= Reader(answer.text).errors
            filed |= {kind} if answer.status_code == 303 and form.typed else set()
        big = client.post(action, data={"csrf": "", "reason": "x" * 1_000_000})
        assert big.status_code == 413, kind
    assert len(filed) > 12, filed
    for user, client in users.items():
        client.post("/sign-in", data={"user": user})
        for address, text in walk(client).items():
            assert "<script>alert" not in text, address
            assert "<img src=x" not in text, address
    posts = {kind_of(path.format_map(_Any())) for method, path in RULES if method == "POST" and "/api/" not in path}
    assert posts - set(forms) == NOT_SHOWN


class _Any(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "0"
