"""Triggers that refuse what no program should ask for, written once and made for either database.

Only migrations make guards; a later migration drops or replaces what an earlier one made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, inspect


@dataclass(frozen=True)
class Guard:
    """A trigger before each row of a kind of change.

    Parameters
    ----------
    verb
        INSERT, UPDATE or DELETE.
    why
        What the database answers.
    unless
        SQL over ``NEW`` and ``OLD`` that is true of a row that may pass; what is not known to be true does not pass.
    """

    table: str
    verb: str
    why: str
    unless: str = ""

    @property
    def name(self) -> str:
        """The trigger's name, such as ``ledger_update``."""
        return f"{self.table}_{self.verb.lower()}"

    def made(self, dialect: str) -> Iterator[str]:
        """Yield the statements that make it."""
        if dialect == "sqlite":
            when = f"WHEN ({self.unless}) IS NOT TRUE " if self.unless else ""
            yield (
                f"CREATE TRIGGER {self.name} BEFORE {self.verb} ON {self.table} {when}"
                f"BEGIN SELECT RAISE(ABORT, '{self.why}'); END"
            )
            return
        row = "OLD" if self.verb == "DELETE" else "NEW"
        passes = f"IF {self.unless} THEN RETURN {row}; END IF; " if self.unless else ""
        yield _function(self.name, passes, self.why)
        yield (
            f"CREATE TRIGGER {self.name} BEFORE {self.verb} ON {self.table} FOR EACH ROW EXECUTE FUNCTION {self.name}()"
        )


def never_emptied(table: str, dialect: str) -> Iterator[str]:
    """Yield the statements that refuse TRUNCATE, which fires no trigger of a row; SQLite has no such verb."""
    if dialect == "sqlite":
        return
    name = f"{table}_truncate"
    yield _function(name, "", f"{table} are never deleted")
    yield f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"


@contextmanager
def lifted(connection: Connection) -> Iterator[None]:
    """Take every guard away while rows are copied as they are; all are back before the transaction ends.

    On PostgreSQL only the owner of the tables can.
    """
    if connection.dialect.name == "sqlite":
        triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        away = connection.exec_driver_sql(triggers).all()
        for name, _ in away:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        yield
        for _, made in away:
            connection.exec_driver_sql(made)
        return
    tables = inspect(connection).get_table_names()
    for turn in ("DISABLE", "ENABLE"):
        for table in tables:
            connection.exec_driver_sql(f'ALTER TABLE "{table}" {turn} TRIGGER USER')
        if turn == "DISABLE":
            yield


def _function(name: str, passes: str, why: str) -> str:
    # A path fixed at creation: nobody puts a table of the same name in front of what the guard reads.
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ "
        f"BEGIN {passes}RAISE EXCEPTION USING MESSAGE = '{why}', ERRCODE = 'integrity_constraint_violation'; END $$"
    )
