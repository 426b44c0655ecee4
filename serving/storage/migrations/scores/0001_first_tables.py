"""The tables and guards of unreleased lists as they were before there were migrations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.storage.guards import Guard, never_emptied
from serving.storage.tables import WORDS

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ERASED = "NEW.document IS NULL AND NEW.person IS NULL AND NEW.hash = OLD.hash AND NEW.run = OLD.run"

GUARDS = (
    Guard("scored_lists", "UPDATE", "a scored list is never changed"),
    Guard("scored_rows", "UPDATE", "only erasure changes a row", f"{_ERASED} AND NEW.position = OLD.position"),
    Guard("scored_cases", "UPDATE", "only erasure changes a case", _ERASED),
)
NEVER_EMPTIED = ("scored_lists", "scored_rows", "scored_cases")


def upgrade() -> None:
    """Make the tables, then what guards them."""
    op.create_table(
        "scored_lists",
        sa.Column("run", WORDS, nullable=False),
        sa.Column("list_hash", WORDS, nullable=False),
        sa.Column("header", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("run"),
    )
    op.create_table(
        "scored_cases",
        sa.Column("run", WORDS, nullable=False),
        sa.Column("hash", WORDS, nullable=False),
        sa.Column("person", WORDS, nullable=True),
        sa.Column("document", WORDS, nullable=True),
        sa.ForeignKeyConstraint(["run"], ["scored_lists.run"]),
        sa.PrimaryKeyConstraint("run", "hash"),
    )
    op.create_table(
        "scored_identities",
        sa.Column("run", WORDS, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("sealed", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["scored_lists.run"]),
        sa.PrimaryKeyConstraint("run", "person"),
    )
    op.create_table(
        "scored_rows",
        sa.Column("run", WORDS, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("hash", WORDS, nullable=False),
        sa.Column("person", WORDS, nullable=True),
        sa.Column("document", WORDS, nullable=True),
        sa.ForeignKeyConstraint(["run"], ["scored_lists.run"]),
        sa.PrimaryKeyConstraint("run", "position"),
    )
    dialect = op.get_bind().dialect.name
    for guard in GUARDS:
        for statement in guard.made(dialect):
            op.execute(statement)
    for table in NEVER_EMPTIED:
        for statement in never_emptied(table, dialect):
            op.execute(statement)
