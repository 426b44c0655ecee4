"""Rows of the table of users, and of their sessions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from serving.errors import NotFound
from serving.people import Person
from serving.storage.tables import sessions, users
from values import canonical_json

SEALED = "users"
"""What the seal and the proof of a row are bound to."""


def row_of(connection: Connection, user: str) -> Mapping[str, Any]:
    """Return the row of an account; raises `NotFound`."""
    row = connection.execute(select(users).where(users.c.user == user)).mappings().first()
    if row is None:
        raise no_such_user()
    return dict(row)


def no_such_user() -> NotFound:
    """Return what is said of an account that is not there, and of one beyond the areas of who asks."""
    return NotFound("There is no such user.", "`drive-panel users list` shows all of them.")


def new_values(person: Person, by: str, now: datetime) -> dict[str, Any]:
    """Return the values of a new row."""
    return {"user": person.user, **changed_values(person), "active": True, "added_by": by, "added_at": now.isoformat()}


def changed_values(person: Person) -> dict[str, Any]:
    """Return the values that a change of an account gives its row."""
    areas = canonical_json(sorted(person.areas))
    return {"name": person.name, "role": person.role.value, "areas": areas, "agency": person.agency}


def end_sessions(connection: Connection, user: str, now: datetime) -> int:
    """End every open session of a user and return how many there were."""
    open_ = (sessions.c.user == user) & sessions.c.ended_at.is_(None)
    return connection.execute(update(sessions).where(open_).values(ended_at=now.isoformat())).rowcount
