"""Every form that a page shows, found by following links as each user, with hostile text in each of its text fields.

What was filed is then looked at on every page that shows it: over HTTP, and in Chromium with scripts on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import Batch, Person, Role
from serving.access.accounts import Accounts
from serving.access.viewing import Viewing
from serving.links import publish
from serving.panel import meetings, referrals, registers, requests
from serving.people import demo_people
from serving.web import WebSettings, create_app
from serving.web.rates import RateSettings
from serving.web.rules import RULES
from values import digest

OFTEN = RateSettings("100000/minute", "100000/minute", "100000/minute")
PLANTED = "http://planted.invalid"
MARKUP = f"<script data-struck>__struck=1</script><img data-struck src={PLANTED} onerror=__struck=2>{{{{7*7}}}}\"'"
LONG = f"{MARKUP}{'W' * 60}"
HOSTILE = f"{LONG}\u202e\u2066\u05d0\u05d1TURNING"
STRINGS = (HOSTILE, '=HYPERLINK("http://x","y")', "nul \x00 within")
WITHOUT_TEXT = {
    "/access/block",
    "/access/sign-out",
    "/audits/{run}/publish",
    "/audits/{run}/report",
    "/lists/{run}/cases/{person}/conflict",
    "/lists/{run}/exports",
    "/meetings/{meeting}/exports",
    "/papers/{run}",
    "/referrals/{referral}/conflict",
    "/sign-in",
    "/sign-out",
    "/unsent",
}
AREAS = ("ashford", "millbrook", "harrow_vale", "eastmere")
PAGES = 90
Key = tuple[str, str, tuple[str, ...]]


@dataclass
class Found:
    """A form as a page shows it: hidden and chosen values as they are, its text fields by what identifies them."""

    action: str
    sent: list[tuple[str, str]] = field(default_factory=list)
    typed: dict[str, str] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """What it does: its rule, the act that it names, what can be typed."""
        return rule_of(self.action), dict(self.sent).get("act", ""), tuple(sorted(self.typed.values()))

    def fill(self, text: str, right: set[str]) -> dict[str, Any]:
        """Return what is sent: `text` in every text field but those that must be right."""
        chosen = {name: value for name, value in self.choices.items() if name not in right}
        data: dict[str, Any] = {**chosen, **dict(self.sent)}
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
            form.typed[name] = re.sub(r"\d+", "*", said.get("id", name))
        elif kind in ("radio", "checkbox"):
            form.choices[name] = said.get("value", "")  # the last: of stops that of one area, of sensitive words no
        else:
            form.sent.append((name, said.get("value", "")))


def _right(name: str) -> str:
    """Return what fits a field that takes no free text."""
    if name.startswith(("until-", "expires-")):
        return ""
    parts = {"-day": "1", "-month": "4", "-year": "2026", "places": "3", "factor": "3"}
    parts |= {"areas": "castlebridge", "user": "new.one", "login": "new@one.example"}
    return next((value for part, value in parts.items() if name.endswith(part)), "")


def kind_of(address: str) -> str:
    """Return an address without which run, case or document it is about."""
    path = re.sub("(/users/).+", r"\1*", address.partition("?")[0].partition("#")[0])
    return re.sub(r"[^/]*\d[^/]*", "*", path)


def rule_of(action: str) -> str:
    """Return the address among the rules that a form is sent to."""
    fitting = [
        path for method, path in RULES if method == "POST" and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), action)
    ]
    return min(fitting, key=lambda path: path.count("{"))


def walk(client: TestClient, *further: str) -> dict[str, str]:
    """Follow links from the first page, one address of each kind and what is named further; return address -> text."""
    found: dict[str, str] = {}
    kinds = set[str]()
    waiting = [*further, "/"]
    while waiting and len(found) < PAGES:
        address = waiting.pop(0).partition("#")[0]
        known = kind_of(address) in kinds and address not in further
        if address in found or known or not address.startswith("/") or address.startswith(("/static", "/sign", "/api")):
            continue
        answer = client.get(address)
        assert answer.status_code < 500, address
        if "text/html" in answer.headers.get("content-type", ""):
            found[address] = answer.text
            kinds.add(kind_of(address))
            waiting += Reader(answer.text).links
    return found


def hostile(made: Any) -> Any:
    """Return the documents of a run with hostile text in whatever records, configuration and indicators can say."""
    made.header["notices"] = [HOSTILE]
    for row in made.rows:
        case = made.cases[row["person"]]
        for reason in (*case["reasons"], *row["reasons"], *case["contrast"]):
            reason["text"] = LONG
        case["chronology"][0] |= {"note": HOSTILE, "offence": LONG, "counterpart": LONG}
        case["criteria"][0] |= {"label": LONG, "definition": LONG, "detail": LONG}
        case["missing"], case["provisional"]["text"] = [LONG], LONG
        case["orders"][0]["kind"] = case["marac"][0]["counterpart"] = case["safety"][0]["counterpart"] = LONG
        if row["hold"]:
            row["hold"] |= {"why": HOSTILE, "owner": HOSTILE}
        made.identities[row["person"]] |= {"given_name": "", "family_name": HOSTILE, "addresses": [HOSTILE]}
        row["case"] = digest(case)
    return made


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory, documents: Any) -> Iterator[dict[str, Any]]:
    """Everybody, signed in over lists in every state with something of every kind on file."""
    folder, clock, day = tmp_path_factory.mktemp("hostile"), documents.Clock(), date(2026, 4, 1)
    service = Batch(folder / "panel.db", folder / "scores.db", folder / "keys", clock)
    people = tuple(Person(each.user, each.name, each.role, each.areas, "probation") for each in demo_people())
    nobody = Person("nobody", HOSTILE, Role.PANEL_MEMBER, agency="probation")
    made = hostile(documents.make_run(folder))
    released = made.into(service)
    Accounts(service.stores).make_up(nobody)
    chair, member, first, second = people[:4]
    service.review(released, first, "approve", HOSTILE, acknowledged=made.gate["acknowledge"])
    service.publish(released)
    runs = [released]
    for area, verdict in zip(AREAS, ("pass", "pass", "insufficient", "refuse"), strict=True):
        runs.append(documents.make_run(folder, area=area, verdict=verdict).into(service))
    service.review(runs[1], first, "approve", HOSTILE, acknowledged=made.gate["acknowledge"])  # and not published
    named = [row["person"] for row in made.rows]
    meeting = meetings.call_meeting(service, chair, "castlebridge", day, 3, released)
    meetings.agree_action(service, chair, meetings.meeting_of(service, meeting), meetings.Action("Ask", "Who", day))
    requests.ask(service, chair, released, named[0], requests.Question("probation", HOSTILE, day))
    requests.challenge_link(service, chair, released, named[0], HOSTILE)
    seen = registers.Incident(registers.IncidentKind.OTHER, date(2026, 3, 31), HOSTILE)
    registers.report_incident(service, chair, "castlebridge", seen)
    referrals.refer(service, chair, "castlebridge", referrals.Referred(HOSTILE, HOSTILE, "", who={"family_name": "A"}))
    publish(service.stores, [documents.make_pair(reason=HOSTILE)])
    Viewing(service, member).declare_conflict(released, named[1])
    service.stop(second, "eastmere", HOSTILE)
    app = create_app(service, WebSettings(demo=True, users=(*people, nobody), rates=OFTEN), service.publish)

    def signed_in(user: str) -> TestClient:
        client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
        client.post("/sign-in", data={"user": user})
        return client

    lapsed, address = signed_in("chair"), "/meetings"
    typed = next(form for form in Reader(lapsed.get(address).text).forms if form.action == address)
    clock.forward(hours=1)
    assert "kept=yes" in lapsed.post(address, data=typed.fill(HOSTILE, set())).headers["location"]
    held = next(row["person"] for row in made.rows if row["section"] == "held")
    panels, user = "/administration/panels?area=castlebridge", "/administration/users/nobody"
    further = {
        "chair": (f"/lists/{released}/cases/{held}/decision", "/unsent"),
        "reviewer-1": tuple(f"/audits/{run}" for run in runs[:0:-1]),
        "admin": (panels, user),
    }
    clients = {each.user: signed_in(each.user) for each in people if each is not second}
    yield {"app": app, "service": service, "clients": clients, "further": further}
    service.close()


Forms = dict[Key, tuple[str, str, Found]]


def forms_of(clients: dict[str, TestClient], further: dict[str, tuple[str, ...]]) -> Forms:
    """Return every form that somebody is shown, with who and where."""
    found: Forms = {}
    for user, client in clients.items():
        for address, text in walk(client, *further.get(user, ())).items():
            for form in Reader(text).forms:
                found.setdefault(form.key, (user, address, form))
    return found


def took(client: TestClient, address: str, known: Found) -> bool:
    """Send each hostile text through a form, put right what takes no free text, and say whether one was taken."""
    done = False
    for string in STRINGS:
        shown = Reader(client.get(address).text).forms
        form = next((each for each in shown if (each.action, each.key) == (known.action, known.key)), None)
        if form is None:
            break  # what it was about is done
        dates = {name for name in form.typed if name.endswith(("-day", "-month", "-year"))}
        wrong: set[str] = set()
        for right in (None, *[dates] * 4):
            answer = client.post(form.action, data=form.fill(string, (right or set()) | wrong))
            assert answer.status_code < 500, (known.key, string)
            assert "<script data-struck" not in answer.text, known.key
            if answer.status_code != 422:
                break
            # What was typed comes back as it was typed; a NUL, which no browser sends, is refused as a whole.
            assert string in unescape(answer.text) or "\x00" in string, known.key
            wrong |= set() if right is None else Reader(answer.text).errors
        done |= answer.status_code == 303
    return done


@pytest.fixture(scope="module")
def filed(everybody: dict[str, Any]) -> dict[str, Any]:
    """Hostile text filed through every form: what forms there are, which took it, and the pages after it."""
    clients, further = everybody["clients"], everybody["further"]
    forms = forms_of(clients, further)
    stranger = TestClient(everybody["app"], base_url="http://127.0.0.1", client=("127.0.0.1", 5))
    for form in Reader(stranger.get("/sign-in").text).forms:
        forms[form.key] = ("", "/sign-in", form)
    in_turn = sorted(forms, key=lambda key: (not key[0].endswith("/hold"), key))
    sent = {key: took(clients[forms[key][0]], *forms[key][1:]) for key in in_turn if key[2]}
    pages = {user: walk(client, *further.get(user, ())) for user, client in clients.items()}
    cookies = {user: client.cookies["panel"] for user, client in clients.items()}
    return {"forms": forms, "took": {key for key, done in sent.items() if done}, "pages": pages, "cookies": cookies}


def test_a_text_of_a_megabyte_is_refused_on_every_form_before_it_is_read(filed: dict[str, Any], everybody: Any) -> None:
    client = everybody["clients"]["chair"]
    megabyte, kind = b"reason=" + b"x" * 1_000_000, {"Content-Type": "application/x-www-form-urlencoded"}
    for _, _, form in filed["forms"].values():
        answer = client.post(form.action, content=megabyte, headers=kind)
        assert answer.status_code == 413
        assert "Send at most 65536 bytes." in answer.text


def test_every_form_is_reached_and_every_one_with_a_text_field_takes_hostile_text(filed: dict[str, Any]) -> None:
    rules = {path for method, path in RULES if method == "POST" and not path.startswith("/api/")}
    assert {rule for rule, _, _ in filed["forms"]} == rules
    assert {key for key in filed["forms"] if key[2]} == filed["took"]
    assert rules - {rule for rule, _, typed in filed["forms"] if typed} == WITHOUT_TEXT


def test_whatever_is_typed_into_any_field_of_any_form_is_text_on_every_page(filed: dict[str, Any]) -> None:
    for texts in filed["pages"].values():
        for address, text in texts.items():
            assert "<script data-struck" not in text, address
            assert "<img data-struck" not in text, address


# What a page with planted text must not show: it ran, made an element, or widened the page; or what follows it in its
# line stands in its direction, since no element of its own holds it.
LOOK = """() => {
  document.querySelectorAll("details").forEach(each => { each.open = true });
  const loose = [], nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    const node = nodes.currentNode, at = node.data.lastIndexOf("TURNING");
    if (at < 0 || node.parentElement.closest("textarea, script")) continue;
    let box = node.parentElement;
    const style = () => getComputedStyle(box);
    while (style().display === "inline" && style().unicodeBidi !== "isolate") box = box.parentElement;
    const rest = document.createRange();
    rest.setStart(node, at + 7); rest.setEndAfter(box.lastChild);
    const after = rest.toString().replace("(synthetic)", "").trim();
    if (/[A-Za-z0-9]/.test(after)) loose.push(after);
  }
  return {
    struck: window.__struck ?? null,
    made: document.querySelectorAll("[data-struck]").length,
    loose,
    wide: document.documentElement.scrollWidth - innerWidth,
    turns: /[\\u202a-\\u202e\\u2066-\\u2069]/.test(document.body.innerText),
  };
}"""
HARMLESS = {"struck": None, "made": 0, "loose": [], "wide": 0, "turns": False}


@pytest.mark.browser
def test_hostile_text_is_only_text_in_a_browser_with_scripts_on(
    filed: dict[str, Any], everybody: dict[str, Any], browser: Any, serve: Any
) -> None:
    found: dict[str, tuple[int, str, str]] = {}
    for user, texts in filed["pages"].items():
        for address, text in texts.items():
            most = found.get(kind_of(address), (0, "", ""))
            found[kind_of(address)] = max(most, (text.count("TURNING"), user, address))
    left, wrong = list[str](), dict[str, Any]()
    with serve(everybody["app"]) as url:
        context = browser.new_context(viewport={"width": 320, "height": 640})
        page = context.new_page()
        page.on("dialog", lambda dialog: left.append(dialog.message))
        page.on("request", lambda request: None if request.url.startswith(url) else left.append(request.url))
        for count, user, address in found.values():
            if not count:
                continue
            context.clear_cookies()
            context.add_cookies([{"name": "panel", "value": filed["cookies"][user], "url": url}])
            page.goto(url + address)
            seen = page.evaluate(LOOK)
            assert MARKUP in page.locator("body").inner_text(), address
            if seen != HARMLESS:
                wrong[address] = seen
        context.close()
    assert left == []
    assert wrong == {}
