"""The first answers to calls that may come again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.storage.tables import WORDS

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; nothing guards it, since rows older than a day are let go."""
    op.create_table(
        "repeats",
        sa.Column("user", WORDS, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("asked", WORDS, nullable=False),
        sa.Column("answer", WORDS, nullable=False),
        sa.Column("answer_hash", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("user", "key"),
    )
