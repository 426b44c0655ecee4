"""Governance papers are entered by the seat that makes them, as reports of audits are (0013)."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SEAT = """
CREATE FUNCTION ledger_papers_seat() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.action = 'papers.kept' AND NOT has_table_privilege(session_user, 'runs', 'INSERT') THEN
        RAISE EXCEPTION 'this role enters no such act' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = "CREATE TRIGGER ledger_papers_seat BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_papers_seat()"


def upgrade() -> None:
    """Make the trigger, on PostgreSQL: in SQLite nobody signs in."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(SEAT)
        op.execute(TRIGGER)
