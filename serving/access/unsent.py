"""What somebody typed into a form that their session did not outlast.

A session ends after half an hour without a request, and a chair may write for longer. What then arrives is acted on by
nobody: it is sealed for whom the session was and for the page it was sent to, and given back to them alone once they
have signed in again, to be read and sent by them. Hours later it goes: when anybody signs in, and before a backup.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from serving.access.humans import words
from serving.errors import StoreError
from serving.ledger.access import tell_forged
from serving.storage.stores import Stores
from serving.storage.tables import filed
from serving.storage.tables import unsent as table

KEPT = timedelta(hours=8)
RESENT = "unsent"
"""The field by which a form says that it holds what was kept."""
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
        drop_old(connection, now)
        connection.execute(delete(table).where(column.user == user, column.page == page))
        kept = select(column.page).where(column.user == user).order_by(column.at.desc()).offset(_MOST - 1)
        for old in connection.execute(kept).scalars().all():
            connection.execute(delete(table).where(column.user == user, column.page == old))
        connection.execute(insert(table).values(user=user, page=page, sealed=sealed, at=now.isoformat()))


def unsent(stores: Stores, user: str) -> list[Unsent]:
    """Return what is kept for somebody, the newest first.

    Nothing that was kept too long ago, and which goes by that, or sealed for others or elsewhere; the ledger is told of
    the latter.
    """
    with stores.panel.read() as connection:
        query = select(table).where(table.c.user == user).order_by(table.c.at.desc())
        rows = connection.execute(query).mappings().all()
        has_old = connection.execute(select(table.c.at).where(_is_old(stores.now())).limit(1)).scalar() is not None
    if has_old:
        with stores.panel.write() as connection:
            drop_old(connection, stores.now())
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


def drop_old(connection: Connection, now: datetime) -> None:
    """Remove whatever was kept too long ago, whoever typed it."""
    connection.execute(delete(table).where(_is_old(now)))


def forget(stores: Stores, connection: Connection, person: str, known: Collection[Mapping[str, Any]]) -> None:
    """Remove every form for a page about somebody who is erased, and every one in which they are named.

    Parameters
    ----------
    known
        Who they are (`given_name`, `family_name`), as each list and referral knew them.
    """
    column = filed.c
    referrals = connection.execute(select(column.number).where(column.kind == "referral", column.person == person))
    pages = tuple(f"/referrals/{number}/" for number in referrals.scalars())
    names = {words(f"{who.get('given_name') or ''} {who.get('family_name') or ''}") for who in known} - {frozenset()}
    for row in connection.execute(select(table)).mappings().all():
        said = f"{row['page']} {_typed(stores, row)}"
        if person in said or row["page"].startswith(pages) or any(name <= words(said) for name in names):
            connection.execute(delete(table).where(table.c.user == row["user"], table.c.page == row["page"]))


def _typed(stores: Stores, row: Mapping[Any, Any]) -> str:
    """Return all that was filled in; nothing where somebody without the key put it there."""
    try:
        content = stores.seal.open(_bound(row["page"]), row["user"], row["sealed"])
    except StoreError:
        return ""
    return " ".join(value for _, value in content["fields"])


def _is_old(now: datetime) -> ColumnElement[bool]:
    return table.c.at <= (now - KEPT).isoformat()


def _bound(page: str) -> str:
    """Return what a form is sealed to in place of a run: no run is called so."""
    return f"unsent {page}"
