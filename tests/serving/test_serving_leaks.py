"""A hostile walk whose logs, metrics and error pages tell of nobody; and leaks that are planted are found."""

from __future__ import annotations

import io
import logging
import struct
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

from benchmarks import watched
from benchmarks.leaks import leaks_in_files, leaks_in_output
from benchmarks.sought import People, Scores, told_in
from serving import Service
from serving.errors import NotFound
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


SCORE = -1.7320508075688772
LEAKS = {
    "pseudonym": "P-EET3-XE6Z-1Y1C",
    "identifier": "P001234",
    "short identifier": "person_id=4711",
    "birth": "1971-03-04",
    "name": "Person is called Jo Bloggs",
    "made-up pseudonym": "P-CAST-TEST-0003",
    "score": "margin -1.7320508075688772",
    "rounded score": "margin -1.7320508076",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Path]:
    """A workspace with two people and an MLflow store that tells of nobody."""
    people = {
        "person_id": ["P001234", "4711"],
        "given_name": ["Jo", None],
        "family_name": ["Bloggs", None],
        "date_of_birth": ["1971-03-04", None],
    }
    snapshot = tmp_path / "home" / "records" / "snapshots" / "1"
    snapshot.mkdir(parents=True)
    parquet.write_table(table(people), snapshot / "persons.parquet")
    place = tmp_path / "home" / "mlflow" / "mlflow.db"
    place.parent.mkdir()
    place.write_bytes(b"\x00auc 0.71 bundle 2026-03-31 4711 rows, 1.73205 and 1.414213562373\x00")
    yield place
    place.unlink()  # the look at the whole run would find it too


@pytest.mark.parametrize("kind", LEAKS)
def test_a_leak_planted_in_an_mlflow_store_is_found(store: Path, tmp_path: Path, kind: str) -> None:
    assert leaks_in_files(tmp_path, Scores([SCORE])) == []
    store.write_bytes(store.read_bytes() + b" " + LEAKS[kind].encode() + b"\x00")
    assert len(leaks_in_files(tmp_path, Scores([SCORE]))) == 1


@pytest.mark.parametrize("order", "><")
def test_a_score_stored_as_a_number_is_found(store: Path, tmp_path: Path, order: str) -> None:
    store.write_bytes(store.read_bytes() + b"odd" + struct.pack(f"{order}d", SCORE))
    assert leaks_in_files(tmp_path, Scores([SCORE, 7.0])) == [f"home/mlflow/mlflow.db tells '{-SCORE!r}'"]


@pytest.mark.parametrize("kind", LEAKS)
def test_a_leak_planted_in_a_log_file_is_found(store: Path, tmp_path: Path, kind: str) -> None:
    log = store.parent.parent / "web.log"
    log.write_text(f"request 4711 took 1.7 ms\n{LEAKS[kind]}\n", encoding="utf-8")
    # Names and plain identifiers are known beside a store; a log lies anywhere.
    expected = kind not in ("identifier", "short identifier", "birth", "name")
    assert bool(leaks_in_files(tmp_path, Scores([SCORE]))) == expected
    log.unlink()


@pytest.mark.parametrize("logged", ["P-EET3-XE6Z-1Y1C", "Number7", "-1.732", "1.73205", "-1.7320508075688772"])
def test_a_leak_planted_in_a_log_line_is_found(logged: str) -> None:
    expected = [] if logged == "-1.732" else [logged.lstrip("-")]
    assert leaks_in_output(f'{{"event": "scored", "margin": {logged}}}', Scores([SCORE])) == expected


@pytest.mark.parametrize(
    "text",
    [
        "person_id=17",
        '{"person_id": "17"}',
        "{'victim': 17}",
        "subject: 17",
        "GET /cases/17",
        "/persons/17/x",
        '["17"]',
        "['3', '17', '4']",
        "person 17 was",
    ],
)
def test_a_short_identifier_is_found_where_a_text_says_what_it_is(text: str) -> None:
    people = People()
    people.identified_by("17")
    assert (people.told_in(text), people.told_in("17 rows on day 17, 2026-03-17, 1.17")) == (["17"], [])


def test_numbers_that_could_be_anything_are_no_scores() -> None:
    scores = Scores([7.0, 0.5, 12.25, 1.23456789012])
    assert scores.told_in("7.0 0.5 0.50000 12.25 12.250000 1.2346 2.23456789012") == ["1.2346"]
    assert scores.told_in("1.2346 1.234568 1.23456789", digits=9) == ["1.23456789"]
    assert scores.told_in("v1.23456789012.3 11.23456789012") == []


@pytest.mark.parametrize("kind", ["pseudonym", "made-up name", "score"])
def test_a_leak_planted_in_an_error_page_or_a_metric_is_found(
    service: Service, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    told = {"pseudonym": "P-EET3-XE6Z-1Y1C", "made-up name": "Number7", "score": "0.9876543"}[kind]
    watched.watch()
    before = list(watched.told())
    monkeypatch.setattr(watched, "SCORES", Scores([-0.98765432109]))
    app = create_app(service, WebSettings(demo=True))
    app.state.web.metrics.answered("GET", f"/lists/{told}", 200, 0.1)
    client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5))

    def fail(*_: Any) -> None:
        raise NotFound(f"No {told} here.")

    monkeypatch.setattr("serving.web.sessions.Sessions.find", fail)
    client.get("/", headers={"Cookie": "panel=x"})
    found = list(watched.told())
    assert (before, set(found)) == ([], {f"an error page tells {told!r}", f"a metric tells {told!r}"})


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
