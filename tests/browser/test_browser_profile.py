"""The indicator profile in a real browser: accessible, silent, self-contained, readable on a telephone and on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from features import CATALOGUE
from features.profile import RuleChange, facts_of, page, profile
from values import day_number

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
LONGEST = sorted(CATALOGUE.names, key=len)[-10:]  # which are the first not to fit on a telephone
NAMES = [name for number, name in enumerate(CATALOGUE.names) if number % 6 == 0 or name in LONGEST]
DAYS = (date(2022, 12, 31), date(2023, 9, 30), date(2024, 12, 31))


class MadeUp:
    """Numbers of 400 made-up people on three dates for some indicators, some constant, missing, shifted or alike."""

    names = NAMES
    days = np.repeat([day_number(day) for day in DAYS], 400).astype(np.int32)

    def column(self, name: str) -> Any:
        place = self.names.index(name)
        rng = np.random.default_rng(place // 2)  # every two are alike
        values = rng.poisson(1 + 2 * (np.arange(1200) >= 800) * (place % 5 == 0), 1200).astype(np.float64)
        values[: (place % 40) * 20] = np.nan
        if place % 11 == 0:
            values[:] = np.nan if place % 2 else 1.0
        return values


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lineage = {"file": "x", "hash": "a" * 64, "snapshot": "b" * 64, "catalogue": "c" * 64, "synthetic": True}
    touched = frozenset({"incidents.is_crime"})
    changes = [
        RuleChange("Counting rules of June 2023", "Fewer are counted.", "published", date(2023, 6, 1), touched),
        RuleChange("DASH to DARA", "Another tool grades risk.", "found in the records", None, touched),
    ]
    document = profile(MadeUp(), facts_of(CATALOGUE), changes, lineage)
    assert {each["section"] for each in document["findings"]} >= {"missing", "drift", "rules", "clusters"}
    place = tmp_path_factory.mktemp("page") / "profile.html"
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
def test_the_profile_is_accessible_silent_and_fits(read: Open, width: int) -> None:
    page = read(viewport={"width": width, "height": 740})
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = Axe().run(page).response["violations"]
    assert [f"{item['id']}: {item['nodes'][0]['target']}" for item in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []


def test_every_distribution_is_a_picture_that_says_what_it_shows_and_a_table(read: Open) -> None:
    page = read()
    counts = page.evaluate(
        "[...document.querySelectorAll('section[aria-labelledby^=group-]')].map(each => ["
        "each.querySelectorAll('svg[role=img]').length, each.querySelectorAll('svg desc').length, "
        "each.querySelectorAll('table').length])"
    )
    assert sum(plots for plots, _, _ in counts) > 30
    assert all(plots == says == tables for plots, says, tables in counts)


def test_it_reads_without_scripts_and_a_table_opens_by_keyboard(read: Open) -> None:
    page = read(java_script_enabled=False)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")
    folded = page.locator("details").first
    assert not folded.locator("table").is_visible()
    folded.locator("summary").focus()
    page.keyboard.press("Enter")
    assert folded.locator("table").is_visible()


def test_paper_shows_the_folded_numbers(read: Open) -> None:
    page = read()
    table = page.locator("details table").first
    assert not table.is_visible()
    page.emulate_media(media="print")
    assert table.is_visible()
