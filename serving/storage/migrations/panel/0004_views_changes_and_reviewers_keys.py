"""Views in batches, what changed since the last released list, and reviewers' own signing keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.storage.guards import Guard, never_emptied
from serving.storage.tables import WORDS

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ACTS = ("changes", "views", "reviewer_keys", "revoked_keys", "signed_reviews")
GUARDS = (
    *(Guard(table, verb, f"{table} are never changed") for table in _ACTS for verb in ("UPDATE", "DELETE")),
    Guard(
        "change_lines",
        "UPDATE",
        "only erasure changes a line",
        "NEW.sealed IS NULL AND NEW.hash = OLD.hash AND NEW.run = OLD.run AND NEW.position = OLD.position",
    ),
    Guard("change_lines", "DELETE", "change_lines are never deleted"),
)
NEVER_EMPTIED = (*_ACTS, "change_lines")


def upgrade() -> None:
    """Make the tables, then what guards them."""
    op.create_table(
        "changes",
        sa.Column("run", WORDS, nullable=False),
        sa.Column("since", WORDS, nullable=False),
        sa.Column("release", WORDS, nullable=False),
        sa.Column("document", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.run"]),
        sa.ForeignKeyConstraint(["since"], ["runs.run"]),
        sa.PrimaryKeyConstraint("run"),
    )
    op.create_table(
        "change_lines",
        sa.Column("run", WORDS, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", WORDS, nullable=False),
        sa.Column("sealed", WORDS, nullable=True),
        sa.ForeignKeyConstraint(["run"], ["changes.run"]),
        sa.PrimaryKeyConstraint("run", "position"),
    )
    op.create_table(
        "views",
        sa.Column("batch", WORDS, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.Column("actor", WORDS, nullable=False),
        sa.Column("action", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("detail", WORDS, nullable=False),
        sa.Column("signature", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("batch", "number"),
    )
    op.create_index("views_subject", "views", ["subject", "at"])
    op.create_table(
        "reviewer_keys",
        sa.Column("key", WORDS, nullable=False),
        sa.Column("reviewer", WORDS, nullable=False),
        sa.Column("public_key", WORDS, nullable=False),
        sa.Column("areas", WORDS, nullable=False),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("public_key"),
    )
    op.create_table(
        "revoked_keys",
        sa.Column("key", WORDS, nullable=False),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["key"], ["reviewer_keys.key"]),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "signed_reviews",
        sa.Column("nonce", WORDS, nullable=False),
        sa.Column("run", WORDS, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("document", WORDS, nullable=False),
        sa.Column("signature", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["key"], ["reviewer_keys.key"]),
        sa.ForeignKeyConstraint(["run"], ["runs.run"]),
        sa.PrimaryKeyConstraint("nonce"),
    )
    dialect = op.get_context().dialect.name
    for guard in GUARDS:
        for statement in guard.made(dialect):
            op.execute(statement)
    for table in NEVER_EMPTIED:
        for statement in never_emptied(table, dialect):
            op.execute(statement)
