"""Pairs of records that people are asked about, sealed; only as long as they are open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.storage.guards import Guard
from serving.storage.tables import WORDS

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; a pair is put there and taken out, never changed."""
    op.create_table(
        "record_pairs",
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pair", WORDS, nullable=False),
        sa.Column("person_l", WORDS, nullable=False),
        sa.Column("person_r", WORDS, nullable=False),
        sa.Column("sealed", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("round", "pair"),
    )
    for statement in Guard("record_pairs", "UPDATE", "record_pairs are never changed").made(op.get_bind().dialect.name):
        op.execute(statement)
