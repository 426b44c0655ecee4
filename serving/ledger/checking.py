"""Whether the ledger is whole, as often as a page asks: what is new or shown at once, all of it when somebody asks.

Verifying reads every entry and every row of an act, which takes longer the older a service grows; a page must not. What
was verified as a whole is known by its head. From then on the entries that follow it are verified as they come, and the
newest ones, which the page shows, each time. Where one of these is not as it should be, all of it is read to say what.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection, select

from serving.ledger.chain import Ledger
from serving.ledger.entries import DISOWNED, GENESIS, Entry, Verification
from serving.storage.tables import ledger as entries

NEWEST = 100


@dataclass(frozen=True)
class Checked:
    """What is known of the ledger.

    Parameters
    ----------
    at
        When every entry and row was last read for it; None where this process has not read all of them yet, and
        `result` speaks of the newest entries alone.
    """

    result: Verification
    at: datetime | None


class Checking:
    """Remembers what was verified as a whole.

    Parameters
    ----------
    clock
        Gives the time now.
    """

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger, self._clock = ledger, clock
        self._known: Checked | None = None
        self._lock = threading.Lock()

    def checked(self, connection: Connection, verify: Callable[[], Verification], whole: bool = False) -> Checked:
        """Return what is known of the ledger.

        Parameters
        ----------
        verify
            Reads all of it; asked where something is not as it should be.
        whole
            Whether all of it is to be read now.
        """
        known = self._known
        if not whole and (known is None or known.result.ok):
            result = self._gone_on(connection, known.result) if known else self._newest(connection)
            if result is not None:
                return self._went_on(known, result)
        return self._read_whole(known, Checked(verify(), self._clock()))

    def _went_on(self, known: Checked | None, result: Verification) -> Checked:
        """Keep what follows what was known, unless more was learned in the meantime; return what is known now."""
        with self._lock:
            if known is not None and self._known is known:
                self._known = replace(known, result=result)
            return self._known or Checked(result, None)

    def _read_whole(self, known: Checked | None, found: Checked) -> Checked:
        """Keep what was found when all was read; damage that another reading found in the meantime stays known."""
        with self._lock:
            now = self._known
            if found.result.ok and now is not None and now is not known and not now.result.ok:
                return now
            self._known = found
            return found

    def _newest(self, connection: Connection) -> Verification | None:
        """Return that the newest entries follow each other; None where one of them does not."""
        found = self._ledger.entries(connection, NEWEST)[::-1]
        if not all(map(self._ledger.holds, found)):
            return None
        if any(self._ledger.broken(entry, last.seq + 1, last) for last, entry in pairwise(found)):
            return None
        number, head = (found[-1].seq, found[-1].head) if found else (0, f"0:{GENESIS}")
        return Verification(True, number, head, key=self._ledger.public_key)

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
        if self._newest(connection) is None:
            return None
        return replace(before, entries=before.entries + len(found), head=last.head if last else before.head)
