"""The real application on loopback, over made-up documents, in Debian's Chromium."""

from __future__ import annotations

import importlib.util
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import uvicorn

from serving import Person, Role, Service, demo_people
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


def made_up_documents() -> ModuleType:
    """Load the documents that the service's own tests use, which lie in the next folder."""
    path = Path(__file__).parents[1] / "serving" / "conftest.py"
    spec = importlib.util.spec_from_file_location("serving_documents", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A served workspace with one released, one awaiting, one insufficient and one refused run."""
    documents = made_up_documents()
    folder = tmp_path_factory.mktemp("site")
    clock = documents.Clock()
    batch = Service(folder / "panel.db", folder / "scores.db", folder / "keys", clock)
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
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield {
        "url": f"http://127.0.0.1:{port}",
        "panel": folder / "panel.db",
        "released": released,
        "meeting": meeting,
        "referral": referral,
        "pair": name_of(batch.stores, "R01", "R02"),
        "awaiting": awaiting,
        "insufficient": insufficient,
        "refused": refused,
        "bundle": documents.BUNDLE,
        "before": documents.BEFORE,
        "people": [row["person"] for row in made.rows],
        "held": next(row["person"] for row in made.rows if row["section"] == "held"),
    }
    server.should_exit = True
    thread.join()
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


@pytest.fixture(scope="session")
def flaws() -> Callable[[Any], list[str]]:
    """Return what axe finds on a page, and that it is wider than a telephone where it is."""
    from axe_playwright_python.sync_playwright import Axe

    def of(page: Any) -> list[str]:
        found = [f"{item['id']}: {item['nodes'][0]['target']}" for item in Axe().run(page).response["violations"]]
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
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **state, **options})
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
