"""The chain itself: appending, reading and verifying entries.

Each entry's hash covers the entry before it, so a change breaks the chain; each hash is signed with a key
outside the database, so a rewritten chain is a forgery; each signed head is also appended to a file outside
the database, so a chain cut short or replaced by someone who has the key is noticed too. Acts that have rows
of their own (reviews, releases, decisions …) are entered with the hash of the row, so that a row changed
behind the triggers' back is found. Time never goes backwards along the chain.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, Table, func, or_, select

from serving.errors import ClockBehind, ListChanged
from serving.keys import Signer
from serving.ledger.acts import changed_acts
from serving.ledger.entries import DISOWNED, ERASED, GENESIS, Disowned, Entry, Verification, act
from serving.ledger.heads import HeadsFile
from serving.storage import tables
from serving.storage.entering import enter
from values import canonical_json, digest

_REMEMBERED = 5000
_FEW = 5
_COLUMNS = tuple(column.name for column in tables.ledger.c)
Act = tuple[str, str, str]
"""The table, key and hash of a row that an entry says an act made."""
SKEW = timedelta(seconds=5)
"""How far the clocks of two machines may differ; within it an entry takes the time of the one before it."""


class Ledger:
    """Writes, reads and verifies the chain.

    Parameters
    ----------
    keys
        Folder of the signing key and of ``heads.jsonl``, outside the database.
    """

    def __init__(self, keys: Path) -> None:
        self._signer = Signer(keys)
        self._heads = HeadsFile(keys / "heads.jsonl")
        # Equal in every field to an entry that was checked: it needs no second check.
        self.holds = lru_cache(_REMEMBERED)(self._holds)
        self._read = lru_cache(_REMEMBERED)(self._read_entry)

    @property
    def heads(self) -> HeadsFile:
        """The file of heads outside the database."""
        return self._heads

    @property
    def signer(self) -> Signer:
        """The key of this service, which lies outside the database."""
        return self._signer

    @property
    def public_key(self) -> str:
        """The key that heads are verified with, in hexadecimal digits."""
        return self._signer.public_key

    def append(
        self,
        connection: Connection,
        at: datetime,
        actor: str,
        action: str,
        subject: str,
        detail: Mapping[str, Any],
    ) -> Entry:
        """Write one entry inside the caller's transaction, which holds the turn; whatever fails here undoes the act.

        Raises
        ------
        ClockBehind
            If `at` lies before the newest entry by more than clocks differ.
        ListChanged
            If somebody else wrote the newest entry.
        """
        return self.append_after(connection, at, actor, action, subject, detail, self._last(connection))

    def append_after(
        self,
        connection: Connection,
        at: datetime,
        actor: str,
        action: str,
        subject: str,
        detail: Mapping[str, Any],
        last: Entry | None,
    ) -> Entry:
        """Write one entry after `last`, whether or not that is genuine: only disowning does so by itself."""
        seq, prev = (last.seq + 1, last.hash) if last else (1, GENESIS)
        text = canonical_json(dict(detail))
        draft = Entry(seq, prev, _in_order(at, last).isoformat(), actor, action, subject, text, "", "")
        hashed = draft.expected_hash
        entry = replace(draft, hash=str(hashed), signature=self._signer.sign(f"{seq}:{hashed}"))
        enter(connection, entry.__dict__)
        return entry

    def in_time(self, connection: Connection, now: datetime) -> datetime:
        """Return `now`, or the time of the newest entry where a clock is a little behind it.

        Raises
        ------
        ClockBehind
            If the clock was set back: what has expired would be live again.
        ListChanged
            If somebody else wrote the newest entry.
        """
        return _in_order(now, self._last(connection))

    def _last(self, connection: Connection) -> Entry | None:
        last = self.latest(connection)
        if last is not None and not self._holds(last):  # not remembered: it may list many views
            raise ListChanged(
                "The newest entry of the ledger is not this service's, so nothing is shown or done.",
                "Run `drive-panel ledger verify` and tell the administrator.",
            )
        return last

    def latest(self, connection: Connection) -> Entry | None:
        """Return the newest entry."""
        return next(iter(self.entries(connection, 1)), None)

    def witness(self, entry: Entry) -> None:
        """Append the signed head to the file outside the database, after the act is committed."""
        self._heads.append(entry)

    def entries(self, connection: Connection, limit: int | None = None, before: int | None = None) -> list[Entry]:
        """Return the newest `limit` entries (of those numbered below `before`), newest first."""
        query = select(tables.ledger).order_by(tables.ledger.c.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(tables.ledger.c.seq < before)
        return [Entry(**row._mapping) for row in connection.execute(query)]

    def genuine(self, connection: Connection, subject: str, actions: Collection[str] = ()) -> list[Entry]:
        """Return the entries of acts (not views) on `subject` whose hash and signature are right, oldest first.

        Parameters
        ----------
        actions
            What they are to be entries of; of every act if empty.
        """
        entries = tables.ledger.c
        query = select(tables.ledger).where(entries.subject == subject, entries.action.not_like("view.%"))
        if actions:
            query = query.where(entries.action.in_(actions))
        return self._genuine(connection, query.order_by(entries.seq))

    def vouched(
        self,
        connection: Connection,
        table: Table,
        actions: str | Collection[str],
        rows: Iterable[Mapping[Any, Any]],
        subject: str = "run",
    ) -> list[dict[str, Any]]:
        """Return the rows of acts that a genuine entry of one of `actions` made as they are now.

        Parameters
        ----------
        subject
            The column that holds the subject of the entry that made a row.
        """
        found = [dict(row) for row in rows]
        if not found:
            return []
        entries = tables.ledger.c
        subjects = sorted({row[subject] for row in found})
        named = [actions] if isinstance(actions, str) else sorted(actions)
        query = select(tables.ledger).where(entries.subject.in_(subjects), entries.action.in_(named))
        wanted = [_made_as(table, tuple(row.items())) for row in found]
        if len(wanted) <= _FEW:  # an entry that made a row holds its hash: the others need not be fetched
            query = query.where(or_(*(entries.detail.contains(hashed) for _, _, hashed in wanted)))
        made: set[Act] = set().union(*(acts for _, acts in self._vouching(connection, query)))
        return [row for row, act_ in zip(found, wanted, strict=True) if act_ in made]

    def erased(self, connection: Connection) -> frozenset[str]:
        """Return the hashes of every document that a genuine entry says was erased."""
        entries = self._genuine(connection, select(tables.ledger).where(tables.ledger.c.action == ERASED))
        return frozenset(hashed for entry in entries for hashed in entry.content.get("hashes", []))

    def subjects(self, connection: Connection, action: str) -> frozenset[str]:
        """Return what the genuine entries of an action are about."""
        return frozenset(entry.subject for entry in self.of_action(connection, action))

    def of_action(self, connection: Connection, action: str) -> list[Entry]:
        """Return the genuine entries of an action, whatever they are about."""
        return self._genuine(connection, select(tables.ledger).where(tables.ledger.c.action == action))

    def _genuine(self, connection: Connection, query: Select[Any]) -> list[Entry]:
        return [entry for entry, _ in self._vouching(connection, query)]

    def _vouching(self, connection: Connection, query: Select[Any]) -> list[tuple[Entry, frozenset[Act]]]:
        """Return the genuine entries of a query over the ledger's columns, each with the rows that it vouches for."""
        found = (self._read(tuple(row)) for row in connection.execute(query))
        return [each for each in found if each is not None]

    def _read_entry(self, row: tuple[Any, ...]) -> tuple[Entry, frozenset[Act]] | None:
        entry = Entry(**dict(zip(_COLUMNS, row, strict=True)))
        if not self._holds(entry):
            return None
        return entry, frozenset((made["table"], made["key"], made["row"]) for made in entry.content.get("acts", []))

    def _holds(self, entry: Entry) -> bool:
        """Say whether an entry has the content of its hash, signed with this service's key."""
        return entry.hash == entry.expected_hash and self._signer.signed(entry.head, entry.signature)

    def sign_view(self, row: Mapping[str, Any]) -> str:
        """Return the signature of a view, which vouches for it until an entry lists it."""
        return self._signer.sign(_told(row))

    def is_waiting(self, row: Mapping[str, Any]) -> bool:
        """Say whether a view that no entry lists is one that this service wrote."""
        return self._signer.signed(_told(row), row["signature"])

    def verify(self, connection: Connection, against: str | None = None) -> Verification:
        """Check the chain, the signatures, the rows of acts and the heads kept outside.

        Parameters
        ----------
        against
            A head as printed on a pack (``NUMBER:HASH``) that must lie on the chain.
        """
        outside = list(self._heads.read())  # first: a head that is outside by now is on the chain that is read next
        known: dict[int, str] = {}
        acts: dict[tuple[str, str], tuple[int, str]] = {}
        disowned = self.disowned(connection)
        whole = Verification(True, 0, f"0:{GENESIS}", key=self.public_key, disowned=disowned.count)
        last: Entry | None = None
        passed = False
        for entry in self.in_order(connection):
            whole = replace(whole, entries=whole.entries + 1)
            # What follows a disowned entry follows what it was before it was changed.
            before = replace(last, hash=entry.prev, at=entry.at) if passed and last else last
            why = self.broken(entry, whole.entries, before)
            passed = bool(why) and disowned.entries.get(entry.seq) == digest(entry.__dict__)
            if why and not passed:
                return _broken(whole, entry.seq, why)
            for made in [] if passed else entry.content.get("acts", []):
                acts[made["table"], made["key"]] = (entry.seq, made["row"])
            known[entry.seq], last, whole = entry.hash, entry, replace(whole, head=entry.head)
        for seq, why in _against(known, against, outside, self._signer):
            if seq not in disowned.entries or (against or "").startswith(f"{seq}:"):
                return _broken(whole, seq, why)
        for each in changed_acts(connection, acts, self.is_waiting):
            if disowned.rows.get((each.table, each.key)) != each.found:
                return replace(_broken(whole, each.seq, each.why), row=f"{each.table} {each.key}")
        listed = sum(name == tables.views.name for name, _ in acts)
        stored = connection.execute(select(func.count()).select_from(tables.views)).scalar_one()
        return replace(whole, open_views=stored - listed)

    def disowned(self, connection: Connection) -> Disowned:
        """Return what genuine entries say was disowned."""
        entries = self._genuine(connection, select(tables.ledger).where(tables.ledger.c.action == DISOWNED))
        found = [entry.content for entry in entries]
        left = [content for content in found if not content["removed"]]
        return Disowned(
            {each["seq"]: each["found"] for content in left for each in content.get("entries", [])},
            {(each["table"], each["key"]): each["found"] for content in left for each in content.get("rows", [])},
            sum(len(content.get("entries", [])) + len(content.get("rows", [])) for content in found),
        )

    def made(self, connection: Connection) -> dict[tuple[str, str], str]:
        """Return the hash of every row of an act that genuine entries made, by table and key."""
        return {
            (made["table"], made["key"]): made["row"]
            for entry in self.in_order(connection)
            if self._holds(entry)
            for made in entry.content.get("acts", [])
        }

    def is_head(self, head: Mapping[str, Any]) -> bool:
        """Say whether a head kept outside is signed with this service's key."""
        return self._signer.signed(f"{head['seq']}:{head['hash']}", head["signature"])

    def in_order(self, connection: Connection) -> Iterator[Entry]:
        """Yield every entry, oldest first."""
        for row in connection.execute(select(tables.ledger).order_by(tables.ledger.c.seq)):
            yield Entry(**row._mapping)

    def broken(self, entry: Entry, expected_seq: int, last: Entry | None) -> str:
        """Return why an entry is not the one that follows `last`; nothing where it is."""
        if entry.seq != expected_seq:
            return f"entry {expected_seq} is missing"
        if entry.prev != (last.hash if last else GENESIS):
            return "it does not follow the entry before it"
        if entry.hash != entry.expected_hash:
            return "its content does not have its hash"
        if not self._signer.signed(entry.head, entry.signature):
            return "its signature is not this service's"
        if last and datetime.fromisoformat(entry.at) < datetime.fromisoformat(last.at):
            return "its time lies before that of the entry before it"
        return ""


