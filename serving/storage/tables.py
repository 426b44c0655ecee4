"""The tables of both databases, and the triggers that refuse what no program should ask for.

Documents are text: exactly the canonical JSON that was hashed. Rows of acts are never changed; a withdrawal
or a clearance is a row of its own. The only change that a stored document allows is erasure: its text goes,
its hash stays.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
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
    event,
)

PANEL = MetaData()
SCORES = MetaData()


def _text(
    name: str, *constraints: ForeignKey, primary_key: bool = False, nullable: bool = False, unique: bool = False
) -> Column[str]:
    return Column(name, Text, *constraints, primary_key=primary_key, nullable=nullable, unique=unique or None)


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

reviews = Table(
    "reviews",
    PANEL,
    Column("review", Integer, primary_key=True),
    _text("run", ForeignKey("runs.run")),
    _text("reviewer"),
    _text("act"),
    _text("reason"),
    _text("expires", nullable=True),
    _text("acknowledged"),
    _text("at"),
    CheckConstraint("act IN ('approve','refuse','waive','withdraw')"),
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
    Column("decision_id", Integer, primary_key=True),
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
)

ledger = Table(
    "ledger",
    PANEL,
    Column("seq", Integer, primary_key=True),
    _text("prev", unique=True),
    _text("at"),
    _text("actor"),
    _text("action"),
    _text("subject"),
    _text("detail"),
    _text("hash", unique=True),
    _text("signature"),
    Index("ledger_subject", "subject", "action"),
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


def _refuse(metadata: MetaData, table: Table, verb: str, why: str, when: str = "") -> None:
    name = f"{table.name}_{verb.lower()}"
    ddl: DDL = DDL(  # type: ignore[no-untyped-call]
        f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON {table.name} {when} "
        f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
    )
    event.listen(metadata, "after_create", ddl.execute_if(dialect="sqlite"))


_ERASES = "WHEN NOT (NEW.document IS NULL AND NEW.person IS NULL AND NEW.hash = OLD.hash AND NEW.run = OLD.run{more})"
_LIVE = (
    "WHEN NOT EXISTS (SELECT 1 FROM releases r WHERE r.run = NEW.run AND r.list_hash = NEW.list_hash"
    " AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.release = r.release){more})"
)
_IN_TIME = (
    " AND r.release = NEW.release AND r.released_at <= NEW.published_at"
    " AND substr(NEW.published_at, 1, 10) <= r.expires"
)
_SAME_LIST = " AND NEW.list_hash = (SELECT p.list_hash FROM published p WHERE p.run = NEW.run)"

for _table in (runs, reviews, releases, withdrawals, published, decisions, clearances, ledger):
    for _verb in ("UPDATE", "DELETE"):
        _refuse(PANEL, _table, _verb, f"{_table.name} are never changed")
_refuse(PANEL, published, "INSERT", "no live release of this list", _LIVE.format(more=_IN_TIME))
for _table in (published_rows, published_cases):
    _refuse(PANEL, _table, "INSERT", "no live release of this list", _LIVE.format(more=_SAME_LIST))
    _refuse(PANEL, _table, "DELETE", f"{_table.name} are never deleted")
_refuse(
    PANEL,
    published_rows,
    "UPDATE",
    "only erasure changes a row",
    _ERASES.format(more=" AND NEW.position = OLD.position AND NEW.list_hash = OLD.list_hash"),
)
_refuse(
    PANEL,
    published_cases,
    "UPDATE",
    "only erasure changes a case",
    _ERASES.format(more=" AND NEW.list_hash = OLD.list_hash"),
)
_refuse(SCORES, scored_lists, "UPDATE", "a scored list is never changed")
_refuse(
    SCORES,
    scored_rows,
    "UPDATE",
    "only erasure changes a row",
    _ERASES.format(more=" AND NEW.position = OLD.position"),
)
_refuse(SCORES, scored_cases, "UPDATE", "only erasure changes a case", _ERASES.format(more=""))
