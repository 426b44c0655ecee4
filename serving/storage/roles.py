"""The roles of PostgreSQL: each seat may do what its work needs and nothing else.

``panel_web`` answers requests, ``panel_reviewer`` stores acts of review and releases, ``panel_batch`` scores and
publishes, ``panel_ledger`` owns the one function that writes the ledger. Whoever owns the tables migrates, backs up and
erases. Nobody but the owner may update or delete an act, and the owner meets the triggers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, MetaData, inspect, text

from serving.storage.database import Database
from serving.storage.entering import ENTER
from serving.storage.showing import TABLE

WEB, REVIEWER, BATCH, LEDGER = "panel_web", "panel_reviewer", "panel_batch", "panel_ledger"
LOGINS = (WEB, REVIEWER, BATCH)
_OWNER_ONLY: Mapping[str, str] = {}

WRITES: dict[str, Mapping[str, str]] = {
    "runs": {BATCH: "INSERT"},
    "reviews": {REVIEWER: "INSERT"},
    "releases": {REVIEWER: "INSERT"},
    "withdrawals": {REVIEWER: "INSERT"},
    "published": {BATCH: "INSERT"},
    "published_rows": {BATCH: "INSERT"},
    "published_cases": {BATCH: "INSERT"},
    "identities": {BATCH: "INSERT"},
    "decisions": {WEB: "INSERT"},
    "clearances": {WEB: "INSERT"},
    "filed": {WEB: "INSERT", BATCH: "INSERT"},
    "referred": {WEB: "INSERT"},
    "record_pairs": {BATCH: "INSERT, DELETE"},
    "sessions": {WEB: "INSERT, UPDATE"},
    "repeats": {WEB: "INSERT, DELETE", REVIEWER: "INSERT, DELETE"},
    "unsent": {WEB: "INSERT, DELETE"},
    "jobs": {WEB: "INSERT", BATCH: "INSERT, UPDATE"},
    "evidence": {BATCH: "INSERT"},
    "cards": {BATCH: "INSERT"},
    "ledger": {LEDGER: "INSERT"},
    "scored_lists": {BATCH: "INSERT"},
    "scored_rows": {BATCH: "INSERT"},
    "scored_cases": {BATCH: "INSERT"},
    "scored_identities": {BATCH: "INSERT"},
    # Tables of people and of reviewers' keys
    "users": {WEB: "INSERT, UPDATE"},
    "service_tokens": {WEB: "UPDATE (revoked_at)"},  # one that is sent in an address
    "spent_states": {WEB: "INSERT, DELETE"},
    "restrictions": {BATCH: "INSERT"},
    "views": {WEB: "INSERT", BATCH: "INSERT"},
    "changes": {BATCH: "INSERT"},
    "change_lines": {BATCH: "INSERT"},
    "reviewer_keys": _OWNER_ONLY,
    "revoked_keys": _OWNER_ONLY,
    "signed_reviews": {REVIEWER: "INSERT"},
}
"""For each table who may write how; a table that is missing here may be written by its owner only."""


def make(database: str) -> Iterator[str]:
    """Yield the statements that make the roles, for a superuser; they have no password.

    Parameters
    ----------
    database
        Its name.
    """
    for role in (*LOGINS, LEDGER):
        login = "LOGIN" if role in LOGINS else "NOLOGIN"
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
            f"THEN CREATE ROLE {role} {login} NOINHERIT; END IF; END $$"
        )
    quoted = _quoted(database)
    yield f"REVOKE ALL ON DATABASE {quoted} FROM PUBLIC"
    yield f"GRANT CONNECT ON DATABASE {quoted} TO {', '.join(LOGINS)}"


def grant(tables: MetaData, made: list[str]) -> Iterator[str]:
    """Yield the statements that give each role its rights in a schema and take everything else away.

    Parameters
    ----------
    made
        The names of the tables that are there.
    """
    schema = tables.info["schema"]
    everybody = ", ".join((*LOGINS, LEDGER))
    inside = (*LOGINS, LEDGER) if schema == "panel" else (BATCH,)
    yield f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC, {everybody}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {everybody}"
    yield f"GRANT USAGE ON SCHEMA {schema} TO {', '.join(inside)}"
    readers = LOGINS if schema == "panel" else (BATCH,)
    read = ", ".join(f"{schema}.{table}" for table in made if table != TABLE)
    yield f"GRANT SELECT ON {read} TO {', '.join(readers)}"
    for table in made:
        for role, rights in WRITES.get(table, {}).items():
            yield f"GRANT {rights} ON {schema}.{table} TO {role}"
    if schema == "panel":
        yield f"GRANT SELECT ON {schema}.ledger TO {LEDGER}"


def hand_over(owner: str) -> Iterator[str]:
    """Yield the statements that make the ledger's function act as the ledger's role, for a superuser.

    Parameters
    ----------
    owner
        Who owns the tables: erasures enter the ledger too.
    """
    callers = ", ".join((*LOGINS, _quoted(owner)))
    yield f"GRANT CREATE ON SCHEMA panel TO {LEDGER}"
    yield f"ALTER FUNCTION panel.{ENTER} OWNER TO {LEDGER}"
    yield f"REVOKE CREATE ON SCHEMA panel FROM {LEDGER}"
    yield f"REVOKE ALL ON FUNCTION panel.{ENTER} FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION panel.{ENTER} TO {callers}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def script(panel: Database, scores: Database) -> list[str]:
    """Return every statement that sets the roles of a database up, or brings them to this version's tables."""
    found = []
    for database in (panel, scores):
        with database.read() as connection:
            found += list(grant(database.tables, inspect(connection).get_table_names()))
    with panel.read() as connection:
        owns = text("SELECT tableowner FROM pg_tables WHERE schemaname = 'panel' AND tablename = 'ledger'")
        owner = str(connection.execute(owns).scalar_one())
    return [*make(str(panel.engine.url.database)), *found, *hand_over(owner)]


def granted(connection: Connection) -> bool:
    """Say whether the roles are set up in this server."""
    return bool(connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :web"), {"web": WEB}).first())
