"""Logs, metrics, health and rates: what an operator sees, and that none of it is about a person."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from prometheus_client import generate_latest
from starlette.testclient import TestClient

from serving import Service
from serving.web import WebSettings, create_app, logs
from serving.web.rates import RateSettings


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """The log lines of the process, as they would be written by the service."""
    root = logging.getLogger()
    before = root.handlers[:]
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    root.handlers[:] = before
    structlog.reset_defaults()


@pytest.fixture
def app(service: Service) -> Any:
    return create_app(service, WebSettings(demo=True, rates=RateSettings("3/minute", "2/minute", "4/minute")))


@pytest.fixture
def client(app: Any) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def sample(app: Any, name: str, **labels: str) -> float | None:
    return app.state.web.metrics.registry.get_sample_value(name, labels)


def test_a_request_is_logged_by_its_number_and_route(
    stream: io.StringIO, client: TestClient, released: str, made_up: Any
) -> None:
    client.post("/sign-in", data={"user": "chair"})
    answer = client.get(f"/lists/{released}/cases/{made_up.rows[0]['person']}?q=Number0")
    line = lines(stream)[-1]
    assert line.pop("milliseconds") >= 0
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "method": "GET",
        "request": answer.headers["x-request-id"],
        "route": "/lists/{run}/cases/{person}",
        "status": 200,
    }


def test_a_proxys_number_is_kept_and_anything_else_is_not(stream: io.StringIO, client: TestClient) -> None:
    number = "0f8fad5b-d9cb-469f-a165-70867728950e"
    assert client.get("/health/live", headers={"X-Request-ID": number}).headers["x-request-id"] == number
    other = client.get("/health/live", headers={"X-Request-ID": "Number0 1990-01-01"}).headers["x-request-id"]
    assert [line["request"] for line in lines(stream)] == [number, other]
    assert "Number0" not in stream.getvalue()


def test_an_unexpected_error_is_logged_by_kind_and_place_without_its_words(
    stream: io.StringIO, client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("Number0 was born on 1990-01-01")

    client.post("/sign-in", data={"user": "chair"})
    monkeypatch.setattr(Service, "runs", fail)
    assert client.get("/").status_code == 500
    error = next(line for line in lines(stream) if line["event"] == "unexpected")
    assert error["kind"] == "RuntimeError"
    assert any(place.startswith("serving/web/pages/home.py:") for place in error["places"])
    assert "Number0" not in stream.getvalue()


def test_a_librarys_log_line_comes_without_its_values(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    # A server that another test started in this process may have set its loggers up to keep their lines.
    monkeypatch.setattr(logging.getLogger("uvicorn"), "propagate", True)
    logging.getLogger("uvicorn.error").setLevel(logging.NOTSET)
    try:
        raise ValueError("Number0")
    except ValueError:
        logging.getLogger("some.library").exception("could not store %s", "Number0")
    logging.getLogger("uvicorn.error").info("Started on %s", "127.0.0.1")
    logging.getLogger("uvicorn.access").info("GET /lists/Number0")
    first, second = lines(stream)
    assert (first["event"], first["kind"], first["level"]) == ("could not store %s", "ValueError", "error")
    assert second["event"] == "Started on 127.0.0.1"
    assert "Number0" not in stream.getvalue()


def test_requests_are_counted_by_route_template_and_class_of_status(
    app: Any, client: TestClient, released: str, made_up: Any
) -> None:
    client.post("/sign-in", data={"user": "chair"})
    for row in made_up.rows[:2]:
        client.get(f"/api/v1/lists/{released}/cases/{row['person']}")
    client.get("/nowhere/Number0")
    client.request("NUMBER0", "/")
    route = "/api/v1/lists/{run}/cases/{person}"
    assert sample(app, "drive_panel_requests_total", method="GET", route=route, status="2xx") == 2
    assert sample(app, "drive_panel_request_seconds_count", method="GET", route=route) == 2
    assert sample(app, "drive_panel_requests_total", method="GET", route="unknown", status="4xx") == 1
    assert sample(app, "drive_panel_requests_total", method="other", route="/", status="4xx") == 1
    text = generate_latest(app.state.web.metrics.registry).decode()
    assert [secret for secret in ("Number0", "NUMBER0", made_up.rows[0]["person"], released) if secret in text] == []


def test_readiness_names_the_part_that_is_not_ready(
    app: Any, client: TestClient, released: str, made_up: Any, clock: Any, database: Any
) -> None:
    assert client.get("/health/ready").json() == {
        "status": "ready",
        "parts": {"database": True, "schema": True, "files": True, "ledger": True},
    }
    assert sample(app, "drive_panel_ready", part="files") == 1
    made_up.files["policy"].write_text("margin: 0.1\n", encoding="utf-8")
    clock.forward(seconds=31)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["parts"]["files"]) == (503, False)
    assert sample(app, "drive_panel_ready", part="files") == 0
    assert client.get("/health/live").status_code == 200
    database.sql(
        "DROP TRIGGER ledger_update", "UPDATE ledger SET signature = 'ab' WHERE seq = (SELECT max(seq) FROM ledger)"
    )
    assert client.get("/health/ready").json()["parts"]["ledger"] is False
    database.sql("UPDATE alembic_version SET version_num = '0001'")
    assert client.get("/health/ready").json()["parts"]["schema"] is False


def test_a_withdrawn_release_rests_on_no_file(
    client: TestClient, service: Service, released: str, made_up: Any, reviewer: Any, clock: Any
) -> None:
    service.review(released, reviewer, "withdraw", "Wrong extract")
    made_up.files["policy"].write_text("margin: 0.1\n", encoding="utf-8")
    clock.forward(seconds=31)
    assert client.get("/health/ready").status_code == 200


def test_a_database_that_is_gone_is_not_ready(client: TestClient, service: Service, released: str) -> None:
    service.close()
    service.stores.panel.path.write_bytes(b"no database" * 1000)
    assert client.get("/health/ready").status_code == 503


def test_who_signs_in_too_often_waits(app: Any, client: TestClient) -> None:
    answers = [client.post("/sign-in", data={"user": "nobody"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert "Too many requests" in answers[-1].text
    assert client.get("/sign-in").status_code == 200
    assert sample(app, "drive_panel_rate_limited_total", kind="sign_in") == 1


def test_what_changes_something_and_the_api_are_counted_for_each_person(
    app: Any, client: TestClient, released: str, made_up: Any
) -> None:
    other = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
    client.post("/sign-in", data={"user": "chair"})
    other.post("/sign-in", data={"user": "member"})
    page = f"/lists/{released}/cases/{made_up.rows[0]['person']}/decision"
    assert [client.post(page).status_code for _ in range(3)] == [403, 403, 429]
    assert client.get(page).status_code == 200
    calls = [client.get("/api/v1/session") for _ in range(5)]
    assert [answer.status_code for answer in calls] == [200, 200, 200, 200, 429]
    assert calls[-1].json()["type"] == "/about/api#too-many-requests"
    assert 0 < int(calls[-1].headers["retry-after"]) <= 60
    assert other.get("/api/v1/session").status_code == 200


def test_who_is_not_signed_in_is_told_so_however_often(app: Any) -> None:
    nobody = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5))
    assert {nobody.get("/api/v1/session").status_code for _ in range(6)} == {401}
