"""`drive-panel audit --table FILE --out FILE`: everything that was measured, for whoever wants to count it again."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from drive_panel.cli import app

TABLE = "person_id,selected,outcome,sex\n1,1,1,male\n2,0,1,male\n3,1,0,female\n4,0,,NS\n"


@pytest.mark.parametrize(("name", "read"), [("numbers.csv", pd.read_csv), ("numbers.parquet", pd.read_parquet)])
def test_every_number_by_group_is_written_beside_the_verdict(tmp_path: Path, name: str, read: object) -> None:
    (tmp_path / "people.csv").write_text(TABLE, encoding="utf-8")
    out = tmp_path / name
    done = CliRunner().invoke(app, ["audit", "--table", str(tmp_path / "people.csv"), "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["verdict"], told["out_rows"]) == ("insufficient", 18)
    written = read(out)  # type: ignore[operator]
    cell = written[(written["group"] == "male") & (written["metric"] == "missed_harm")]
    assert cell[["n", "events", "value"]].to_numpy().tolist() == [[2, 1, 0.5]]


def test_another_kind_of_file_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["audit", "--table", str(tmp_path / "people.csv"), "--out", "numbers.pdf", "--json"])
    assert done.exit_code == 1
    assert "numbers.pdf is neither CSV nor Parquet" in done.output
