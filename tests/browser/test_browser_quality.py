"""The data-quality page in a real browser: accessible, silent, self-contained, readable on a telephone and on paper."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from records import RecordStore
from records.communities import CommunityStore
from records.quality import assess, page

pytestmark = pytest.mark.browser
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = Path(__file__).parents[1] / "records" / "quality_force.py"
    spec = importlib.util.spec_from_file_location("quality_force_pages", path)
    assert spec is not None
    assert spec.loader is not None
    force = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = force
    spec.loader.exec_module(force)
    folder = tmp_path_factory.mktemp("page")
    force.write_force(folder / "extract")
    root = folder / "workspace" / "records"
    store = RecordStore(root)
    store.ingest(folder / "extract")
    snapshot = store.latest()
    document = assess(snapshot, communities=CommunityStore(root).read(snapshot.hash))
    place = folder / "quality.html"
    place.write_text(page(document), encoding="utf-8")
    return place


@pytest.fixture
def read(browser: Any, report: Path) -> Iterator[Open]:
    contexts = []

    def open_page(**options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        opened = context.new_page()
        opened.complaints = []
        opened.on("console", lambda message: opened.complaints.append(message.text))
        opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.on(
            "request",
            lambda request: None if request.url == report.as_uri() else opened.complaints.append(request.url),
        )
        opened.goto(report.as_uri())
        return opened

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [1280, 360])
def test_the_report_is_accessible_silent_and_fits(read: Open, width: int) -> None:
    page = read(viewport={"width": width, "height": 740})
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = Axe().run(page).response["violations"]
    assert [f"{item['id']}: {item['nodes'][0]['target']}" for item in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []


def test_wide_tables_scroll_in_a_region_that_the_keyboard_reaches(read: Open) -> None:
    page = read(viewport={"width": 360, "height": 740})
    wide = page.evaluate(
        "[...document.querySelectorAll('.pane')].filter(each => each.scrollWidth > each.clientWidth)"
        ".map(each => [each.tabIndex, each.getAttribute('role'), !!each.getAttribute('aria-label')])"
    )
    assert len(wide) > 10
    assert all(each == [0, "region", True] for each in wide)


def test_the_first_key_reaches_the_skip_link(read: Open) -> None:
    page = read()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")


def test_the_style_is_applied_and_paper_shows_the_folded_numbers(read: Open) -> None:
    page = read()
    assert page.evaluate("getComputedStyle(document.querySelector('.plot .outline')).fill") == "none"
    assert page.evaluate("getComputedStyle(document.querySelector('.top')).backgroundColor") == "rgb(29, 45, 68)"
    table = page.locator("details table").first
    assert not table.is_visible()
    page.emulate_media(media="print")
    assert table.is_visible()
