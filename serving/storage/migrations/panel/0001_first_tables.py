"""The panel's tables and guards as they were before there were migrations."""

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
_LIVE = (
    "EXISTS (SELECT 1 FROM releases r WHERE r.run = NEW.run AND r.list_hash = NEW.list_hash"
    " AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.release = r.release)"
)
_IN_TIME = (
    " AND r.release = NEW.release AND r.released_at <= NEW.published_at"
    " AND substr(NEW.published_at, 1, 10) <= r.expires)"
)
_SAME_LIST = " AND NEW.list_hash = (SELECT p.list_hash FROM published p WHERE p.run = NEW.run))"
_ACTS = ("runs", "reviews", "releases", "withdrawals", "published", "decisions", "clearances", "ledger")
_COPIES = ("published_rows", "published_cases")

GUARDS = (
    *(Guard(table, verb, f"{table} are never changed") for table in _ACTS for verb in ("UPDATE", "DELETE")),
    Guard("published", "INSERT", "no live release of this list", _LIVE + _IN_TIME),
    *(Guard(table, "INSERT", "no live release of this list", _LIVE + _SAME_LIST) for table in _COPIES),
    *(Guard(table, "DELETE", f"{table} are never deleted") for table in _COPIES),
    Guard(
        "published_rows",
        "UPDATE",
        "only erasure changes a row",
        f"{_ERASED} AND NEW.position = OLD.position AND NEW.list_hash = OLD.list_hash",
    ),
    Guard("published_cases", "UPDATE", "only erasure changes a case", f"{_ERASED} AND NEW.list_hash = OLD.list_hash"),
)
NEVER_EMPTIED = (*_ACTS, *_COPIES)


def upgrade() -> None:
    """Make the tables, then what guards them."""
    op.create_table(
        "ledger",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("prev", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.Column("actor", WORDS, nullable=False),
        sa.Column("action", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("detail", WORDS, nullable=False),
        sa.Column("hash", WORDS, nullable=False),
        sa.Column("signature", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("hash"),
        sa.UniqueConstraint("prev"),
    )
    op.create_index("ledger_subject", "ledger", ["subject", "action"])

    op.create_table(
        "runs",
        sa.Column("run", WORDS, nullable=False),
        sa.Column("area", WORDS, nullable=False),
        sa.Column("as_of", WORDS, nullable=False),
        sa.Column("list_hash", WORDS, nullable=False),
        sa.Column("record", WORDS, nullable=False),
        sa.Column("files", WORDS, nullable=False),
        sa.Column("audit", WORDS, nullable=False),
        sa.Column("gate", WORDS, nullable=False),
        sa.Column("created_by", WORDS, nullable=False),
        sa.Column("created_at", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("run"),
        sa.UniqueConstraint("run", "list_hash"),
    )
    op.create_table(
        "sessions",
        sa.Column("key", WORDS, nullable=False),
        sa.Column("user", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("role", WORDS, nullable=False),
        sa.Column("areas", WORDS, nullable=False),
        sa.Column("csrf", WORDS, nullable=False),
        sa.Column("started_at", WORDS, nullable=False),
        sa.Column("seen_at", WORDS, nullable=False),
        sa.Column("ended_at", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "clearances",
        sa.Column("run", WORDS, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.run"]),
        sa.PrimaryKeyConstraint("run", "person", "kind"),
    )
    op.create_table(
        "decisions",
        sa.Column("decision_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run", WORDS, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("decision", WORDS, nullable=False),
        sa.Column("reason_code", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("until", WORDS, nullable=True),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("safety_confirmed", WORDS, nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.Column("at", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["replaces"], ["decisions.decision_id"]),
        sa.ForeignKeyConstraint(["run"], ["runs.run"]),
        sa.PrimaryKeyConstraint("decision_id"),
        sa.UniqueConstraint("run", "person", "replaces"),
    )
    op.create_index(
        "one_first_decision",
        "decisions",
        ["run", "person"],
        unique=True,
        sqlite_where=sa.text("replaces IS NULL"),
        postgresql_where=sa.text("replaces IS NULL"),
    )

    op.create_table(
        "releases",
        sa.Column("release", WORDS, nullable=False),
        sa.Column("run", WORDS, nullable=False),
        sa.Column("list_hash", WORDS, nullable=False),
        sa.Column("released_at", WORDS, nullable=False),
        sa.Column("expires", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.run"]),
        sa.PrimaryKeyConstraint("release"),
        sa.UniqueConstraint("run"),
    )
    op.create_table(
        "reviews",
        sa.Column("review", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run", WORDS, nullable=False),
        sa.Column("reviewer", WORDS, nullable=False),
        sa.Column("act", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("expires", WORDS, nullable=True),
        sa.Column("acknowledged", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.CheckConstraint("act IN ('approve','refuse','waive','withdraw')", name="act"),
        sa.ForeignKeyConstraint(["run"], ["runs.run"]),
        sa.PrimaryKeyConstraint("review"),
        sa.UniqueConstraint("run", "reviewer", "act"),
    )
    op.create_table(
        "published",
        sa.Column("run", WORDS, nullable=False),
        sa.Column("release", WORDS, nullable=False),
        sa.Column("list_hash", WORDS, nullable=False),
        sa.Column("header", WORDS, nullable=False),
        sa.Column("published_at", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["release"], ["releases.release"]),
        sa.ForeignKeyConstraint(["run"], ["runs.run"]),
        sa.PrimaryKeyConstraint("run"),
    )
    op.create_table(
        "withdrawals",
        sa.Column("release", WORDS, nullable=False),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["release"], ["releases.release"]),
        sa.PrimaryKeyConstraint("release"),
    )
    op.create_table(
        "identities",
        sa.Column("run", WORDS, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("sealed", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["published.run"]),
        sa.PrimaryKeyConstraint("run", "person"),
    )
    op.create_table(
        "published_cases",
        sa.Column("run", WORDS, nullable=False),
        sa.Column("hash", WORDS, nullable=False),
        sa.Column("list_hash", WORDS, nullable=False),
        sa.Column("person", WORDS, nullable=True),
        sa.Column("document", WORDS, nullable=True),
        sa.ForeignKeyConstraint(["run"], ["published.run"]),
        sa.PrimaryKeyConstraint("run", "hash"),
    )
    op.create_table(
        "published_rows",
        sa.Column("run", WORDS, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("list_hash", WORDS, nullable=False),
        sa.Column("hash", WORDS, nullable=False),
        sa.Column("person", WORDS, nullable=True),
        sa.Column("document", WORDS, nullable=True),
        sa.ForeignKeyConstraint(["run"], ["published.run"]),
        sa.PrimaryKeyConstraint("run", "position"),
    )
    dialect = op.get_bind().dialect.name
    for guard in GUARDS:
        for statement in guard.made(dialect):
            op.execute(statement)
    for table in NEVER_EMPTIED:
        for statement in never_emptied(table, dialect):
            op.execute(statement)
