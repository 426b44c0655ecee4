"""On PostgreSQL each role does its own work and can do nobody else's, whatever SQL it sends."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient
from typer.testing import CliRunner

from drive_panel.cli import app
from serving import Batch, Person, Role, Service
from serving.errors import StoreError
from serving.keys import WritingKey
from serving.ledger.disowning import disown_entry
from serving.storage import PANEL, SCORES, Database
from serving.storage.engines import open_engine
from serving.storage.entering import enter
from serving.storage.guards import lifted
from serving.storage.roles import BATCH, LOGINS, REVIEWER, WEB, WRITES, script
from serving.storage.showing import TABLE, set_key
from serving.web import WebSettings, create_app
from values import digest

DATABASES = ("postgresql",)


@pytest.fixture
def as_role(database: Any, tmp_path: Path) -> Callable[[str], str]:
    """Set the roles and the writing key up, and return the address of each role."""
    with (
        contextlib.closing(Database(database.panel, PANEL)) as owner,
        contextlib.closing(Database(database.scores, SCORES)) as scores,
        owner.write() as connection,
        scores.write() as beside,
    ):
        set_key(beside, WritingKey(tmp_path / "keys"))
        for statement in script(owner, scores):
            connection.exec_driver_sql(statement)
        set_key(connection, WritingKey(tmp_path / "keys"))
    return lambda role: make_url(database.panel).set(username=role).render_as_string(hide_password=False)


@pytest.fixture
def seats(as_role: Callable[[str], str], tmp_path: Path, clock: Any) -> Iterator[dict[str, Service]]:
    """The service as the batch side and as the web process hold it."""
    batch, web, reviewer = (as_role(role) for role in (BATCH, WEB, REVIEWER))
    made = {
        "batch": Batch(batch, batch, tmp_path / "keys", clock, None, reviewer),
        "web": Service(web, None, tmp_path / "keys", clock, None, reviewer),
    }
    yield made
    for service in made.values():
        service.close()


def through(seats: dict[str, Service], made_up: Any, reviewer: Person) -> str:
    run = made_up.into(seats["batch"])
    seats["web"].review(run, reviewer, "approve", "Audit read", acknowledged=made_up.gate["acknowledge"])
    seats["batch"].publish(run)
    return str(run)


def test_the_roles_carry_a_list_from_its_run_to_a_decision(seats: dict[str, Service], made_up: Any) -> None:
    """Through the pages, as whoever signs in, with the publication by the batch side."""
    run = made_up.into(seats["batch"])
    served = create_app(seats["web"], WebSettings(demo=True, mark="OFFICIAL"), seats["batch"].publish)

    def signed_in(user: str) -> tuple[TestClient, dict[str, str]]:
        client = TestClient(served, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
        assert client.post("/sign-in", data={"user": user}).status_code == 303
        return client, {"csrf": client.get("/api/v1/session").json()["csrf"] + ".number-of-a-page"}

    reviewer, token = signed_in("reviewer-1")
    act = {"act": "approve", "reason": "Audit read", "acknowledged": made_up.gate["acknowledge"]}
    assert reviewer.post(f"/audits/{run}/review", data={**act, **token}).status_code == 303
    chair, token = signed_in("chair")
    case = f"/lists/{run}/cases/{made_up.rows[0]['person']}"
    assert chair.get(case).status_code == 200
    decided = {"decision": "accept_direct", "reason_code": "pattern", "reason": "Agreed", "sensitive": "no"}
    decided |= {"offer": "offered", "support_service": "IDVA service"}
    assert chair.post(f"{case}/decision", data={**decided, **token}).status_code == 303
    referred = {"area": "castlebridge", "agency": "housing", "family_name": "Bloggs", "why": "Shouting"}
    assert chair.post("/referrals", data={**referred, **token}).status_code == 303
    assert chair.post("/sign-out", data=token).status_code == 303
    admin, token = signed_in("admin")
    new = {"user": "jo.field", "name": "Jo Field", "role": "panel_member", "areas": "castlebridge"}
    assert admin.post("/administration/add-account", data={**new, **token}).status_code == 303
    seats["web"].review(run, Person("reviewer-2", "R", Role.REVIEWER), "withdraw", "Wrong extract")
    assert seats["web"].state(run) == "withdrawn"
    assert [row["decision"] for row in seats["web"].decisions()] == ["accept_direct"]
    assert seats["batch"].verify().ok


def refused(address: str, statement: str) -> str:
    """Send a statement and return what PostgreSQL answers."""
    engine = open_engine(address, PANEL)
    try:
        with pytest.raises(DBAPIError) as told, engine.begin() as connection:
            connection.exec_driver_sql(statement)
    finally:
        engine.dispose()
    return str(told.value.orig)


@pytest.mark.parametrize(
    ("roles", "statement"),
    [
        ((WEB, REVIEWER), "SELECT * FROM scores.scored_rows"),
        ((WEB, REVIEWER), "SELECT sealed FROM scores.scored_identities"),
        ((WEB, BATCH), "INSERT INTO reviews VALUES (9, 'r', 'x', 'approve', 'w', NULL, '[]', '2026-04-01')"),
        ((WEB, BATCH), "INSERT INTO releases VALUES ('R-1', 'r', 'h', '2026-04-01', '2026-06-01')"),
        ((WEB, BATCH), "INSERT INTO withdrawals VALUES ('R-1', 'x', 'w', '2026-04-01')"),
        ((WEB, REVIEWER), "INSERT INTO runs SELECT * FROM runs"),
        ((WEB, REVIEWER), "INSERT INTO published SELECT * FROM published"),
        ((WEB, REVIEWER), "INSERT INTO published_rows VALUES ('r', 0, 'h', 'h', 'p', '{}')"),
        ((WEB, REVIEWER), "INSERT INTO identities VALUES ('r', 'p', 's')"),
        ((BATCH, REVIEWER), "INSERT INTO decisions SELECT * FROM decisions"),
        ((BATCH, REVIEWER), "INSERT INTO referred VALUES ('R-1', 's', '2026-04-01')"),
        (LOGINS, "DELETE FROM referred"),
        (LOGINS, "INSERT INTO ledger SELECT * FROM ledger"),
        (LOGINS, "UPDATE ledger SET actor = 'x'"),
        (LOGINS, "DELETE FROM ledger"),
        (LOGINS, "TRUNCATE ledger"),
        (LOGINS, "UPDATE published_rows SET document = NULL, person = NULL"),
        (LOGINS, "DELETE FROM decisions"),
        (LOGINS, "UPDATE releases SET expires = '2099-01-01'"),
        (LOGINS, "ALTER TABLE ledger DISABLE TRIGGER USER"),
        (LOGINS, "DROP TRIGGER ledger_update ON ledger"),
        (LOGINS, "CREATE TABLE panel.more (x integer)"),
        (LOGINS, "CREATE TEMP TABLE releases (run text, list_hash text, release text)"),
        (LOGINS, "SET ROLE panel_ledger"),
        (LOGINS, "CREATE OR REPLACE FUNCTION panel.ledger_update() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'"),
    ],
)
def test_a_role_cannot_do_the_work_of_another(
    as_role: Callable[[str], str], roles: tuple[str, ...], statement: str
) -> None:
    for role in roles:
        assert "permission denied" in refused(as_role(role), statement) or "must be owner" in refused(
            as_role(role), statement
        )


def entry(service: Service, action: str, **changes: Any) -> dict[str, Any]:
    newest = service.ledger(1)[0]
    made = {
        "seq": newest.seq + 1,
        "prev": newest.hash,
        "at": newest.at,
        "actor": "somebody",
        "action": action,
        "subject": "run",
        "detail": "{}",
        "hash": "",
        "signature": "00",
    } | changes
    made["hash"] = made["hash"] or digest(
        [made[name] for name in ("prev", "seq", "at", "actor", "action", "subject", "detail")]
    )
    return made


def send(address: str, row: dict[str, Any], keys: Path | None) -> None:
    with (
        contextlib.closing(Database(address, PANEL, WritingKey(keys) if keys else None)) as sender,
        sender.write() as connection,
    ):
        enter(connection, row)


@pytest.mark.parametrize(
    ("action", "changes", "words"),
    [
        ("view.list", {"seq": 9}, "follows the newest"),
        ("view.list", {"prev": "0" * 64}, "follows the newest"),
        ("view.list", {"hash": "f" * 64}, "does not have its hash"),
        ("review.approve", {}, "enters no such act"),
        ("list.published", {}, "enters no such act"),
        ("person.erased", {}, "enters no such act"),
    ],
)
def test_the_ledger_takes_only_an_entry_that_follows_has_its_hash_and_is_the_roles_own(
    seats: dict[str, Service],
    made_up: Any,
    reviewer: Person,
    as_role: Callable[[str], str],
    action: str,
    changes: dict[str, Any],
    words: str,
    tmp_path: Path,
) -> None:
    through(seats, made_up, reviewer)
    with pytest.raises(StoreError, match=words):
        send(as_role(WEB), entry(seats["web"], action, **changes), tmp_path / "keys")
    assert seats["batch"].verify().entries == 3


BY_OWNER = (
    "ledger.disowned",
    "case.granted",
    "case.grant_ended",
    "case.unrestricted",
    "site.set",
    "token.made",
    "key.registered",
    "key.revoked",
    "user.identified",
)
BY_BATCH = (
    "case.restricted",
    "evidence.gathered",
    "hold.escalated",
    "bundle.audited",
    "report.kept",
    "papers.kept",
    "card.kept",
)
BY_WEB = ("decision.made", "hold.cleared", "conflict.declared", "conflict.lifted")


def test_no_role_enters_an_act_that_is_another_seats_work(
    seats: dict[str, Service], as_role: Callable[[str], str], tmp_path: Path, database: Any
) -> None:
    """Not even with the key folder: who may write to no table of an act cannot have made it."""
    seats["web"].note("somebody", "test.made", "subject")
    work = {action: set[str]() for action in BY_OWNER}
    work |= {action: {BATCH} for action in BY_BATCH} | {action: {WEB} for action in BY_WEB}
    for action, may in work.items():
        for role in {*LOGINS} - may:
            with pytest.raises(StoreError, match="enters no such act"):
                send(as_role(role), entry(seats["web"], action), tmp_path / "keys")
    assert seats["batch"].verify().entries == 1
    for action, may in work.items():
        for address in map(as_role, may) if may else [database.panel]:
            send(address, entry(seats["web"], action), tmp_path / "keys")
    assert len(seats["web"].ledger(None)) == 1 + len(work)


def test_a_role_with_the_key_folder_disowns_nothing(
    seats: dict[str, Service], as_role: Callable[[str], str], tmp_path: Path, database: Any
) -> None:
    for number in range(3):
        seats["web"].note("somebody", "test.made", f"subject-{number}")
    with contextlib.closing(Database(database.panel, PANEL)) as owner, owner.write() as connection, lifted(connection):
        connection.exec_driver_sql("UPDATE ledger SET actor = 'x' WHERE seq = 2")
    for name in ("web", "batch"):
        with pytest.raises(StoreError, match="enters no such act"):
            disown_entry(seats[name].stores, 2, "me", "None of my doing", lambda _: None)
    assert seats["batch"].verify().first_broken == 2
    with contextlib.closing(Service(database.panel, None, tmp_path / "keys", seats["web"].stores.clock)) as operator:
        disown_entry(operator.stores, 2, "operator", "Changed by SQL", lambda _: None)
    assert seats["batch"].verify().ok


def granted() -> Iterator[tuple[str, str, str]]:
    """Yield a role, a table and a statement for everything that a role may do to any table."""
    for table, rights in WRITES.items():
        place = f"{(PANEL if table in PANEL.tables else SCORES).info['schema']}.{table}"
        for role, verbs in rights.items():
            for verb in verbs.split(", "):
                column = verb.partition("(")[2].strip(")") or (PANEL.tables | SCORES.tables)[table].columns[0].name
                yield (
                    role,
                    table,
                    {
                        "INSERT": f"INSERT INTO {place} SELECT * FROM {place}",
                        "UPDATE": f'UPDATE {place} SET "{column}" = "{column}"',
                        "DELETE": f"DELETE FROM {place}",
                    }[verb.partition(" ")[0]],
                )


def test_the_address_of_a_role_alone_writes_to_no_table(
    seats: dict[str, Service], as_role: Callable[[str], str], made_up: Any, reviewer: Person, database: Any
) -> None:
    """Not even the statements that its rights allow: it cannot show the key, which it cannot read either."""
    through(seats, made_up, reviewer)
    asked = [each for each in granted() if each[0] in LOGINS]
    assert {WEB, REVIEWER, BATCH} == {role for role, _, _ in asked}
    engines = {role: open_engine(as_role(role), PANEL) for role in LOGINS}
    before = database.rows(), database.rows(scores=True)
    for role, table, statement in asked:
        with pytest.raises(DBAPIError, match="shows the key of the key folder"), engines[role].begin() as connection:
            connection.exec_driver_sql(statement)
        assert (database.rows(), database.rows(scores=True)) == before, (role, table)
    for engine in engines.values():
        for statement in (f"SELECT * FROM panel.{TABLE}", f"INSERT INTO panel.{TABLE} VALUES ('a', 'b')"):
            with pytest.raises(DBAPIError, match="permission denied"), engine.begin() as connection:
                connection.exec_driver_sql(statement)
        engine.dispose()
    assert seats["batch"].verify().ok


def test_an_entry_without_the_key_stops_nobody(
    seats: dict[str, Service], as_role: Callable[[str], str], made_up: Any, reviewer: Person, chair: Person
) -> None:
    run = through(seats, made_up, reviewer)
    forged = entry(seats["web"], "view.list")
    for role in LOGINS:
        with pytest.raises(StoreError, match="shows the key of the key folder"):
            send(as_role(role), forged, None)
    person = made_up.rows[0]["person"]
    assert seats["web"].decide(run, person, chair, "not_suitable", "pattern", "Agreed") == 1
    assert seats["batch"].verify().ok


def test_what_one_transaction_showed_is_good_for_no_other_one(
    seats: dict[str, Service], as_role: Callable[[str], str], tmp_path: Path
) -> None:
    seen = "SELECT current_setting('drive_panel.shown', true)"
    web = Database(as_role(WEB), PANEL, WritingKey(tmp_path / "keys"))
    with contextlib.closing(web), web.write() as connection:
        shown = connection.exec_driver_sql(seen).scalar_one()
        connection.exec_driver_sql("DELETE FROM spent_states")
    again = f"SELECT set_config('drive_panel.shown', '{shown}', true); DELETE FROM spent_states"
    assert "shows the key" in refused(as_role(WEB), again)


def test_every_table_demands_the_key(seats: dict[str, Service], as_role: Any, database: Any) -> None:
    asking = "SELECT count(*) FROM pg_trigger WHERE tgname = %(name)s AND tgenabled = 'O'"
    with contextlib.closing(Database(database.panel, PANEL)) as owner, owner.read() as connection:
        for table in (*PANEL.tables, *SCORES.tables):
            found = connection.exec_driver_sql(asking, {"name": f"{table}_key"}).scalar_one()
            assert found == 1, table


def test_a_key_that_was_replaced_opens_nothing_until_the_owner_sets_it(
    seats: dict[str, Service], as_role: Any, database: Any, tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    shutil.copytree(tmp_path / "keys", home / "keys")
    (home / "keys" / "writing.key").unlink()
    monkeypatch.setenv("DRIVE_PANEL_DATABASE_URL", database.panel)
    web = Service(as_role(WEB), None, home / "keys", clock)
    with pytest.raises(StoreError, match="run drive-panel db migrate"):
        web.note("somebody", "test.made", "subject")
    assert CliRunner().invoke(app, ["--home", str(home), "db", "migrate"]).exit_code == 0
    web.note("somebody", "test.made", "subject")
    with pytest.raises(StoreError, match="shows the key"):
        seats["web"].note("somebody", "test.made", "subject")
    web.close()


def test_the_database_hashes_as_the_program_does(seats: dict[str, Service]) -> None:
    odd = 'quotes " and \\ slashes / and \x01 \x1f \x7f \t\r\n\b\f é 漢 \u2028 😀 </script>'
    for detail in (odd, json.dumps({"a": odd}), ""):
        seats["web"].note(odd, "test.odd", odd, {"told": detail})
    assert seats["batch"].verify().ok


def test_every_table_says_who_may_write_it() -> None:
    assert {*PANEL.tables, *SCORES.tables} <= set(WRITES)


def test_the_command_prints_what_makes_the_roles_and_migrating_gives_them_new_tables(
    database: Any, as_role: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIVE_PANEL_DATABASE_URL", database.panel)
    called = ["--home", str(tmp_path / "home"), "db"]
    printed = CliRunner().invoke(app, [*called, "roles"]).output
    assert "CREATE ROLE panel_web LOGIN NOINHERIT" in printed
    assert "password" not in printed.lower()
    web_url = as_role(WEB)
    database.sql("REVOKE SELECT ON panel.runs FROM panel_web")
    assert "permission denied" in refused(web_url, "SELECT * FROM runs")
    assert CliRunner().invoke(app, [*called, "migrate", "--json"]).exit_code == 0
    with contextlib.closing(Database(web_url, PANEL)) as web, web.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM runs").scalar_one() == 0
    monkeypatch.delenv("DRIVE_PANEL_DATABASE_URL")
    told = CliRunner().invoke(app, [*called, "roles", "--json"])
    assert json.loads(told.stdout)["error"]["message"] == "SQLite has no roles."


def test_the_web_role_revokes_a_token_and_can_make_or_widen_none(seats: dict[str, Service], as_role: Any) -> None:
    from serving.access.tokens import Tokens

    with contextlib.suppress(Exception):
        Tokens(seats["web"].stores).make("own", ["read:runs"], ["*"], seats["web"].today(), "web")
    assert Tokens(seats["batch"].stores).all() == []
    for statement in (
        "UPDATE service_tokens SET scopes = '[]'",
        "INSERT INTO service_tokens SELECT * FROM service_tokens",
        "INSERT INTO restrictions SELECT * FROM restrictions",
        "UPDATE restrictions SET lifted_at = 'x'",
    ):
        assert "permission denied" in refused(as_role(WEB), statement)


def test_nobody_is_made_a_reviewer_by_sql(seats: dict[str, Service], database: Any, made_up: Any) -> None:
    import hashlib

    run = made_up.into(seats["batch"])
    key = hashlib.sha256(b"stolen").hexdigest()
    database.sql(
        'INSERT INTO users ("user", name, role, areas, agency, provider, subject, active, added_by, added_at)'
        " VALUES ('eve', 'E', 'governance_reviewer', '[\"*\"]', '', 'issuer', 'eve', true, 'x', '2026-04-01')",
        f"INSERT INTO sessions VALUES ('{key}', 'eve', 'E', 'governance_reviewer', '[\"*\"]', 'token',"
        " '2026-04-01T09:00:00+00:00', '2026-04-01T09:00:00+00:00', NULL)",
    )
    served = create_app(seats["web"], WebSettings(demo=True, mark="OFFICIAL"), seats["batch"].publish)
    client = TestClient(served, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
    client.cookies.set(WebSettings(demo=True).cookie, "stolen")
    act = {"act": "approve", "reason": "Mine", "acknowledged": made_up.gate["acknowledge"], "csrf": "token"}
    for _ in range(2):
        assert client.post(f"/audits/{run}/review", data=act).status_code in (303, 401, 403)
        assert client.get("/api/v1/session").status_code == 401
    assert seats["web"].state(run) == "awaiting"
    told = [each.subject for each in seats["web"].ledger() if each.action == "user.forged"]
    assert told == ["eve"]
