"""Proofs that this service wrote an account as it is, made with a key outside the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, ScalarSelect, Select, func, select, update

from serving.access.accounts.rows import SEALED, row_of
from serving.keys import Signer
from serving.storage import tables
from serving.storage.stores import Acting, Stores
from serving.storage.tables import users

FORGED = "user.forged"
ADDED, IDENTIFIED, BOUND, CHANGED, BLOCKED, UNBLOCKED = CHANGES = (
    "user.added",
    "user.identified",
    "user.bound",  # to a subject of a provider, or under another name
    "user.changed",
    "user.blocked",
    "user.unblocked",
)
SIGNED_OUT = "sessions.revoked"
ENDING = (CHANGED, BLOCKED, UNBLOCKED, SIGNED_OUT)
"""What ends every session that somebody has."""
LETS_NOBODY_IN = (
    "This account was not written by this service, so it lets nobody in.",
    "Ask an administrator to look at it, then to vouch for it (`drive-panel users block NAME --undo`).",
)
_PROVED = tuple(column.name for column in users.c if column.name not in ("proof", "signed_in_at"))


def is_proved(connection: Connection, signer: Signer, row: Mapping[str, Any]) -> bool:
    """Say whether this service wrote an account as it is, and as it is since the newest entry about it.

    So a row is no proof once it was changed: who puts it back as it was before a block lets nobody in.
    """
    return proves(signer, row, connection.execute(newest_change_of(row["user"])).scalar())


def proves(signer: Signer, row: Mapping[str, Any], newest: int | None) -> bool:
    """Say the same where the number of the newest entry about the account is known."""
    return signer.proves(row["proof"], SEALED, _proved(row, newest))


def vouch(connection: Connection, signer: Signer, user: str) -> None:
    """Prove an account as it is now."""
    newest = connection.execute(newest_change_of(user)).scalar()
    proof = signer.prove(SEALED, _proved(row_of(connection, user), newest))
    connection.execute(update(users).where(users.c.user == user).values(proof=proof))


def enter(acting: Acting, by: str, action: str, user: str, detail: Mapping[str, Any]) -> None:
    """Enter a change of an account, and vouch for the account as it is since."""
    acting.enter(by, action, user, detail)
    vouch(acting.connection, acting.ledger.signer, user)


def newest_change() -> ScalarSelect[Any]:
    """Return the number of the newest entry about the account of a query's row."""
    return newest_change_of(users.c.user).correlate(users).scalar_subquery()


def newest_change_of(user: Any) -> Select[tuple[Any]]:
    """Return the number of the newest entry about the account of a user, or of a column of users."""
    entries = tables.ledger.c
    return select(func.max(entries.seq)).where(entries.subject == user, entries.action.in_(CHANGES))


def tell_forged(stores: Stores, user: str) -> None:
    """Enter that an account or a session of it was not written by this service, once until it is vouched for."""
    entries = tables.ledger.c
    newest = select(entries.action).where(entries.subject == user, entries.action.in_((FORGED, UNBLOCKED)))
    newest = newest.order_by(entries.seq.desc()).limit(1)
    with stores.panel.read() as connection:
        told = connection.execute(newest).scalar() == FORGED
    if not told:
        with stores.acting() as acting:
            acting.enter("service", FORGED, user, {})


def _proved(row: Mapping[str, Any], newest: int | None) -> dict[str, Any]:
    return {**{name: row[name] for name in _PROVED}, "entry": newest}
