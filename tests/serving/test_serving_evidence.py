"""Evidence over time: kept whole, read back as kept, and of single lists only those of a person's areas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from prometheus_client import generate_latest
from sqlalchemy import insert, select, update

from serving import Service
from serving.access.viewing import Viewing
from serving.errors import ListChanged
from serving.people import Person, Role
from serving.storage import tables
from serving.storage.guards import lifted
from serving.web.app import create_app
from serving.web.settings import WebSettings

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def released(service: Service, made_up: Any, reviewer: Person) -> str:
    run = str(made_up.into(service))
    service.review(run, reviewer, "approve", "Audit read", acknowledged=made_up.gate["acknowledge"])
    service.publish(run)
    return run


def test_the_newest_evidence_is_read_back_as_it_was_kept(service: Service, evidence: Make) -> None:
    assert service.evidence() is None
    first = service.keep_evidence(evidence("RUN-1", rang=False), "batch")
    second = service.keep_evidence(evidence("RUN-1"), "batch")
    assert service.keep_evidence(evidence("RUN-1"), "batch") == second != first
    found = service.evidence()
    assert found is not None
    assert {key: found[key] for key in evidence("RUN-1")} == evidence("RUN-1")
    assert [entry.action for entry in service.ledger()] == ["evidence.gathered", "evidence.gathered"]
    assert service.verify().ok


def test_evidence_that_no_act_made_is_never_shown(service: Service, evidence: Make) -> None:
    service.keep_evidence(evidence("RUN-1"), "batch")
    forged = {"number": 2, "hash": "0" * 64, "document": '{"alarms":{"charts":[]}}', "at": "2026-04-01T09:00:00+00:00"}
    with service.stores.panel.write() as connection:
        connection.execute(insert(tables.evidence).values(**forged))
    found = service.evidence()
    assert found is not None
    assert found["alarms"]["rang"]
    assert "a row of evidence was never entered in the ledger" in service.verify().why


@pytest.mark.parametrize("how", ["an old document put in again", "a newest one whose time was changed"])
def test_evidence_counts_by_its_whole_row(service: Service, evidence: Make, clock: Any, how: str) -> None:
    old = service.keep_evidence(evidence("RUN-1", rang=False), "batch")
    clock.forward(days=30)
    new = service.keep_evidence(evidence("RUN-1"), "batch")
    table = tables.evidence.c
    with service.stores.panel.write() as connection, lifted(connection):
        if how == "an old document put in again":
            row = dict(connection.execute(select(tables.evidence).where(table.hash == str(old))).mappings().one())
            later = {"number": 3, "at": "2026-06-01T09:00:00+00:00"}
            connection.execute(insert(tables.evidence).values(**row | later))
        else:
            changed = update(tables.evidence).where(table.hash == str(new))
            connection.execute(changed.values(at="2026-06-01T09:00:00+00:00"))
    found = service.evidence()
    assert found is not None
    at = "2026-05-01" if how.startswith("an old") else "2026-04-01"
    assert (found["gathered_at"][:10], bool(found["alarms"]["rang"])) == (at, how.startswith("an old"))
    assert service.keep_evidence(evidence("RUN-1"), "batch") == new
    kept = service.evidence()
    assert kept is not None
    assert (kept["gathered_at"][:10], bool(kept["alarms"]["rang"])) == ("2026-05-01", True)


def test_single_lists_of_other_areas_are_left_out_and_sums_stay(service: Service, evidence: Make) -> None:
    service.keep_evidence(evidence("RUN-1"), "batch")
    here, elsewhere = (
        Viewing(service, Person("r", "R", Role.REVIEWER, frozenset({area}))).evidence()
        for area in ("castlebridge", "ashford")
    )
    assert here is not None
    assert elsewhere is not None
    assert [each["run"] for each in here["lists"]] == ["RUN-1"]
    assert "RUN-1" not in str(elsewhere)
    assert elsewhere["elsewhere"] is True
    assert elsewhere["decisions"] == here["decisions"]


def test_past_lists_hold_what_was_released_also_after_its_withdrawal(
    service: Service, released: str, made_up: Any, reviewer: Person
) -> None:
    service.review(released, reviewer, "withdraw", "A wrong extract")
    (past,) = service.past_lists()
    assert (past.run, past.area, past.state) == (released, "castlebridge", "withdrawn")
    assert past.header == made_up.header
    assert list(past.rows) == made_up.rows
    service.erase(made_up.rows[0]["person"], "batch")
    (past,) = service.past_lists()
    assert (len(past.rows), past.erased) == (len(made_up.rows) - 1, 1)


def test_a_past_list_that_was_changed_is_refused(service: Service, released: str) -> None:
    with service.stores.panel.write() as connection, lifted(connection):
        connection.execute(update(tables.published).values(header='{"places": 1}'))
    with pytest.raises(ListChanged, match="not the one that was released"):
        service.past_lists()


def test_a_past_list_blanked_without_an_erasure_is_refused(service: Service, released: str) -> None:
    with service.stores.panel.write() as connection, lifted(connection):
        first = tables.published_rows.c.position == 0
        connection.execute(update(tables.published_rows).where(first).values(document=None, person=None))
    with pytest.raises(ListChanged, match="no erasure says so"):
        service.past_lists()


def test_the_page_tells_alarms_both_parts_and_what_is_withheld_and_the_audit_points_to_it(
    service: Service, released: str, evidence: Make
) -> None:
    app = create_app(service, WebSettings(demo=True))
    client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
    client.post("/sign-in", data={"user": "reviewer-1"})
    assert "Not available yet. Nobody has gathered it yet." in client.get("/evidence").text
    assert "Alarm over time" not in client.get(f"/audits/{released}").text
    assert (
        generate_latest(app.state.web.metrics.registry).decode().count("drive_panel_evidence_alarms ") == 2
    )  # no value
    service.keep_evidence(evidence(released), "batch")
    page = " ".join(client.get("/evidence").text.split())
    assert "more often than before" in page
    assert "-2.0 (-4.0 to +1.0)" in page
    assert "-3.0 (too few people for an interval)" in page
    assert "0.80 (0.50 to 1.20)" in page
    assert "Withheld, as fewer than ten people or next to a group of so few: Sex: male." in page
    assert "1 ratio has moved between lists" in " ".join(client.get(f"/audits/{released}").text.split())
    assert "drive_panel_evidence_alarms 1.0" in generate_latest(app.state.web.metrics.registry).decode()
