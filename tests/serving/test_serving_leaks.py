"""A hostile walk whose logs, metrics and error pages tell of nobody; and leaks that are planted are found."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from prometheus_client import generate_latest
from pyarrow import parquet, table
from starlette.testclient import TestClient

from benchmarks.leaks import leaks_in_files, leaks_in_output, told_in
from serving import Service
from serving.web import WebSettings, create_app, logs

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, stream = root.handlers[:], io.StringIO()
    logs.configure(stream)
    yield stream
    root.handlers[:] = before
    structlog.reset_defaults()


def test_a_hostile_walk_leaves_nobodys_name_behind(
    service: Service, released: str, made_up: Any, stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(service, WebSettings(demo=True))
    client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
    person, name, born = made_up.rows[0]["person"], "Number0", "1990-01-01"
    client.post("/sign-in", data={"user": "chair"})
    csrf = client.get("/api/v1/session").json()["csrf"]
    case = f"/lists/{released}/cases/{person}"
    assert name in client.get(case).text
    body = {"decision": name, "reason_code": born, "reason": f"{name} {born}", "sensitive": person}
    headers = {"X-CSRF-Token": csrf}
    errors = [
        client.get(f"/lists/{person}"),
        client.get(f"/lists/{released}/cases/{name}?q={born}"),
        client.get(f"/{name}/{born}"),
        client.get(f"/api/v1/{name}?{person}={born}"),
        client.get(f"/api/v1/lists/{released}/cases/{name}"),
        client.get(f"/api/v1/runs?cursor={name}&limit={person}"),
        client.post(f"/api/v1{case}/decisions", json={**body, name: born}, headers=headers),
        client.post(f"/api/v1{case}/decisions", content=f"{{{name}", headers=headers),
        client.post(f"{case}/decision", data={"csrf": name}),
        client.post(f"{case}/hold", data={"csrf": csrf, "kind": name, "hold_reason": "x" * 5000}),
        client.post(f"{case}/decision", data={"csrf": csrf, "until-day": name}),
        client.request(name.upper(), f"/lists/{person}"),
        client.get("/", headers={"X-Request-ID": name, "Cookie": f"panel={name}", "Referer": f"http://x/{person}"}),
    ]

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError(f"{name} {born} {person}")

    monkeypatch.setattr(service.stores.seal, "open", fail)
    errors += [client.get(case), client.get(f"/lists/{released}")]
    assert {answer.status_code for answer in errors} >= {303, 403, 404, 405, 422, 500}
    own_address = f"/cases/{person}"  # the form that is shown again links back to its case
    assert [told_in(answer.text.replace(own_address, "")) for answer in errors if answer.status_code != 422] == [
        [] for answer in errors if answer.status_code != 422
    ]
    programs = [answer for answer in errors if "problem+json" in answer.headers.get("content-type", "")]
    assert len(programs) >= 4
    assert [told_in(answer.text) for answer in programs] == [[] for _ in programs]
    assert told_in(stream.getvalue()) == []
    assert len(stream.getvalue().splitlines()) > len(errors)
    assert told_in(generate_latest(app.state.web.metrics.registry).decode()) == []


@pytest.mark.parametrize(
    "text", ["P-EET3-XE6Z-1Y1C", "P001234", "1971-03-04", "Person is called Jo Bloggs", "P-CAST-TEST-0003"]
)
def test_a_leak_planted_in_an_mlflow_store_is_found(tmp_path: Path, text: str) -> None:
    people = {
        "person_id": ["P001234"],
        "given_name": ["Jo"],
        "family_name": ["Bloggs"],
        "date_of_birth": ["1971-03-04"],
    }
    snapshot = tmp_path / "home" / "records" / "snapshots" / "1"
    snapshot.mkdir(parents=True)
    parquet.write_table(table(people), snapshot / "persons.parquet")
    store = tmp_path / "home" / "mlflow" / "mlflow.db"
    store.parent.mkdir()
    store.write_bytes(b"\x00auc 0.71 bundle 2026-03-31\x00")
    assert leaks_in_files(tmp_path) == []
    store.write_bytes(store.read_bytes() + b" " + text.encode() + b"\x00")
    assert len(leaks_in_files(tmp_path)) == 1
    store.unlink()  # the look at the whole run would find it too


def test_log_lines_are_told_apart_from_what_a_command_prints() -> None:
    line = "2026-11-30 08:00:32 [info     ] request    route=/lists/P-EET3-XE6Z-1Y1C"
    assert leaks_in_output("   1  P-EET3-XE6Z-1Y1C  very high") == []
    assert leaks_in_output('{"event": "request", "route": "/lists/P-EET3-XE6Z-1Y1C"}') == ["P-EET3-XE6Z-1Y1C"]
    assert leaks_in_output(line) == ["P-EET3-XE6Z-1Y1C"]


@pytest.mark.parametrize(("logged", "code"), [("Number7", 1), ("a route", 0)])
def test_a_run_of_tests_that_logs_a_name_fails(tmp_path: Path, logged: str, code: int) -> None:
    test = tmp_path / "test_planted.py"
    test.write_text(f'def test_planted():\n    print(\'{{"event": "{logged}"}}\')\n', encoding="utf-8")
    options = ["-q", "-p", "benchmarks.leaks", "-p", "no:xdist", "-p", "no:cacheprovider", f"--rootdir={tmp_path}"]
    command = [sys.executable, "-m", "pytest", *options, "-c", "/dev/null", str(test)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout
    assert ("tells of people" in done.stdout) == bool(code)
