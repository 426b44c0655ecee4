"""MLflow beside the workspace: aliases follow releases, its pages stay on this machine, and nobody is in it."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from drive_panel.workflows import registry, release, score
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from synthetic import ForceSettings
from training.tracking import MODEL
from training.tracking.store import open_store
from values import AsOf, silent

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:mlflow"),
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType:UserWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning:mlflow"),
]
AREA = list(ForceSettings().areas)[1]
WHY = "All limits were read and are printed on the list."


@dataclasses.dataclass(frozen=True)
class Released:
    workspace: Workspace
    run: str
    bundle: str


@pytest.fixture(scope="module")
def released(small: Any, tmp_path_factory: pytest.TempPathFactory) -> Released:
    """A workspace of its own with one released list."""
    home = tmp_path_factory.mktemp("mlflow") / "workspace"
    shutil.copytree(small.home.path, home)
    workspace = Workspace.open(home)
    (home / "mode").write_text("demo\n", encoding="utf-8")
    (home / "panels.yaml").write_text(f"panels:\n  {AREA}: {{places: 10}}\n", encoding="utf-8")
    scored = score.run(workspace, AsOf.parse("2026-03-31"), AREA, silent)
    act = "approve" if scored["verdict"] == "pass" else "waive"
    for reviewer in ("reviewer-1", "reviewer-2"):
        done = release.act(workspace, scored["run"], act, WHY, None, reviewer, scored["acknowledge"])
        if done["state"] == "released":
            break
    return Released(workspace, scored["run"], str(workspace.champion))


@pytest.fixture
def copied(released: Released, tmp_path: Path) -> Released:
    target = tmp_path / "workspace"
    shutil.copytree(released.workspace.home, target, ignore=shutil.ignore_patterns("*.parquet", "reports"))
    return dataclasses.replace(released, workspace=Workspace.open(target))


def aliases(workspace: Workspace) -> dict[str, str]:
    """Each alias with the bundle that its version is tagged with."""
    query = (
        "select alias, value from registered_model_aliases a join model_version_tags t "
        "on t.name = a.name and t.version = a.version and t.key = 'bundle'"
    )
    with closing(sqlite3.connect(workspace.mlflow / "mlflow.db")) as store:
        return dict(store.execute(query).fetchall())


def command(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    drive_panel = str(Path(sys.executable).with_name("drive-panel"))
    return subprocess.run([drive_panel, "--home", str(home), *words], capture_output=True, text=True, check=False)


def test_training_and_release_set_the_aliases_and_the_fairness_state(released: Released):
    assert aliases(released.workspace) == {"champion": released.bundle, f"released-{AREA}": released.bundle}
    audit = released.workspace.read_audit(released.workspace.champion)
    assert audit is not None
    with open_store(released.workspace.mlflow) as store:
        version = store.client.get_model_version_by_alias(MODEL, "champion")
        assert version.tags["fairness"] == audit["pooled"]["verdict"]
        run = store.client.get_run(version.run_id)
        evaluation = {each.path for each in store.client.list_artifacts(version.run_id, "evaluation")}
    assert run.data.tags["records_hash"] == audit["snapshot"]
    assert {f"evaluation/evaluation-{released.bundle[:12]}.{kind}" for kind in ("html", "json")} <= evaluation


def test_a_withdrawal_takes_the_alias_away(copied: Released):
    done = release.act(copied.workspace, copied.run, "withdraw", "The release ends here.", None, "reviewer-1", ())
    assert done["state"] == "withdrawn"
    assert aliases(copied.workspace) == {"champion": copied.bundle}


def test_what_expired_or_was_changed_after_review_is_mirrored_as_such(copied: Released, monkeypatch):
    later = datetime(2099, 1, 1, tzinfo=ZoneInfo("Europe/London"))
    monkeypatch.setattr("drive_panel.workflows.release.now", lambda: later)
    with batch_service(copied.workspace) as service:
        assert registry.live_aliases(copied.workspace, service) == {"champion": copied.bundle}
    monkeypatch.undo()
    with batch_service(copied.workspace) as service:
        assert set(registry.live_aliases(copied.workspace, service)) == {"champion", f"released-{AREA}"}
    audit = copied.workspace.audit_file(copied.workspace.champion)
    audit.write_text(audit.read_text("utf-8").replace('"verdict":"', '"verdict":"really '), encoding="utf-8")
    with batch_service(copied.workspace) as service:
        assert registry.fairness_states(copied.workspace, service)[copied.bundle] == "changed after it was made"
    index = copied.workspace.bundles / copied.bundle / "bundle.json"
    index.write_bytes(index.read_bytes().replace(b'"seed":2026', b'"seed":2027'))
    with batch_service(copied.workspace) as service:
        assert registry.live_aliases(copied.workspace, service) == {"champion": copied.bundle}


def test_a_broken_mirror_blocks_no_withdrawal_and_is_put_right_later(copied: Released, capsys):
    database = copied.workspace.mlflow / "mlflow.db"
    whole = database.read_bytes()
    database.write_bytes(b"no database" * 1000)
    done = release.act(copied.workspace, copied.run, "withdraw", "The release ends here.", None, "reviewer-1", ())
    assert done["state"] == "withdrawn"
    assert "MLflow does not show this yet" in capsys.readouterr().err
    database.write_bytes(whole)
    with open_store(copied.workspace.mlflow) as store:
        store.client.set_registered_model_alias(MODEL, "released-nowhere", "1")
    told = command(copied.workspace.home, "mlflow", "sync", "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout) == {
        "aliases": {"champion": copied.bundle},
        "changed": [
            {"alias": f"released-{AREA}", "was": copied.bundle, "now": None},
            {"alias": "released-nowhere", "was": copied.bundle, "now": None},
        ],
    }


@pytest.fixture(scope="module")
def pages(released: Released) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """MLflow's pages as a user opens them, whatever the environment asks for."""
    drive_panel = str(Path(sys.executable).with_name("drive-panel"))
    asked = {
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "true", "MLFLOW_DISABLE_TELEMETRY": "false",
        "MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE": "true", "MLFLOW_SERVER_ALLOWED_HOSTS": "*",
    }  # fmt: skip
    process = subprocess.Popen(
        [drive_panel, "--home", str(released.workspace.home), "mlflow", "--port", "0", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
        env={**os.environ, **asked},
    )  # fmt: skip
    assert process.stdout is not None
    yield process, json.loads(process.stdout.readline())["address"]
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def answer(address: str, host: str | None = None) -> tuple[int, str]:
    asked = urllib.request.Request(address, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(asked, timeout=60) as page:
            return page.status, page.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")


def family(process: int) -> set[int]:
    """Every process of the session that `process` leads."""
    found = set()
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text().rpartition(")")[2].split()
        except OSError:  # gone meanwhile
            continue
        if int(fields[3]) == process and fields[0] != "Z":
            found.add(int(place.parent.name))
    return found


def test_the_pages_show_the_workspace_on_this_machine_only_and_run_no_jobs(pages: Any, released: Released):
    process, address = pages
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", address)
    assert answer(address)[0] == 200
    status, models = answer(f"{address}/ajax-api/2.0/mlflow/registered-models/search")
    assert (status, MODEL in models) == (200, True)
    assert answer(address, host="elsewhere.example")[0] == 403
    assert json.loads(answer(f"{address}/ajax-api/3.0/mlflow/ui-telemetry")[1])["disable_ui_telemetry"] is True
    for path in ("/ajax-api/3.0/mlflow/assistant/config", "/gateway/mlflow/v1/chat/completions"):
        assert answer(address + path) == (404, "Switched off by drive-panel.")
    with urllib.request.urlopen(address, timeout=60) as page:
        assert "default-src 'self'" in page.headers["content-security-policy"]
    assert family(process.pid) == {process.pid}
    port = int(address.rpartition(":")[2])
    listening = [line.split()[1] for name in ("tcp", "tcp6") for line in _sockets(name) if line.split()[3] == "0A"]
    assert [each for each in listening if each.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]


def _sockets(name: str) -> list[str]:
    return Path(f"/proc/net/{name}").read_text().splitlines()[1:]


def test_a_taken_port_or_another_address_is_refused(pages: Any, released: Released):
    port = pages[1].rpartition(":")[2]
    for words, why in ((("--port", port), "cannot be used"), (("--host", "0.0.0.0"), "on this machine only")):
        refused = command(released.workspace.home, "mlflow", *words)
        assert refused.returncode == 1
        assert why in refused.stderr


def test_stopping_leaves_no_process(pages: Any):
    process, address = pages
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(60) == 0
    assert family(process.pid) == set()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=5)


def test_a_workspace_without_a_training_run_says_so(tmp_path: Path):
    (tmp_path / "begun" / "records").mkdir(parents=True)
    refused = command(tmp_path / "begun", "mlflow")
    assert (refused.returncode, "Run `drive-panel train` first." in refused.stderr) == (1, True)


def test_no_identifier_name_or_date_of_birth_is_in_any_file_or_table_of_the_store(small: Any):
    persons = pd.read_csv(small.extract / "persons.csv", dtype=str)
    incidents = pd.read_csv(small.extract / "incidents.csv", dtype=str, usecols=["incident_id"])
    columns = ["person_id", "given_name", "family_name", "date_of_birth", "pnc_id"]
    told = {name for column in columns for name in persons[column].dropna()} | set(incidents["incident_id"])
    told |= {f"{day[8:]}/{day[5:7]}/{day[:4]}" for day in persons["date_of_birth"].dropna()}
    assert len(told) > 20_000
    place = small.home.path / "mlflow"
    files = [file for file in place.rglob("*") if file.is_file()]
    assert {file.suffix for file in files} >= {".db", ".json", ".csv", ".png", ".txt", ".html"}
    words: set[str] = set()
    for file in files:
        if file.suffix not in (".png", ".pdf"):  # drawn from the tables and the page beside them
            words |= set(re.findall(r"[\w/-]+", file.read_bytes().decode("utf-8", "replace")))
    assert {"drive-panel", MODEL} <= words
    assert sorted(told & words) == []
