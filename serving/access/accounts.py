"""The people who may sign in: their role, their areas, whether they are blocked.

An account belongs to one subject of one sign-in provider, never to a name or an address of e-mail: those are given
to somebody else one day. A change of role or areas, and a block, end every session of the account in the same
transaction. Each row carries a proof made with a key outside the database: an account that SQL put in or changed lets
nobody in until an administrator has vouched for it (`users block --undo`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ScalarSelect, Select, func, insert, or_, select, update

from serving.access.humans import Humans, added, marks_of
from serving.errors import FilingConflict, NotFound, NotPermitted
from serving.keys import Signer
from serving.people import PEOPLE, Permission, Person, Role
from serving.repeats import Repeat, done_before
from serving.storage import tables
from serving.storage.stores import Acting, Stores
from serving.storage.tables import sessions, users
from values import canonical_json

DEMO = "demo"
_SEALED = "users"
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
_FORGED = (
    "This account was not written by this service, so it lets nobody in.",
    "Ask an administrator to look at it, then to vouch for it (`drive-panel users block NAME --undo`).",
)
_UNTOLD = (
    "Nothing tells yet who holds this account, and its role sees names.",
    "Ask whoever runs this service to say who you are (`drive-panel users identify NAME`), then sign in again.",
)
_NAMES = (Permission.SEE_IDENTITY, Permission.REVIEW_LINKS)  # what shows names of people
_TWICE = "user.twice"
_PROVED = tuple(column.name for column in users.c if column.name not in ("proof", "signed_in_at"))


class TwoAccounts(NotPermitted):
    """Somebody would have a second account in force beside `other`."""

    def __init__(self, other: str, asked_for: str) -> None:
        super().__init__(
            "Another account of the same person is in force.",
            "One person has one account: an administrator changes that one, or blocks it first.",
        )
        self.other, self.asked_for = other, asked_for


@dataclass(frozen=True)
class Arrival:
    """Somebody whom a sign-in provider vouches for.

    Parameters
    ----------
    provider, subject
        The issuer and its name for the person, which never changes and is never given to anybody else.
    login
        What the person types to sign in; finds an account that an administrator added before.
    role, areas
        What the provider's claims give; None where this service's own table decides.
    identity
        Given name, family name, date of birth, postcode, staff number and verified e-mail where the provider sends
        them; kept sealed, to notice when somebody opens their own case or comes with a second account.
    """

    provider: str
    subject: str
    login: str
    name: str
    role: Role | None = None
    areas: frozenset[str] | None = None
    agency: str = ""
    identity: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Account:
    """One row of the table of users, as an administrator sees it."""

    user: str
    name: str
    role: Role
    areas: frozenset[str]
    agency: str
    active: bool
    login: str
    provider: str
    added_by: str
    added_at: str
    signed_in_at: str | None
    known_by: tuple[str, ...] = ()

    @property
    def person(self) -> Person:
        """The person that the account lets act."""
        return Person(self.user, self.name, self.role, self.areas, self.agency)

    def to_dict(self) -> dict[str, Any]:
        """Return the keys that `users list --json` prints."""
        return {**self.__dict__, "role": self.role.value, "areas": sorted(self.areas), "known_by": list(self.known_by)}


def made_up_account(person: Person) -> Account:
    """Return the account that a made-up user of a demonstration gets at their first sign-in."""
    return Account(person.user, person.name, person.role, person.areas, person.agency, True, "", DEMO, DEMO, "", None)


@dataclass(frozen=True)
class SignIn:
    """A session of an account: when it began, was last used, and was ended; one that ran out bears no end."""

    started_at: str
    seen_at: str
    ended_at: str | None


class Accounts:
    """Adds, finds, changes and blocks accounts; every change is in the ledger."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def all(self) -> list[Account]:
        """Return every account by name; made-up users of a demonstration too."""
        with self._stores.panel.read() as connection:
            return [_account(row) for row in connection.execute(select(users).order_by(users.c.user)).mappings()]

    def find(self, user: str) -> Account:
        """Return one account; raises `NotFound`."""
        with self._stores.panel.read() as connection:
            return _account(_row(connection, user))

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
        _check(person.user, person.role)
        with self._noting_twice(by), self._stores.acting() as acting:
            if not done_before(acting, repeat):
                self._add(acting, person, by, login, identity or {})
        return self.find(person.user)

    def _add(self, acting: Acting, person: Person, by: str, login: str, identity: Mapping[str, str]) -> None:
        taken = select(users.c.user).where(users.c.user == person.user)
        if login:
            taken = select(users.c.user).where(or_(users.c.user == person.user, users.c.login == login.casefold()))
        if acting.connection.execute(taken).first() is not None:
            raise NotPermitted("There is such a user already.", "`drive-panel users list` shows all of them.")
        _insert(acting, person, by, login=login.casefold() or None)
        self._recognise(acting, person, identity)

    def identify(self, user: str, by: str, identity: Mapping[str, str]) -> Account:
        """Say more of who the holder of an account is; nothing that was known before is forgotten.

        Raises
        ------
        NotFound, NotPermitted
            If there is no such account, it is not this service's, or another one of the same person is in force.
        """
        with self._noting_twice(by), self._stores.acting() as acting:
            row = _row(acting.connection, user)
            if not is_proved(acting.connection, acting.ledger.signer, row):
                raise NotPermitted(*_FORGED)
            self._recognise(acting, _account(row).person, identity)
            _enter(acting, by, IDENTIFIED, user, {"by": sorted(identity)})
        return self.find(user)

    def arrive(self, arrival: Arrival) -> Person:
        """Return whom an arrival is here; the first one makes an account where the claims give a role.

        Raises
        ------
        NotPermitted
            If the account is blocked, nobody gave the person a role, another account of theirs is in force, or an
            administrator alone lets them see names and nothing tells who they are.
        """
        with self._noting_twice(arrival.provider), self._stores.acting() as acting:
            row = self._known(acting.connection, arrival)
            if row is None or is_proved(acting.connection, acting.ledger.signer, row):
                return self._let_in(acting, row, arrival)
            forged = str(row["user"])
        self.tell_forged(forged)
        raise NotPermitted(*_FORGED)

    def _let_in(self, acting: Acting, row: Mapping[str, Any] | None, arrival: Arrival) -> Person:
        if row is None:
            person = _newcomer(acting.connection, arrival)
            _insert(acting, person, arrival.provider, login=arrival.login.casefold() or None)
            row = _row(acting.connection, person.user)
        if not row["active"]:
            raise NotPermitted("Your account is blocked.", "Ask an administrator of this service.")
        alone = arrival.role is None and _is_given_by_account(acting.connection, row["user"])
        person = self._as_vouched(acting, row, arrival)
        bound = {"name": arrival.name, "provider": arrival.provider, "subject": arrival.subject}
        acting.connection.execute(update(users).where(users.c.user == person.user).values(**bound))
        self._recognise(acting, person, arrival.identity or {})
        now = _row(acting.connection, person.user)
        if alone and now["human"] is None and any(map(person.may, _NAMES)):
            raise NotPermitted(*_UNTOLD)
        if any(row[name] != now[name] for name in (*bound, "sealed", "human")):
            _enter(acting, arrival.provider, BOUND, person.user, {})
        return person

    def _recognise(self, acting: Acting, person: Person, identity: Mapping[str, str]) -> None:
        """Keep who somebody is, sealed and as marks, beside what was known before; refuse a second account."""
        user, signer = person.user, acting.ledger.signer
        row = _row(acting.connection, user)
        before = self._stores.seal.open(_SEALED, user, row["sealed"]) if row["sealed"] else {}
        known = {**before, **identity}
        marks = added(json.loads(row["human"] or "{}"), marks_of(signer, {"name": person.name, **known}, person.agency))
        kept = {
            "sealed": row["sealed"] if known == before else self._stores.seal.close(_SEALED, user, known),
            "human": canonical_json(marks) if marks else None,
        }
        acting.connection.execute(update(users).where(users.c.user == user).values(**kept))
        _vouch(acting.connection, signer, user)
        _refuse_second(acting, user)

    @contextmanager
    def _noting_twice(self, by: str) -> Iterator[None]:
        """Enter that somebody would have had two accounts, once until something else is done to the first."""
        try:
            yield
        except TwoAccounts as refused:
            detail = {"asked_for": refused.asked_for}
            entries = tables.ledger.c
            newest = select(entries.action, entries.detail).where(entries.subject == refused.other)
            with self._stores.panel.read() as connection:
                told = connection.execute(newest.order_by(entries.seq.desc()).limit(1)).first()
            if told is None or tuple(told) != (_TWICE, canonical_json(detail)):
                with self._stores.acting() as acting:
                    acting.enter(by, _TWICE, refused.other, detail)
            raise

    def tell_forged(self, user: str) -> None:
        """Enter that an account or a session of it was not written by this service, once until it is vouched for."""
        entries = tables.ledger.c
        newest = select(entries.action).where(entries.subject == user, entries.action.in_((FORGED, UNBLOCKED)))
        newest = newest.order_by(entries.seq.desc()).limit(1)
        with self._stores.panel.read() as connection:
            told = connection.execute(newest).scalar() == FORGED
        if not told:
            with self._stores.acting() as acting:
                acting.enter("service", FORGED, user, {})

    def make_up(self, person: Person) -> None:
        """Let a made-up user of a demonstration in as configured."""
        with self._stores.panel.write() as connection:
            now = self._stores.now()
            row = connection.execute(select(users).where(users.c.user == person.user)).mappings().first()
            if row is None:
                values = _values(person, DEMO, now)
                connection.execute(insert(users).values(**values, provider=DEMO, subject=person.user))
            elif _account(row).person != person:
                connection.execute(update(users).where(users.c.user == person.user).values(**_changes(person)))
                end_sessions(connection, person.user, now)
            _vouch(connection, self._stores.ledger.signer, person.user)

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
            row, done = _row(acting.connection, user), done_before(acting, repeat)
            if read is not None and not done:
                _refuse_overtaken(acting, user, read)
            if not is_proved(acting.connection, acting.ledger.signer, row):
                raise NotPermitted(*_FORGED)
            before = _account(row)
            person = Person(
                user,
                before.name,
                before.role if role is None else role,
                before.areas if areas is None else frozenset(areas),
                before.agency if agency is None else agency,
            )
            _check(user, person.role)
            if not done:
                _store(acting, person, by)
        return self.find(user)

    def newest(self, user: str) -> int:
        """Return the number of the newest change of an account in the ledger; 0 where there was none."""
        with self._stores.panel.read() as connection:
            return connection.execute(_newest_change(user)).scalar() or 0

    def block(self, user: str, by: str, active: bool = False, repeat: Repeat | None = None) -> Account:
        """Block somebody, who is out at once; or let them in again, which vouches for the account as it is now.

        A call that is sent again (`repeat`) does nothing.
        """
        with self._noting_twice(by), self._stores.acting() as acting:
            if not done_before(acting, repeat):
                self._block(acting, user, by, active)
        return self.find(user)

    def _block(self, acting: Acting, user: str, by: str, active: bool) -> None:
        row = _row(acting.connection, user)
        vouched = active or is_proved(acting.connection, acting.ledger.signer, row)
        acting.connection.execute(update(users).where(users.c.user == user).values(active=active))
        if active:
            _refuse_second(acting, user)
        ended = end_sessions(acting.connection, user, acting.now)
        acting.enter(by, UNBLOCKED if active else BLOCKED, user, {"sessions_ended": ended})
        if vouched:
            _vouch(acting.connection, acting.ledger.signer, user)

    def sign_out(self, user: str, by: str, repeat: Repeat | None = None) -> int:
        """End every session of somebody and return how many there were; a call that is sent again finds none."""
        with self._stores.acting() as acting:
            _row(acting.connection, user)
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
        return self._stores.seal.open(_SEALED, user, row.sealed) if row.sealed else {"name": row.name}

    def _known(self, connection: Connection, arrival: Arrival) -> Mapping[str, Any] | None:
        """Return the account of a subject; or one that was added for this login and waits for its first sign-in."""
        for found in (
            (users.c.provider == arrival.provider) & (users.c.subject == arrival.subject),
            (users.c.login == arrival.login.casefold()) & users.c.subject.is_(None),
        ):
            row = connection.execute(select(users).where(found)).mappings().first()
            if row is not None:
                return dict(row)
        return None

    def _as_vouched(self, acting: Acting, row: Mapping[str, Any], arrival: Arrival) -> Person:
        """Return the person with the role and areas that the provider gives today, stored where they changed."""
        before = _account(row)
        person = Person(
            before.user,
            arrival.name,
            arrival.role or before.role,
            before.areas if arrival.areas is None else arrival.areas,
            arrival.agency or before.agency,
        )
        if (person.role, person.areas, person.agency) != (before.role, before.areas, before.agency):
            _store(acting, person, arrival.provider)
        return person


