"""Calls that their sender may send again: the first answer is kept in the transaction of the act itself.

A program that gets no answer cannot know whether its act was recorded. It sends the same call with the same key
again, and gets the first answer: the act is not done twice. Only hashes of keys and requests are kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from serving.errors import KeyReused, StoreError
from serving.storage.stores import Acting
from serving.storage.tables import repeats
from values import Hash, canonical_json, digest

KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class Repeat:
    """A call that may come again.

    Parameters
    ----------
    user
        Who sends it; a key counts for its sender only.
    key
        Hash of the key that the sender chose.
    asked
        Hash of what is asked: the same key never stands for two requests.
    """

    user: str
    key: Hash
    asked: Hash

    def first_answer(self, connection: Connection, now: datetime) -> dict[str, Any] | None:
        """Return what was answered when the call came before; None if it did not within the last 24 hours.

        Raises
        ------
        KeyReused
            If the key came with another request.
        StoreError
            If the answer that was kept is not the one that was given.
        """
        kept = repeats.c
        query = select(repeats).where(kept.user == self.user, kept.key == self.key, kept.at > _oldest(now))
        row = connection.execute(query).mappings().first()
        if row is None:
            return None
        if row["asked"] != self.asked:
            raise KeyReused("This key came with another request before.", "Choose a new key for a new request.")
        answer: dict[str, Any] = json.loads(row["answer"])
        if digest(answer) != row["answer_hash"]:
            raise StoreError("An answer that was kept was changed.", "Read the decisions before you decide again.")
        return answer

    def keep(self, connection: Connection, now: datetime, answer: dict[str, Any]) -> None:
        """Keep the answer in the transaction of the act, and let go of old ones."""
        connection.execute(delete(repeats).where(repeats.c.at <= _oldest(now)))
        row = {"user": self.user, "key": self.key, "asked": self.asked, "answer": canonical_json(answer)}
        connection.execute(insert(repeats).values(**row, answer_hash=digest(answer), at=now.isoformat()))


def done_before(acting: Acting, repeat: Repeat | None) -> bool:
    """Say whether an act that has nothing to answer was done by the same call before; if not, it is from now on."""
    if repeat is None:
        return False
    if repeat.first_answer(acting.connection, acting.now) is not None:
        return True
    repeat.keep(acting.connection, acting.now, {})
    return False


def _oldest(now: datetime) -> str:
    return (now - KEPT).isoformat()
