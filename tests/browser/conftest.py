"""The real application on loopback, over made-up documents, in Debian's Chromium."""

from __future__ import annotations

import importlib.util
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn

from serving import Batch, Person, Role, Service, demo_people
from serving.access.accounts import Accounts
from serving.links import name_of, publish
from serving.panel.meetings import Action, Attendee, agree_action, attend, call_meeting, meeting_of
from serving.panel.referrals import Referred, refer
from serving.panel.registers import (
    Challenge,
    ChallengeFrom,
    Incident,
    IncidentKind,
    enter_challenge,
    report_incident,
)
from serving.panel.requests import Question, ask, challenge_link
from serving.web import WebSettings, create_app

CHROMIUM = Path("/usr/bin/chromium")
NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 900}


def made_up_documents() -> ModuleType:
    """Load the documents that the service's own tests use, which lie in the next folder."""
    return _loaded("serving_documents", Path(__file__).parents[1] / "serving" / "conftest.py")


def _loaded(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an application on loopback and yield its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def serve() -> Callable[[Any], AbstractContextManager[str]]:
    """Return what serves an application on loopback."""
    return served


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A served workspace with one released, one awaiting, one insufficient and one refused run."""
    documents = made_up_documents()
    folder = tmp_path_factory.mktemp("site")
    clock = documents.Clock()
    batch = Batch(folder / "panel.db", folder / "scores.db", folder / "keys", clock)
    first, second = (Person(name, name, Role.REVIEWER) for name in ("reviewer-1", "reviewer-2"))
    made = documents.make_run(folder, people=12)
    names = made.gate["acknowledge"]
    released = made.into(batch)
    batch.review(released, first, "approve", "Audit read", acknowledged=names)
    batch.publish(released)
    batch.keep_evidence(documents.make_evidence(released), "batch")
    documents.keep_report(batch, folder, released, "released")
    documents.keep_papers(batch, folder, released, "released")
    documents.keep_cards(batch, released)
    awaiting = documents.make_run(folder, area="ashford").into(batch)
    insufficient = documents.make_run(folder, area="millbrook", verdict="insufficient").into(batch)
    refused = documents.make_run(folder, area="harrow_vale", verdict="refuse").into(batch)
    batch.review(refused, second, "refuse", "The audit refused it")
    for person in demo_people():
        Accounts(batch.stores).make_up(person)
    chair = Person("chair", "Chair", Role.CHAIR)
    meeting = call_meeting(batch, chair, "castlebridge", clock.now.date(), 3, released)
    known = meeting_of(batch, meeting)
    attend(batch, chair, known, Attendee("A Member", "probation", True, (made.rows[4]["person"],)))
    agree_action(batch, chair, known, Action("Ask probation for the order", "Coordinator", clock.now.date()))
    who = {"given_name": "Synthetic", "family_name": "Referred", "date_of_birth": "1980-01-01", "postcode": "ZZ1 1ZZ"}
    referral = refer(batch, chair, "castlebridge", Referred("housing", "Neighbours told us", "Two calls", who=who))
    ask(batch, chair, released, made.rows[0]["person"], Question("probation", "Which order?", clock.now.date()))
    challenge_link(batch, chair, released, made.rows[0]["person"], "INC000 is the brother's")
    publish(batch.stores, [documents.make_pair(), documents.make_pair(1, together=True, why="challenge")])
    report_incident(batch, chair, "castlebridge", Incident(IncidentKind.OTHER, clock.now.date(), "Seen on a screen"))
    challenge = Challenge(clock.now.date(), ChallengeFrom.SUBJECT, "SAR-1", "What is held")
    enter_challenge(batch, first, "castlebridge", challenge)
    web = Service(folder / "panel.db", None, folder / "keys", clock)
    app = create_app(web, WebSettings(demo=True, mark="OFFICIAL"), batch.publish)
    with served(app) as url:
        yield {
            "url": url,
            "panel": folder / "panel.db",
            "released": released,
            "meeting": meeting,
            "referral": referral,
            "pair": name_of(batch.stores, "R01", "R02"),
            "bundle": documents.BUNDLE,
            "before": documents.BEFORE,
            "awaiting": awaiting,
            "insufficient": insufficient,
            "refused": refused,
            "people": [row["person"] for row in made.rows],
            "held": next(row["person"] for row in made.rows if row["section"] == "held"),
        }
    web.close()
    batch.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if not CHROMIUM.exists():
        pytest.skip("needs Debian's Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def cookies(browser: Any, site: dict[str, Any]) -> Callable[[str], Any]:
    """Sign a user in once, through the page, and keep the cookie."""
    kept: dict[str, Any] = {}

    def of(user: str) -> Any:
        if user not in kept:
            context = browser.new_context()
            page = context.new_page()
            page.goto(f"{site['url']}/sign-in")
            page.click(f"button[value={user}]")
            page.wait_for_url(re.compile(f"{re.escape(site['url'])}/(mine)?$"))  # a member begins elsewhere
            kept[user] = context.storage_state()
            context.close()
        return kept[user]

    return of


@cache
def _axe() -> Any:
    from axe_playwright_python.sync_playwright import Axe

    return Axe()


def violations(page: Any) -> list[str]:
    """Return what axe finds on a page."""
    found = _axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{item['id']}: {item['nodes'][0]['target']}" for item in found]


@pytest.fixture(scope="session")
def flaws() -> Callable[[Any], list[str]]:
    """Return what axe finds on a page, and that it is wider than a telephone where it is."""

    def of(page: Any) -> list[str]:
        found = violations(page)
        page.set_viewport_size({"width": 360, "height": 740})
        wide = page.evaluate("document.documentElement.scrollWidth")
        return found + [f"{wide} wide"] * (wide > 360)

    return of


@pytest.fixture
def visit(browser: Any, site: dict[str, Any], cookies: Callable[[str], Any]) -> Iterator[Callable[..., Any]]:
    """Open a page as a user and collect everything the browser complains about or fetches elsewhere."""
    contexts = []

    def open_page(address: str, user: str = "chair", **options: Any) -> Any:
        state = {"storage_state": cookies(user)} if user else {}
        context = browser.new_context(**{"viewport": WIDE, **state, **options})
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith((site["url"], "data:")) else page.complaints.append(request.url)
            ),
        )
        page.goto(site["url"] + address)
        return page

    yield open_page
    for context in contexts:
        context.close()


# How often Tab is pressed before the focus can stand on an element: what Tab stops at between, or nothing after it.
_BETWEEN = """e => {
  const stops = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
    .filter(each => each.tabIndex >= 0 && each.type !== "hidden" && each.checkVisibility());
  const group = each => each.type === "radio" ? `${each.form?.action} ${each.name}` : each;
  const met = [...new Set(stops.map(group))];
  return Math.max(0, met.indexOf(group(e)) - met.indexOf(group(document.activeElement)) - 1);
}"""
# How many summaries of errors and told things a page has, how many titles, and by how much it is wider than the window.
_STATE = """() => [
  ...[".govuk-error-summary", "main [role=alert]", "h1"].map(each => document.querySelectorAll(each).length),
  document.documentElement.scrollWidth - innerWidth,
]"""


class Walk:
    """A user who goes through pages, and what every page that they reach is held to.

    On SQLite they have a telephone's width, no JavaScript and a keyboard only: what Tab does not reach cannot be used.
    On PostgreSQL they have a desktop, JavaScript and a mouse, and axe looks at every page in every state but that in
    which the page is looked at alone.
    """

    def __init__(self, page: Any, site: dict[str, Any], look: Callable[[Any], list[str]] | None) -> None:
        self.page, self.site, self._axe = page, site, look
        self.page.set_default_timeout(60_000)
        self.page.on("pageerror", lambda error: pytest.fail(str(error)))
        self.page.on("dialog", lambda dialog: pytest.fail(dialog.message))

    @property
    def by_keyboard(self) -> bool:
        return self._axe is None

    @property
    def told(self) -> str:
        """What the page says was done."""
        return str(self.page.locator(".govuk-notification-banner__heading").inner_text())

    @property
    def text(self) -> str:
        return str(self.page.locator("main").inner_text())

    def open(self, address: str) -> None:
        self.page.goto(self.site["url"] + address)
        self._look()

    def sign_in(self, user: str) -> None:
        self.open("/sign-in")
        self.send(f"Sign in as {user}")

    def follow(self, name: str, **which: Any) -> None:
        """Follow the first link of a name to another page."""
        self._leave(self.page.get_by_role("link", name=name, **{"exact": True, **which}).first)

    def send(self, button: str, within: str = "body") -> None:
        """Press the first button whose name begins so, which sends a form."""
        name = re.compile(f"^{re.escape(button)}")
        self._leave(self.page.locator(within).get_by_role("button", name=name).first)

    def fetch(self, name: str) -> bytes:
        """Download the file behind a link or a button and return what is in it."""
        named = re.compile(f"^{re.escape(name)}")
        link, button = (self.page.get_by_role(kind, name=named) for kind in ("link", "button"))
        with self.page.expect_download() as found:
            self._press(link.or_(button).first)
        self.site["visited"].add(urlsplit(found.value.url).path)
        return Path(found.value.path()).read_bytes()

    def unfold(self, title: str) -> None:
        self._press(self.page.locator("summary", has_text=title).first)

    def choose(self, label: str, within: str = "") -> None:
        """Choose a radio button or a box: the only one of its label, or that within what a selector finds."""
        wanted = (self.page.locator(within) if within else self.page).get_by_label(label, exact=True)
        if not self.by_keyboard:
            wanted.check()
        elif wanted.get_attribute("type") == "checkbox":
            self._press(wanted, "Space")
        else:
            self._reach(wanted, "e.form === at.form && e.name === at.name")
            if self.page.locator("*:focus:checked").count() == 0:
                self.page.keyboard.press("Space")
            while not wanted.is_checked():
                self.page.keyboard.press("ArrowDown")

    def write(self, label: str, text: str, within: str = "") -> None:
        self._type((self.page.locator(within) if within else self.page).get_by_label(label, exact=True), text)

    def date(self, name: str, day: int, month: int, year: int = 2026, within: str = "main") -> None:
        for part, number in (("day", day), ("month", month), ("year", year)):
            self._type(self.page.locator(within).locator(f"[name={name}-{part}]:visible"), str(number))

    def _type(self, field: Any, text: str) -> None:
        if not self.by_keyboard:
            field.fill(text)
            return
        self._reach(field)
        self.page.keyboard.insert_text(text)

    def _press(self, wanted: Any, key: str = "Enter") -> None:
        if not self.by_keyboard:
            wanted.click()
            return
        self._reach(wanted)
        self.page.keyboard.press(key)

    def _leave(self, wanted: Any) -> None:
        with self.page.expect_navigation():
            self._press(wanted)
        self._look()

    def _reach(self, wanted: Any, there: str = "e === at") -> None:
        """Press Tab until the focus is there; it may begin again at the top once."""
        found = wanted.element_handle()
        for _ in range(self.page.evaluate(_BETWEEN, found)):
            self.page.keyboard.press("Tab")
        for _ in range(2 * self.page.locator("a, button, input, textarea, summary, [tabindex]").count() + 4):
            if self.page.evaluate(f"e => (at => {there})(document.activeElement)", found):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"Tab never reaches {wanted}")

    def _look(self) -> None:
        page, path = self.page, urlsplit(self.page.url).path
        kind = re.sub(r"[^/]*\d[^/]*", "*", path)  # of whichever run, case or meeting
        errors, told, titles, wider = page.evaluate(_STATE)
        if not errors:  # a form that is shown again lies where it was sent to
            self.site["visited"].add(path)
        if (kind, errors, told) in self.site["looked"]:
            return
        self.site["looked"].add((kind, errors, told))
        assert titles == 1, path
        assert wider <= 0, f"{path} is too wide"
        if self._axe is not None and (errors or told or not self.site["alone"](path)):
            assert self._axe(page) == [], path


@cache
def pages_alone() -> ModuleType:
    """Load the tests that look at each page alone."""
    return _loaded("browser_pages_again", Path(__file__).with_name("test_browser_pages.py"))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def days(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A served workspace on one database, for the days of all users one after the other."""
    documents, folder = made_up_documents(), tmp_path_factory.mktemp("days")
    if request.param == "sqlite":
        panel, scores = folder / "panel.db", folder / "scores.db"
    else:
        server = request.getfixturevalue("postgresql")
        server.sql("CREATE DATABASE days TEMPLATE template_panel")
        panel = scores = server.url("days")
    clock = documents.Clock()
    batch, web = (Batch(panel, each, folder / "keys", clock) for each in (scores, None))
    first = Person("reviewer-1", "Riley Reviewer", Role.REVIEWER)
    made = documents.make_run(folder, people=14)
    before = made.but(header={**made.header, "as_of": "2026-01-31"}, rows=made.rows[1:])
    before = before.but(**{part: dict(list(getattr(made, part).items())[1:]) for part in ("cases", "identities")})
    for each in (before, made):
        released = each.into(batch)
        batch.review(released, first, "approve", "Audit read", acknowledged=made.gate["acknowledge"])
        batch.publish(released)
    batch.keep_evidence(documents.make_evidence(released), "batch")
    documents.keep_report(batch, folder, released, "released")
    documents.keep_papers(batch, folder, released, "released")
    documents.keep_cards(batch, released)
    runs = {area: documents.make_run(folder, area=area).into(batch) for area in ("ashford", "millbrook")}
    publish(batch.stores, [documents.make_pair()])
    users = tuple(replace(each, agency="probation" if each.user == "member" else "") for each in demo_people())
    second = Person("scientist-2", "Sam Scientist (made up)", Role.DATA_SCIENTIST)
    app = create_app(web, WebSettings(demo=True, mark="OFFICIAL", users=(*users, second)), batch.publish)
    windows: list[Walk] = []
    with served(app) as url:
        yield {
            "url": url,
            "windows": windows,
            "clock": clock,
            "pair": name_of(batch.stores, "R01", "R02"),
            "pages": pages_alone(),
            "alone": pages_alone().is_looked_at,
            "by_keyboard": request.param == "sqlite",
            "service": batch,
            "list": released,
            **runs,
            "people": [row["person"] for row in made.rows if row["section"] == "ranked"],
            "held": next(row["person"] for row in made.rows if row["section"] == "held"),
            "bundle": documents.BUNDLE,
            "walked": set(),
            "visited": set(),
            "looked": set(),
        }
        for window in windows:
            window.page.context.close()
    web.close()
    batch.close()
    if request.param == "postgresql":
        server.sql("DROP DATABASE days WITH (FORCE)")


@pytest.fixture
def walk(browser: Any, days: dict[str, Any]) -> Callable[[str], Walk]:
    """Let a user of the made-up ones sign in and walk, each in a window that is used again."""
    begun: list[Walk] = []

    def begin(user: str) -> Walk:
        narrow = days["by_keyboard"]
        if len(begun) == len(days["windows"]):
            context = browser.new_context(java_script_enabled=not narrow, viewport=NARROW if narrow else WIDE)
            days["windows"].append(Walk(context.new_page(), days, None if narrow else violations))
        begun.append(days["windows"][len(begun)])
        begun[-1].page.context.clear_cookies()
        begun[-1].sign_in(user)
        days["walked"].add(user)
        return begun[-1]

    return begin


@pytest.fixture(scope="session")
def documents() -> ModuleType:
    """The documents that the service's own tests use."""
    return made_up_documents()
