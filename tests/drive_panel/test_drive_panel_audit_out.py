"""`drive-panel audit --table FILE --out FILE`: everything that was measured, for whoever wants to count it again."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from drive_panel.cli import app
from fairness import SHIPPED

TABLE = "person_id,selected,outcome,sex\n1,1,1,male\n2,0,1,male\n3,1,0,female\n4,0,,NS\n"


@pytest.mark.parametrize(("name", "read"), [("numbers.csv", pd.read_csv), ("numbers.parquet", pd.read_parquet)])
def test_every_number_by_group_is_written_beside_the_verdict(tmp_path: Path, name: str, read: object) -> None:
    (tmp_path / "people.csv").write_text(TABLE, encoding="utf-8")
    out = tmp_path / name
    done = CliRunner().invoke(
        app, ["audit", "--table", str(tmp_path / "people.csv"), "--out", str(out), "--exact", "--json"]
    )
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["verdict"], told["out_rows"]) == ("insufficient", 18)
    written = read(out)  # type: ignore[operator]
    cell = written[(written["group"] == "male") & (written["metric"] == "missed_harm")]
    assert cell[["n", "events", "value"]].to_numpy().tolist() == [[2, 1, 0.5]]
    assert set(written["marked"]) == {"exact, not to leave"}


def test_what_is_written_to_be_passed_on_holds_nothing_of_a_few_people_nor_of_one_more(tmp_path: Path) -> None:
    rows = [f"{i},{i % 2},{i // 2 % 2},{'male' if i % 3 else 'female'}" for i in range(600)]
    home, table, out = tmp_path / "home", tmp_path / "people.csv", tmp_path / "numbers.csv"

    def written(rows: list[str]) -> pd.DataFrame:
        table.write_text("\n".join(["person_id,selected,outcome,sex", *rows]) + "\n", encoding="utf-8")
        command = ["--home", str(home), "audit", "--table", str(table), "--out", str(out), "--json"]
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["marked"] == "suppressed for publication"
        return pd.read_csv(out)

    first = written(rows[1:])
    assert first.loc[first["metric"] == "selection", "events"].tolist() == [100, 200]
    again = written(rows[1:])
    pd.testing.assert_frame_equal(again, first)
    more = written(rows)
    assert more.loc[more["metric"] == "selection", "events"].isna().all()
    register = home / "audits" / "exported" / "register.json"
    assert register.stat().st_mode & 0o777 == 0o600
    register.write_text("{", encoding="utf-8")
    done = CliRunner().invoke(app, ["--home", str(home), "audit", "--table", str(table), "--out", str(out)])
    assert done.exit_code == 1
    assert "Restore audits/exported/register.json from a backup." in done.output


def test_another_kind_of_file_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["audit", "--table", str(tmp_path / "people.csv"), "--out", "numbers.pdf", "--json"])
    assert done.exit_code == 1
    assert "numbers.pdf is neither CSV nor Parquet" in done.output


def test_in_words_the_audit_and_the_policy_tell_what_they_cannot_and_could_show(tmp_path: Path) -> None:
    rows = [f"{i},{i % 2},{int(i % 4 < 2)},{'male' if i % 8 < 4 else 'female'}" for i in range(4000)]
    (tmp_path / "people.csv").write_text("person_id,selected,outcome,sex\n" + "\n".join(rows) + "\n", encoding="utf-8")
    told = CliRunner().invoke(app, ["audit", "--table", str(tmp_path / "people.csv")])
    assert told.exit_code == 0, told.output
    assert "cannot be seen in recorded data" in told.output
    assert told.output.count("If outcomes of sex '") == 2
    policy = CliRunner().invoke(app, ["policy", "check", str(SHIPPED)])
    assert "a list without any gap passes 60% of the time and is refused 0.0%" in policy.output
    assert "stops the list at a ratio of 1: 2%, 1.5: 80%, 2: 100%, 3: 100%" in policy.output
    assert "Refused: the gap is settled, so that nobody can release the list." in policy.output
    assert "Stops the list: the gap is refused, or is not settled" in policy.output