def humans(connection: Connection, signer: Signer) -> Humans:
    """Return whose each account is, as far as that is known."""
    query = select(users, newest_change().label("newest")).where(users.c.human.is_not(None))
    rows = [dict(row) for row in connection.execute(query).mappings()]
    proved = frozenset(row["user"] for row in rows if proves(signer, row, row["newest"]))
    return Humans({row["user"]: json.loads(row["human"]) for row in rows}, proved)


def accounts_of(connection: Connection, user: str) -> frozenset[str]:
    """Return every account of whoever holds one, blocked ones too."""
    rows = connection.execute(select(users.c.user, users.c.human).where(users.c.human.is_not(None)))
    return Humans({row.user: json.loads(row.human) for row in rows}, frozenset()).accounts(user)


def _is_given_by_account(connection: Connection, user: str) -> bool:
    """Say whether an account gave somebody the role and areas that they have, and no command or provider did."""
    entries = tables.ledger.c
    changes = select(entries.actor).where(entries.subject == user, entries.action.in_((ADDED, CHANGED)))
    newest = changes.order_by(entries.seq.desc()).limit(1).scalar_subquery()
    return connection.execute(select(users.c.user).where(users.c.user == newest)).first() is not None


def _refuse_second(acting: Acting, user: str) -> None:
    same = accounts_of(acting.connection, user) - {user}
    others = select(users.c.user).where(users.c.user.in_(same), users.c.active).order_by(users.c.user)
    other = acting.connection.execute(others).scalars().first()
    if other is not None and _row(acting.connection, user)["active"]:
        raise TwoAccounts(other, user)


