"""Reports and papers that somebody asks for on a page: who may, what the page tells, what the ledger keeps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.access.accounts import Accounts
from serving.access.attention import WAITS_LONG
from serving.errors import NoLiveRelease
from serving.jobs import PAPERS, PUBLISH, REPORT, SILENT, TRIES, Jobs
from serving.web import WebSettings, create_app

DATABASES = ("sqlite", "postgresql")
REVIEWER = Person("reviewer-1", "R", Role.REVIEWER)
SCIENTIST = Person("scientist", "S", Role.DATA_SCIENTIST)
OTHERS = [
    Person("chair", "C", Role.CHAIR),
    Person("member", "M", Role.PANEL_MEMBER),
    Person("admin", "A", Role.ADMINISTRATOR),
]


class Site:
    """The application, whose worker is only counted, and what browsers send to it."""

    def __init__(self, service: Service) -> None:
        self.service, self.started = service, 0
        self.app = create_app(service, WebSettings(demo=False), worker=self._start)

    def _start(self) -> None:
        self.started += 1

    def browser(self, person: Person) -> TestClient:
        Accounts(self.service.stores).make_up(person)
        token = self.app.state.web.sessions.start(person)
        cookies = {"__Host-panel": token}
        return TestClient(self.app, base_url="https://panel.example", cookies=cookies, follow_redirects=False)

    def send(self, client: TestClient, path: str, number: str = "") -> Any:
        csrf = self.app.state.web.sessions.find(client.cookies["__Host-panel"]).csrf
        return client.post(path, data={"csrf": f"{csrf}.{number}" if number else csrf})

    def jobs(self) -> list[tuple[str, str, str, str]]:
        found = Jobs(self.service.stores).all()
        return sorted((job.kind, job.subject, job.state, job.asked_by) for job in found)

    def asked(self) -> list[tuple[str, str, str]]:
        entries = [entry for entry in self.service.ledger() if entry.action.endswith(".asked")]
        return sorted((entry.action, entry.actor, entry.subject) for entry in entries)


@pytest.fixture
def site(service: Service) -> Site:
    return Site(service)


@pytest.fixture
def refused(service: Service, make: Callable[..., Any]) -> str:
    return str(make(verdict="refuse").into(service))


def test_a_reviewer_and_a_data_scientist_ask_and_the_ledger_says_who(site: Site, refused: str) -> None:
    reviewer, scientist = site.browser(REVIEWER), site.browser(SCIENTIST)
    assert "Make the report</button>" in reviewer.get(f"/audits/{refused}").text
    answer = site.send(reviewer, f"/audits/{refused}/report")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/audits/{refused}#full-report")
    answer = site.send(scientist, f"/papers/{refused}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/papers#papers-{refused}")
    assert site.jobs() == [
        (PAPERS, refused, "waiting", "scientist"),
        (REPORT, refused, "waiting", "reviewer-1"),
    ]
    assert site.asked() == [("papers.asked", "scientist", refused), ("report.asked", "reviewer-1", refused)]
    assert site.started == 2


def test_nobody_else_asks_and_their_pages_say_who_does(site: Site, refused: str) -> None:
    for person in OTHERS:
        client = site.browser(person)
        for page, path in ((f"/audits/{refused}", f"/audits/{refused}/report"), ("/papers", f"/papers/{refused}")):
            text = client.get(page).text
            assert "A governance reviewer or a data scientist has " in text
            assert "made, on this page." in text
            assert f'action="{path}"' not in text
            assert site.send(client, path).status_code == 403
    elsewhere = site.browser(Person("elsewhere", "E", Role.REVIEWER, frozenset({"ashford"})))
    assert site.send(elsewhere, f"/audits/{refused}/report").status_code == 404
    assert site.send(elsewhere, f"/papers/{refused}").status_code == 404
    reviewer = site.browser(REVIEWER)
    assert reviewer.post(f"/papers/{refused}", data={"csrf": "of another session"}).status_code == 403
    assert (site.jobs(), site.asked(), site.started) == ([], [], 0)


def test_what_is_asked_for_twice_is_made_once_and_a_form_that_comes_again_asks_for_nothing(
    site: Site, refused: str
) -> None:
    reviewer, scientist = site.browser(REVIEWER), site.browser(SCIENTIST)
    path, jobs = f"/audits/{refused}/report", Jobs(site.service.stores)
    for client in (reviewer, reviewer, scientist):
        site.send(client, path, "page-1")
    assert site.jobs() == [(REPORT, refused, "waiting", "reviewer-1")]
    jobs.work({REPORT: lambda *_: site.send(scientist, path, "page-2")})  # asked again while it is being made
    assert site.jobs() == [(REPORT, refused, "done", "reviewer-1")]
    site.send(reviewer, path, "page-1")  # from the browser's history
    assert site.jobs() == [(REPORT, refused, "done", "reviewer-1")]
    assert site.asked() == [("report.asked", "reviewer-1", refused)]
    site.send(reviewer, path, "page-3")
    assert [state for _, _, state, _ in site.jobs()] == ["done", "waiting"]


def test_both_pages_tell_how_far_it_is_and_offer_to_ask_again_only_where_that_helps(
    site: Site, refused: str, clock: Any
) -> None:
    client, jobs = site.browser(REVIEWER), Jobs(site.service.stores)
    pages = {f"/audits/{refused}": f"/audits/{refused}/report", "/papers": f"/papers/{refused}"}

    def told(*words: str, asks: bool) -> None:
        for page, path in pages.items():
            text = client.get(page).text
            assert [word for word in words if word not in text] == []
            assert (f'action="{path}"' in text) is asks
            assert ("Nobody has made" in text) is asks

    for path in pages.values():
        site.send(client, path)
    told("Waiting</strong>", "Asked for by reviewer-1", "Look again", asks=False)
    clock.forward(seconds=WAITS_LONG.total_seconds() + 1)
    told("Stands still", "No worker took it.", "tell an administrator", asks=True)

    for _ in pages:
        taken = jobs.claim()
        assert taken is not None
        jobs._tell(taken, "PDF", 1, 5)
    told("Being made", "Step 2 of 5: PDF.", asks=False)
    clock.forward(seconds=SILENT.total_seconds() + 1)
    told("Stands still", "Its worker gave no sign of life for 2 minutes (try 1).", asks=True)

    def refuse(*_: Any) -> None:
        raise NoLiveRelease("The bundle is gone.", "Restore it.")

    for _ in pages:
        jobs.work({REPORT: refuse, PAPERS: refuse})
    told("Failed", "The bundle is gone. Restore it. Ask again;", asks=True)


def test_a_failure_is_told_until_the_files_are_there(
    site: Site, released: str, keep_report: Any, keep_papers: Any, tmp_path: Path, clock: Any
) -> None:
    client, jobs = site.browser(REVIEWER), Jobs(site.service.stores)
    for path in (f"/audits/{released}/report", f"/papers/{released}"):
        site.send(client, path)
    for _ in range(2):
        with pytest.raises(KeyError):
            jobs.work({REPORT: lambda *_: {}["gone"], PAPERS: lambda *_: {}["gone"]})
    for page in (f"/audits/{released}", "/papers"):
        assert "It broke: KeyError. Ask again; if it fails again, tell whoever runs the service (job J-" in (
            client.get(page).text
        )
    clock.forward(seconds=1)
    keep_report(site.service, tmp_path, released, "released")
    keep_papers(site.service, tmp_path, released, "released")
    for page, again in ((f"/audits/{released}", "Make it again"), ("/papers", "Make them again")):
        text = client.get(page).text
        assert "KeyError" not in text
        assert again in text


def test_why_it_failed_is_read_by_whoever_may_ask_for_it(site: Site, refused: str) -> None:
    chair, reviewer = site.browser(OTHERS[0]), site.browser(REVIEWER)
    site.send(reviewer, f"/audits/{refused}/report")

    def fails(_job: Any, _progress: Any) -> None:
        raise NoLiveRelease("The folder of exports is gone.", "Make it.")

    Jobs(site.service.stores).work({REPORT: fails})
    assert "The folder of exports is gone." in reviewer.get(f"/audits/{refused}").text
    told = chair.get(f"/audits/{refused}").text
    assert "The folder of exports" not in told
    assert "Whoever may ask for it reads why." in told


def test_a_report_of_an_earlier_state_is_made_again_on_its_page(
    site: Site, released: str, keep_report: Any, tmp_path: Path
) -> None:
    keep_report(site.service, tmp_path, released, "awaiting")
    text = site.browser(REVIEWER).get(f"/audits/{released}").text
    assert "The report speaks of an earlier state of this list" in text
    assert "Make it again</button>" in text


def test_programs_ask_and_read_how_far_it_is(
    call_as: Callable[[Person], Any], service: Service, refused: str, clock: Any
) -> None:
    reviewer, chair = call_as(REVIEWER), call_as(OTHERS[0])
    for path in (f"/audits/{refused}/report", f"/papers/{refused}"):
        assert chair(path, {}).status_code == 403
        first, second = (reviewer(path, {}, f"ask-{path}") for _ in range(2))
        assert (first.status_code, first.json()) == (second.status_code, second.json())
        assert (first.status_code, first.json()["run"]) == (201, refused)
        assert (first.json()["making"]["state"], first.json()["making"]["asked_by"]) == ("waiting", "reviewer-1")
        assert reviewer(path, {"all_cells": True}).status_code == 422
    assert len(Jobs(service.stores).all()) == 2
    assert chair(f"/audits/{refused}/report").json()["making"]["state"] == "waiting"
    (told,) = chair("/papers").json()["papers"]
    assert (told["state"], told["making"]["why"]) == ("missing", "")
    for _ in range(TRIES):
        for _ in range(2):
            Jobs(service.stores).claim()
        clock.forward(seconds=SILENT.total_seconds() + 1)
    Jobs(service.stores).claim()
    for reader, why in ((reviewer, "Its worker died three times."), (chair, "Whoever may ask for it reads why.")):
        told = reader(f"/audits/{refused}/report").json()["making"]
        assert (told["state"], told["why"]) == ("failed", why)


def test_publications_come_before_what_waited_longer_and_a_worker_may_take_nothing_else(
    service: Service, clock: Any
) -> None:
    jobs = Jobs(service.stores)
    for kind, subject in ((REPORT, "run-1"), (PAPERS, "run-1"), (PUBLISH, "run-2"), (PUBLISH, "run-3")):
        jobs.ask(kind, subject, "somebody")
        clock.forward(seconds=1)
    order: list[tuple[str, str]] = []
    works = dict.fromkeys((PUBLISH, REPORT, PAPERS), lambda job, _: order.append((job.kind, job.subject)))
    assert jobs.work(works, [PAPERS]) is not None
    while jobs.work(works, [PUBLISH]) is not None:
        pass
    assert order == [(PAPERS, "run-1"), (PUBLISH, "run-2"), (PUBLISH, "run-3")]
    jobs.ask(PUBLISH, "run-4", "web")
    while jobs.work(works) is not None:
        pass
    assert order[3:] == [(PUBLISH, "run-4"), (REPORT, "run-1")]


def test_the_administrator_reads_the_kinds_in_words(site: Site, refused: str, clock: Any) -> None:
    reviewer = site.browser(REVIEWER)
    for path in (f"/audits/{refused}/report", f"/papers/{refused}"):
        site.send(reviewer, path)
    clock.forward(seconds=WAITS_LONG.total_seconds() + 1)
    page = site.browser(OTHERS[2]).get("/administration/jobs").text
    assert "<strong>Full report of an audit</strong>" in page
    assert "<strong>Governance papers</strong>" in page
    assert "Start one, or see to its timer: drive-panel work" in page
