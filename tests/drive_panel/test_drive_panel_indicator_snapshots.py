"""`drive-panel indicators`: several dates in one file, from records or from a stored stream, entered in the ledger."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from drive_panel.cli import app
from drive_panel.output import INPUT_ERROR
from drive_panel.workflows import spark
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from features import CATALOGUE
from features.snapshots import IndicatorSnapshot
from features.stored import scratch_folder
from records import RecordStore
from values import AsOf

PEOPLE = [f"PER-{number}" for number in range(1, 21)]
DATES = ("2023-06-30", "2022-06-30", "2024-03-31")


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("extract")
    (folder / "manifest.yaml").write_text("source: made up\nextract_date: 2024-03-31\nsynthetic: true\n")
    people = "".join(f"{person},rms\n" for person in PEOPLE)
    (folder / "persons.csv").write_text(f"person_id,source\n{people}")
    incidents, involved = ["incident_id,force,area,occurred_from,reported_on,known_from,is_crime,domestic"], []
    for number in range(40):
        day = f"{2020 + number % 4}-{1 + number % 12:02d}-15"
        incidents.append(f"INC-{number},north,{'east' if number % 3 else 'west'},{day},{day},{day},true,true")
        involved.append(f"INC-{number},{PEOPLE[number * 7 % 20]},suspect,{day}")
        involved.append(f"INC-{number},{PEOPLE[(number * 7 + 3) % 20]},victim,{day}")
    (folder / "incidents.csv").write_text("\n".join(incidents) + "\n")
    (folder / "involvements.csv").write_text("\n".join(["incident_id,person_id,role,known_from", *involved]) + "\n")
    return folder


@pytest.fixture(scope="module")
def workspace(extract: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace.open(tmp_path_factory.mktemp("home") / "workspace")
    RecordStore(workspace.records).ingest(extract)
    return workspace


def command(workspace: Workspace, *words: str | Path) -> Result:
    return CliRunner().invoke(app, ["--home", str(workspace.home), "indicators", *map(str, words)])


def dates(*days: str) -> list[str]:
    return [word for day in days for word in ("--as-of", day)]


def told(workspace: Workspace, *words: str | Path) -> dict[str, Any]:
    done = command(workspace, *words, "--json")
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_several_dates_make_one_snapshot_with_the_cohort_of_each(workspace: Workspace, tmp_path: Path):
    out = tmp_path / "a.parquet"
    result = told(workspace, *dates(*DATES, DATES[0]), "--out", out)
    snapshot = IndicatorSnapshot(out)
    snapshot.verify()
    assert snapshot.dates == tuple(AsOf.parse(day) for day in sorted(DATES))
    assert result == {
        "rows": snapshot.rows,
        "columns": len(CATALOGUE),
        "as_of": sorted(DATES),
        "snapshot": RecordStore(workspace.records).latest().hash,
        "hash": snapshot.hash,
        "out": str(out),
    }
    assert snapshot.lineage.snapshot == result["snapshot"]
    assert snapshot.lineage.synthetic is True
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    alone = 0
    for day in DATES:
        one = told(workspace, *dates(day), "--out", tmp_path / "one.parquet")
        assert one["as_of"] == day
        table = snapshot.table()
        there = table[table["as_of"] == day].reset_index(drop=True)
        assert there.equals(IndicatorSnapshot(tmp_path / "one.parquet").table())
        alone += one["rows"]
    assert alone == snapshot.rows > 20


def test_one_area_is_named_in_the_snapshot(workspace: Workspace, tmp_path: Path):
    everywhere = told(workspace, *dates(*DATES), "--out", tmp_path / "a.parquet")
    west = told(workspace, *dates(*DATES), "--out", tmp_path / "b.parquet", "--area", "west")
    assert 0 < west["rows"] < everywhere["rows"]
    assert IndicatorSnapshot(tmp_path / "b.parquet").area == "west"


def test_an_area_that_no_record_names_is_an_error_to_act_on(workspace: Workspace, tmp_path: Path):
    stream = tmp_path / "stream"
    told(workspace, "store-stream", stream)
    for source in ((), ("--stream", stream)):
        done = command(workspace, *source, *dates(*DATES), "--out", tmp_path / "a.parquet", "--area", "West", "--json")
        assert done.exit_code == INPUT_ERROR
        error = json.loads(done.stdout)["error"]
        assert error["message"] == "No record names the area 'West'."
        assert error["remedy"] == "Areas in the records: east, west."
    assert not (tmp_path / "a.parquet").exists()


def test_a_date_after_the_records_end_is_refused_because_nothing_is_known_then(workspace: Workspace, tmp_path: Path):
    stream, out = tmp_path / "stream", tmp_path / "later.parquet"
    told(workspace, "store-stream", stream)
    for source in ((), ("--stream", stream)):
        done = command(workspace, *source, *dates("2024-03-31", "2024-06-30"), "--out", out, "--json")
        assert done.exit_code == INPUT_ERROR
        error = json.loads(done.stdout)["error"]
        assert error["message"] == "The records end on 2024-03-31; nothing is known as of 2024-06-30."
        assert not out.exists()
        assert command(workspace, *source, *dates("2024-03-31"), "--out", out).exit_code == 0
        out.unlink()


def test_the_export_is_in_the_ledger(workspace: Workspace, tmp_path: Path):
    result = told(workspace, *dates(*DATES), "--out", tmp_path / "a.parquet")
    with batch_service(workspace) as service:
        entry = service.ledger(1)[0]
    assert (entry.action, entry.subject) == ("export.indicators", result["snapshot"])
    assert json.loads(entry.detail) == {"as_of": sorted(DATES), "rows": result["rows"]}


def test_a_stored_stream_gives_the_same_hash_and_is_in_the_ledger(workspace: Workspace, tmp_path: Path):
    stream = tmp_path / "stream"
    stored = told(workspace, "store-stream", stream)
    with batch_service(workspace) as service:
        entry = service.ledger(1)[0]
    assert (entry.action, json.loads(entry.detail)) == (
        "export.stream",
        {"rows": stored["rows"], "hash": stored["hash"]},
    )
    assert stat.S_IMODE(stream.stat().st_mode) == 0o700
    from_records = told(workspace, *dates(*DATES), "--out", tmp_path / "a.parquet")
    nowhere = Workspace(tmp_path / "no-workspace")
    from_stream = told(nowhere, *dates(*DATES), "--out", tmp_path / "b.parquet", "--stream", stream)
    assert from_stream | {"out": ""} == from_records | {"out": ""}
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert not nowhere.home.exists()


def test_a_stored_stream_is_refused_in_the_workspace(workspace: Workspace, tmp_path: Path):
    (tmp_path / "elsewhere").symlink_to(workspace.home)
    for folder in (workspace.home / "stream", tmp_path / "elsewhere" / "stream"):
        done = command(workspace, "store-stream", folder)
        assert done.exit_code == 1
        assert "lies in the workspace, where an erasure would not find the people" in " ".join(done.stderr.split())
        assert not folder.exists()


def test_places_and_words_that_are_wrong_are_told(workspace: Workspace, tmp_path: Path):
    out = tmp_path / "a.parquet"
    for words, status, message in (
        ((*dates(*DATES), "--out", tmp_path / "no" / "a.parquet"), 1, "No such file or directory"),
        ((*dates(*DATES), "--out", out, "--stream", tmp_path), 1, "holds no finished stored stream"),
        ((*dates("31/03/2024"), "--out", out), 1, "is not a date"),
        ((*dates(*DATES), "--out", out, "--engine", "spark", "--spark-master", "here"), 1, "'here' is no Spark master"),
        (("--out", out), 2, "Give both --as-of DATE and --out FILE"),
        ((*dates(*DATES), "--out", out, "--spark-master", "local"), 2, "--spark-master needs --engine spark"),
        ((*dates(*DATES), "store-stream", tmp_path / "s"), 2, "Put --as-of after 'store-stream'"),
    ):
        done = command(workspace, *words)
        assert (done.exit_code, message in " ".join(done.stderr.split())) == (status, True), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_spark_or_java_the_command_says_how_to_get_them(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    words = (*dates(*DATES), "--out", tmp_path / "a.parquet", "--engine", "spark")
    monkeypatch.setattr(spark, "_java_version", lambda: 11)
    monkeypatch.setattr(spark.importlib.util, "find_spec", lambda name: object())
    done = command(workspace, *words)
    assert done.exit_code == 1
    assert "Spark needs Java 17 or newer" in done.stderr
    monkeypatch.setattr(spark.importlib.util, "find_spec", lambda name: None)
    done = command(workspace, *words)
    assert done.exit_code == 1
    assert "Spark is not installed." in done.stderr
    assert "scripts/setup --spark" in " ".join(done.stderr.split())


def test_a_run_removes_the_stored_stream_that_a_killed_one_left(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with scratch_folder() as held:
        left = held.with_name("stream-left")
        (left / "stream").mkdir(parents=True)
        told(workspace, *dates(*DATES), "--out", tmp_path / "a.parquet")
        assert not left.exists()
        assert held.exists()
