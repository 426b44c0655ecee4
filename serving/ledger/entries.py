"""What an entry of the ledger is, and how it refers to the rows that its act made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from serving.storage import tables
from values import Hash, canonical_json, digest

GENESIS = "0" * 64
ERASED = "person.erased"
TRAINED = "bundle.audited"
"""Entered by whoever trained a bundle, under the bundle's hash; nobody named there reviews its lists."""
VIEWED = "view.batch"
CLOCK_BEHIND = "clock.behind"
DISOWNED = "ledger.disowned"
"""Entered by the operator about entries and rows that nobody vouches for."""
ACT_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        tables.runs,
        tables.changes,
        tables.reviews,
        tables.releases,
        tables.withdrawals,
        tables.published,
        tables.decisions,
        tables.clearances,
        tables.filed,
        tables.views,
        tables.reviewer_keys,
        tables.revoked_keys,
        tables.signed_reviews,
        tables.evidence,
        tables.cards,
    )
}


@dataclass(frozen=True)
class Entry:
    """One act: what happened, to which run or pseudonym, by whom."""

    seq: int
    prev: str
    at: str
    actor: str
    action: str
    subject: str
    detail: str
    hash: str
    signature: str

    @property
    def expected_hash(self) -> Hash:
        """The hash that the content has."""
        return digest([self.prev, self.seq, self.at, self.actor, self.action, self.subject, self.detail])

    @property
    def content(self) -> dict[str, Any]:
        """The detail as it was given."""
        content: dict[str, Any] = json.loads(self.detail)
        return content

    @property
    def head(self) -> str:
        """How the entry is printed on packs: its number and its hash."""
        return f"{self.seq}:{self.hash}"


@dataclass(frozen=True)
class Verification:
    """Whether the ledger is whole; if not, which entry is the first that is not, and why.

    Parameters
    ----------
    key
        The public key in hexadecimal digits that every head is signed with; an auditor notes it once.
    open_views
        Views that are stored and signed but not yet listed by an entry.
    row
        Table and key of the first row that nobody vouches for, as disowning takes them.
    disowned
        How many entries and rows were disowned; the entries ``ledger.disowned`` say which, by whom and why.
    """

    ok: bool
    entries: int
    head: str
    first_broken: int | None = None
    why: str = ""
    key: str = ""
    open_views: int = 0
    row: str = ""
    disowned: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the keys that `ledger verify --json` prints."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class Disowned:
    """What was disowned and stands as it was found, with its hash: entries by number, rows by table and key.

    Parameters
    ----------
    rows
        The hash of one that was gone is empty.
    count
        How much was disowned in all, with what was removed.
    """

    entries: Mapping[int, str]
    rows: Mapping[tuple[str, str], str]
    count: int


def row_key(table: Table, row: Mapping[Any, Any]) -> str:
    """Return the primary key of a row as one text."""
    return canonical_json([row[column.name] for column in table.primary_key])


def act(table: Table, row: Mapping[str, Any]) -> dict[str, str]:
    """Return how an entry refers to a row that it makes."""
    return {"table": table.name, "key": row_key(table, row), "row": digest(dict(row))}
