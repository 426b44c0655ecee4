"""`indicators diff` over two deliveries: what it says, what it keeps private, and what it does not know."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from drive_panel.cli import app
from drive_panel.output import DONE, INPUT_ERROR, USAGE
from drive_panel.workflows import indicator_diff
from drive_panel.workspace import Workspace
from records import RecordStore

HEAD = "incident_id,force,area,occurred_from,reported_on,offence_code,is_crime,domestic\n"
KEPT = "".join(f"I{n},north,east,2024-01-{n + 1:02d},2024-01-{n + 1:02d},10501,true,true\n" for n in range(1, 7))
FIRST = (
    f"{HEAD}{KEPT}W1,north,east,2024-02-01,2024-02-01,10501,true,true\n"
    "C1,north,east,2024-02-02,2024-02-02,10501,true,true\n"
)
SECOND = (
    f"{HEAD}{KEPT}N1,north,east,2024-02-03,2024-04-05,10501,true,true\n"
    "C1,north,east,2024-02-02,2024-02-02,00806,true,true\n"
)
SUSPECTS = {"W1": "P-I1", "C1": "P-I2", "N1": "P-I3"}  # withdrawn, corrected, new


def deliver(folder: Path, store: RecordStore, day: str, incidents: str) -> None:
    folder.mkdir()
    keys = [line.split(",")[0] for line in incidents.splitlines()[1:]]
    people = {key: SUSPECTS.get(key, f"P-{key}") for key in keys}
    tables = {
        "manifest.yaml": f"source: made up\nextract_date: {day}\nsynthetic: true\n",
        "persons.csv": "person_id,source\n" + "".join(f"{p},rms\n{p}-v,rms\n" for p in sorted(set(people.values()))),
        "incidents.csv": incidents,
        "involvements.csv": "incident_id,person_id,role\n"
        + "".join(f"{key},{p},suspect\n{key},{p}-v,victim\n" for key, p in people.items()),
    }
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8")
    store.ingest(folder)
    for each in store.deliveries():
        if each.waiting:
            store.confirm(each.name)


def call(home: Path, *words: str) -> Any:
    return CliRunner().invoke(app, ["--home", str(home), "indicators", *words])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Indicators as of two dates before and after a delivery came late, whose date lies between two others'."""
    folder = tmp_path_factory.mktemp("two")
    home = folder / "home"
    store = RecordStore(Workspace.open(home).records)
    deliver(folder / "first", store, "2024-03-31", FIRST)
    for name, day, incidents in (("one", "2024-05-31", FIRST), ("two", "2024-04-30", SECOND)):
        deliver(folder / name, store, day, incidents)
        out = str(folder / f"{name}.parquet")
        done = call(home, "--as-of", "2024-03-31", "--as-of", "2024-04-30", "--out", out)
        assert done.exit_code == DONE, done.output
    return folder


def told(made: Path, *words: str) -> dict[str, Any]:
    done = call(made / "home", "diff", str(made / "one.parquet"), str(made / "two.parquet"), *words, "--json")
    assert done.exit_code == DONE, done.output
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_a_later_delivery_changes_nothing_as_of_an_earlier_date(made: Path) -> None:
    result = told(made, "--from", "2024-03-31", "--to", "2024-03-31")
    assert result["rows"] == {"both": 6, "changed": 0, "left": 0, "entered": 0}
    assert (result["reasons"], result["indicators"]) == ({}, [])


def test_each_change_has_its_reason_and_dates_that_both_have_are_compared(made: Path) -> None:
    result = told(made)
    assert [each["after"] for each in result["dates"]] == ["2024-03-31", "2024-04-30"]
    assert result["rows"] == {"both": 12, "changed": 3, "left": 0, "entered": 0}
    reasons = {name: each["rows"] for name, each in result["reasons"].items()}
    assert reasons == {"new events": 1, "corrections": 1, "withdrawn events": 1}
    by_name = {each["name"]: each["reasons"] for each in result["indicators"]}
    assert by_name["domestic_incidents_365"] == {"new events": 1, "withdrawn events": 1}
    assert by_name["harm_max_ever"] == {"corrections": 1}
    assert result["catalogue"]["same"] is True
    assert result["reasons_known"] is True
    assert "people" not in result


def test_time_is_told_where_two_dates_of_one_file_are_compared(made: Path) -> None:
    file = str(made / "one.parquet")
    done = call(made / "home", "diff", file, file, "--from", "2024-03-31", "--to", "2024-04-30", "--json")
    assert json.loads(done.stdout)["reasons"].keys() == {"time"}


