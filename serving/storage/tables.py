"""The tables of both databases; `serving.storage.migrations` make them, and the triggers that guard them.

Documents are text: exactly the canonical JSON that was hashed. Rows of acts are never changed; a withdrawal
or a clearance is a row of its own. The only change that a stored document allows is erasure: its text goes,
its hash stays.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import TEXT

NAMES = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}
PANEL = MetaData(naming_convention=NAMES, info={"schema": "panel"})
SCORES = MetaData(naming_convention=NAMES, info={"schema": "scores"})
# Compared byte by byte on both databases: guards compare dates as text, and lists are sorted by it.
WORDS = Text().with_variant(TEXT(collation="C"), "postgresql")


def _text(
    name: str, *constraints: ForeignKey, primary_key: bool = False, nullable: bool = False, unique: bool = False
) -> Column[str]:
    return Column(name, WORDS, *constraints, primary_key=primary_key, nullable=nullable, unique=unique or None)


runs = Table(
    "runs",
    PANEL,
    _text("run", primary_key=True),
    _text("area"),
    _text("as_of"),
    _text("list_hash"),
    _text("record"),
    _text("files"),
    _text("audit"),
    _text("gate"),
    _text("created_by"),
    _text("created_at"),
    UniqueConstraint("run", "list_hash"),
)

changes = Table(
    "changes",
    PANEL,
    _text("run", ForeignKey("runs.run"), primary_key=True),
    _text("since", ForeignKey("runs.run")),
    _text("release"),
    _text("document"),
    _text("at"),
)

# Whom a change is about is sealed: before a release nothing of a list lies open in this database.
change_lines = Table(
    "change_lines",
    PANEL,
    _text("run", ForeignKey("changes.run"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    _text("hash"),
    _text("sealed", nullable=True),
)

reviews = Table(
    "reviews",
    PANEL,
    Column("review", Integer, primary_key=True, autoincrement=False),
    _text("run", ForeignKey("runs.run")),
    _text("reviewer"),
    _text("act"),
    _text("reason"),
    _text("expires", nullable=True),
    _text("acknowledged"),
    _text("at"),
    CheckConstraint("act IN ('approve','refuse','waive','withdraw')", name="act"),
    UniqueConstraint("run", "reviewer", "act"),
)

releases = Table(
    "releases",
    PANEL,
    _text("release", primary_key=True),
    _text("run", ForeignKey("runs.run"), unique=True),
    _text("list_hash"),
    _text("released_at"),
    _text("expires"),
)

withdrawals = Table(
    "withdrawals",
    PANEL,
    _text("release", ForeignKey("releases.release"), primary_key=True),
    _text("by"),
    _text("reason"),
    _text("at"),
)

published = Table(
    "published",
    PANEL,
    _text("run", ForeignKey("runs.run"), primary_key=True),
    _text("release", ForeignKey("releases.release")),
    _text("list_hash"),
    _text("header"),
    _text("published_at"),
)

published_rows = Table(
    "published_rows",
    PANEL,
    _text("run", ForeignKey("published.run"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _text("list_hash"),
    _text("hash"),
    _text("person", nullable=True),
    _text("document", nullable=True),
)

published_cases = Table(
    "published_cases",
    PANEL,
    _text("run", ForeignKey("published.run"), primary_key=True),
    _text("hash", primary_key=True),
    _text("list_hash"),
    _text("person", nullable=True),
    _text("document", nullable=True),
)

identities = Table(
    "identities",
    PANEL,
    _text("run", ForeignKey("published.run"), primary_key=True),
    _text("person", primary_key=True),
    _text("sealed"),
)

decisions = Table(
    "decisions",
    PANEL,
    Column("decision_id", Integer, primary_key=True, autoincrement=False),
    _text("run", ForeignKey("runs.run")),
    _text("person"),
    _text("by"),
    _text("decision"),
    _text("reason_code"),
    _text("reason"),
    _text("until", nullable=True),
    Column("sensitive", Boolean, nullable=False),
    _text("safety_confirmed"),
    Column("replaces", Integer, ForeignKey("decisions.decision_id"), nullable=True),
    _text("at"),
    UniqueConstraint("run", "person", "replaces"),
)
Index(
    "one_first_decision",
    decisions.c.run,
    decisions.c.person,
    unique=True,
    sqlite_where=decisions.c.replaces.is_(None),
    postgresql_where=decisions.c.replaces.is_(None),
)

clearances = Table(
    "clearances",
    PANEL,
    _text("run", ForeignKey("runs.run"), primary_key=True),
    _text("person", primary_key=True),
    _text("kind", primary_key=True),
    _text("by"),
    _text("reason"),
    _text("at"),
)

# What a panel, its members and its reviewers put on file beside decisions: meetings, attendance, actions, minutes,
# requests, challenges, incidents. One row a document, of whatever kind; `replaces` makes one thread of several.
filed = Table(
    "filed",
    PANEL,
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("kind"),
    _text("subject"),
    _text("area"),
    _text("person", nullable=True),
    _text("agency"),
    _text("by"),
    _text("document"),
    Column("replaces", Integer, ForeignKey("filed.number"), nullable=True, index=True),
    _text("at"),
    Index("filed_subject", "subject", "kind"),
    Index("filed_area", "area", "kind"),
)

# Who somebody is whom an agency referred and no list holds; sealed. An erasure removes the row.
referred = Table("referred", PANEL, _text("person", primary_key=True), _text("sealed"), _text("at"))

# Two records of which people are asked whether they are one person's: sealed, and erased with whom they are about.
record_pairs = Table(
    "record_pairs",
    PANEL,
    Column("round", Integer, primary_key=True, autoincrement=False),
    _text("pair", primary_key=True),
    _text("person_l"),
    _text("person_r"),
    _text("sealed"),
)

views = Table(
    "views",
    PANEL,
    _text("batch", primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("at"),
    _text("actor"),
    _text("action"),
    _text("subject"),
    _text("detail"),
    _text("signature"),
    Index("views_subject", "subject", "at"),
)

reviewer_keys = Table(
    "reviewer_keys",
    PANEL,
    _text("key", primary_key=True),
    _text("reviewer"),
    _text("public_key", unique=True),
    _text("areas"),
    _text("by"),
    _text("at"),
)

revoked_keys = Table(
    "revoked_keys",
    PANEL,
    _text("key", ForeignKey("reviewer_keys.key"), primary_key=True),
    _text("by"),
    _text("reason"),
    _text("at"),
)

signed_reviews = Table(
    "signed_reviews",
    PANEL,
    _text("nonce", primary_key=True),
    _text("run", ForeignKey("runs.run")),
    _text("key", ForeignKey("reviewer_keys.key")),
    _text("document"),
    _text("signature"),
    _text("at"),
)

sessions = Table(
    "sessions",
    PANEL,
    _text("key", primary_key=True),
    _text("user"),
    _text("name"),
    _text("role"),
    _text("areas"),
    _text("csrf"),
    _text("started_at"),
    _text("seen_at"),
    _text("ended_at", nullable=True),
    Index("sessions_user", "user"),
)

users = Table(
    "users",
    PANEL,
    _text("user", primary_key=True),
    _text("name"),
    _text("role"),
    _text("areas"),
    _text("agency"),
    _text("provider", nullable=True),
    _text("subject", nullable=True),
    _text("login", nullable=True),
    _text("sealed", nullable=True),
    Column("active", Boolean, nullable=False),
    _text("added_by"),
    _text("added_at"),
    _text("signed_in_at", nullable=True),
    _text("proof", nullable=True),
    _text("human", nullable=True),
    UniqueConstraint("provider", "subject"),
)

service_tokens = Table(
    "service_tokens",
    PANEL,
    _text("name", primary_key=True),
    _text("key", unique=True),
    _text("scopes"),
    _text("areas"),
    _text("made_by"),
    _text("made_at"),
    _text("expires"),
    _text("revoked_at", nullable=True),
)

spent_states = Table("spent_states", PANEL, _text("key", primary_key=True), _text("at"))

restrictions = Table(
    "restrictions",
    PANEL,
    _text("person", primary_key=True),
    _text("reason", primary_key=True),
    _text("through", primary_key=True),
    _text("related_user", primary_key=True),
    _text("since"),
    _text("lifted_at", nullable=True),
)

repeats = Table(
    "repeats",
    PANEL,
    _text("user", primary_key=True),
    _text("key", primary_key=True),
    _text("asked"),
    _text("answer"),
    _text("answer_hash"),
    _text("at"),
)

# What was typed into a form that arrived after its session had ended; sealed, for a few hours.
unsent = Table(
    "unsent",
    PANEL,
    _text("user", primary_key=True),
    _text("page", primary_key=True),
    _text("sealed"),
    _text("at"),
)

jobs = Table(
    "jobs",
    PANEL,
    _text("job", primary_key=True),
    _text("kind"),
    _text("subject"),
    _text("state"),
    _text("asked_by"),
    _text("asked_at"),
    _text("seen_at"),
    _text("ended_at", nullable=True),
    Column("tries", Integer, nullable=False),
    _text("step"),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    _text("told"),
    CheckConstraint("state IN ('waiting','running','done','failed')", name="state"),
    Index("jobs_state", "state", "asked_at"),
)

evidence = Table(
    "evidence",
    PANEL,
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("hash"),
    _text("document"),
    _text("at"),
)

# What batch work says of itself to the pages: a training run, a scoring run, a bundle in the shadow, a delivery.
cards = Table(
    "cards",
    PANEL,
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("kind"),
    _text("subject"),
    _text("area"),
    _text("document"),
    _text("at"),
    Index("cards_kind", "kind", "subject"),
)

ledger = Table(
    "ledger",
    PANEL,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _text("prev", unique=True),
    _text("at"),
    _text("actor"),
    _text("action"),
    _text("subject"),
    _text("detail"),
    _text("hash", unique=True),
    _text("signature"),
    Index("ledger_subject", "subject", "action"),
    Index("ledger_action", "action", "seq"),
)

scored_lists = Table(
    "scored_lists",
    SCORES,
    _text("run", primary_key=True),
    _text("list_hash"),
    _text("header"),
)

scored_rows = Table(
    "scored_rows",
    SCORES,
    _text("run", ForeignKey("scored_lists.run"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _text("hash"),
    _text("person", nullable=True),
    _text("document", nullable=True),
)

scored_cases = Table(
    "scored_cases",
    SCORES,
    _text("run", ForeignKey("scored_lists.run"), primary_key=True),
    _text("hash", primary_key=True),
    _text("person", nullable=True),
    _text("document", nullable=True),
)

scored_identities = Table(
    "scored_identities",
    SCORES,
    _text("run", ForeignKey("scored_lists.run"), primary_key=True),
    _text("person", primary_key=True),
    _text("sealed"),
)