def _against(
    known: Mapping[int, str],
    against: str | None,
    outside: Iterable[tuple[int, dict[str, Any] | None]],
    signer: Signer,
) -> Iterator[tuple[int | None, str]]:
    if against is not None:
        number, _, hashed = against.strip().rpartition(":")
        on_chain = known.get(int(number)) == hashed if number.isdigit() else hashed in known.values()
        if not on_chain:
            yield (
                int(number) if number.isdigit() else None,
                "the given head is not on the chain: it was rewritten or cut",
            )
    for line, kept in outside:
        if kept is None:
            yield None, f"line {line} of heads.jsonl, kept outside the database, is no signed head: it was damaged"
            continue
        # A line that this key did not sign proves nothing either way.
        signed = signer.signed(f"{kept['seq']}:{kept['hash']}", kept["signature"])
        if signed and known.get(kept["seq"]) != kept["hash"]:
            yield kept["seq"], "a head kept outside the database is not on the chain: it was rewritten or cut"


def _in_order(at: datetime, last: Entry | None) -> datetime:
    newest = datetime.fromisoformat(last.at) if last else at
    if at < newest - SKEW:
        raise ClockBehind(
            "The clock of this machine is behind the newest entry of the ledger, so nothing is shown or done.",
            "Set the clock right; if it is right, tell the administrator.",
        )
    return max(at, newest)


@lru_cache(_REMEMBERED)
def _made_as(table: Table, row: tuple[tuple[str, Any], ...]) -> Act:
    """Return how an entry refers to a row of a table, given by its columns and values."""
    made = act(table, dict(row))
    return made["table"], made["key"], made["row"]


def _told(row: Mapping[str, Any]) -> str:
    return "view:" + digest({name: item for name, item in row.items() if name != "signature"})


def _broken(whole: Verification, seq: int | None, why: str) -> Verification:
    return replace(whole, ok=False, first_broken=seq, why=why)
