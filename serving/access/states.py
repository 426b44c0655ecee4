"""Sign-ins that came back from the provider: each comes back once, to whichever process."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from sqlalchemy import delete, insert, select

from serving.storage.stores import Stores
from serving.storage.tables import spent_states

_KEPT = timedelta(hours=1)  # longer than the cookie that a sign-in on its way lives in


def spend(stores: Stores, state: str) -> bool:
    """Say whether this is the first time that a sign-in comes back; the next one with the same state is a replay."""
    key = hashlib.sha256(state.encode()).hexdigest()
    with stores.panel.write() as connection:
        now = stores.now()
        if connection.execute(select(spent_states.c.at).where(spent_states.c.key == key)).first() is not None:
            return False
        connection.execute(delete(spent_states).where(spent_states.c.at < (now - _KEPT).isoformat()))
        connection.execute(insert(spent_states).values(key=key, at=now.isoformat()))
    return True
