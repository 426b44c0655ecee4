"""Whether the ledger is whole, as often as a page asks: all of it every few minutes, what is new or shown at once.

Verifying reads every entry and every row of an act, which takes longer the older a service grows; a page must not. What
was verified as a whole is known by its head. From then on the entries that follow it are verified as they come, and the
newest ones, which the page shows, each time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from serving.ledger.chain import Ledger
from serving.ledger.entries import DISOWNED, Entry, Verification
from serving.storage.tables import ledger as entries

EVERY = timedelta(minutes=5)
NEWEST = 100


@dataclass(frozen=True)
class Checked:
    """What is known of the whole ledger, and when every entry and row was last read for it."""

    result: Verification
    at: datetime


class Checking:
    """Remembers what was verified, for as long as a whole verification may lie back.

    Parameters
    ----------
    clock
        Gives the time now.
    """

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger, self._clock = ledger, clock
        self._lock = threading.Lock()
        self._known: Checked | None = None

    def checked(self, connection: Connection, verify: Callable[[], Verification]) -> Checked:
        """Return whether the ledger is whole; `verify` is asked where the last time that it said so lies back."""
        with self._lock:
            now, known = self._clock(), self._known
            if known is not None and known.result.ok and timedelta(0) <= now - known.at < EVERY:
                result = self._gone_on(connection, known.result)
                if result is not None:
                    self._known = replace(known, result=result)
                    return self._known
            self._known = Checked(verify(), now)
            return self._known

    def _gone_on(self, connection: Connection, before: Verification) -> Verification | None:
        """Return what was verified with what follows it; None where anything is not as it was, or needs all of it."""
        number, _, hashed = before.head.partition(":")
        query = select(entries).where(entries.c.seq >= int(number)).order_by(entries.c.seq)
        found = [Entry(**row) for row in connection.execute(query).mappings()]
        last = None
        if int(number):
            if not found or found[0].head != f"{number}:{hashed}":
                return None
            last = found.pop(0)
        for entry in found:
            if self._ledger.broken(entry, last.seq + 1 if last else 1, last) or entry.action == DISOWNED:
                return None
            last = entry
        if not all(map(self._ledger.holds, self._ledger.entries(connection, NEWEST))):
            return None
        return replace(before, entries=before.entries + len(found), head=last.head if last else before.head)
