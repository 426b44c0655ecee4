"""Whom a sign-in provider sends: their first sign-in binds an account, later ones keep it as vouched for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, update

from serving.access.accounts.account import Arrival, account_of
from serving.access.accounts.changing import put_back, put_in
from serving.access.accounts.one_person import recognise
from serving.access.accounts.proofs import ADDED, BOUND, CHANGED, enter
from serving.access.accounts.rows import row_of
from serving.errors import NotPermitted
from serving.people import Permission, Person
from serving.storage import tables
from serving.storage.stores import Acting, Stores
from serving.storage.tables import users

_UNTOLD = (
    "Nothing tells yet who holds this account, and its role sees names.",
    "Ask whoever runs this service to say who you are (`drive-panel users identify NAME`), then sign in again.",
)
_NAMES = (Permission.SEE_IDENTITY, Permission.REVIEW_LINKS)  # what shows names of people


def known(connection: Connection, arrival: Arrival) -> Mapping[str, Any] | None:
    """Return the account of a subject; or one that was added for this login and waits for its first sign-in."""
    for found in (
        (users.c.provider == arrival.provider) & (users.c.subject == arrival.subject),
        (users.c.login == arrival.login.casefold()) & users.c.subject.is_(None),
    ):
        row = connection.execute(select(users).where(found)).mappings().first()
        if row is not None:
            return dict(row)
    return None


def let_in(stores: Stores, acting: Acting, row: Mapping[str, Any] | None, arrival: Arrival) -> Person:
    """Return whom an arrival is, and keep what their provider says of them; see `Accounts.arrive`."""
    if row is None:
        person = _new_person(acting.connection, arrival)
        put_in(acting, person, arrival.provider, login=arrival.login.casefold() or None)
        row = row_of(acting.connection, person.user)
    if not row["active"]:
        raise NotPermitted("Your account is blocked.", "Ask an administrator of this service.")
    alone = arrival.role is None and _is_given_by_account(acting.connection, row["user"])
    person = _as_vouched(acting, row, arrival)
    bound = {"name": arrival.name, "provider": arrival.provider, "subject": arrival.subject}
    acting.connection.execute(update(users).where(users.c.user == person.user).values(**bound))
    recognise(stores, acting, person, arrival.identity or {})
    now = row_of(acting.connection, person.user)
    if alone and now["human"] is None and any(map(person.may, _NAMES)):
        raise NotPermitted(*_UNTOLD)
    if any(row[name] != now[name] for name in (*bound, "sealed", "human")):
        enter(acting, arrival.provider, BOUND, person.user, {})
    return person


def _is_given_by_account(connection: Connection, user: str) -> bool:
    """Say whether an account gave somebody the role and areas that they have, and no command or provider did."""
    entries = tables.ledger.c
    changes = select(entries.actor).where(entries.subject == user, entries.action.in_((ADDED, CHANGED)))
    newest = changes.order_by(entries.seq.desc()).limit(1).scalar_subquery()
    return connection.execute(select(users.c.user).where(users.c.user == newest)).first() is not None


def _new_person(connection: Connection, arrival: Arrival) -> Person:
    if arrival.role is None:
        raise NotPermitted("Nobody gave you a role in this service.", "Ask an administrator of this service.")
    wanted = re.sub(r"[^a-z0-9.-]+", "-", arrival.login.partition("@")[0].lower()).strip(".-")[:50] or "user"
    taken = set(connection.execute(select(users.c.user).where(users.c.user.startswith(wanted))).scalars())
    user, number = wanted, 1
    while user in taken:
        number += 1
        user = f"{wanted}-{number}"
    return Person(user, arrival.name, arrival.role, arrival.areas or frozenset(), arrival.agency)


def _as_vouched(acting: Acting, row: Mapping[str, Any], arrival: Arrival) -> Person:
    """Return the person with the role and areas that the provider gives today, stored where they changed."""
    before = account_of(row)
    person = Person(
        before.user,
        arrival.name,
        arrival.role or before.role,
        before.areas if arrival.areas is None else arrival.areas,
        arrival.agency or before.agency,
    )
    if (person.role, person.areas, person.agency) != (before.role, before.areas, before.agency):
        put_back(acting, person, arrival.provider)
    return person
