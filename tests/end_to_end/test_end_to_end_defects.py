"""Defects planted in a made-up force are met by what should catch them, through the commands a user has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_a_planted_leak_stops_promotion_and_names_its_column(new_home: Callable[[], Any], tmp_path: Path):
    home = new_home()
    home("synth", tmp_path / "force", "--persons", "6000", "--seed", "3", "--plant", "leaking_column")
    home("ingest", tmp_path / "force" / "extract")
    (tmp_path / "train.yaml").write_text("splits: {tests: 1}\ndraws: 50\n", encoding="utf-8")
    trained = home("train", "--config", tmp_path / "train.yaml", "--json").json
    assert trained["promoted"] is False
    assert trained["champion"] in ("v100", "rfgv", "recency")
    assert any(alarm["columns"][0] == "incidents.drugs" for alarm in trained["alarms"])


def test_the_time_travel_proof_holds_on_late_and_rewritten_records(new_home: Callable[[], Any], tmp_path: Path):
    home = new_home()
    plants = ("--plant", "late_recording", "--plant", "retro_status", "--plant", "counter_allegation:n=30")
    home("synth", tmp_path / "force", "--persons", "2000", "--years", "4", "--seed", "4", *plants)
    home("ingest", tmp_path / "force" / "extract")
    proof = home("timetravel", "--as-of", "2024-09-30", "--json").json
    assert proof["moved"] == []
    assert proof["checked"] >= 30
    assert proof["rows"] > 1000
