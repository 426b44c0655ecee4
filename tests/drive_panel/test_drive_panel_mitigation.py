"""The page of the workbench: every number drawn stands in a table, and hostile words are shown as text."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from drive_panel.errors import NotConfigured
from drive_panel.pages.mitigation import page, sections, shown_groups
from drive_panel.workflows.mitigate import _require_the_audited_lists, suggested
from fairness import audit, load_policy
from fairness.diagnosis import missed_harm_cells
from fairness.disclosure import EXACT
from training.settings import RankerSettings


def cell(group: str, ratio: float | None, low: float | None, high: float | None) -> dict[str, Any]:
    return {"table": "subjects", "characteristic": "sex", "group": group, "ratio": ratio, "low": low, "high": high}


def alternative(name: str, ratio: float, harm: float, **more: Any) -> dict[str, Any]:
    found = {"flat": {"value": harm, "low": harm - 900, "high": harm + 900}}
    share = {"flat": {"value": 0.5, "low": 0.4, "high": 0.6}}
    cells = [cell("female", ratio, ratio - 0.3, None), cell("male", 0.9, 0.7, 1.2), cell("x", None, None, None)]
    told = {"name": name, "kind": "lightgbm", "differs": {}, "reads": "", "train": None, "cells": cells, "worse": []}
    return {**told, "harm": {"at_places": found, "against_champion": found, "at_depth": share}, **more}


@pytest.fixture
def document() -> dict[str, Any]:
    hostile = {"without": ["<script>alert(1)</script>"]}
    return {
        "marked": EXACT,
        "bundle": "a" * 64, "synthetic": True, "policy": {"name": "shipped"}, "margin": [0.8, 1.25], "places": 20,
        "splits": ["2023-12-31"],
        "alternatives": [
            alternative("champion", 1.5, 5200.0),
            alternative("same_as_it", 1.5, 5200.0, differs=hostile, train="seed: 1\n"),
            alternative("even", 1.1, 4100.0, reads="sex", worse=["sex: male"]),
        ],
    }  # fmt: skip


def test_the_community_furthest_from_even_under_the_champion_is_drawn(document):
    assert shown_groups(document) == [("subjects", "sex", "female")]
    drawn = sections(document)[1].blocks
    assert len(drawn) == 2
    assert "1 the champion (lightgbm): 1.50 (1.20 to no upper end), harm 5,200 (4,300 to 6,100)" in drawn[0].svg
    assert ">1, 2<" in drawn[0].svg  # two in one place share a label
    assert drawn[0].svg.count('class="dot"') == 2


def test_every_number_is_in_the_tables_and_small_groups_have_none(document):
    harm, ratios = sections(document)[2].blocks
    assert harm.rows[2] == (
        ["3. even", "4,100 (3,200 to 5,000)", "+4,100 (+3,200 to +5,000)", "0.5 (0.4 to 0.6)", "sex: male"]
    )
    assert harm.rows[0][-1] == "for nobody"
    assert ratios.rows[2] == ["people whose sex is recorded as x", "too few", "too few", "too few"]


def test_the_page_says_at_its_top_that_it_is_not_to_leave(document):
    shown = page(document)
    assert shown.index("Marked: exact, not to leave.") < shown.index("<dl")


def test_hostile_names_are_text_and_each_configuration_is_printed(document):
    shown = page(document)
    assert "<script>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<pre>seed: 1\n</pre>" in shown
    assert "no: it reads sex" in shown


def test_a_champion_that_is_not_the_audited_one_is_not_drawn():
    policy, rng = load_policy(), np.random.default_rng(1)
    table = pd.DataFrame({"person_id": range(900), "sex": rng.choice(["female", "male"], 900)})
    table["outcome"], table["selected"] = rng.choice([0, 1], 900), rng.choice([0, 1], 900)
    stored = {"pooled": audit(table, policy).to_dict()}
    _require_the_audited_lists(missed_harm_cells(table, policy), stored)
    other = table.assign(selected=1 - table["selected"])
    with pytest.raises(NotConfigured, match="other lists than those that its audit judged") as raised:
        _require_the_audited_lists(missed_harm_cells(other, policy), stored)
    assert "--config FILE" in raised.value.remedy


def test_what_nobody_declared_is_suggested_by_the_champions_diagnosis():
    names = ("harm_730", "police_generated_730", "victims_730")
    values = np.array([np.arange(90.0), np.zeros(90), np.repeat([0.0, 1.0, 4.0], 30)])
    use = SimpleNamespace(final=(np.arange(90), np.ones(90)))
    material = SimpleNamespace(names=names, values=values, use=use)
    bench = SimpleNamespace(material=material, base=RankerSettings(kind="lightgbm"))
    proxies = [
        {"indicator": "victims_730", "low": 0.55, "high": 0.7},
        {"indicator": "harm_730", "low": 0.45, "high": 0.56},
    ]
    found = {
        each.name: each for each in suggested({"diagnosis": {"proxies": proxies}}, load_policy(), bench).alternatives
    }
    assert found["without_police_generated"].without == ("police_generated_730",)
    assert found["police_never_raises"].directions == {"police_generated_730": -1}
    assert found["without_what_follows"].without == ("victims_730",)
    assert found["coarse_what_follows"].cuts == {"victims_730": (1.0, 4.0)}
    assert {each.reads for each in found.values() if each.reads} == {"sex", "ethnicity_group"}
    assert "without_what_follows" not in {each.name for each in suggested({}, load_policy(), bench).alternatives}