def test_people_are_named_on_the_terminal_only_where_asked_and_it_enters_the_ledger(made: Path) -> None:
    files = [str(made / f"{name}.parquet") for name in ("one", "two")]
    quiet = call(made / "home", "diff", *files)
    assert "P-I" not in quiet.output
    loud = call(made / "home", "diff", *files, "--people")
    assert "P-I2 2024-04-30 harm_max_ever 1 → 15: corrections" in loud.stdout
    assert "P-I4" not in loud.stdout
    people = {each["person_id"] for each in told(made, "--people")["people"]}
    assert people == {"P-I1", "P-I2", "P-I3"}
    from drive_panel.workflows.release import batch_service

    with batch_service(Workspace.open(made / "home")) as service:
        acts = [entry.action for entry in service.ledger()]
    assert acts.count("export.indicator-changes") == 2


def test_people_go_into_a_file_that_its_owner_alone_can_read(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "changes.csv"
    result = told(made, "--people", "--out", str(out))
    assert "people" not in result
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["person_id"] for row in rows} == {"P-I1", "P-I2", "P-I3"}
    (harm,) = [row for row in rows if row["indicator"] == "harm_max_ever"]
    assert (harm["before"], harm["after"], harm["reasons"]) == ("1.0", "15.0", "corrections")


def test_a_file_for_people_without_asking_for_people_is_a_wrong_call(made: Path, tmp_path: Path) -> None:
    file = str(made / "one.parquet")
    done = call(made / "home", "diff", file, file, "--out", str(tmp_path / "x.csv"))
    assert done.exit_code == USAGE
    assert not (tmp_path / "x.csv").exists()


def test_records_that_are_not_here_are_named_and_no_reason_is_made_up(made: Path, tmp_path: Path) -> None:
    files = [str(made / f"{name}.parquet") for name in ("one", "two")]
    done = call(tmp_path / "elsewhere", "diff", *files, "--json")
    assert done.exit_code == DONE
    result = json.loads(done.stdout)
    (reason,) = result["reasons"]
    assert reason == f"not known: the records snapshot {result['before']['snapshot'][:12]} is not in this workspace"
    assert result["reasons_known"] is False
    assert result["rows"]["changed"] == 3


@pytest.mark.parametrize("words", [("--from", "2020-01-01"), ("--to", "2020-01-01")])
def test_a_date_that_a_file_does_not_have_is_an_error_that_lists_those_it_has(
    made: Path, words: tuple[str, str]
) -> None:
    files = [str(made / f"{name}.parquet") for name in ("one", "two")]
    done = call(made / "home", "diff", *files, *words, "--json")
    assert done.exit_code == INPUT_ERROR
    assert json.loads(done.stdout)["error"]["remedy"] == "It has: 2024-03-31, 2024-04-30."


def test_a_file_that_was_changed_or_is_none_is_refused(made: Path, tmp_path: Path) -> None:
    (tmp_path / "text.parquet").write_text("no Parquet", encoding="utf-8")
    done = call(made / "home", "diff", str(tmp_path / "text.parquet"), str(made / "two.parquet"))
    assert done.exit_code == INPUT_ERROR
    assert "is no snapshot of indicators" in done.output
    done = call(made / "home", "diff", str(tmp_path / "none.parquet"), str(made / "two.parquet"))
    assert done.exit_code == INPUT_ERROR


def test_a_place_that_cannot_be_written_is_an_error_to_act_on(made: Path, tmp_path: Path) -> None:
    files = [str(made / f"{name}.parquet") for name in ("one", "two")]
    done = call(made / "home", "diff", *files, "--people", "--out", str(tmp_path / "no" / "such" / "x.csv"))
    assert done.exit_code == INPUT_ERROR
    assert "x.csv cannot be written" in done.output
    assert "Traceback" not in done.output


def test_options_before_the_name_of_the_command_are_refused(made: Path) -> None:
    file = str(made / "one.parquet")
    done = call(made / "home", "--json", "diff", file, file)
    assert done.exit_code == USAGE
    assert "Put --json after 'diff'" in " ".join(done.output.split())


def test_an_id_that_a_spreadsheet_or_a_terminal_would_obey_is_written_so_that_it_does_not() -> None:
    row = {"as_of": "2024-03-31", "indicator": "harm_730", "before": None, "after": 1.5, "reasons": "time"}
    (line,) = indicator_diff._csv(pd.DataFrame([{"person_id": "=1+1", **row}])).decode("utf-8").splitlines()
    assert line == "'=1+1,2024-03-31,harm_730,,1.5,time"
    told = indicator_diff._listing({"person_id": "P\x1b[2J1", **row})
    assert told == "P‹U+001B›[2J1 2024-03-31 harm_730 missing → 1.5: time"
