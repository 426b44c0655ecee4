"""Long work that one process asks for and another carries out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.storage.tables import WORDS

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of jobs."""
    op.create_table(
        "jobs",
        sa.Column("job", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("asked_by", WORDS, nullable=False),
        sa.Column("asked_at", WORDS, nullable=False),
        sa.Column("seen_at", WORDS, nullable=False),
        sa.Column("ended_at", WORDS, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("step", WORDS, nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("told", WORDS, nullable=False),
        sa.CheckConstraint("state IN ('waiting','running','done','failed')", name="state"),
        sa.PrimaryKeyConstraint("job"),
    )
    op.create_index("jobs_state", "jobs", ["state", "asked_at"])
