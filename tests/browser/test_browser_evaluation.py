"""The evaluation page in a real browser: accessible, silent, self-contained, readable on a telephone and on paper."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from features.building import build_stream
from training.report import evaluation, page
from training.running import run_experiment

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = Path(__file__).parents[1] / "training" / "conftest.py"
    spec = importlib.util.spec_from_file_location("training_worlds_pages", path)
    assert spec is not None
    assert spec.loader is not None
    worlds = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = worlds
    spec.loader.exec_module(worlds)
    folder = tmp_path_factory.mktemp("page")
    tables = worlds.grow_world("signal")
    for place, pair in enumerate(tables.rows["dyads"]):
        pair["relationship"] = "partner" if place % 3 else "parent"
    experiment = run_experiment(tables, build_stream(tables), worlds._settings("signal"))
    place = folder / "evaluation.html"
    document = evaluation(experiment, experiment.save_bundle(folder / "bundles"), synthetic=True)
    place.write_text(page(document), encoding="utf-8")
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
def test_the_evaluation_is_accessible_silent_and_fits(opened: Any) -> None:
    opened.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = Axe().run(opened).response["violations"]
    assert [f"{item['id']}: {item['nodes'][0]['target']}" for item in found] == []
    assert opened.evaluate("document.documentElement.scrollWidth") <= opened.viewport_size["width"]
    assert opened.complaints == []


def test_splits_and_calibration_are_drawn_and_every_drawing_says_what_it_shows(opened: Any) -> None:
    drawn = opened.locator("svg.plot")
    assert drawn.count() == 4  # splits; everybody, partners, other family
    assert all("expected" in said or "tested at" in said for said in drawn.locator("desc").all_text_contents())
    assert opened.evaluate("getComputedStyle(document.querySelector('.plot .bar')).fill") == "rgb(29, 79, 122)"


def test_paper_shows_the_folded_numbers(opened: Any) -> None:
    table = opened.locator("details table").first
    assert not table.is_visible()
    opened.emulate_media(media="print")
    assert table.is_visible()
