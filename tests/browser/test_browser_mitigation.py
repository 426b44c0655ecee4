"""The page of the workbench in a real browser: accessible, silent, self-contained, readable on a telephone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from drive_panel.pages.mitigation import page

pytestmark = pytest.mark.browser


def alternative(name: str, ratio: float, train: str | None) -> dict[str, Any]:
    harm = {part: {"flat": {"value": 5200.0, "low": 4300.0, "high": 6100.0}} for part in ("at_places", "at_depth")}
    cell = {"table": "subjects", "characteristic": "sex", "group": "female", "ratio": ratio, "low": 0.7, "high": 2.1}
    told = {"name": name, "kind": "lightgbm", "differs": {"without": ["police_generated_730"] * 4}, "reads": ""}
    return {
        **told,
        "train": train,
        "cells": [cell],
        "worse": [],
        "harm": {**harm, "against_champion": harm["at_places"]},
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    told = {
        "bundle": "a" * 64, "marked": "exact, not to leave",
        "synthetic": True, "policy": {"name": "shipped"}, "margin": [0.8, 1.25], "places": 20,
        "splits": ["2023-12-31", "2024-12-31"],
        "alternatives": [
            alternative("champion", 1.5, None),
            alternative("without_police", 1.2, "candidates:\n- without: [" + "police_generated_730, " * 9 + "]\n"),
        ],
    }  # fmt: skip
    place = tmp_path_factory.mktemp("mitigation") / "page.html"
    place.write_text(page(told), encoding="utf-8")
    return place


@pytest.mark.parametrize("width", [1280, 360])
def test_the_page_is_accessible_silent_and_fits(browser: Any, place: Path, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 740})
    opened, complaints = context.new_page(), []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("request", lambda asked: None if asked.url == place.as_uri() else complaints.append(asked.url))
    opened.goto(place.as_uri())
    found = Axe().run(opened).response["violations"]
    assert [f"{item['id']}: {item['nodes'][0]['target']}" for item in found] == []
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.locator("pre").text_content().startswith("candidates:\n- without:")
    assert complaints == []
    context.close()
