"""Who is named for a case, conflicts of interest and alarms are read from the ledger, which needs to be searched."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the tables: each of their rows has its entry, and a row can be put in or taken out."""
    for table in ("case_grants", "conflicts", "alarms"):
        op.drop_table(table)
    op.create_index("ledger_action", "ledger", ["action", "seq"])
