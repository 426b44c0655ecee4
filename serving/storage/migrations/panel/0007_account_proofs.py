"""What shows that an account was written by the service and not by SQL."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.storage.tables import WORDS

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; an account from before lets nobody in until it is vouched for (`users block --undo`)."""
    op.add_column("users", sa.Column("proof", WORDS, nullable=True))
