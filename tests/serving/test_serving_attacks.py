"""What somebody may try against a release, on both databases: each is refused, and in the ledger with who tried it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from serving import Person, Role, Service
from serving.access.accounts import Accounts
from serving.access.viewing import Viewing
from serving.errors import ListChanged, NoLiveRelease, ReviewRefused, StoreError

DATABASES = ("sqlite", "postgresql")
NAMES = ["subjects/ethnicity/mixed"]


def tries(service: Service) -> list[tuple[str, str, str]]:
    """Who tried what, and why it was refused; oldest first."""
    return [
        (entry.actor, entry.action.removeprefix("refused."), entry.content["why"])
        for entry in reversed(service.ledger(None))
        if entry.action.startswith("refused.")
    ]


def accept(service: Service, run: str, made_up: Any, chair: Person) -> None:
    service.decide(run, made_up.rows[0]["person"], chair, "accept_direct", "pattern", "Agreed")


def test_a_decision_from_a_page_that_was_open_when_its_list_was_withdrawn(
    service: Service, released: str, made_up: Any, reviewer: Person, chair: Person
) -> None:
    service.review(released, reviewer, "withdraw", "Wrong extract")
    with pytest.raises(NoLiveRelease, match="withdrawn"):
        accept(service, released, made_up, chair)
    assert (tries(service), service.decisions()) == ([("chair", "decision", "NoLiveRelease")], [])


def test_a_decision_from_a_page_that_was_open_when_its_list_expired(
    service: Service, released: str, made_up: Any, chair: Person, clock: Any
) -> None:
    clock.forward(days=36)
    with pytest.raises(NoLiveRelease, match="expired"):
        accept(service, released, made_up, chair)
    assert tries(service) == [("chair", "decision", "NoLiveRelease")]


def test_a_clearance_from_a_page_that_was_open_when_its_list_was_withdrawn(
    service: Service, released: str, made_up: Any, reviewer: Person, chair: Person
) -> None:
    held = next(row["person"] for row in made_up.rows if row["section"] == "held")
    service.review(released, reviewer, "withdraw", "Wrong extract")
    with pytest.raises(NoLiveRelease):
        service.clear_hold(released, held, "counter_allegation", chair, "Checked")
    assert (tries(service), service.clearances()) == ([("chair", "clearance", "NoLiveRelease")], [])


@pytest.mark.parametrize("how", ["withdrawn", "expired", "another policy"])
def test_a_page_asked_for_again_from_a_cache_when_its_list_is_not_live_any_more(
    service: Service, released: str, made_up: Any, reviewer: Person, chair: Person, clock: Any, how: str
) -> None:
    viewing, person = Viewing(service, chair), made_up.rows[0]["person"]
    viewing.case(released, person)
    if how == "withdrawn":
        service.review(released, reviewer, "withdraw", "Wrong extract")
    elif how == "another policy":
        made_up.files["policy"].write_text("margin: 0.1\n", encoding="utf-8")
    clock.forward(days=36 if how == "expired" else 1)
    with pytest.raises(NoLiveRelease):
        viewing.released_list(released)
    with pytest.raises(NoLiveRelease):
        viewing.decide(released, person, chair, "accept_direct", "pattern", "Agreed")
    seen = [(view["actor"], view["action"]) for view in service.views(released)]
    assert seen == [("chair", "view.refused"), ("chair", "view.refused")]
    assert [(actor, what) for actor, what, _ in tries(service)] == [("chair", "decision")]
    service.list_views()
    assert service.verify().ok


@pytest.mark.parametrize("name", ["policy", "governance"])
def test_a_policy_edited_after_the_approval(
    service: Service, released: str, made_up: Any, chair: Person, clock: Any, name: str
) -> None:
    made_up.files[name].write_text("margin: 0.1\n", encoding="utf-8")
    clock.forward(seconds=31)
    with pytest.raises(ListChanged, match=f"The {name} file"):
        accept(service, released, made_up, chair)
    with pytest.raises(ListChanged):
        service.released_list(released)
    assert tries(service) == [("chair", "decision", "ListChanged")]


def test_a_policy_edited_between_the_approval_and_the_publication(
    service: Service, made_up: Any, reviewer: Person, clock: Any
) -> None:
    run = made_up.into(service)
    service.review(run, reviewer, "approve", "Read", acknowledged=NAMES)
    made_up.files["policy"].write_text("margin: 0.1\n", encoding="utf-8")
    clock.forward(seconds=31)
    with pytest.raises(ListChanged, match="policy"):
        service.publish(run)


def test_an_approval_sent_again(service: Service, released: str, reviewer: Person) -> None:
    with pytest.raises(ReviewRefused, match="is released"):
        service.review(released, reviewer, "approve", "Again", acknowledged=NAMES)
    assert tries(service) == [("reviewer-1", "review.approve", "ReviewRefused")]
    assert len(service.run(released).reviews) == 1


def test_one_reviewer_who_waives_twice(service: Service, make: Callable[..., Any], reviewer: Person) -> None:
    run = make(verdict="insufficient").into(service)
    service.review(run, reviewer, "waive", "Small area", acknowledged=NAMES)
    with pytest.raises(ReviewRefused, match="waived this run already"):
        service.review(run, reviewer, "waive", "Again", acknowledged=NAMES)
    assert (service.state(run), tries(service)) == ("awaiting", [("reviewer-1", "review.waive", "ReviewRefused")])


def test_a_trainer_who_approves(service: Service, made_up: Any) -> None:
    run = made_up.but(trained_by="reviewer-9").into(service)
    with pytest.raises(ReviewRefused, match="trained this bundle"):
        service.review(run, Person("reviewer-9", "T", Role.REVIEWER), "approve", "Mine", acknowledged=NAMES)
    assert (service.state(run), tries(service)) == ("awaiting", [("reviewer-9", "review.approve", "ReviewRefused")])


@pytest.mark.parametrize(("verdict", "act"), [("pass", "approve"), ("insufficient", "waive")])
def test_two_reviewers_who_race_for_the_last_act(
    service: Service, another: Callable[[], Service], make: Callable[..., Any], verdict: str, act: str
) -> None:
    run = make(verdict=verdict).into(service)
    if act == "waive":
        service.review(run, Person("first", "F", Role.REVIEWER), "waive", "Small", acknowledged=NAMES)
    told: list[str] = []
    start = threading.Barrier(4)

    def race(process: Service, name: str) -> None:
        start.wait()
        try:
            told.append(process.review(run, Person(name, name, Role.REVIEWER), act, "Read", acknowledged=NAMES).state)
        except ReviewRefused as refused:
            told.append(refused.message)

    racers = [threading.Thread(target=race, args=(another(), f"r-{number}")) for number in range(4)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(told) == ["This run is released."] * 3 + ["released"]
    assert [why for _, _, why in tries(service)] == ["ReviewRefused"] * 3
    assert service.verify().ok


INSERTS = {
    "a ledger entry": "INSERT INTO ledger SELECT 2, hash, '2026-04-01', 'me', 'x', 'r', '{{}}', 'y', 'z' FROM ledger",
    "a review": "INSERT INTO reviews VALUES (9, '{run}', 'me', 'approve', 'r', '2026-05-01', '[]', '2026-04-01')",
    "a release": "INSERT INTO releases VALUES ('R-forged', '{run}', '{hash}', '2026-04-01', '2026-06-01')",
    "a key": "INSERT INTO reviewer_keys VALUES ('K-forged', 'me', '00', '[\"*\"]', 'me', '2026-04-01')",
}


@pytest.mark.parametrize("what", sorted(INSERTS))
def test_a_row_put_in_by_hand_counts_for_nothing_and_is_found(
    service: Service, made_up: Any, database: Any, what: str
) -> None:
    run = made_up.into(service)
    database.sql(INSERTS[what].format(run=run, hash=service.run(run).list_hash).replace("{{}}", "{}"))
    with pytest.raises((NoLiveRelease, StoreError)):
        service.publish(run)
    with pytest.raises((NoLiveRelease, StoreError)):
        service.released_list(run)
    found = service.verify()
    assert not found.ok
    assert found.why


def test_a_decision_and_a_clearance_put_in_by_hand_reach_no_scoring(
    service: Service, released: str, chair: Person, made_up: Any, database: Any
) -> None:
    first, second = made_up.rows[0]["person"], made_up.rows[1]["person"]
    number = service.decide(released, first, chair, "accept_direct", "pattern", "Agreed")
    database.sql(
        f"INSERT INTO decisions VALUES (99, '{released}', '{second}', 'chair', 'defer', 'other', 'x', NULL, false, '',"
        " NULL, '2026-04-01T09:00:00+00:00')"
    )
    database.sql(
        f"INSERT INTO decisions VALUES (100, '{released}', '{first}', 'chair', 'defer', 'other', 'x', NULL, false, '',"
        f" {number}, '2026-04-01T09:00:00+00:00')"
    )
    database.sql(
        f"INSERT INTO clearances VALUES ('{released}', '{second}', 'counter_allegation', 'chair', 'x', '2026-04-01')"
    )
    assert [(row["decision_id"], row["current"]) for row in service.decisions()] == [(number, True)]
    assert service.clearances() == []
    assert service.hold_clearances() == []
    assert not service.verify().ok


def test_a_row_of_an_act_is_not_replaced_past_its_guard(service: Service, released: str) -> None:
    if service.stores.panel.path is None:
        pytest.skip("INSERT OR REPLACE is SQLite's own")
    with pytest.raises(Exception, match="never changed"), service.stores.panel.write() as connection:
        connection.exec_driver_sql("INSERT OR REPLACE INTO releases SELECT * FROM releases")
    assert service.state(released) == "released"


@pytest.mark.parametrize("table", ["published_rows", "published_cases"])
def test_rows_of_an_unreleased_list_cannot_be_put_in(service: Service, made_up: Any, database: Any, table: str) -> None:
    run = made_up.into(service)
    values = f"'{run}', 99, 'h', 'x', 'P', '{{}}'" if table == "published_rows" else f"'{run}', 'x', 'h', 'P', '{{}}'"
    with pytest.raises(Exception, match="no live release"):
        database.sql(f"INSERT INTO {table} VALUES ({values})")


@pytest.mark.parametrize(
    "table", ["runs", "reviews", "releases", "published", "ledger", "views", "changes", "reviewer_keys"]
)
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_rows_of_acts_are_neither_changed_nor_deleted(
    service: Service, released: str, made_up: Any, database: Any, table: str, verb: str
) -> None:
    column = {"ledger": "seq", "views": "number", "reviews": "review", "reviewer_keys": "key"}.get(table, "run")
    if table == "views":
        service.note("chair", "view.list", released)
    if table == "changes":
        made_up.but(header={**made_up.header, "as_of": "2026-04-30"}).into(service)
    if table == "reviewer_keys":
        Accounts(service.stores).add(Person("r", "Made Up", Role.REVIEWER), "admin")
        service.register_key("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "r", "admin")
    with pytest.raises(Exception, match="never changed"):
        database.sql(verb.format(table, column, column))
