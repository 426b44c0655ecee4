"""One random key a person, so that what outlives an erasure holds a pseudonym that nobody can undo."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from records.errors import KeyringUnreadable
from records.storage.files import private_folder
from values import new_key, pseudonym

_AT_ONCE = 500


class Keyring:
    """The keys behind the pseudonyms, in one SQLite file (0600).

    Parameters
    ----------
    path
        The file; made on first use.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def pseudonyms(self, person_ids: Iterable[str]) -> dict[str, str]:
        """Return the pseudonym of each person, making a key for whoever has none.

        Raises
        ------
        KeyringUnreadable
            If the file may not be opened or is not a keyring.
        """
        wanted = list(dict.fromkeys(person_ids))
        with self._opened() as database:
            keys = _keys(database, wanted)
            fresh = [(person, new_key()) for person in wanted if person not in keys]
            database.executemany("INSERT INTO keys (person_id, key) VALUES (?, ?)", fresh)
        keys.update(fresh)
        return {person: pseudonym(keys[person], person) for person in wanted}

    def known(self, person_ids: Iterable[str]) -> dict[str, str]:
        """Return the pseudonyms of those who have one; nobody is given a key."""
        if not self.path.exists():
            return {}
        with self._opened() as database:
            keys = _keys(database, list(dict.fromkeys(person_ids)))
        return {person: pseudonym(key, person) for person, key in keys.items()}

    def whose(self, name: str) -> str | None:
        """Return the person behind a pseudonym; None where no key gives it, which is so once it was destroyed."""
        if not self.path.exists():
            return None
        with self._opened() as database:
            every = database.execute("SELECT person_id, key FROM keys").fetchall()
        return next((person for person, key in every if pseudonym(key, person) == name), None)

    def destroy(self, person_id: str) -> bool:
        """Destroy the key of a person; say whether there was one.

        SQLite overwrites the deleted key with zeros (``secure_delete``).
        """
        with self._opened() as database:
            return database.execute("DELETE FROM keys WHERE person_id = ?", (person_id,)).rowcount > 0

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            private_folder(self.path.parent) if not self.path.parent.exists() else None
            self.path.touch(mode=0o600)
            database = sqlite3.connect(self.path, isolation_level=None, timeout=30)
        except (OSError, sqlite3.Error) as error:
            raise self._unreadable() from error
        try:
            database.execute("PRAGMA secure_delete = ON")
            database.execute("BEGIN IMMEDIATE")
            database.execute("CREATE TABLE IF NOT EXISTS keys (person_id TEXT PRIMARY KEY, key BLOB NOT NULL)")
            yield database
            database.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._unreadable() from error
        finally:
            database.close()  # without COMMIT nothing was written

    def _unreadable(self) -> KeyringUnreadable:
        return KeyringUnreadable(
            f"The keyring {self.path.name} cannot be used.", "Check its permissions, or restore it from backup."
        )


def _keys(database: sqlite3.Connection, persons: list[str]) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for start in range(0, len(persons), _AT_ONCE):
        some = persons[start : start + _AT_ONCE]
        marks = ",".join("?" * len(some))
        keys.update(
            database.execute(
                f"SELECT person_id, key FROM keys WHERE person_id IN ({marks})",  # noqa: S608 - only marks
                some,
            )
        )
    return keys
