"""Walks each user's day through a copy of a demonstration and photographs its main steps; everybody on them is made up.

The guides tell the same steps in words. What is typed here changes the copy and nothing else.
"""

from __future__ import annotations

import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import uvicorn
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from drive_panel import web
from drive_panel.workflows import link, release
from drive_panel.workspace import Workspace

HERE = Path(__file__).parent
COLOURS = 128  # a page has few; a picture is then a third of the size
ABOVE = 24  # pixels left above what a picture is about
NOT_SHOWN = ("force", "unfinished", "mlflow", "reports")
SOON = date.today() + timedelta(days=7)


@contextmanager
def served(workspace: Workspace) -> Iterator[str]:
    """Serve the workspace's pages on a free port of this machine and give their address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(web.build(workspace), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@dataclass(frozen=True)
class User:
    """Somebody at their desk, signed in."""

    page: Page
    base: str

    @classmethod
    def sign_in(cls, browser: Browser, base: str, user: str, width: int = 980, height: int = 800) -> User:
        """Open a window and sign in as one of the demonstration's users."""
        context = browser.new_context(viewport={"width": width, "height": height})
        page = context.new_page()
        context.request.post(f"{base}/sign-in", form={"user": user})
        return cls(page, base)

    def open(self, path: str) -> None:
        """Open a page of the service."""
        self.page.goto(self.base + path)

    def follow(self, name: str) -> None:
        """Follow the first link that is called so."""
        self.page.get_by_role("link", name=name).first.click()

    def unfold(self, name: str) -> None:
        """Open what is folded away under these words."""
        self.page.locator("summary", has_text=name).first.click()

    def write(self, label: str, text: str) -> None:
        """Type into a field."""
        self.page.get_by_label(label, exact=True).fill(text)

    def choose(self, label: str) -> None:
        """Choose an answer."""
        self.page.get_by_label(label, exact=True).first.check()

    def date(self, field: str, day: date) -> None:
        """Type a date into its three fields."""
        for part, value in (("day", day.day), ("month", day.month), ("year", day.year)):
            self.page.locator(f"#{field}-{part}").fill(str(value))

    def send(self, button: str) -> None:
        """Send the form, which must be taken."""
        self.page.get_by_role("button", name=button).first.click()
        complaint = self.page.locator(".govuk-error-summary")
        if complaint.count():
            raise SystemExit(f"“{button}” was not taken: {complaint.inner_text()}")

    def photograph(self, name: str, about: str = "") -> None:
        """Keep what the user sees, from the top or from where something stands."""
        top = self.page.locator(about).first.bounding_box() if about else None
        self.page.evaluate("y => window.scrollTo(0, y + window.scrollY)", top["y"] - ABOVE if top else -10_000_000)
        place = HERE / f"{name}.png"
        self.page.screenshot(path=place)
        with Image.open(place) as taken:
            taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(place, optimize=True)


@dataclass(frozen=True)
class Lists:
    """The runs of the demonstration by their state, and people on the released list."""

    released: str
    awaiting: str
    refused: str
    people: list[str]
    held: str

    @property
    def listing(self) -> str:
        """Return the address of the released list."""
        return f"/lists/{self.released}"

    def case(self, at: int) -> str:
        """Return the address of the case at a place of the list, counted from nought."""
        return f"{self.listing}/cases/{self.people[at]}"


def lists(workspace: Workspace) -> Lists:
    """Find the runs of a demonstration."""
    runs = {run["state"]: run["run"] for run in release.runs(workspace)["runs"]}
    listed = release.released_list(workspace, runs["released"])
    people = [row["person"] for row in listed["rows"]]
    return Lists(runs["released"], runs["awaiting"], runs["refused"], people, listed["held"][0]["person"])


def administrator(browser: Browser, base: str) -> None:
    """Look at what needs attention, at an account and at the places of a panel."""
    User.sign_in(browser, base, "member")
    user = User.sign_in(browser, base, "admin")
    user.open("/administration")
    user.photograph("administration")
    user.open("/administration/users/member")
    user.photograph("administration-account", "text=Last sign-ins")
    user.open("/administration/panels")
    user.follow("Change the places")
    user.photograph("administration-panels", "#change")


def prepare(user: User, found: Lists) -> str:
    """Prepare a panel as its chair, and return the address of the meeting."""
    user.open("/")
    user.photograph("runs")
    user.open(found.listing)
    user.photograph("list")
    user.photograph("list-ranked", "#ranked")
    user.photograph("list-line", ".dp-line")
    user.photograph("list-held", "#held")
    user.open("/meetings")
    user.page.locator(f"input[value='{found.released}']").check()
    user.date("day", SOON)
    user.write("How many people can the panel accept?", "20")
    user.photograph("meeting-call", "#call")
    user.send("Call the meeting")
    meeting = user.page.url.removeprefix(user.base).partition("?")[0]
    user.open(meeting)
    user.photograph("meeting")
    user.open(f"{found.case(0)}/information")
    user.write("Which agency?", "housing")
    user.write("What does the panel need to know?", "Is there a tenancy in this name, and is it at risk?")
    user.date("due", SOON)
    user.send("Ask")
    return meeting


