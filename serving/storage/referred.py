"""Who people are whom agencies referred and no list holds: sealed, apart from what is on file, so that it can go."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import insert, select

from serving.errors import StoreError
from serving.ledger.access import tell_forged
from serving.storage.stores import Acting, Stores
from serving.storage.tables import referred as table
from values import digest

_SEALED_FOR = "referral"


def keep(stores: Stores, acting: Acting, person: str, who: Mapping[str, Any]) -> str:
    """Seal who somebody is under their pseudonym and return the hash of what was sealed."""
    sealed = stores.seal.close(_SEALED_FOR, person, dict(who))
    acting.connection.execute(insert(table).values(person=person, sealed=sealed, at=acting.now.isoformat()))
    return str(digest(sealed))


def told_of(stores: Stores, person: str, sealed: Iterable[str]) -> list[dict[str, Any]]:
    """Return what was sealed under a pseudonym."""
    found = []
    for text in sealed:
        with contextlib.suppress(StoreError):  # put there by somebody without the key: it says nothing
            found.append(stores.seal.open(_SEALED_FOR, person, text))
    return found


def opened(stores: Stores, hashes: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return who people are by pseudonym; nothing of those erased since, nor of what SQL put in their place or took.

    The ledger is told of a row that is not what was put on file, and of one that is gone without an erasure.

    Parameters
    ----------
    hashes
        By pseudonym, what the file says was sealed.
    """
    if not hashes:
        return {}
    query = select(table.c.person, table.c.sealed).where(table.c.person.in_(sorted(hashes)))
    with stores.panel.read() as connection:
        sealed = {row.person: row.sealed for row in connection.execute(query)}
        gone = {person for person in hashes if person not in sealed}
        forged = gone and {person for person in gone if hashes[person] not in stores.ledger.erased(connection)}
    genuine = {person: text for person, text in sealed.items() if digest(text) == hashes[person]}
    for person in sorted({*forged, *(sealed.keys() - genuine.keys())}):
        tell_forged(stores, table.name, person)
    return {person: stores.seal.open(_SEALED_FOR, person, text) for person, text in genuine.items()}
