"""The audit report in a real browser: accessible, silent, self-contained, readable on a telephone and on paper."""

from __future__ import annotations

import importlib.util
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from drive_panel.pages.page import paper_page
from drive_panel.workflows.audit_report import content_of
from fairness.papers import Governance, RunFacts, papers

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = Path(__file__).parents[2] / "docs" / "examples" / "audit_questions" / "make.py"
    spec = importlib.util.spec_from_file_location("audit_questions_page", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    place = tmp_path_factory.mktemp("page") / "report.html"
    report = made.report(made.gate_document("refused"))
    place.write_text(str(content_of(report, ".html")), encoding="utf-8")
    card = {"extract_date": "2026-03-31", "people_compared": 1234, "splits": [1, 2, 3], "limits": ["Moves"]}
    hashes = dict.fromkeys(("bundle", "policy", "governance", "snapshot"), "0" * 64)
    facts = RunFacts(
        *(
            "2026-03-31-castlebridge-00000000",
            "Castlebridge",
            "31 March 2026",
            "awaiting",
            True,
            "a" * 64,
            hashes,
            report,
        ),
        places=20,
        list_length=60,
        bundle={"kind": "RFGV", "indicators": 5, "reads": ["incidents.area"], "card": card},
    )
    pack = papers(facts, Governance(), date(2026, 6, 1))["ethics-pack"]
    place.with_name("pack.html").write_text(paper_page(pack), encoding="utf-8")
    return place


@pytest.fixture
def opened(browser: Any, report: Path, request: pytest.FixtureRequest) -> Any:
    context = browser.new_context(viewport={"width": getattr(request, "param", 1280), "height": 740})
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda asked: None if asked.url == report.as_uri() else page.complaints.append(asked.url))
    page.goto(report.as_uri())
    yield page
    context.close()


@pytest.mark.parametrize("opened", [1280, 360], indirect=True)
def test_the_report_is_accessible_silent_and_fits(opened: Any) -> None:
    opened.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = Axe().run(opened).response["violations"]
    assert [f"{item['id']}: {item['nodes'][0]['target']}" for item in found] == []
    assert opened.evaluate("document.documentElement.scrollWidth") <= opened.viewport_size["width"]
    assert opened.complaints == []


def test_a_paper_is_accessible_and_says_first_what_is_missing(opened: Any, report: Path) -> None:
    opened.set_viewport_size({"width": 360, "height": 740})
    opened.goto(report.with_name("pack.html").as_uri())
    found = Axe().run(opened).response["violations"]
    assert [f"{item['id']}: {item['nodes'][0]['target']}" for item in found] == []
    assert opened.evaluate("document.documentElement.scrollWidth") <= 360
    assert opened.locator("h2").first.text_content() == "What is missing"


def test_the_first_thing_read_is_whether_it_was_refused(opened: Any) -> None:
    assert opened.locator("h2").first.text_content() == "Was it refused?"
    assert opened.locator(".outcome p").first.text_content().startswith("Refused.")


def test_each_interval_plot_says_what_it_shows_and_has_its_table(opened: Any) -> None:
    drawn = opened.locator("#checks ~ .pane svg.plot")
    assert drawn.count() == 6  # three characteristics that decide, of the backtest and of the list
    assert all("agreed range 0.8 to 1.25" in said for said in drawn.locator("desc").all_text_contents())
    captions = opened.locator("#checks ~ .pane caption").all_text_contents()
    assert captions == drawn.locator("title").all_text_contents()
    assert opened.evaluate("getComputedStyle(document.querySelector('.plot .agreed')).fill") == "rgb(210, 226, 241)"
