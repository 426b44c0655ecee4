"""${message}."""

from __future__ import annotations

from alembic import op
import sqlalchemy as sa
${imports if imports else ""}
from serving.storage.guards import Guard, never_emptied
from serving.storage.tables import NAMES, WORDS

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go on."""
    ${upgrades if upgrades else "pass"}
