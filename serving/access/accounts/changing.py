"""Changes of an account within one transaction, each entered in the ledger."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import insert, or_, select, update

from serving.access.accounts.one_person import refuse_second
from serving.access.accounts.proofs import (
    ADDED,
    BLOCKED,
    CHANGED,
    UNBLOCKED,
    enter,
    is_proved,
    newest_change_of,
    vouch,
)
from serving.access.accounts.rows import changed_values, end_sessions, new_values, row_of
from serving.errors import FilingConflict, NotPermitted
from serving.people import PEOPLE, Person, Role
from serving.storage import tables
from serving.storage.stores import Acting
from serving.storage.tables import users


def check(user: str, role: Role) -> None:
    """Pass if a name and a role are such as an account may have."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,63}", user):
        raise NotPermitted(
            "A user's name is of small letters, digits, full stops and hyphens.", "For example: jo.chair"
        )
    if role not in PEOPLE:
        raise NotPermitted("This role is not a person's.", f"Use {', '.join(PEOPLE)}.")


def refuse_taken(acting: Acting, user: str, login: str) -> None:
    """Pass unless another account has the name or the login."""
    taken = select(users.c.user).where(users.c.user == user)
    if login:
        taken = select(users.c.user).where(or_(users.c.user == user, users.c.login == login.casefold()))
    if acting.connection.execute(taken).first() is not None:
        raise NotPermitted("There is such a user already.", "`drive-panel users list` shows all of them.")


def put_in(acting: Acting, person: Person, by: str, login: str | None) -> None:
    """Add an account."""
    values = new_values(person, by, acting.now)
    acting.connection.execute(insert(users).values(**values, login=login))
    enter(acting, by, ADDED, person.user, _rights(person))


def put_back(acting: Acting, person: Person, by: str) -> None:
    """Change an account, which ends every session of it."""
    acting.connection.execute(update(users).where(users.c.user == person.user).values(**changed_values(person)))
    ended = end_sessions(acting.connection, person.user, acting.now)
    enter(acting, by, CHANGED, person.user, {**_rights(person), "sessions_ended": ended})


def block(acting: Acting, user: str, by: str, active: bool) -> None:
    """Block an account or let it in again, which vouches for it as it is now."""
    row = row_of(acting.connection, user)
    vouched = active or is_proved(acting.connection, acting.ledger.signer, row)
    acting.connection.execute(update(users).where(users.c.user == user).values(active=active))
    if active:
        refuse_second(acting, user)
    ended = end_sessions(acting.connection, user, acting.now)
    acting.enter(by, UNBLOCKED if active else BLOCKED, user, {"sessions_ended": ended})
    if vouched:
        vouch(acting.connection, acting.ledger.signer, user)


def refuse_overtaken(acting: Acting, user: str, read: int) -> None:
    """Pass unless somebody changed an account after the change that was read."""
    entries = tables.ledger.c
    query = select(entries.actor, entries.at).where(
        entries.seq == newest_change_of(user).scalar_subquery(), entries.seq != read
    )
    since = acting.connection.execute(query).first()
    if since is not None:
        told = "Somebody changed this account after you read it."
        raise FilingConflict(told, "Read it as it is now, then send yours or leave it.", since.actor, since.at)


def _rights(person: Person) -> dict[str, Any]:
    return {"role": person.role.value, "areas": sorted(person.areas), "agency": person.agency}
