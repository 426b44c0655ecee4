"""What somebody typed into a form that their session did not outlast.

A session ends after half an hour without a request, and a chair may write for longer. What then arrives is acted on by
nobody: it is sealed for whom the session was and for the page it was sent to, and given back to them alone once they
have signed in again, to be read and sent by them. After a few hours it is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from serving.errors import StoreError
from serving.ledger.access import tell_forged
from serving.storage.stores import Stores
from serving.storage.tables import unsent as table

KEPT = timedelta(hours=8)
_MOST = 10
"""Forms kept for one person; the oldest go first."""
Fields = list[tuple[str, str]]


@dataclass(frozen=True)
class Unsent:
    """A form that was not sent: the address it was for, what was filled in, and when it arrived."""

    page: str
    fields: Fields
    at: str


def keep(stores: Stores, user: str, page: str, fields: Fields) -> None:
    """Keep what somebody filled in, in place of what they filled in there before."""
    now = stores.now()
    sealed = stores.seal.close(_bound(page), user, {"fields": fields, "at": now.isoformat()})
    column = table.c
    with stores.panel.write() as connection:
        stale = (column.at <= (now - KEPT).isoformat()) | ((column.user == user) & (column.page == page))
        connection.execute(delete(table).where(stale))
        kept = select(column.page).where(column.user == user).order_by(column.at.desc()).offset(_MOST - 1)
        for old in connection.execute(kept).scalars().all():
            connection.execute(delete(table).where(column.user == user, column.page == old))
        connection.execute(insert(table).values(user=user, page=page, sealed=sealed, at=now.isoformat()))


def unsent(stores: Stores, user: str) -> list[Unsent]:
    """Return what is kept for somebody, the newest first.

    Nothing that was kept too long ago, or sealed for others or elsewhere; the ledger is told of the latter.
    """
    with stores.panel.read() as connection:
        query = select(table).where(table.c.user == user).order_by(table.c.at.desc())
        rows = connection.execute(query).mappings().all()
    found = []
    for row in rows:
        try:
            content = stores.seal.open(_bound(row["page"]), user, row["sealed"])
        except StoreError:  # put there by somebody without the key
            tell_forged(stores, table.name, f"{user} {row['page']}")
            continue
        if stores.now() - datetime.fromisoformat(content["at"]) < KEPT:
            typed = [(name, value) for name, value in content["fields"]]
            found.append(Unsent(row["page"], typed, content["at"]))
    return found


def let_go(stores: Stores, user: str, page: str) -> None:
    """Remove what is kept for somebody and a page."""
    with stores.panel.write() as connection:
        connection.execute(delete(table).where(table.c.user == user, table.c.page == page))


def forget(connection: Connection, person: str) -> None:
    """Remove every form for a page of one person on a list, as they are erased."""
    connection.execute(delete(table).where(table.c.page.contains(person, autoescape=True)))


def _bound(page: str) -> str:
    """Return what a form is sealed to in place of a run: no run is called so."""
    return f"unsent {page}"
