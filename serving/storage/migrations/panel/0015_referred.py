"""Who the people are whom agencies referred and no list holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.storage.guards import Guard
from serving.storage.tables import WORDS

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; a row is never changed, and removed by an erasure only, which the roles see to."""
    op.create_table(
        "referred",
        *(sa.Column(name, WORDS, nullable=False) for name in ("person", "sealed", "at")),
        sa.PrimaryKeyConstraint("person", name="pk_referred"),
    )
    for statement in Guard("referred", "UPDATE", "referred are never changed").made(op.get_bind().dialect.name):
        op.execute(statement)
