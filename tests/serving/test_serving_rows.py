"""Accounts, sessions, tokens and restrictions count as the ledger says, whatever SQL makes of their rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from serving import Person, Role, Service
from serving.access.accounts import Accounts, Arrival
from serving.access.cases import Cases, Restriction
from serving.access.tokens import Tokens
from serving.errors import NotPermitted, SignatureRefused
from serving.storage import tables
from serving.storage.guards import lifted
from serving.web import WebSettings
from serving.web.sessions import Sessions

DATABASES = ("sqlite", "postgresql")
EVE = Person("eve", "E", Role.REVIEWER)


def told(service: Service) -> list[tuple[str, str]]:
    return [(each.action, each.subject) for each in service.ledger() if each.action.endswith(".forged")]


def row_of(service: Service, table: str) -> dict[str, Any]:
    with service.stores.panel.read() as connection:
        return dict(connection.exec_driver_sql(f"SELECT * FROM {table}").mappings().one())


def put_back(database: Any, table: str, row: dict[str, Any]) -> None:
    def text(value: Any) -> str:
        if value is None or isinstance(value, bool):
            return {None: "NULL", True: "true", False: "false"}[value]
        return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"

    values = ", ".join(f'"{name}" = {text(value)}' for name, value in row.items())
    database.sql(f"UPDATE {table} SET {values}")


@pytest.mark.parametrize("change", ["blocked", "another role", "bound to a subject"])
def test_an_account_put_back_as_it_was_earlier_lets_nobody_in(service: Service, database: Any, change: str) -> None:
    accounts = Accounts(service.stores)
    accounts.add(EVE, "admin", login="eve@force")
    earlier = row_of(service, "users")
    arrival = Arrival("issuer", "e-1", "eve@force", "E")
    if change == "blocked":
        accounts.block("eve", "admin")
    elif change == "another role":
        accounts.change("eve", "admin", Role.PANEL_MEMBER)
    else:
        accounts.arrive(arrival)
    put_back(database, "users", earlier)
    with pytest.raises(NotPermitted, match="not written by this service"):
        accounts.arrive(arrival)
    with pytest.raises(SignatureRefused, match="no governance reviewer"):
        service.register_key("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "eve", "admin")
    assert told(service) == [("user.forged", "eve")]
    accounts.block("eve", "admin", active=True)  # an administrator looked at it and vouches for it
    assert accounts.arrive(arrival) == EVE


def test_an_account_that_signs_in_again_as_it_is_costs_no_entry(service: Service) -> None:
    arrival = Arrival("issuer", "e-1", "eve@force", "E", Role.REVIEWER, frozenset({"*"}), "", {"given_name": "Eve"})
    accounts = Accounts(service.stores)
    accounts.arrive(arrival)
    before = [entry.action for entry in service.ledger()]
    assert (accounts.arrive(arrival).user, before) == ("eve", ["user.bound", "user.added"])
    assert [entry.action for entry in service.ledger()] == before


@pytest.mark.parametrize("how", ["signed out", "signed out everywhere", "blocked and let in again"])
def test_a_session_that_ended_is_not_revived_by_sql(service: Service, database: Any, how: str) -> None:
    accounts, sessions = Accounts(service.stores), Sessions(service, WebSettings(demo=False))
    accounts.add(EVE, "admin")
    token, other = sessions.start(EVE), sessions.start(EVE)
    if how == "signed out":
        sessions.end(token)
        assert sessions.find(other) is not None
    elif how == "signed out everywhere":
        accounts.sign_out("eve", "admin")
    else:
        accounts.block("eve", "admin")
        accounts.block("eve", "admin", active=True)
    database.sql("UPDATE sessions SET ended_at = NULL")
    assert sessions.find(token) is None
    assert told(service) == [("user.forged", "eve")]
    assert sessions.find(sessions.start(EVE)) is not None


CASE = "P-CAST-TEST-0000"
FORGED_RESTRICTION = (
    f"INSERT INTO restrictions VALUES ('{CASE}', 'officer', 'victim', '', '2026-04-01T09:00:00+00:00', NULL)"
)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM restrictions",
        "UPDATE restrictions SET lifted_at = since",
        "UPDATE restrictions SET reason = 'user'",
        "UPDATE restrictions SET related_user = ''",
    ],
)
def test_a_restriction_that_sql_took_away_stands(
    service: Service, database: Any, statement: str, chair: Person
) -> None:
    cases = Cases(service.stores)
    cases.restrict([Restriction(CASE, "officer", "victim", "chair")])
    Accounts(service.stores).add(chair, "admin")
    cases.grant(CASE, "chair", "admin", "Chairs")  # to whom it is related: closed all the same
    database.sql(statement)
    assert CASE in cases.closed_to(chair).unseen
    assert {table for _, table in told(service)} == {"restrictions"}
    assert cases.restrict([Restriction(CASE, "officer", "victim", "chair")]) == 0


def test_a_restriction_that_sql_put_in_closes_the_case_until_it_is_lifted(
    service: Service, database: Any, chair: Person
) -> None:
    """Nobody can tell it from one whose entry was damaged: it is told, and an administrator opens the case."""
    cases = Cases(service.stores)
    Accounts(service.stores).add(chair, "admin")
    database.sql(FORGED_RESTRICTION.replace("2026", "2999"))
    assert cases.closed_to(chair).unseen == {CASE}
    assert cases.closed_to(chair).unseen == {CASE}
    assert told(service) == [("row.forged", "restrictions")]
    assert [row["reason"] for row in cases.restricted()] == ["officer"]
    assert cases.restrict([Restriction(CASE, "officer", "victim")]) == 1
    assert cases.closed_to(chair).unseen == {CASE}
    cases.lift(CASE, "admin", "Left the force")
    assert (cases.closed_to(chair).unseen, cases.restricted()) == (frozenset(), [])
    database.sql("UPDATE restrictions SET lifted_at = NULL")
    assert cases.closed_to(chair).unseen == frozenset()


@pytest.mark.parametrize("row", ["as it was", "lifted by SQL"])
def test_a_restriction_whose_entry_was_changed_stands_by_its_row(
    service: Service, database: Any, another: Callable[[], Service], chair: Person, row: str
) -> None:
    cases = Cases(service.stores)
    Accounts(service.stores).add(chair, "admin")
    cases.restrict([Restriction(CASE, "officer", "victim")])
    service.note("batch", "test.made", "after")
    with service.stores.panel.write() as connection, lifted(connection):
        entries = tables.ledger.c
        changed = update(tables.ledger).where(entries.action == "case.restricted")
        connection.execute(changed.values(action="case.seen"))
    if row == "lifted by SQL":
        database.sql("UPDATE restrictions SET lifted_at = since")
    fresh = another()  # which has not read the entry before it was changed
    there = Cases(fresh.stores)
    assert there.closed_to(chair).unseen == {CASE}
    assert [each["person"] for each in there.restricted()] == [CASE]
    there.grant(CASE, "chair", "admin", "Chairs")
    assert there.closed_to(chair).unseen == frozenset()
    there.end_grant(CASE, "chair", "admin", "Chairs no more")
    assert there.closed_to(chair).unseen == {CASE}
    there.lift(CASE, "admin", "Left the force")
    assert there.closed_to(chair).unseen == frozenset()


def test_a_restriction_from_before_entries_knew_rows_stands(service: Service, database: Any, chair: Person) -> None:
    database.sql(FORGED_RESTRICTION)
    service.note("batch", "case.restricted", CASE, {"reason": "officer", "through": "victim"})
    cases = Cases(service.stores)
    assert cases.closed_to(chair).unseen == {CASE}
    assert (told(service), cases.restrict([Restriction(CASE, "officer", "victim")])) == ([], 0)


def test_another_process_reads_on_where_the_ledger_goes_on(service: Service, another: Any, chair: Person) -> None:
    here, there = Cases(service.stores), Cases(another().stores)
    here.restrict([Restriction(CASE, "officer", "victim")])
    assert there.closed_to(chair).unseen == {CASE}
    there.lift(CASE, "admin", "Left the force")
    assert here.closed_to(chair).unseen == frozenset()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE service_tokens SET scopes = '[\"read:ledger\"]'",
        "UPDATE service_tokens SET areas = '[\"*\"]'",
        "UPDATE service_tokens SET expires = '2026-12-31'",
        "UPDATE service_tokens SET name = 'other'",
        "UPDATE service_tokens SET revoked_at = NULL",
    ],
)
def test_a_token_that_sql_changed_or_revived_reads_nothing(service: Service, database: Any, statement: str) -> None:
    tokens = Tokens(service.stores)
    token = tokens.make("report", ["read:runs"], ["castlebridge"], date(2026, 5, 1), "admin")
    assert tokens.find(token) is not None
    if "revoked_at" in statement:
        tokens.revoke("report", "admin")
    database.sql(statement)
    assert tokens.find(token) is None
    assert told(service) == [("row.forged", "service_tokens")]


def test_a_token_that_sql_revoked_stays_so_and_is_revoked_by_name_too(service: Service, database: Any) -> None:
    tokens = Tokens(service.stores)
    token = tokens.make("report", ["read:runs"], ["castlebridge"], date(2026, 5, 1), "admin")
    database.sql("UPDATE service_tokens SET revoked_at = made_at")
    assert tokens.find(token) is None
    tokens.revoke("report", "admin")
    assert json.loads(service.ledger(1)[0].detail) == {}
    assert service.ledger(1)[0].action == "token.revoked"
