"""Who people are whom agencies referred and no list holds: sealed, apart from what is on file, so that it can go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import insert, select

from serving.errors import ListChanged
from serving.storage.stores import Acting, Stores
from serving.storage.tables import referred as table
from values import digest

_SEALED_FOR = "referral"


def keep(stores: Stores, acting: Acting, person: str, who: Mapping[str, Any]) -> str:
    """Seal who somebody is under their pseudonym and return the hash of what was sealed."""
    sealed = stores.seal.close(_SEALED_FOR, person, dict(who))
    acting.connection.execute(insert(table).values(person=person, sealed=sealed, at=acting.now.isoformat()))
    return str(digest(sealed))


def opened(stores: Stores, hashes: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return who people are by pseudonym; nothing of those erased since.

    Parameters
    ----------
    hashes
        By pseudonym, what the file says was sealed.

    Raises
    ------
    ListChanged
        If something else was put there.
    """
    return {row.person: _opened(stores, row.person, row.sealed, hashes[row.person]) for row in _rows(stores, hashes)}


def _rows(stores: Stores, people: Iterable[str]) -> list[Any]:
    query = select(table.c.person, table.c.sealed).where(table.c.person.in_(sorted(people)))
    with stores.panel.read() as connection:
        return list(connection.execute(query))


def _opened(stores: Stores, person: str, sealed: str, hashed: str) -> dict[str, Any]:
    if digest(sealed) != hashed:
        raise ListChanged("Who was referred is not what was put on file.", "Tell the administrator.")
    return stores.seal.open(_SEALED_FOR, person, sealed)
