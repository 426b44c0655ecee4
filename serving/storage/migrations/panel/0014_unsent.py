"""What was typed into forms that arrived after their session had ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.storage.tables import WORDS

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; nothing guards it, since its rows are let go after a few hours."""
    op.create_table(
        "unsent",
        sa.Column("user", WORDS, nullable=False),
        sa.Column("page", WORDS, nullable=False),
        sa.Column("sealed", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("user", "page"),
    )
