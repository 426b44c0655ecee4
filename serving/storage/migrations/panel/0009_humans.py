"""What tells whose an account is, so that one human being with two accounts is not taken for two people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.storage.tables import WORDS

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; whose an account from before is, its next sign-in or an administrator says."""
    op.add_column("users", sa.Column("human", WORDS, nullable=True))
