"""A rehearsal of the whole way on real open data that was never made for it; no row of it is in the project."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
STOPS = ROOT.parent / "shared" / "data" / "seattle_terry_stops"
EXAMPLE = ROOT / "docs" / "examples" / "seattle_terry_stops"

pytestmark = pytest.mark.skipif(not STOPS.is_dir(), reason="the real stops are not beside this checkout")


def test_real_stops_go_the_whole_way_and_are_never_released(new_home: Callable[[], Any]):
    home = new_home()
    loaded = home("ingest", STOPS, "--mapping", EXAMPLE / "mapping.yaml", "--json").json
    assert loaded["read"] == 23_056 == loaded["accepted"] + loaded["quarantined"]
    assert all(t["read"] == t["accepted"] + t["quarantined"] for t in loaded["tables"].values())

    unnamed = home("train", "--config", EXAMPLE / "train.yaml", "--json", status=1)
    assert "needs to know who trains" in unnamed.out + unnamed.err
    home("users", "add", "s.lee", "--name", "Made Up", "--role", "data_scientist", "--area", "*")
    trained = home("train", "--by", "s.lee", "--config", EXAMPLE / "train.yaml", "--json").json
    assert (trained["people"], trained["outcomes"]) == (10_562, 299)
    aucs = {row["name"]: row for row in trained["candidates"] if row["metric"] == "auc"}
    assert aucs["prior_count"]["low"] < 0.69 < aucs["prior_count"]["high"]
    assert aucs["lightgbm"]["low"] < aucs["lightgbm"]["value"] < aucs["lightgbm"]["high"]
    assert (trained["promoted"], trained["for_panel"], trained["champion"]) == (False, False, "prior_count")

    report = json.loads((home.path / "audits" / f"{trained['bundle']}.json").read_text())["pooled"]
    rows = next(table["rows"] for table in report["tables"] if table["table"] == "subjects")
    assert rows == 10_562
    for characteristic in ("sex", "ethnicity"):
        cells = [c for c in report["cells"] if c["characteristic"] == characteristic and c["metric"] == "selection"]
        groups = {cell["group"] for cell in cells if cell["table"] == "subjects"}
        assert "not recorded" in groups
        assert sum(cell["rows"] for cell in cells if cell["table"] == "subjects") == rows
    assert "observed only: Black or African American" in groups

    (home.path / "panels.yaml").write_text("panels:\n  West: {places: 20}\n")
    scored = home("score", "--as-of", "2021-12-31", "--area", "West", "--json").json
    assert scored["verdict"] != "pass"
    refused = home("release", "approve", scored["run"], "--reason", "try", "--reviewer", "reviewer-1", status=None)
    assert refused.status != 0
    assert home("list", scored["run"], status=3).out == ""
