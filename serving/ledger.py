"""The ledger: an append-only chain of acts, written in the same transaction as the act itself.

Each entry's hash covers the entry before it, so a change breaks the chain; each hash is signed with a key
outside the database, so a rewritten chain is a forgery; each signed head is also appended to a file outside
the database, so a chain cut short or replaced by someone who has the key is noticed too. Acts that have rows
of their own (reviews, releases, decisions …) are entered with the hash of the row, so that a row changed
behind the triggers' back is found.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, Table, insert, select

from serving.errors import StoreError
from serving.keys import Signer
from serving.storage import tables
from values import Hash, canonical_json, digest

GENESIS = "0" * 64
ERASED = "person.erased"
_REMEMBERED = 5000
ACT_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        tables.runs,
        tables.reviews,
        tables.releases,
        tables.withdrawals,
        tables.published,
        tables.decisions,
        tables.clearances,
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
    """Whether the ledger is whole; if not, which entry is the first that is not, and why."""

    ok: bool
    entries: int
    head: str
    first_broken: int | None = None
    why: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the keys that `ledger verify --json` prints."""
        return {
            "ok": self.ok,
            "entries": self.entries,
            "head": self.head,
            "first_broken": self.first_broken,
            "why": self.why,
        }


class Ledger:
    """Writes, reads and verifies the chain.

    Parameters
    ----------
    keys
        Folder of the signing key and of ``heads.jsonl``, outside the database.
    """

    def __init__(self, keys: Path) -> None:
        self._signer = Signer(keys)
        self._heads = keys / "heads.jsonl"
        # Equal in every field to an entry that was checked: it needs no second check.
        self.holds = lru_cache(_REMEMBERED)(self._holds)

    def append(
        self,
        connection: Connection,
        at: datetime,
        actor: str,
        action: str,
        subject: str,
        detail: Mapping[str, Any],
    ) -> Entry:
        """Write one entry inside the caller's transaction; whatever fails here undoes the act."""
        last = connection.execute(
            select(tables.ledger.c.seq, tables.ledger.c.hash).order_by(tables.ledger.c.seq.desc()).limit(1)
        ).first()
        seq, prev = (last.seq + 1, last.hash) if last else (1, GENESIS)
        text = canonical_json(dict(detail))
        draft = Entry(seq, prev, at.isoformat(), actor, action, subject, text, "", "")
        hashed = draft.expected_hash
        signature = self._signer.sign(f"{seq}:{hashed}")
        entry = Entry(seq, prev, draft.at, actor, action, subject, text, hashed, signature)
        connection.execute(insert(tables.ledger).values(**entry.__dict__))
        return entry

    def witness(self, entry: Entry) -> None:
        """Append the signed head to the file outside the database, after the act is committed."""
        line = canonical_json({"seq": entry.seq, "hash": entry.hash, "signature": entry.signature}) + "\n"
        try:
            handle = os.open(self._heads, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "a", encoding="utf-8") as file:
                file.write(line)
        except OSError as problem:
            raise StoreError(
                "The act is stored but its signed head could not be written to heads.jsonl.",
                "Make the key folder writable.",
            ) from problem

    def entries(self, connection: Connection, limit: int | None = None, before: int | None = None) -> list[Entry]:
        """Return the newest `limit` entries (of those numbered below `before`), newest first."""
        query = select(tables.ledger).order_by(tables.ledger.c.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(tables.ledger.c.seq < before)
        return [Entry(**row._mapping) for row in connection.execute(query)]

    def genuine(self, connection: Connection, subject: str) -> list[Entry]:
        """Return the entries of acts (not views) on `subject` whose hash and signature are right, oldest first."""
        query = (
            select(tables.ledger)
            .where(tables.ledger.c.subject == subject, tables.ledger.c.action.not_like("view.%"))
            .order_by(tables.ledger.c.seq)
        )
        return self._genuine(connection, query)

    def erased(self, connection: Connection) -> frozenset[str]:
        """Return the hashes of every document that a genuine entry says was erased."""
        entries = self._genuine(connection, select(tables.ledger).where(tables.ledger.c.action == ERASED))
        return frozenset(hashed for entry in entries for hashed in entry.content.get("hashes", []))

    def _genuine(self, connection: Connection, query: Select[Any]) -> list[Entry]:
        entries = [Entry(**row._mapping) for row in connection.execute(query)]
        return [entry for entry in entries if self.holds(entry)]

    def _holds(self, entry: Entry) -> bool:
        """Say whether an entry has the content of its hash, signed with this service's key."""
        return entry.hash == entry.expected_hash and self._signer.signed(entry.head, entry.signature)

    def verify(self, connection: Connection, against: str | None = None) -> Verification:
        """Check the chain, the signatures, the rows of acts and the heads kept outside.

        Parameters
        ----------
        against
            A head as printed on a pack (``NUMBER:HASH``) that must lie on the chain.
        """
        known: dict[int, str] = {}
        prev, head, acts = GENESIS, f"0:{GENESIS}", dict[tuple[str, str], tuple[int, str]]()
        count = 0
        for entry in self._in_order(connection):
            count += 1
            why = self._broken(entry, count, prev)
            if why:
                return Verification(False, count, head, entry.seq, why)
            for act in entry.content.get("acts", []):
                acts[act["table"], act["key"]] = (entry.seq, act["row"])
            known[entry.seq], prev, head = entry.hash, entry.hash, entry.head
        for seq, why in self._against(known, against):
            return Verification(False, count, head, seq, why)
        for seq, why in _changed_acts(connection, acts):
            return Verification(False, count, head, seq, why)
        return Verification(True, count, head)

    def _in_order(self, connection: Connection) -> Iterator[Entry]:
        for row in connection.execute(select(tables.ledger).order_by(tables.ledger.c.seq)):
            yield Entry(**row._mapping)

    def _broken(self, entry: Entry, expected_seq: int, prev: str) -> str:
        if entry.seq != expected_seq:
            return f"entry {expected_seq} is missing"
        if entry.prev != prev:
            return "it does not follow the entry before it"
        if entry.hash != entry.expected_hash:
            return "its content does not have its hash"
        if not self._signer.signed(entry.head, entry.signature):
            return "its signature is not this service's"
        return ""

    def _against(self, known: Mapping[int, str], against: str | None) -> Iterator[tuple[int | None, str]]:
        if against is not None:
            number, _, hashed = against.strip().rpartition(":")
            on_chain = known.get(int(number)) == hashed if number.isdigit() else hashed in known.values()
            if not on_chain:
                yield (
                    int(number) if number.isdigit() else None,
                    "the given head is not on the chain: it was rewritten or cut",
                )
        for line, kept in self._witnessed():
            if kept is None:
                yield None, f"line {line} of heads.jsonl, kept outside the database, is no signed head: it was damaged"
                continue
            # A line that this key did not sign proves nothing either way.
            signed = self._signer.signed(f"{kept['seq']}:{kept['hash']}", kept["signature"])
            if signed and known.get(kept["seq"]) != kept["hash"]:
                yield kept["seq"], "a head kept outside the database is not on the chain: it was rewritten or cut"

    def _witnessed(self) -> Iterator[tuple[int, dict[str, Any] | None]]:
        """Yield the number of each line of the file outside and its head, None where the line is malformed."""
        if not self._heads.exists():
            return
        with self._heads.open(encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, 1):
                yield number, _head(line)


def _head(line: str) -> dict[str, Any] | None:
    try:
        head = json.loads(line)
    except ValueError:
        return None
    kinds = {"seq": int, "hash": str, "signature": str}
    whole = isinstance(head, dict) and all(isinstance(head.get(name), kind) for name, kind in kinds.items())
    return head if whole else None


def row_key(table: Table, row: Mapping[Any, Any]) -> str:
    """Return the primary key of a row as one text."""
    return canonical_json([row[column.name] for column in table.primary_key])


def act(table: Table, row: Mapping[str, Any]) -> dict[str, str]:
    """Return how an entry refers to a row that it makes."""
    return {"table": table.name, "key": row_key(table, row), "row": digest(dict(row))}


def _changed_acts(
    connection: Connection, acts: Mapping[tuple[str, str], tuple[int, str]]
) -> Iterator[tuple[int | None, str]]:
    """Yield acts whose row is gone, changed or was never entered, by the number of their entry."""
    found: list[tuple[int | None, str]] = []
    seen: set[tuple[str, str]] = set()
    for name, table in ACT_TABLES.items():
        for row in map(dict, connection.execute(select(table)).mappings()):
            key = (name, row_key(table, row))
            seen.add(key)
            if key not in acts:
                found.append((None, f"a row of {name} was never entered in the ledger"))
            elif acts[key][1] != digest(row):
                found.append((acts[key][0], f"the row of {name} that it made was changed"))
    found.extend(
        (seq, f"the row of {name} that it made is gone")
        for (name, key_text), (seq, _) in acts.items()
        if (name, key_text) not in seen
    )
    yield from sorted(found, key=lambda item: (item[0] is None, item[0] or 0))
