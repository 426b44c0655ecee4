"""`indicators profile`: page and numbers for their owner alone, rule changes found in the records, errors to act on."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from drive_panel.cli import app
from drive_panel.output import DONE, INPUT_ERROR
from drive_panel.workspace import Workspace
from records import RecordStore

PEOPLE = 40


def incidents() -> tuple[list[str], list[str]]:
    """Forty people with an incident every half year; DARA grades them from 2023 on."""
    rows, parts = [], []
    for number in range(PEOPLE):
        for half in range(8):
            day = f"{2021 + half // 2}-{'03' if half % 2 else '09'}-{number % 27 + 1:02d}"
            key = f"I{number}-{half}"
            tool = "dara" if day >= "2023" else "dash"
            rows.append(f"{key},north,east,{day},{day},10501,true,true,{tool},medium")
            parts += [f"{key},P{number},suspect", f"{key},V{number},victim"]
    return rows, parts


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("profile")
    extract = folder / "extract"
    extract.mkdir()
    rows, parts = incidents()
    tables = {
        "manifest.yaml": ["source: made up", "extract_date: 2024-12-31", "synthetic: true"],
        "persons.csv": ["person_id,source", *(f"{kind}{n},rms" for n in range(PEOPLE) for kind in "PV")],
        "incidents.csv": [
            "incident_id,force,area,occurred_from,reported_on,offence_code,is_crime,domestic,risk_tool,risk_grade",
            *rows,
        ],
        "involvements.csv": ["incident_id,person_id,role", *parts],
    }
    for name, lines in tables.items():
        (extract / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    home = folder / "home"
    RecordStore(Workspace.open(home).records).ingest(extract)
    dates = [word for day in ("2022-12-31", "2023-12-31", "2024-12-31") for word in ("--as-of", day)]
    done = call(home, *dates, "--out", str(folder / "three.parquet"))
    assert done.exit_code == DONE, done.output
    return folder


def call(home: Path, *words: str) -> Any:
    return CliRunner().invoke(app, ["--home", str(home), "indicators", *words])


def profiled(home: Path, *words: str) -> dict[str, Any]:
    done = call(home, "profile", *words, "--json")
    assert done.exit_code == DONE, done.output
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_page_and_numbers_are_written_for_their_owner_alone(made: Path) -> None:
    result = profiled(made / "home", str(made / "three.parquet"))
    html, numbers = Path(result["html"]), Path(result["json"])
    assert html == made / "home" / "reports" / f"indicators-{result['hash'][:12]}.html"
    assert [stat.S_IMODE(each.stat().st_mode) for each in (html, numbers)] == [0o600, 0o600]
    stored = json.loads(numbers.read_text(encoding="utf-8"))
    assert stored == {key: value for key, value in result.items() if key not in ("html", "json")}
    assert [each["people"] for each in stored["dates"]] == [40, 40, 40]
    text = html.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "P17" not in text


def test_what_it_says_is_about_the_file_and_its_lineage(made: Path) -> None:
    result = profiled(made / "home", str(made / "three.parquet"), "--out", str(made / "mine.html"))
    assert (made / "mine.json").is_file()
    assert result["synthetic"] is True
    assert result["snapshot"] == RecordStore(made / "home" / "records").latest().hash
    by_name = {each["name"]: each for each in result["indicators"]}
    assert by_name["domestic_incidents_365"]["standing"] == "constant"
    assert by_name["marac_hearings_365"]["standing"] == "always missing"


def test_the_month_in_which_dara_replaced_dash_is_found_in_the_records(made: Path) -> None:
    result = profiled(made / "home", str(made / "three.parquet"))
    (change,) = [each for each in result["rule_changes"] if each["name"] == "DASH to DARA"]
    assert change["first"] == "2023-03-01"
    assert (change["dates_before"], change["dates_after"]) == (["2022-12-31"], ["2023-12-31", "2024-12-31"])
    (june,) = [each for each in result["rule_changes"] if "June 2023" in each["name"]]
    assert june["dates_before"] == ["2022-12-31"]
    crimes = next(each for each in result["indicators"] if each["name"] == "domestic_crimes_365")
    assert crimes["rule_changes"][june["name"]] == {
        "before": "2022-12-31",
        "after": "2024-12-31",
        "mixed": 1,
        "delta": None,  # forty people are too few
    }


def test_without_the_records_the_month_is_not_looked_for_and_the_profile_says_so(made: Path, tmp_path: Path) -> None:
    result = profiled(tmp_path / "elsewhere", str(made / "three.parquet"))
    (change,) = [each for each in result["rule_changes"] if each["name"] == "DASH to DARA"]
    assert change["first"] is None
    assert (
        change["source"] == f"not looked for: the records snapshot {result['snapshot'][:12]} is not in this workspace"
    )


def test_it_is_the_same_whatever_the_number_of_columns_read_at_once(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from drive_panel.workflows import indicator_profile

    once = profiled(made / "home", str(made / "three.parquet"))
    monkeypatch.setattr(indicator_profile, "_AT_ONCE", 3)
    assert profiled(made / "home", str(made / "three.parquet")) == once


def test_plain_lines_say_what_to_look_at_and_where_the_page_is(made: Path) -> None:
    done = call(made / "home", "profile", str(made / "three.parquet"))
    assert "Act before you train or score:" in done.stdout
    assert "Missing for everybody on every date: " in done.stdout
    assert done.stdout.splitlines()[-2].startswith("Profile: ")


def test_a_file_that_is_none_and_a_place_that_cannot_be_written_are_errors_to_act_on(
    made: Path, tmp_path: Path
) -> None:
    (tmp_path / "text.parquet").write_text("no", encoding="utf-8")
    for words, message in (
        ([str(tmp_path / "text.parquet")], "is no snapshot of indicators"),
        ([str(tmp_path / "none.parquet")], "none.parquet"),
        ([str(made / "three.parquet"), "--out", str(tmp_path / "text.parquet" / "p.html")], "p.html cannot be written"),
        ([str(made / "three.parquet"), "--out", str(made / "three.parquet")], "three.parquet is no name for a page"),
        ([str(made / "three.parquet"), "--out", str(tmp_path / "p.json")], "p.json is no name for a page"),
    ):
        done = call(made / "home", "profile", *words)
        assert done.exit_code == INPUT_ERROR
        assert message in done.output
        assert "Traceback" not in done.output


def test_a_file_of_nobody_has_no_profile(made: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "empty.parquet")
    assert call(made / "home", "--as-of", "2010-01-01", "--out", out).exit_code == DONE
    done = call(made / "home", "profile", out)
    assert done.exit_code == INPUT_ERROR
    assert "holds nobody" in done.output