def member(browser: Browser, base: str, found: Lists) -> None:
    """Answer what the panel asks an agency."""
    user = User.sign_in(browser, base, "member")
    user.open("/mine")
    user.photograph("own-work")
    user.open(f"{found.case(0)}/why")
    user.photograph("member-case", ".dp-person")
    user.open(f"{found.case(0)}/information")
    user.write("Your agency’s answer", "A joint tenancy since 2024. Rent is paid. No order is known to us.")
    user.choose("The whole panel")
    user.photograph("answer", "#asked")
    user.send("Give the answer")
    user.open("/referrals")
    user.photograph("referral", "#refer")


def decide(user: User, found: Lists, meeting: str) -> None:
    """Read a case, decide it, agree an action, and look at the minutes."""
    user.open(found.case(0))
    user.photograph("case-summary")
    user.open(f"{found.case(0)}/why")
    user.photograph("case", ".moj-sub-navigation")
    user.open(f"{found.case(0)}/decision")
    user.photograph("decision")
    user.choose("Accept for direct work")
    user.choose("Offered, and declined")
    user.write("Which service offers it?", "The IDVA service")
    if user.page.get_by_label("Which service confirmed the victim safety check?").count():
        user.write("Which service confirmed the victim safety check?", "The IDVA service")
    user.choose("Pattern of repeat or serial abuse")
    user.write("Why, in the panel’s own words", "Three victims in two years; every agency agrees.")
    user.page.locator("#sensitive-2, [name=sensitive][value=no]").first.check()
    user.photograph("decision-why", "text=Support for victims")
    user.send("Record the decision")
    user.open(found.case(0))
    user.photograph("decided")
    user.open(f"{found.listing}/cases/{found.held}/decision")
    user.photograph("hold", "#hold")
    user.open(meeting)
    user.unfold("Agree an action")
    user.write("What is to be done?", "Ask probation about the licence conditions")
    user.write("Who does it?", "Morgan Member")
    user.date("due", SOON)
    user.send("Agree the action")
    user.open(f"{meeting}#actions")
    user.photograph("actions", "#actions")
    user.open(f"{meeting}/exports")
    user.photograph("exports")


def reviewer(browser: Browser, base: str, found: Lists) -> None:
    """Read audits, see the forms of a review, and look at oversight, papers and the ledger."""
    user = User.sign_in(browser, base, "reviewer-1", width=1180)
    user.open("/")
    user.photograph("reviewer-runs")
    user.open(f"/audits/{found.refused}")
    user.photograph("audit-refused")
    user.photograph("audit", "text=Checks that decide")
    user.open(f"/audits/{found.awaiting}")
    user.photograph("review", "text=Your review")
    for path, name in (
        ("/evidence", "evidence"),
        ("/oversight", "oversight"),
        ("/papers", "papers"),
        ("/stops", "stops"),
        ("/registers", "incidents"),
        ("/ledger", "ledger"),
    ):
        user.open(path)
        user.photograph(name)


def scientist(browser: Browser, base: str) -> None:
    """Say which model ranks and why, what the data can carry, and which records are one person's."""
    user = User.sign_in(browser, base, "scientist")
    user.open("/models")
    user.photograph("models")
    user.follow("Every rule, with its figures")
    user.photograph("model-rules", "#why")
    user.open("/data-quality")
    user.photograph("data-quality")
    user.open("/links")
    user.photograph("links")
    user.page.locator("th a[href^='/links/']").first.click()
    user.photograph("link-pair")


def main(home: Path) -> None:
    """Take all pictures."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "workspace"
        shutil.copytree(home, copy, ignore=lambda at, names: NOT_SHOWN if Path(at) == home else ())
        workspace = Workspace.open(copy)
        link.run(workspace)
        found = lists(workspace)
        with served(workspace) as base, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            administrator(browser, base)
            chair = User.sign_in(browser, base, "chair", width=1180)
            meeting = prepare(chair, found)
            member(browser, base, found)
            decide(chair, found, meeting)
            reviewer(browser, base, found)
            scientist(browser, base)
            phone = User.sign_in(browser, base, "chair", width=360, height=720)
            phone.open(f"{found.listing}#ranked")
            phone.photograph("list-phone", "#ranked")
            browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