def end_sessions(connection: Connection, user: str, now: datetime) -> int:
    """End every open session of a user and return how many there were."""
    open_ = (sessions.c.user == user) & sessions.c.ended_at.is_(None)
    return connection.execute(update(sessions).where(open_).values(ended_at=now.isoformat())).rowcount


def newest_change() -> ScalarSelect[Any]:
    """Return the number of the newest entry about the account of a query's row."""
    return _newest_change(users.c.user).correlate(users).scalar_subquery()


def is_proved(connection: Connection, signer: Signer, row: Mapping[str, Any]) -> bool:
    """Say whether this service wrote an account as it is, and as it is since the newest entry about it.

    So a row is no proof once it was changed: who puts it back as it was before a block lets nobody in.
    """
    return proves(signer, row, connection.execute(_newest_change(row["user"])).scalar())


def proves(signer: Signer, row: Mapping[str, Any], newest: int | None) -> bool:
    """Say the same where the number of the newest entry about the account is known."""
    return signer.proves(row["proof"], _SEALED, _proved(row, newest))


def _vouch(connection: Connection, signer: Signer, user: str) -> None:
    newest = connection.execute(_newest_change(user)).scalar()
    proof = signer.prove(_SEALED, _proved(_row(connection, user), newest))
    connection.execute(update(users).where(users.c.user == user).values(proof=proof))


