"""What the handlers of the service work on: both databases, the ledger, the keys, the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, insert

from serving.errors import ClockBehind, StoreError
from serving.files import FileWatch, Seen
from serving.keys import Seal, WritingKey
from serving.ledger import CLOCK_BEHIND, Entry, Ledger, act
from serving.ledger.access import Following
from serving.ledger.checking import Checking
from serving.ledger.views import ViewLog
from serving.recent import Recent
from serving.storage.database import Database
from serving.storage.engines import Address
from serving.storage.migrating import prepare
from serving.storage.showing import knows_none, set_key
from serving.storage.tables import PANEL, SCORES

_LONDON = ZoneInfo("Europe/London")


def in_london(at: datetime | str) -> date:
    """Return the day in London of a time, or of one in ISO format."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.astimezone(_LONDON).date()


@dataclass
class Acting:
    """A write transaction on the panel's database and the ledger entries made in it."""

    connection: Connection
    now: datetime
    ledger: Ledger
    entries: list[Entry] = field(default_factory=list)

    def enter(
        self,
        actor: str,
        action: str,
        subject: str,
        detail: Mapping[str, Any],
        rows: Sequence[tuple[Table, Mapping[str, Any]]] = (),
    ) -> None:
        """Insert `rows` and enter the act that made them, with their hashes, in the ledger."""
        for table, row in rows:
            self.connection.execute(insert(table).values(**row))
        acts = [act(table, row) for table, row in rows]
        content = {**detail, "acts": acts} if acts else dict(detail)
        self.entries.append(self.ledger.append(self.connection, self.now, actor, action, subject, content))


class Stores:
    """Both databases and what guards them.

    Parameters
    ----------
    panel
        The panel's database, which every process opens: an SQLite file, or the URL of a PostgreSQL database.
    scores
        The unreleased lists; None in the web process, which never opens them. On PostgreSQL usually the same URL.
    keys
        Folder of the keys and of the ledger's signed heads.
    clock
        Gives the time now, with its time zone.
    workspace
        Where relative file pins start from; by default the folder that holds `keys`.
    reviewing
        The panel's database as the role reaches it that alone may store acts of review; by default `panel`.

    Raises
    ------
    StoreError
        If a database is not there or is of another version of the program. A process that was given the unreleased
        lists makes databases that are not there; no process changes the tables of one that is.
    """

    def __init__(
        self,
        panel: Address,
        scores: Address | None,
        keys: Path,
        clock: Callable[[], datetime],
        workspace: Path | None = None,
        reviewing: Address | None = None,
    ) -> None:
        self.clock = clock
        self.workspace = workspace or keys.parent
        key = WritingKey(keys)
        self.panel = Database(panel, PANEL, key)
        self.reviewing = Database(reviewing, PANEL, key) if reviewing not in (None, panel) else self.panel
        self._scores = Database(scores, SCORES, key) if scores is not None else None
        try:
            for database in (self.panel, self._scores):
                if database is not None:
                    prepare(database, make=self.has_scores)
                    if self.has_scores:
                        _introduce(database, key)
        except StoreError:
            self.close()
            raise
        self.seal = Seal(keys)
        self.ledger = Ledger(keys)
        self.access = Following(self.ledger)
        self.checking = Checking(self.ledger, clock)
        self.views = ViewLog(self)
        self.watch = FileWatch(self.workspace, clock)
        self.seen = Seen(clock)
        self.recent = Recent()

    @property
    def has_scores(self) -> bool:
        """Whether this process was given the unreleased lists."""
        return self._scores is not None

    @property
    def scores(self) -> Database:
        """The unreleased lists.

        Raises
        ------
        StoreError
            In a process that was not given them.
        """
        if self._scores is None:
            raise StoreError("This process does not open unreleased lists.", "Run it as a batch command.")
        return self._scores

    def now(self) -> datetime:
        """Return the time now; a clock without a time zone is a programming error."""
        now = self.clock()
        if now.tzinfo is None:
            raise ValueError("The clock must give a time zone.")
        return now

    def today(self) -> date:
        """Return today's date in London, which is where a release expires."""
        return in_london(self.now())

    def in_one_state(self) -> Stores:
        """Return these stores for one reader, whose reads share a transaction until they write or are let go."""
        found = copy(self)
        found.panel = self.panel.in_one_state()
        found.reviewing = found.panel if self.reviewing is self.panel else self.reviewing
        return found

    @contextmanager
    def acting(self, database: Database | None = None) -> Iterator[Acting]:
        """Open a transaction for an act; its signed heads go to the outside file once it is committed.

        Parameters
        ----------
        database
            `reviewing` for an act of review; by default `panel`.

        Raises
        ------
        ClockBehind
            If the clock was set back; that is entered in the ledger once.
        """
        self.panel.let_go()
        with (database or self.panel).write() as connection:
            acting, behind = self._acting(connection)
            if behind is None:
                yield acting
        for entry in acting.entries:
            self.ledger.witness(entry)
        if behind is not None:
            raise behind

    def _acting(self, connection: Connection) -> tuple[Acting, ClockBehind | None]:
        """Return an act at the time now or, where the clock was set back, one that only says so."""
        now = self.now()
        try:
            return Acting(connection, self.ledger.in_time(connection, now), self.ledger), None
        except ClockBehind as behind:
            latest = self.ledger.latest(connection)
            newest = datetime.fromisoformat(latest.at) if latest else now
            acting = Acting(connection, newest, self.ledger)
            if latest is None or latest.action != CLOCK_BEHIND:
                acting.enter("service", CLOCK_BEHIND, "clock", {"clock": now.isoformat()})
            return acting, behind

    def close(self) -> None:
        """Close both databases."""
        self.panel.close()
        self.reviewing.close()
        if self._scores is not None:
            self._scores.close()


def _introduce(database: Database, key: WritingKey) -> None:
    """Set the key of a database that knows none yet (new, restored or moved), where this is its owner's process."""
    with database.read() as connection:
        unknown = knows_none(connection)
    if unknown:
        with database.write() as connection:
            set_key(connection, key)
