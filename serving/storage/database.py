"""One database of the service and its two kinds of transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, MetaData
from sqlalchemy.exc import DBAPIError

from serving.errors import StoreError
from serving.keys import WritingKey
from serving.storage.engines import Address, isolation, open_engine, told

Made = TypeVar("Made")


class Database:
    """An SQLite file, or a schema of a PostgreSQL database.

    Parameters
    ----------
    address
        The file, or the URL of the database in which the schema lies.
    tables
        Its tables; they name the schema.
    key
        What a PostgreSQL database demands of whoever writes and is not its owner.
    """

    def __init__(self, address: Address, tables: MetaData, key: WritingKey | None = None) -> None:
        self.address = address
        self.tables = tables
        self.engine = open_engine(address, tables, key)

    @property
    def path(self) -> Path | None:
        """The file; None on PostgreSQL."""
        return self.address if isinstance(self.address, Path) else None

    @property
    def name(self) -> str:
        """What messages call it: the file's or the schema's name, never where a server is."""
        return self.path.name if self.path else str(self.tables.info["schema"])

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one state and changes nothing."""
        with self._transaction(write=False) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that waits for its turn to write; an exception undoes all of it."""
        with self._transaction(write=True) as connection:
            yield connection

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """Open a transaction that may rebuild tables: SQLite looks at what rows point to only at its end.

        Raises
        ------
        StoreError
            If a row then points to nothing.
        """
        if self.path is None:
            with self.write() as connection:
                yield connection
            return
        with self.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            raw.execute("PRAGMA foreign_keys=OFF")  # cannot be changed within a transaction
        try:
            with self.write() as connection:
                yield connection
                if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                    raise StoreError(f"A row of {self.name} would point to nothing.", "Restore a backup.")
        finally:
            self.engine.dispose()  # the next connection looks at once again

    @contextmanager
    def _transaction(self, write: bool) -> Iterator[Connection]:
        try:
            options = isolation(self.engine, write)
            with self.engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except DBAPIError as problem:
            raise _refused(self.name, problem) from problem

    def compact(self) -> None:
        """Rewrite the database, so that no free page and no write-ahead log of SQLite keeps what was removed.

        Raises
        ------
        StoreError
            If another process holds it open in the middle of reading; ask again once it is done.
        """
        try:
            busy = self._rewrite()
        except DBAPIError as problem:
            raise StoreError(
                f"The database {self.name} could not be rewritten: {told(problem)}.",
                "Run the command as the role that owns the tables, with nobody reading.",
            ) from problem
        if busy:
            raise StoreError(
                f"The database {self.name} is being read, so its log still holds what was removed.",
                "Stop `drive-panel serve` (or wait for its readers), then run the same command again.",
            )

    def _rewrite(self) -> bool:
        """Rewrite every page and say whether a reader stood in the way."""
        if self.path is None:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for table in self.tables.sorted_tables:
                    connection.exec_driver_sql(f'VACUUM (FULL) "{table.name}"')
            return False
        with self.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection  # outside a transaction, where VACUUM may run
            raw.execute("VACUUM")
            (busy, _, _) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return bool(busy)

    def in_one_state(self) -> OneState:
        """Return this database as one reader sees it from now on."""
        return OneState(self)

    def once(self, connection: Connection, name: Any, make: Callable[[], Made]) -> Made:
        """Return what `make` reads through a connection; a reader of one state need not read the same again."""
        return make()

    @property
    def is_held(self) -> bool:
        """Whether a reader holds a connection."""
        return False

    def let_go(self) -> None:
        """Read from now on what is there now; without effect where each transaction reads for itself anyway."""

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


class OneState(Database):
    """A database as one reader sees it: whatever they read is of one state, in one transaction, until they write.

    For one thread at a time. Whoever made it lets it go: until then it holds a connection.
    """

    def __init__(self, whole: Database) -> None:
        self.address, self.tables, self.engine = whole.address, whole.tables, whole.engine
        self._held: tuple[ExitStack, Connection] | None = None
        self._known: dict[Any, Any] = {}

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Read the state that was read first."""
        if self._held is None:
            stack = ExitStack()
            self._held = stack, stack.enter_context(super().read())
        try:
            yield self._held[1]
        except DBAPIError as problem:
            self.let_go()  # a transaction in which a statement failed answers nothing more
            raise _refused(self.name, problem) from problem

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Write, and read afterwards what was written."""
        self.let_go()
        with super().write() as connection:
            yield connection

    def once(self, connection: Connection, name: Any, make: Callable[[], Made]) -> Made:
        """Return what was read under a name in this state, or what `make` reads; never in a transaction that writes."""
        if self._held is None or self._held[1] is not connection:
            return make()
        if name not in self._known:
            self._known[name] = make()
        known: Made = self._known[name]
        return known

    @property
    def is_held(self) -> bool:
        """Whether it holds a connection."""
        return self._held is not None

    def let_go(self) -> None:
        """Give the connection back; whatever is read next is of a newer state."""
        if self._held is not None:
            stack, self._held = self._held[0], None
            self._known.clear()
            stack.close()

    def close(self) -> None:
        """Give the connection back; the database stays open for others."""
        self.let_go()


def _refused(name: str, problem: DBAPIError) -> StoreError:
    return StoreError(
        f"The database {name} refused: {told(problem)}.",
        "Run `drive-panel ledger verify`, and restore a backup if it is damaged.",
    )
