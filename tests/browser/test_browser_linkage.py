"""The linkage report in a real browser: accessible, silent, self-contained, readable on a telephone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe

from drive_panel.workflows import link
from drive_panel.workspace import Workspace
from records import RecordStore
from synthetic import ForceSettings, Plant, make_force

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("linked")
    plants = (Plant.parse("duplicate_records"),)
    make_force(folder / "force", ForceSettings(persons=150, years=3, seed=6, plants=plants))
    place = Workspace.open(folder / "home")
    (place.home / "linkage.yaml").write_text("sample_pairs: 60000\n", encoding="utf-8")
    RecordStore(place.records).ingest(folder / "force" / "extract")
    truth = pd.read_parquet(folder / "force" / "truth" / "person_records.parquet")
    return link.run(place, truth=truth).report


@pytest.mark.parametrize("width", [1280, 360])
def test_the_report_is_accessible_silent_and_fits(browser: Any, report: Path, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 740})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: None if asked.url == report.as_uri() else complaints.append(asked.url))
    page.goto(report.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.locator("svg").count() == 4
    found = Axe().run(page).response["violations"]
    assert [f"{item['id']}: {item['nodes'][0]['target']}" for item in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []
    context.close()
