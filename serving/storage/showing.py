# ruff: noqa: S608 - the statements hold names of this file only
"""Who writes shows the key: on PostgreSQL the address of a role alone changes nothing.

A secret lies in the key folder and, readable for the owner of the tables only, in the database. Each transaction of the
service that writes computes with it (HMAC-SHA256) over the number of the transaction, which never comes again, and says
so in a setting of the transaction. A trigger on every table computes the same and refuses whoever did not, but for the
owner. On SQLite there is nobody to tell apart: who may write the file may also drop its triggers.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from serving.keys import WritingKey

TABLE = "writing_key"
_SETTING = "drive_panel.shown"
_WHY = "whoever writes shows the key of the key folder (writing.key); where it was replaced, run drive-panel db migrate"
# HMAC as RFC 2104 defines it: the two paddings of the key are kept, since SQL has no exclusive or of bytes.
_FUNCTION = f"""
CREATE FUNCTION {TABLE}_shown() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER')
        AND NOT EXISTS (
            SELECT FROM {TABLE} WHERE current_setting('{_SETTING}', true) = encode(
                sha256(outside || sha256(inside || convert_to(pg_current_xact_id()::text, 'UTF8'))), 'hex'
            )
        )
    THEN
        RAISE EXCEPTION '{_WHY}' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$
"""


def made(dialect: str) -> Iterator[str]:
    """Yield the statements that make the table of the key and the function of the triggers; none on SQLite."""
    if dialect == "postgresql":
        yield f"CREATE TABLE {TABLE} (inside bytea NOT NULL, outside bytea NOT NULL)"
        yield _FUNCTION


def demanded(tables: list[str]) -> Iterator[str]:
    """Yield the statements that have tables demand the key, on PostgreSQL, whether or not they do already."""
    for table in tables:
        yield f"DROP TRIGGER IF EXISTS {table}_key ON {table}"
        yield (
            f"CREATE TRIGGER {table}_key BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_shown()"
        )


def show(connection: Connection, key: WritingKey, number: str) -> None:
    """Show the key for the rest of the transaction of this number."""
    connection.execute(text(f"SELECT set_config('{_SETTING}', :shown, true)"), {"shown": key.shown(number)})


def set_key(connection: Connection, key: WritingKey) -> None:
    """Let the database know the key from now on; only the owner of the tables can, and on SQLite nobody needs to."""
    if connection.dialect.name == "postgresql":
        inside, outside = key.paddings
        connection.exec_driver_sql(f"DELETE FROM {TABLE}")
        insert = text(f"INSERT INTO {TABLE} VALUES (:inside, :outside)")
        connection.execute(insert, {"inside": inside, "outside": outside})


def knows_none(connection: Connection) -> bool:
    """Say whether the database knows no key yet and whoever asks may set it."""
    if connection.dialect.name == "sqlite":
        return False
    may = connection.exec_driver_sql(f"SELECT has_table_privilege('{TABLE}', 'SELECT, INSERT')").scalar()
    return bool(may) and connection.exec_driver_sql(f"SELECT FROM {TABLE}").first() is None
