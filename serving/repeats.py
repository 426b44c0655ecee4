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

from serving.errors import DecisionConflict, KeyReused
from serving.keys import Signer
from serving.storage.stores import Acting
from serving.storage.tables import repeats
from values import Hash, canonical_json

KEPT = timedelta(hours=24)
_KIND, _PROVED = "repeat", ("user", "key", "asked", "answer", "at")


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
    signer
        Proves that an answer which was kept is one that this service gave.
    """

    user: str
    key: Hash
    asked: Hash
    signer: Signer

    def first_answer(self, connection: Connection, now: datetime) -> dict[str, Any] | None:
        """Return what was answered when the call came before; None if it did not within the last 24 hours.

        Raises
        ------
        KeyReused
            If the key came with another request.
        DecisionConflict
            If the answer that was kept is not one that this service gave.
        """
        kept = repeats.c
        query = select(repeats).where(kept.user == self.user, kept.key == self.key, kept.at > _oldest(now))
        row = connection.execute(query).mappings().first()
        if row is None:
            return None
        if row["asked"] != self.asked:
            raise KeyReused("This key came with another request before.", "Choose a new key for a new request.")
        if not self.signer.proves(row["answer_hash"], _KIND, {name: row[name] for name in _PROVED}):
            raise DecisionConflict("An answer that was kept was changed.", "Read what was decided, then send it anew.")
        answer: dict[str, Any] = json.loads(row["answer"])
        return answer

    def keep(self, connection: Connection, now: datetime, answer: dict[str, Any]) -> None:
        """Keep the answer in the transaction of the act, and let go of old ones."""
        connection.execute(delete(repeats).where(repeats.c.at <= _oldest(now)))
        kept = {"asked": self.asked, "answer": canonical_json(answer), "at": now.isoformat()}
        row = {"user": self.user, "key": self.key, **kept}
        connection.execute(insert(repeats).values(**row, answer_hash=self.signer.prove(_KIND, row)))


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