def _proved(row: Mapping[str, Any], newest: int | None) -> dict[str, Any]:
    return {**{name: row[name] for name in _PROVED}, "entry": newest}


def _newest_change(user: Any) -> Select[tuple[Any]]:
    entries = tables.ledger.c
    return select(func.max(entries.seq)).where(entries.subject == user, entries.action.in_(CHANGES))


def _refuse_overtaken(acting: Acting, user: str, read: int) -> None:
    entries = tables.ledger.c
    query = select(entries.actor, entries.at).where(
        entries.seq == _newest_change(user).scalar_subquery(), entries.seq != read
    )
    since = acting.connection.execute(query).first()
    if since is not None:
        told = "Somebody changed this account after you read it."
        raise FilingConflict(told, "Read it as it is now, then send yours or leave it.", since.actor, since.at)


def _enter(acting: Acting, by: str, action: str, user: str, detail: Mapping[str, Any]) -> None:
    """Enter a change of an account, and vouch for the account as it is since."""
    acting.enter(by, action, user, detail)
    _vouch(acting.connection, acting.ledger.signer, user)


def _row(connection: Connection, user: str) -> Mapping[str, Any]:
    row = connection.execute(select(users).where(users.c.user == user)).mappings().first()
    if row is None:
        raise no_such_user()
    return dict(row)


