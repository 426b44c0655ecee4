"""What the ledger says of access: restricted cases, who is named for them, conflicts of interest, alarms, sites.

The ledger is the record and not a copy of one: no row that SQL puts in, changes, takes out or puts back as it was
earlier opens a case. A row of a restriction closes one until a genuine entry lifts it, since the entry that made it
may be what was damaged. Entries are read once each; a process goes on from where it read before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, or_, select

from serving.ledger.chain import Ledger
from serving.ledger.entries import ERASED, Entry
from serving.storage.tables import ledger as entries
from values import digest

if TYPE_CHECKING:
    from serving.storage.stores import Stores

ALARM, FORGED = "access.alarm", "row.forged"
RESTRICTED, UNRESTRICTED = "case.restricted", "case.unrestricted"
GRANTED, GRANT_ENDED = "case.granted", "case.grant_ended"
DECLARED, LIFTED = "conflict.declared", "conflict.lifted"
SITE_SET = "site.set"


@dataclass
class Said:
    """What stands by the ledger.

    Parameters
    ----------
    restricted
        Reason and whom it is about of each restriction in force, by pseudonym and the mark of its row (`mark`).
    known
        The marks of every restriction there ever was, by pseudonym.
    named
        (pseudonym, user) of everybody who is named for a restricted case.
    conflicts
        Run and time of each conflict of interest that stands, by user and pseudonym.
    alarms
        (user, pseudonym, kind, run, time), oldest first.
    sites
        Every state that a site ever had, oldest first, as it was entered.
    lifted
        When the restrictions of a case were last lifted, by pseudonym.
    """

    restricted: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)
    known: dict[str, set[str]] = field(default_factory=dict)
    named: set[tuple[str, str]] = field(default_factory=set)
    conflicts: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    alarms: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    sites: list[Mapping[str, Any]] = field(default_factory=list)
    lifted: dict[str, datetime] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        """Go on by one entry."""
        _TAKEN[entry.action](self, entry, entry.content)

    def _restrict(self, entry: Entry, content: Mapping[str, Any]) -> None:
        why = (content["reason"], content["through"])
        row = content.get("row") or _loosely(*why)
        self.restricted.setdefault(entry.subject, {})[row] = why
        self.known.setdefault(entry.subject, set()).add(row)

    def _unrestrict(self, entry: Entry, _: Mapping[str, Any]) -> None:
        self.restricted.pop(entry.subject, None)
        self.lifted[entry.subject] = datetime.fromisoformat(entry.at)

    def _grant(self, entry: Entry, content: Mapping[str, Any]) -> None:
        self.named.add((entry.subject, content["user"]))

    def _end_grant(self, entry: Entry, content: Mapping[str, Any]) -> None:
        self.named.discard((entry.subject, content["user"]))

    def _declare(self, entry: Entry, content: Mapping[str, Any]) -> None:
        self.conflicts[entry.actor, content["person"]] = (entry.subject, entry.at)

    def _lift(self, entry: Entry, content: Mapping[str, Any]) -> None:
        self.conflicts.pop((content["user"], entry.subject), None)

    def _alarm(self, entry: Entry, content: Mapping[str, Any]) -> None:
        self.alarms.append((entry.actor, content["person"], content["kind"], entry.subject, entry.at))

    def _set_site(self, _: Entry, content: Mapping[str, Any]) -> None:
        self.sites.append(content)

    def _forget(self, entry: Entry, _: Mapping[str, Any]) -> None:
        """Nothing is told of the case of somebody who was erased."""
        gone = entry.subject
        self.restricted.pop(gone, None)
        self.known.pop(gone, None)
        self.named = {each for each in self.named if each[0] != gone}
        self.conflicts = {key: value for key, value in self.conflicts.items() if key[1] != gone}
        self.alarms = [each for each in self.alarms if each[1] != gone]


_TAKEN: dict[str, Callable[[Said, Entry, Mapping[str, Any]], None]] = {
    RESTRICTED: Said._restrict,
    UNRESTRICTED: Said._unrestrict,
    GRANTED: Said._grant,
    GRANT_ENDED: Said._end_grant,
    DECLARED: Said._declare,
    LIFTED: Said._lift,
    ALARM: Said._alarm,
    SITE_SET: Said._set_site,
    ERASED: Said._forget,
}


class Following:
    """Reads what the ledger says of access, and from then on what it says since.

    Parameters
    ----------
    ledger
        Knows which entries are genuine; no other one is read.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._said, self._seq, self._hash = Said(), 0, ""

    def said(self, connection: Connection) -> Said:
        """Return what stands now; nobody changes it."""
        with self._lock:
            known = self._newest(connection)
            if self._seq and known.get(self._seq) != self._hash:  # another ledger, such as a restored one
                self._said, self._seq, self._hash = Said(), 0, ""
            newest = max(known, default=0)
            if newest > self._seq:
                self._go_on(connection)
                self._seq, self._hash = newest, known[newest]
            return self._said

    def _newest(self, connection: Connection) -> dict[int, str]:
        """Return the hashes of the newest entry and of the one up to which was read, by number."""
        newest = select(func.max(entries.c.seq)).scalar_subquery()
        query = select(entries.c.seq, entries.c.hash).where(or_(entries.c.seq == newest, entries.c.seq == self._seq))
        return {row.seq: row.hash for row in connection.execute(query)}

    def _go_on(self, connection: Connection) -> None:
        query = select(entries).where(entries.c.seq > self._seq, entries.c.action.in_(_TAKEN)).order_by(entries.c.seq)
        # What was handed out is not changed under its reader.
        said = Said(
            {person: dict(found) for person, found in self._said.restricted.items()},
            {person: set(found) for person, found in self._said.known.items()},
            set(self._said.named),
            dict(self._said.conflicts),
            list(self._said.alarms),
            list(self._said.sites),
            dict(self._said.lifted),
        )
        found = [Entry(**row) for row in connection.execute(query).mappings()]
        for entry in filter(self._ledger.holds, found):
            said.take(entry)
        if found:
            self._said = said


def marks(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return by what entries know a restriction: the mark of its row, and what entries from before marks say of it."""
    return mark(row["person"], row["reason"], row["through"], row["related_user"]), _loosely(
        row["reason"], row["through"]
    )


@lru_cache(5000)
def mark(person: str, reason: str, through: str, related_user: str) -> str:
    """Return what an entry says of a restriction's row without naming to whom somebody is related."""
    return str(digest(["restriction", person, reason, through, related_user]))


def _loosely(reason: str, through: str) -> str:
    return f"{reason}/{through}"


def tell_forged(stores: Stores, table: str, key: str) -> None:
    """Enter once that a row counts for nothing since the ledger does not vouch for it.

    Parameters
    ----------
    key
        What tells the row from others; only its hash is entered.
    """
    hashed = str(digest(key))
    with stores.panel.read() as connection:
        told = {entry.content["row"] for entry in stores.ledger.genuine(connection, table) if entry.action == FORGED}
    if hashed not in told:
        with stores.acting() as acting:
            acting.enter("service", FORGED, table, {"row": hashed})
