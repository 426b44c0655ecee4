"""Sites with their areas, places and providers: each row is all of a site from then on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.storage.guards import Guard, never_emptied
from serving.storage.tables import WORDS

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None

GUARDS = tuple(Guard("sites", verb, "sites are never changed") for verb in ("UPDATE", "DELETE"))


def upgrade() -> None:
    """Make the table, then what guards it."""
    op.create_table(
        "sites",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("areas", WORDS, nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("providers", WORDS, nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    dialect = op.get_context().dialect.name
    for statement in (*(each for guard in GUARDS for each in guard.made(dialect)), *never_emptied("sites", dialect)):
        op.execute(statement)
