"""Where a gap may come from: the planted indicator is named for the community refused, and why is never said."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fairness import audit
from fairness.diagnosis import Reading, error_drivers, missed_harm_bounds, read_again
from fairness.groups import from_labels, labels
from fairness.papers import audit_report
from fairness.papers.diagnosis import origins_section
from fairness.papers.origin_words import NOT_WHY, NOTHING_APART
from fairness.papers.origins import IN_THE_AREA, NAMES_ONLY, VICTIMS, WITHHELD, origins
from fairness.papers.page_one import Found
from fairness.papers.shown import shown, shown_diagnosis

ALL, AREA = "backtest over all areas", "backtest of this area"
QUESTIONS = {"stops": "How often did the police find something?"}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """1,200 people with the outcome, one in four of them of the north, whose harm is hardly ever missed."""
    rows = np.arange(1200)
    north = rows % 4 == 0
    selected = np.where(north, rows % 5 != 0, rows % 3 == 0).astype(int)
    return pd.DataFrame(
        {"person_id": rows, "selected": selected, "outcome": 1, "sex": np.where(north, "male", "female")}
    )


@pytest.fixture(scope="module")
def drivers(table: pd.DataFrame) -> list[dict[str, Any]]:
    rng = np.random.default_rng(3)
    parts = pd.DataFrame(rng.normal(size=(len(table), 4)), columns=["harm", "stops", "victims", "recency"])
    parts["stops"] += 1.5 * (table["sex"] == "male")
    communities = {"sex": from_labels("sex", labels(table["sex"]))}
    return error_drivers(parts, table, communities, dict.fromkeys(parts, "any"))


@pytest.fixture(scope="module")
def diagnosis(table: pd.DataFrame, drivers: list[dict[str, Any]], shipped: Any) -> dict[str, Any]:
    unpoliced = table.assign(selected=np.arange(len(table)) // 4 % 2)
    read = [Reading("audit", "all records", table), Reading("without_police", "less of the police", unpoliced)]
    again = read_again(read, shipped)
    return {
        "reporters": {"available": True, "recorded": 0.9, **again},
        "drivers": drivers,
        "missingness": [],
        "bounds": missed_harm_bounds(table, shipped),
        "proxies": [],
        "areas": {"north": {"drivers": drivers, "readings": again["readings"], "bounds": []}},
        "questions": QUESTIONS,
    }


@pytest.fixture(scope="module")
def parts(table: pd.DataFrame, shipped: Any) -> dict[str, dict[str, Any]]:
    whole = audit(table, shipped, evidence="backtest").to_dict()
    return {ALL: whole, AREA: {**whole, "area": "north"}}


def found(parts: dict[str, dict[str, Any]]) -> Found:
    return Found("refuse", [{"name": name, **part} for name, part in parts.items()], (), gate=True)


def of(told: list[dict[str, Any]], group: str) -> dict[str, Any]:
    return next(each for each in told if each["group"] == group)


def test_the_indicator_that_sets_a_refused_community_apart_is_named_with_what_it_asks(parts, diagnosis):
    male = of(origins(found(parts), diagnosis, leaves=False), "male")
    assert male["found"] == [{"audit": ALL, "verdict": "refuse"}, {"audit": AREA, "verdict": "refuse"}]
    assert [(part["audit"], part["area"]) for part in male["parts"]] == [(AREA, "north"), (ALL, None)]
    first = male["parts"][1]["indicators"][0]
    assert (first["side"], first["name"], first["question"], first["puts"]) == (
        "harmed",
        "stops",
        QUESTIONS["stops"],
        "higher",
    )
    exact = next(d for d in diagnosis["drivers"] if (d["side"], d["group"]) == ("harmed", "male"))
    assert first["difference"] == exact["indicators"][0]["difference"] > 1.0
    assert [one["puts"] for one in male["parts"][1]["indicators"][1:3]] == ["not shown", "not shown"]
    assert "people with later harm, they stand higher than everybody else: " in male["parts"][1]["says"][0]
    assert male["summary"][2:] == [
        "Over all areas, among people with later harm, those whose sex is recorded as male are put higher than "
        f"everybody else through “{QUESTIONS['stops']}”.",
        "Over all areas, if the ranking did not know of incidents that the police generated, their harm would be "
        "missed 1.00 times as often as everybody else's (0.89 to 1.11), in place of 0.30 times (0.24 to 0.36).",
    ]


def test_where_nobody_else_is_missed_there_is_no_ratio_and_the_rest_is_told_all_the_same(parts, diagnosis):
    without = copy.deepcopy(diagnosis)
    for reading in without["reporters"]["readings"]:
        if reading["name"] == "audit":
            for cell in reading["cells"]:
                cell["ratio"] = None
    told = " ".join(of(origins(found(parts), without, leaves=False), "male")["summary"])
    assert "in place of no ratio (" in told


def test_the_whole_difference_has_an_interval_and_few_people_tell_nothing(parts, diagnosis):
    missed = [d for d in diagnosis["drivers"] if d["side"] == "missed"]
    assert all(each["low"] < each["gap"] < each["high"] and each["of"] == 4 for each in missed)
    few = {**diagnosis, "drivers": missed, "areas": {}}
    male = of(origins(found({ALL: parts[ALL]}), few, leaves=False), "male")
    assert male["parts"][0]["says"][0] == (
        "Among people with later harm: too few people; at least 30 of a group, and of others, have to be there."
    )
    assert {one["side"] for one in male["parts"][0]["indicators"]} == {"missed"}
    silent = {**few, "drivers": [], "reporters": {"available": False, "why": "no column."}}
    male = of(origins(found({ALL: parts[ALL]}), silent, leaves=False), "male")
    assert "By who reported: not available: no column." in male["parts"][0]["says"]
    assert male["summary"] == [NOTHING_APART]


def test_an_audit_of_earlier_days_says_that_the_area_was_not_looked_at_by_itself(parts, diagnosis):
    passed = [{**cell, "verdict": "pass"} for cell in parts[ALL]["cells"]]
    told = origins(found({**parts, ALL: {**parts[ALL], "cells": passed}}), {**diagnosis, "areas": {}}, leaves=False)
    (only,) = of(told, "male")["parts"]
    assert (only["audit"], only["says"][0]) == (ALL, IN_THE_AREA)
    assert only["indicators"][0]["name"] == "stops"


def test_of_an_area_only_names_leave_and_of_a_withheld_group_nothing(parts, diagnosis):
    left = {name: shown(part) for name, part in parts.items()}
    told = of(origins(found(left), shown_diagnosis(diagnosis, left[ALL]), leaves=True), "male")
    area, whole = told["parts"]
    assert (area["says"], area["readings"]) == ([NAMES_ONLY], [])
    bare = {"side": "harmed", "name": "stops", "question": QUESTIONS["stops"], "puts": "withheld"}
    assert area["indicators"] == [{**bare, **dict.fromkeys(("difference", "low", "high"))}]
    assert whole["indicators"][0]["difference"] > 1.0
    closed = {**left[ALL], "cells": [{**cell, "suppressed": True} for cell in left[ALL]["cells"]]}
    after = shown_diagnosis(diagnosis, closed)
    assert after["drivers"] == []
    told = of(origins(found({**left, ALL: closed}), after, leaves=True), "male")
    assert (told["parts"][1]["withheld"], told["parts"][1]["says"]) == (True, [WITHHELD])
    assert not any(
        character.isdigit() for character in json.dumps([told["summary"], told["parts"]], ensure_ascii=False)
    )


def test_indicators_are_not_told_of_victims(parts, diagnosis):
    dyads = [{**cell, "table": "dyads", "characteristic": "victim_sex"} for cell in parts[ALL]["cells"]]
    told = origins(found({ALL: {**parts[ALL], "cells": dyads}}), diagnosis, leaves=False)
    assert of(told, "male")["parts"][0]["says"][0] == VICTIMS
    assert of(told, "male")["parts"][0]["indicators"] == []


def test_the_list_itself_is_not_told_of(parts, diagnosis):
    told = origins(found({ALL: parts[ALL], "this list": {**parts[ALL], "evidence": "list"}}), diagnosis, leaves=False)
    assert {each["audit"] for one in told for each in one["found"]} == {ALL}


def test_the_report_of_a_refused_list_says_what_is_known_on_page_one_and_where_the_rest_stands(parts, diagnosis):
    whole = parts[ALL]
    document = {name: whole[name] for name in ("verdict", "not_assessable", "policy", "reasons")}
    report = audit_report(
        {**document, "audits": parts, "diagnosis": diagnosis}, title="North, list as of 31 March 2026", state="refused"
    )
    settle = next(each for each in report["page_one"] if each["id"] == "settle")
    assert f"stand apart through “{QUESTIONS['stops']}”. Over all areas, among" in settle["says"][1]
    assert settle["says"][1].endswith(
        "That does not say why. More stands behind this page, under ‘Where a gap may come from’."
    )
    section = next(each for each in report["sections"] if each["id"] == "origins")
    assert section["says"] == [NOT_WHY]
    annex = next(each for each in report["sections"] if each["id"] == "equality")
    assert (
        annex["says"][-1] == "What sets a community apart is told under ‘Where a gap may come from’; it names no cause."
    )
    (rows,) = (block["rows"] for block in section["blocks"] if block.get("caption", "").endswith(f" male: {ALL}"))
    assert rows[0][:3] == ["with later harm", QUESTIONS["stops"], "higher"]
    without = audit_report({**document, "audits": parts}, title="North", state="refused")
    assert len(next(each for each in without["page_one"] if each["id"] == "settle")["says"]) == 1
    assert [each["id"] for each in without["sections"]].count("origins") == 0
    assert origins_section([])["blocks"][0]["text"].startswith("No check that decides was refused")


def test_no_origin_is_told_where_there_is_no_gap(parts, diagnosis):
    passed = {ALL: {**parts[ALL], "cells": [{**cell, "verdict": "pass"} for cell in parts[ALL]["cells"]]}}
    assert origins(replace(found(passed), verdict="pass"), diagnosis, leaves=False) == []
