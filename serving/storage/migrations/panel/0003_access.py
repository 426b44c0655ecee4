"""Accounts, service accounts, restricted cases, conflicts of interest and alarms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.storage.tables import WORDS

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; sessions from before have no account and end."""
    op.create_table(
        "users",
        *_words("user", "name", "role", "areas", "agency"),
        *_words("provider", "subject", "login", "sealed", nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        *_words("added_by", "added_at"),
        *_words("signed_in_at", nullable=True),
        sa.PrimaryKeyConstraint("user"),
        sa.UniqueConstraint("provider", "subject"),
    )
    op.create_table(
        "service_tokens",
        *_words("name", "key", "scopes", "areas", "made_by", "made_at", "expires"),
        *_words("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("name"),
        sa.UniqueConstraint("key"),
    )
    op.create_table("spent_states", *_words("key", "at"), sa.PrimaryKeyConstraint("key"))
    op.create_table(
        "restrictions",
        *_words("person", "reason", "through", "related_user", "since"),
        *_words("lifted_at", nullable=True),
        sa.PrimaryKeyConstraint("person", "reason", "through", "related_user"),
    )
    op.create_table(
        "case_grants",
        *_words("person", "user", "given_at"),
        *_words("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("person", "user"),
    )
    op.create_table(
        "conflicts",
        *_words("user", "person", "run", "declared_at"),
        *_words("lifted_at", nullable=True),
        sa.ForeignKeyConstraint(["run"], ["runs.run"]),
        sa.PrimaryKeyConstraint("user", "person"),
    )
    op.create_table(
        "alarms",
        *_words("user", "person", "kind", "day", "run", "at"),
        sa.ForeignKeyConstraint(["run"], ["runs.run"]),
        sa.PrimaryKeyConstraint("user", "person", "kind", "day"),
    )
    op.create_index("sessions_user", "sessions", ["user"])


def _words(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, WORDS, nullable=nullable) for name in names]
