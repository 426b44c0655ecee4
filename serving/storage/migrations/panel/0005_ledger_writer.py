"""An entry of the ledger follows the newest one; on PostgreSQL a function checks it and is the only way in."""

from __future__ import annotations

from alembic import op

from serving.storage.guards import Guard

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FOLLOWS = Guard(
    "ledger",
    "INSERT",
    "an entry follows the newest one",
    "NEW.seq = 1 + coalesce((SELECT max(seq) FROM ledger), 0) AND NEW.prev ="
    " coalesce((SELECT hash FROM ledger ORDER BY seq DESC LIMIT 1),"
    " '0000000000000000000000000000000000000000000000000000000000000000')",
)

# Who may insert the row of an act may enter that act, nobody else: session_user is who signed in.
ENTER = """
CREATE FUNCTION enter_in_ledger(
    seq integer, prev text, at text, actor text, action text, subject text, detail text, hash text, signature text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_variable
BEGIN
    PERFORM pg_advisory_xact_lock(25712, 1);
    IF action LIKE 'review.%' AND NOT has_table_privilege(session_user, 'reviews', 'INSERT')
        OR action = 'run.recorded' AND NOT has_table_privilege(session_user, 'runs', 'INSERT')
        OR action = 'list.published' AND NOT has_table_privilege(session_user, 'published', 'INSERT')
        OR action LIKE '%.erased' AND NOT has_table_privilege(session_user, 'published_rows', 'UPDATE')
    THEN
        RAISE EXCEPTION 'this role enters no such act' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF hash <> encode(sha256(convert_to(
        '[' || to_json(prev) || ',' || seq || ',' || to_json(at) || ',' || to_json(actor) || ',' || to_json(action)
        || ',' || to_json(subject) || ',' || to_json(detail) || ']', 'UTF8'
    )), 'hex') THEN
        RAISE EXCEPTION 'the content of the entry does not have its hash'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    INSERT INTO ledger VALUES (seq, prev, at, actor, action, subject, detail, hash, signature);
END $$
"""


def upgrade() -> None:
    """Make the guard, and on PostgreSQL the function."""
    dialect = op.get_bind().dialect.name
    for statement in FOLLOWS.made(dialect):
        op.execute(statement)
    if dialect == "postgresql":
        op.execute(ENTER)
