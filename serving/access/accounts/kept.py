"""Accounts as they are kept: added, found, changed and blocked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import insert, select, update

from serving.access.accounts import changing
from serving.access.accounts.account import DEMO, Account, Arrival, SignIn, account_of
from serving.access.accounts.arriving import known, let_in
from serving.access.accounts.one_person import noting_twice, recognise
from serving.access.accounts.proofs import (
    IDENTIFIED,
    LETS_NOBODY_IN,
    SIGNED_OUT,
    enter,
    is_proved,
    newest_change_of,
    tell_forged,
    vouch,
)
from serving.access.accounts.rows import SEALED, changed_values, end_sessions, new_values, row_of
from serving.errors import NotPermitted
from serving.people import Person, Role
from serving.repeats import Repeat, done_before
from serving.storage.stores import Stores
from serving.storage.tables import sessions, users


class Accounts:
    """Adds, finds, changes and blocks accounts; every change is in the ledger."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def all(self) -> list[Account]:
        """Return every account by name; made-up users of a demonstration too."""
        with self._stores.panel.read() as connection:
            return [account_of(row) for row in connection.execute(select(users).order_by(users.c.user)).mappings()]

    def find(self, user: str) -> Account:
        """Return one account; raises `NotFound`."""
        with self._stores.panel.read() as connection:
            return account_of(row_of(connection, user))

    def add(
        self,
        person: Person,
        by: str,
        login: str = "",
        identity: Mapping[str, str] | None = None,
        repeat: Repeat | None = None,
    ) -> Account:
        """Add somebody before they first sign in; their first sign-in as `login` binds the account to its subject.

        A call that is sent again (`repeat`) does nothing.

        Parameters
        ----------
        identity
            What is known of who they are; see `Arrival`.

        Raises
        ------
        NotPermitted
            If the name is taken, the login belongs to another account, the role is not one of the five, or another
            account of the same person is in force.
        """
        changing.check(person.user, person.role)
        with noting_twice(self._stores, by), self._stores.acting() as acting:
            if not done_before(acting, repeat):
                changing.refuse_taken(acting, person.user, login)
                changing.put_in(acting, person, by, login=login.casefold() or None)
                recognise(self._stores, acting, person, identity or {})
        return self.find(person.user)

    def identify(self, user: str, by: str, identity: Mapping[str, str]) -> Account:
        """Say more of who the holder of an account is; nothing that was known before is forgotten.

        Raises
        ------
        NotFound, NotPermitted
            If there is no such account, it is not this service's, or another one of the same person is in force.
        """
        with noting_twice(self._stores, by), self._stores.acting() as acting:
            row = row_of(acting.connection, user)
            if not is_proved(acting.connection, acting.ledger.signer, row):
                raise NotPermitted(*LETS_NOBODY_IN)
            recognise(self._stores, acting, account_of(row).person, identity)
            enter(acting, by, IDENTIFIED, user, {"by": sorted(identity)})
        return self.find(user)

    def arrive(self, arrival: Arrival) -> Person:
        """Return whom an arrival is here; the first one makes an account where the claims give a role.

        Raises
        ------
        NotPermitted
            If the account is blocked, nobody gave the person a role, another account of theirs is in force, or an
            administrator alone lets them see names and nothing tells who they are.
        """
        with noting_twice(self._stores, arrival.provider), self._stores.acting() as acting:
            row = known(acting.connection, arrival)
            if row is None or is_proved(acting.connection, acting.ledger.signer, row):
                return let_in(self._stores, acting, row, arrival)
            forged = str(row["user"])
        tell_forged(self._stores, forged)
        raise NotPermitted(*LETS_NOBODY_IN)

    def make_up(self, person: Person) -> Person:
        """Let a made-up user of a demonstration in as configured, or as an administrator changed the account since."""
        with self._stores.panel.write() as connection:
            now = self._stores.now()
            row = connection.execute(select(users).where(users.c.user == person.user)).mappings().first()
            if row is not None and connection.execute(newest_change_of(person.user)).scalar() is not None:
                return account_of(row).person
            if row is None:
                values = new_values(person, DEMO, now)
                connection.execute(insert(users).values(**values, provider=DEMO, subject=person.user))
            elif account_of(row).person != person:
                connection.execute(update(users).where(users.c.user == person.user).values(**changed_values(person)))
                end_sessions(connection, person.user, now)
            vouch(connection, self._stores.ledger.signer, person.user)
        return person

    def change(
        self,
        user: str,
        by: str,
        role: Role | None = None,
        areas: Iterable[str] | None = None,
        agency: str | None = None,
        repeat: Repeat | None = None,
        read: int | None = None,
    ) -> Account:
        """Give somebody another role, other areas or another agency; they sign in anew.

        A call that is sent again (`repeat`) does nothing.

        Parameters
        ----------
        read
            The account's newest change that who changes it has read (`newest`); None for whoever reads none.

        Raises
        ------
        NotFound, NotPermitted, FilingConflict
            The last if somebody changed it since.
        """
        with self._stores.acting() as acting:
            row, done = row_of(acting.connection, user), done_before(acting, repeat)
            if read is not None and not done:
                changing.refuse_overtaken(acting, user, read)
            if not is_proved(acting.connection, acting.ledger.signer, row):
                raise NotPermitted(*LETS_NOBODY_IN)
            before = account_of(row)
            person = Person(
                user,
                before.name,
                before.role if role is None else role,
                before.areas if areas is None else frozenset(areas),
                before.agency if agency is None else agency,
            )
            changing.check(user, person.role)
            if not done:
                changing.put_back(acting, person, by)
        return self.find(user)

    def newest(self, user: str) -> int:
        """Return the number of the newest change of an account in the ledger; 0 where there was none."""
        with self._stores.panel.read() as connection:
            return connection.execute(newest_change_of(user)).scalar() or 0

    def block(self, user: str, by: str, active: bool = False, repeat: Repeat | None = None) -> Account:
        """Block somebody, who is out at once; or let them in again, which vouches for the account as it is now.

        A call that is sent again (`repeat`) does nothing.
        """
        with noting_twice(self._stores, by), self._stores.acting() as acting:
            if not done_before(acting, repeat):
                changing.block(acting, user, by, active)
        return self.find(user)

    def sign_out(self, user: str, by: str, repeat: Repeat | None = None) -> int:
        """End every session of somebody and return how many there were; a call that is sent again finds none."""
        with self._stores.acting() as acting:
            row_of(acting.connection, user)
            if done_before(acting, repeat):
                return 0
            ended = end_sessions(acting.connection, user, acting.now)
            acting.enter(by, SIGNED_OUT, user, {"sessions_ended": ended})
        return ended

    def sign_ins(self, user: str, limit: int = 10) -> list[SignIn]:
        """Return the newest sign-ins of an account, newest first."""
        columns = (sessions.c.started_at, sessions.c.seen_at, sessions.c.ended_at)
        query = select(*columns).where(sessions.c.user == user).order_by(sessions.c.started_at.desc()).limit(limit)
        with self._stores.panel.read() as connection:
            return [SignIn(*row) for row in connection.execute(query)]

    def identity(self, user: str) -> dict[str, Any]:
        """Return what is known of somebody's own identity; their name alone where nobody said more."""
        with self._stores.panel.read() as connection:
            row = connection.execute(select(users.c.name, users.c.sealed).where(users.c.user == user)).first()
        if row is None:
            return {}
        return self._stores.seal.open(SEALED, user, row.sealed) if row.sealed else {"name": row.name}
