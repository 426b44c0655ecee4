"""What batch work says of itself to the pages: training runs, scoring runs, shadows, deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.storage.guards import Guard, never_emptied
from serving.storage.tables import WORDS

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# As for the other acts of one seat (0013): on PostgreSQL only who may write cards enters one in the ledger.
SEAT = """
CREATE FUNCTION ledger_cards_seat() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.action = 'card.kept' AND NOT has_table_privilege(session_user, 'cards', 'INSERT') THEN
        RAISE EXCEPTION 'this role enters no such act' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = "CREATE TRIGGER ledger_cards_seat BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_cards_seat()"


def upgrade() -> None:
    """Make the table; its rows are those of acts, never changed."""
    op.create_table(
        "cards",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, WORDS, nullable=False) for name in ("kind", "subject", "area", "document", "at")),
        sa.PrimaryKeyConstraint("number", name="pk_cards"),
    )
    op.create_index("cards_kind", "cards", ["kind", "subject"])
    dialect = op.get_bind().dialect.name
    for verb in ("UPDATE", "DELETE"):
        for statement in Guard("cards", verb, "cards are never changed").made(dialect):
            op.execute(statement)
    for statement in never_emptied("cards", dialect):
        op.execute(statement)
    if dialect == "postgresql":
        op.execute(SEAT)
        op.execute(TRIGGER)
