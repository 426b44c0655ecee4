"""What a panel puts on file beside decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.storage.guards import Guard, never_emptied
from serving.storage.tables import WORDS

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

GUARDS = tuple(Guard("filed", verb, "filed are never changed") for verb in ("UPDATE", "DELETE"))


def upgrade() -> None:
    """Make the table, then what guards it."""
    op.create_table(
        "filed",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("area", WORDS, nullable=False),
        sa.Column("person", WORDS, nullable=True),
        sa.Column("agency", WORDS, nullable=False),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("document", WORDS, nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.Column("at", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["replaces"], ["filed.number"]),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("filed_subject", "filed", ["subject", "kind"])
    op.create_index("filed_area", "filed", ["area", "kind"])
    op.create_index("ix_filed_replaces", "filed", ["replaces"])
    dialect = op.get_bind().dialect.name
    for guard in GUARDS:
        for statement in guard.made(dialect):
            op.execute(statement)
    for statement in never_emptied("filed", dialect):
        op.execute(statement)
