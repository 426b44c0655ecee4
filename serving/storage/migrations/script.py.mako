"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.storage.guards import Guard, never_emptied
from serving.storage.tables import WORDS

revision = "${up_revision}"
down_revision = "${down_revision}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go on."""
    ${upgrades if upgrades else "pass"}
