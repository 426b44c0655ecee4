from __future__ import annotations

import doctest
from typing import Any
from xml.etree import ElementTree

import pytest

from serving.web import plots, words
from serving.web.pages.audits import alerts_of, groups_of, margin_of


def cell(**changes: Any) -> dict[str, Any]:
    return {
        "table": "subjects",
        "metric": "missed_harm",
        "characteristic": "sex",
        "group": "female",
        "ratio": 1.0,
        "ratio_low": 0.9,
        "ratio_high": 1.1,
        **changes,
    }


def test_words_are_as_their_examples_say() -> None:
    result = doctest.testmod(words)
    assert result.attempted == 10
    assert result.failed == 0


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("False", "No"),
        (False, "No"),
        ([], "none"),
        ({"a_b": 1}, "A b: 1"),
        ("counter_allegation", "Counter-allegation"),
    ],
)
def test_codes_become_words(value: Any, shown: str) -> None:
    assert words.words(value) == shown


def test_an_unknown_verdict_is_never_shown_as_passed() -> None:
    colour, _, sentence = words.verdict("pass")
    assert colour == "green"
    assert "every binding check that could be assessed, in the audit that has to pass" in sentence
    assert "What could not be assessed is named below, and did not pass." in sentence
    assert words.verdict("something_else")[0] == "grey"


def drawn(made: dict[str, Any], margin: list[float] | None = None) -> ElementTree.Element:
    return ElementTree.fromstring(str(plots.interval(made, margin)))


def test_an_interval_is_drawn_in_order_over_its_margin() -> None:
    svg = drawn(cell(), [0.8, 1.25])
    line = svg.find("line[@class='dp-plot__interval']")
    shade, dot = svg.find("rect"), svg.find("circle")
    assert line is not None
    assert shade is not None
    assert dot is not None
    left, right = float(line.attrib["x1"]), float(line.attrib["x2"])
    start = float(shade.attrib["x"])
    assert start < left < float(dot.attrib["cx"]) < right < start + float(shade.attrib["width"])
    assert svg.attrib["aria-label"] == "Sex, Female: ratio 1.00, interval 0.90 to 1.10; margin 0.80 to 1.25."
    assert "style" not in str(plots.interval(cell(), [0.8, 1.25]))


def test_a_margin_that_the_audit_does_not_name_is_not_drawn() -> None:
    assert drawn(cell()).find("rect") is None
    assert margin_of({"cells": []}) is None
    assert margin_of({"audits": {"a": {"margin": [0.7, 1.4]}}}) == [0.7, 1.4]


def test_an_interval_off_the_scale_ends_in_an_arrow_and_none_draws_none() -> None:
    assert len(drawn(cell(ratio_low=0.1, ratio_high=9.0)).findall("path")) == 2
    empty = drawn(cell(ratio=None, ratio_low=None, ratio_high=None))
    assert empty.find("circle") is None
    assert empty.attrib["aria-label"] == "Sex, Female: no ratio can be given."


def test_checks_that_decide_are_apart_from_figures_that_do_not() -> None:
    audit = {
        "cells": [cell(audit="backtest", binding=True), cell(audit="this list", binding=False, metric="selection")],
        "alerts": ["plain"],
        "audits": {"this list": {"alerts": [["subjects", "age_band", "18_24"]]}},
    }
    assert [title for title, _ in groups_of(audit, binding=True)] == ["Backtest, subjects, missed harm"]
    assert [title for title, _ in groups_of(audit, binding=False)] == ["This list, subjects, selection"]
    assert alerts_of(audit) == ["plain", "this list: subjects, age band, 18 24"]
