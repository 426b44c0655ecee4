"""What the lists released so far show, as it was gathered from time to time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.storage.guards import Guard, never_emptied
from serving.storage.tables import WORDS

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; its rows are those of acts, never changed."""
    op.create_table(
        "evidence",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", WORDS, nullable=False),
        sa.Column("document", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_evidence"),
    )
    dialect = op.get_bind().dialect.name
    for verb in ("UPDATE", "DELETE"):
        for statement in Guard("evidence", verb, "evidence is never changed").made(dialect):
            op.execute(statement)
    for statement in never_emptied("evidence", dialect):
        op.execute(statement)
