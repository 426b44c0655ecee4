"""Training leaves a diagnosis with the backtest audit, and nothing about communities in any bundle."""

from __future__ import annotations

import json
from typing import Any

import pytest

COMMUNITIES = (b"ethnicity", b"sexual_orientation", b"religion", b"disability", b"gender_reassignment", b"age_band")


@pytest.fixture(scope="module")
def stored(small: Any) -> dict[str, Any]:
    place = small.home.path / "audits" / f"{small.trained['bundle']}.json"
    return json.loads(place.read_text(encoding="utf-8"))


def key(cell: dict[str, Any]) -> tuple[str, str, str]:
    return cell["table"], cell["characteristic"], cell["group"]


def test_the_first_reading_is_the_audit_itself(stored: dict[str, Any]):
    told = stored["diagnosis"]["reporters"]
    assert told["available"]
    audited = {key(c): c for c in stored["pooled"]["cells"] if c["binding"]}
    readings = {reading["name"]: {key(c): c for c in reading["cells"]} for reading in told["readings"]}
    first = readings["audit"]
    assert set(first) == set(audited)
    large = [name for name, cell in first.items() if cell["n"] is not None]
    assert len(large) >= 8
    for name in large:
        for ours, theirs in (("n", "n"), ("ratio", "ratio"), ("low", "ratio_low"), ("high", "ratio_high")):
            assert first[name][ours] == audited[name][theirs]
    assert readings["victim_outcomes"] != first
    assert readings["without_police"] != first


def test_who_has_no_ethnicity_recorded_is_modelled_and_bounded(stored: dict[str, Any]):
    diagnosis = stored["diagnosis"]
    missing = {each["characteristic"]: each for each in diagnosis["missingness"]}
    assert 0.1 < missing["ethnicity"]["unrecorded"] < 0.6
    assert missing["ethnicity"]["low"] < missing["ethnicity"]["auc"] < missing["ethnicity"]["high"]
    assert {"ethnicity_group"} <= {each["characteristic"] for each in diagnosis["bounds"]}
    assert all(each["least"] <= each["none"] <= each["most"] for each in diagnosis["bounds"])
    assert {each["side"] for each in diagnosis["drivers"]} >= {"harmed", "wrongly_high"}


def test_the_diagnosis_goes_with_the_run_into_its_report(small: Any, tmp_path: Any):
    report = tmp_path / "audit.json"
    small.home("audit", small.scored["run"], "--report", report)
    sections = {each["id"]: each for each in json.loads(report.read_text(encoding="utf-8"))["sections"]}
    assert sections["reporters"]["blocks"][-1]["head"][2] == "victim-reported outcomes only"
    assert "Nobody's group was filled in." in sections["missing"]["says"][0]


def test_no_bundle_holds_a_word_about_communities(small: Any):
    files = [place for place in (small.home.path / "bundles").rglob("*") if place.is_file()]
    assert files
    for place in files:
        content = place.read_bytes()
        assert [word for word in COMMUNITIES if word in content] == [], place.name