def no_such_user() -> NotFound:
    """Return what is said of an account that is not there, and of one beyond the areas of who asks."""
    return NotFound("There is no such user.", "`drive-panel users list` shows all of them.")


def _check(user: str, role: Role) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,63}", user):
        raise NotPermitted(
            "A user's name is of small letters, digits, full stops and hyphens.", "For example: jo.chair"
        )
    if role not in PEOPLE:
        raise NotPermitted("This role is not a person's.", f"Use {', '.join(PEOPLE)}.")


def _newcomer(connection: Connection, arrival: Arrival) -> Person:
    if arrival.role is None:
        raise NotPermitted("Nobody gave you a role in this service.", "Ask an administrator of this service.")
    wanted = re.sub(r"[^a-z0-9.-]+", "-", arrival.login.partition("@")[0].lower()).strip(".-")[:50] or "user"
    taken = set(connection.execute(select(users.c.user).where(users.c.user.startswith(wanted))).scalars())
    user, number = wanted, 1
    while user in taken:
        number += 1
        user = f"{wanted}-{number}"
    return Person(user, arrival.name, arrival.role, arrival.areas or frozenset(), arrival.agency)


def _insert(acting: Acting, person: Person, by: str, login: str | None) -> None:
    values = _values(person, by, acting.now)
    acting.connection.execute(insert(users).values(**values, login=login))
    _enter(acting, by, ADDED, person.user, _rights(person))


def _store(acting: Acting, person: Person, by: str) -> None:
    acting.connection.execute(update(users).where(users.c.user == person.user).values(**_changes(person)))
    ended = end_sessions(acting.connection, person.user, acting.now)
    _enter(acting, by, CHANGED, person.user, {**_rights(person), "sessions_ended": ended})


def _values(person: Person, by: str, now: datetime) -> dict[str, Any]:
    return {"user": person.user, **_changes(person), "active": True, "added_by": by, "added_at": now.isoformat()}


def _changes(person: Person) -> dict[str, Any]:
    areas = canonical_json(sorted(person.areas))
    return {"name": person.name, "role": person.role.value, "areas": areas, "agency": person.agency}


def _rights(person: Person) -> dict[str, Any]:
    return {"role": person.role.value, "areas": sorted(person.areas), "agency": person.agency}


def _account(row: Mapping[Any, Any]) -> Account:
    return Account(
        user=row["user"],
        name=row["name"],
        role=Role(row["role"]),
        areas=frozenset(json.loads(row["areas"])),
        agency=row["agency"],
        active=row["active"],
        login=row["login"] or "",
        provider=row["provider"] or "",
        added_by=row["added_by"],
        added_at=row["added_at"],
        signed_in_at=row["signed_in_at"],
        known_by=tuple(sorted(kind.partition(":")[0] for kind in json.loads(row["human"] or "{}"))),
    )
