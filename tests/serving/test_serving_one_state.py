"""A request reads one state and holds a connection no longer than it reads; what it remembers follows from texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jinja2 import meta
from starlette.testclient import TestClient

from serving import Service
from serving.errors import StoreError
from serving.recent import MOST, SECONDS, Recent
from serving.storage.tables import runs
from serving.web import WebSettings, create_app
from serving.web.render import make_templates

DATABASES = ("sqlite", "postgresql")
TEMPLATES = Path(__file__).parents[2] / "serving" / "web" / "templates"


def test_a_request_reads_one_state_until_it_writes(service: Service, database: Any, make: Any) -> None:
    first = make().into(service)
    request = service.in_one_state()
    assert [run.run for run in request.runs()] == [first]
    second = make(area="ashford").into(service)
    assert [run.run for run in request.runs()] == [first]
    request.note("chair", "session.ended", "chair")
    assert {run.run for run in request.runs()} == {first, second}
    request.stores.panel.let_go()


def test_a_statement_that_fails_ends_the_state_and_not_the_request(service: Service) -> None:
    panel = service.in_one_state().stores.panel
    with pytest.raises(StoreError), panel.read() as connection:
        connection.exec_driver_sql("SELECT nothing FROM nowhere")
    assert not panel.is_held
    with panel.read() as connection:
        assert connection.execute(runs.select()).all() == []
    panel.close()
    assert not panel.is_held


def test_no_answer_of_any_kind_keeps_a_connection(
    service: Service, released: str, made_up: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(service, WebSettings(demo=True))
    client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), raise_server_exceptions=False)
    client.post("/sign-in", data={"user": "chair"})
    case = f"/lists/{released}/cases/{made_up.rows[0]['person']}"
    pool = service.stores.panel.engine.pool
    asked = ["/", "/about", f"/lists/{released}", case, f"/api/v1{case}", "/ledger", "/lists/none", f"{case}/none"]
    assert {client.get(address).status_code for address in asked} == {200, 403, 404}
    assert client.post(f"{case}/decision", data={"csrf": "none"}).status_code == 403
    assert pool.checkedout() == 0
    monkeypatch.setattr(service.stores.seal, "open", lambda *_: 1 / 0)
    service.stores.recent = Recent()
    assert client.get(case).status_code == 500
    assert pool.checkedout() == 0


def test_what_is_remembered_follows_from_the_text_and_is_forgotten() -> None:
    now, made = [0.0], []

    def make(text: str) -> str:
        made.append(text)
        return text.upper()

    recent = Recent(lambda: now[0])
    assert [recent.made("row", text, make) for text in ("a", "a", "b", "a")] == ["A", "A", "B", "A"]
    assert made == ["a", "b", "a"]
    now[0] = SECONDS + 1  # asked for in the turn before: still there
    assert (recent.made("row", "a", make), made) == ("A", ["a", "b", "a"])
    now[0] += 2 * SECONDS + 1
    assert (recent.made("row", "a", make), made) == ("A", ["a", "b", "a", "a"])


def test_what_is_remembered_has_an_end() -> None:
    recent, made = Recent(lambda: 0.0), []
    for number in (*range(3 * MOST), 0):
        recent.made(number, "text", lambda text, number=number: made.append(number))
    assert made[-1] == 0
    assert len(made) == 3 * MOST + 1


def test_a_row_that_is_not_drawn_anew_says_nothing_but_what_it_was_compared_by() -> None:
    templates = make_templates()
    source = (TEMPLATES / "list_row.html").read_text(encoding="utf-8")
    used = meta.find_undeclared_variables(templates.parse(source)) - templates.globals.keys()
    assert used == {"run", "today", "may_declare", "row", "place", "level", "name", "made", "cleared"}
