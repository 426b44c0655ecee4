"""Whoever writes shows the key: what the triggers compare with; migrating makes one for every table."""

from __future__ import annotations

from alembic import op

from serving.storage.showing import made

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of the key and the function, on PostgreSQL."""
    for statement in made(op.get_bind().dialect.name):
        op.execute(statement)
