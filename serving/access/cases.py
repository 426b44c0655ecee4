"""Cases that only some may see: restricted ones, conflicts of interest, and the alarm when somebody opens their own.

A case is restricted where its subject or one of its victims is an officer, a panel member, a user of the service or
related to one (design of access: named people only). Whoever is not named does not see that it exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from serving.access.accounts.one_person import accounts_of
from serving.access.accounts.rows import no_such_user
from serving.access.humans import plain, words
from serving.errors import NotFound, NotPermitted
from serving.ledger.access import (
    ALARM,
    DECLARED,
    GRANT_ENDED,
    GRANTED,
    LIFTED,
    RESTRICTED,
    UNRESTRICTED,
    Said,
    mark,
    marks,
    tell_forged,
)
from serving.links import KNOWN, is_pair
from serving.people import Permission, Person
from serving.repeats import Repeat, done_before
from serving.storage.stores import Acting, Stores, in_london
from serving.storage.tables import restrictions, users

_RESTRICTION = ("person", "reason", "through", "related_user")
CLOSING = frozenset({"own_record", "household"})
"""The likenesses that close a case; a name alone proves nothing."""
ALARMS = {
    "own_name": "opened a case under a name like their own",
    "household": "tried to open a case of somebody of their family name at their address",
    "own_record": "tried to open a case under their own name and date of birth",
    "related": "tried to open a case of somebody related to them",
    "restricted": "tried to open a restricted case that they are not named for",
}


@dataclass(frozen=True)
class Restriction:
    """Why a case is restricted.

    Parameters
    ----------
    person
        Pseudonym of the case's subject.
    through
        ``subject`` or ``victim``: who the reason is about.
    related_user
        The user to whom that person is related, or who they are; empty where the records do not say.
    """

    person: str
    reason: str
    through: str
    related_user: str = ""


@dataclass(frozen=True)
class Closed:
    """The pseudonyms that one person may not open, by why; `related` are closed even to those who are named.

    Parameters
    ----------
    but
        The only ones that may be open, to whom a provider sends; None for everybody else.
    """

    restricted: frozenset[str] = frozenset()
    related: frozenset[str] = frozenset()
    declared: frozenset[str] = frozenset()
    but: frozenset[str] | None = None

    @property
    def unseen(self) -> frozenset[str]:
        """Those whose existence the person is not told."""
        return self.restricted | self.related

    def is_elsewhere(self, person: str | None) -> bool:
        """Say whether a case, or what is about none alone (None), is not with the provider that sends the person."""
        return self.but is not None and person not in self.but

    def shuts(self, person: str | None) -> bool:
        """Say whether a case, or what is about none alone (None), is closed to the person, for whatever reason."""
        return person in self.unseen or person in self.declared or self.is_elsewhere(person)


class Cases:
    """Restrictions, who is named for which, conflicts of interest and alarms."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def restrict(self, found: Iterable[Restriction], by: str = "batch") -> int:
        """Add restrictions and return how many are new; records that no longer say so take none back."""
        added = 0
        with self._stores.acting() as acting:
            known = self._said(acting.connection).known
            for each in sorted(set(found), key=lambda item: (item.person, item.reason, item.through)):
                row = each.__dict__
                if known.get(each.person, set()).isdisjoint(marks(row)):
                    _renew(acting, restrictions, row, {"since": acting.now.isoformat(), "lifted_at": None})
                    detail = {"reason": each.reason, "through": each.through, "row": mark(**row)}
                    acting.enter(by, RESTRICTED, each.person, detail)
                    added += 1
        return added

    def lift(self, person: str, by: str, reason: str) -> None:
        """Lift every restriction of a case; it stays lifted until another reason is recorded."""
        with self._changing(reason) as (acting, said):
            _need(person in self._standing(acting.connection, said))
            now = acting.now.isoformat()
            lifted = update(restrictions).where(restrictions.c.person == person, restrictions.c.lifted_at.is_(None))
            acting.connection.execute(lifted.values(lifted_at=now))
            # A time that SQL gave a row keeps nobody from lifting it; when it was recorded, its entry tells.
            acting.connection.execute(update(restrictions).where(restrictions.c.person == person).values(since=now))
            acting.enter(by, UNRESTRICTED, person, {"reason": reason.strip()})

    def restricted(self) -> list[dict[str, Any]]:
        """Return every restriction in force with the users named for it; for administrators."""
        with self._stores.panel.read() as connection:
            said = self._said(connection)
            found = self._standing(connection, said)
        rows = [
            {
                "person": person,
                "reason": reason,
                "through": through,
                "named": sorted(user for case, user in said.named if case == person),
            }
            for person, each in found.items()
            for reason, through in each
        ]
        return sorted(rows, key=lambda row: (row["person"], row["reason"], row["through"]))

    def grant(self, person: str, user: str, by: str, reason: str) -> None:
        """Name a user for a restricted case.

        Raises
        ------
        NotFound, NotPermitted
            If the case is not restricted, there is no such user, or no reason is given.
        """
        with self._changing(reason) as (acting, said):
            if person not in self._standing(acting.connection, said):
                raise NotFound("No such case is restricted.", "`drive-panel cases list` shows those that are.")
            _need_user(acting.connection, user)
            acting.enter(by, GRANTED, person, {"user": user, "reason": reason.strip()})

    def end_grant(self, person: str, user: str, by: str, reason: str) -> None:
        """Take a user's name from a restricted case; raises `NotFound` where it is not on it."""
        with self._changing(reason) as (acting, said):
            _need((person, user) in said.named)
            acting.enter(by, GRANT_ENDED, person, {"user": user, "reason": reason.strip()})

    def relate(self, person: str, user: str, by: str) -> None:
        """Say that the subject of a case is related to a user, which closes it to them and to all who are not named.

        Raises
        ------
        NotFound
            If there is no such user.
        """
        with self._stores.panel.read() as connection:
            _need_user(connection, user)
        self.restrict([Restriction(person, "related", "subject", user)], by)

    def declare(self, run: str, person: str, by: Person, repeat: Repeat | None = None) -> None:
        """Recuse somebody from a case: they no longer see it or decide on it until the conflict is lifted."""
        with self._stores.acting() as acting:
            if not done_before(acting, repeat):
                acting.enter(by.user, DECLARED, run, {"person": person})

    def lift_conflict(self, user: str, person: str, by: Person, reason: str, repeat: Repeat | None = None) -> None:
        """Lift a conflict of interest; a call that is sent again (`repeat`) does nothing.

        Raises
        ------
        NotPermitted, NotFound
            If it is one's own, there is no reason, or there is no such conflict.
        """
        by.need(Permission.LIFT_CONFLICT)
        with self._changing(reason) as (acting, said):
            if user in accounts_of(acting.connection, by.user):
                raise NotPermitted("Nobody lifts a conflict of their own.", "Ask an administrator or another chair.")
            if done_before(acting, repeat):
                return
            _need((user, person) in said.conflicts)
            run, _ = said.conflicts[user, person]
            about = {"run": KNOWN} if is_pair(run) else {}
            acting.enter(by.user, LIFTED, person, {"user": user, "reason": reason.strip(), **about})

    def conflicts(self) -> list[dict[str, Any]]:
        """Return the conflicts of interest that stand: user, person, run, declared_at."""
        with self._stores.panel.read() as connection:
            found = self._said(connection).conflicts
        rows = [
            {"user": user, "person": person, "run": run, "declared_at": at}
            for (user, person), (run, at) in found.items()
        ]
        return sorted(rows, key=lambda row: row["declared_at"])

    def alarms(self, limit: int = 100) -> list[dict[str, Any]]:
        """Return the newest alarms: user, person, kind, run, at."""
        with self._stores.panel.read() as connection:
            found = self._said(connection).alarms
        return [
            dict(zip(("user", "person", "kind", "run", "at"), each, strict=True)) for each in found[: -limit - 1 : -1]
        ]

    def alarm(self, by: Person, run: str, person: str, kind: str) -> None:
        """Raise an alarm about an access; the same one once a day."""
        with self._stores.panel.read() as connection:
            if self._is_raised(connection, by, person, kind):
                return
        with self._stores.acting() as acting:
            if not self._is_raised(acting.connection, by, person, kind):
                acting.enter(by.user, ALARM, run, {"person": person, "kind": kind})

    def closed_to(self, person: Person) -> Closed:
        """Return the cases that somebody may not open; a row that the ledger does not know as it is is told there."""
        with self._stores.panel.read() as connection:
            closed, forged = self._closed(connection, person)
        for key in forged:
            tell_forged(self._stores, restrictions.name, key)
        return closed

    def closed_in(self, connection: Connection, person: Person) -> Closed:
        """Return the cases as `closed_to` does, within a transaction."""
        return self._closed(connection, person)[0]

    def _closed(self, connection: Connection, person: Person) -> tuple[Closed, list[str]]:
        """Return what is closed, by the ledger or by a row, and the rows of which the ledger knows nothing.

        A row that is gone or was changed says no longer to whom somebody is related, so that its case is closed even
        to those who are named for it.
        """
        said = self._said(connection)
        accounts = accounts_of(connection, person.user)
        logins = connection.execute(select(users.c.login).where(users.c.user.in_(accounts))).scalars().all()
        mine = {name.casefold() for name in (*accounts, *logins) if name}
        in_force = {(case, each) for case, found in said.restricted.items() for each in found}
        lost, related, alone, forged = set(in_force), set(), set(), list[str]()
        for row in map(dict, connection.execute(select(restrictions)).mappings()):
            ours = {(row["person"], each) for each in marks(row)} & in_force
            if row["lifted_at"] is None:
                lost -= ours
            stands = bool(ours) or _stands(row, said)
            if stands and not ours:
                alone.add(row["person"])
            if stands and row["related_user"].casefold() in mine:
                related.add(row["person"])
            if not ours and (stands or row["lifted_at"] is None):
                forged.append(mark(**{name: row[name] for name in _RESTRICTION}))
        forged += [f"{case} {each}" for case, each in sorted(lost)]
        named = {case for case, user in said.named if user == person.user} - {case for case, _ in lost}
        declared = frozenset(case for user, case in said.conflicts if user in accounts)
        return Closed((frozenset(said.restricted) | alone) - named - related, frozenset(related), declared), forged

    def _said(self, connection: Connection) -> Said:
        return self._stores.access.said(connection)

    def _standing(self, connection: Connection, said: Said) -> dict[str, set[tuple[str, str]]]:
        """Return reason and whom it is about of what closes each case: an entry, or a row that no entry lifted."""
        found = {person: set(each.values()) for person, each in said.restricted.items()}
        for row in connection.execute(select(restrictions)).mappings():
            if _stands(row, said):
                found.setdefault(row["person"], set()).add((row["reason"], row["through"]))
        return found

    def _is_raised(self, connection: Connection, by: Person, person: str, kind: str) -> bool:
        today = self._stores.today()
        return any(
            (user, case, why) == (by.user, person, kind) and in_london(at) == today
            for user, case, why, _, at in reversed(self._said(connection).alarms)
        )

    @contextmanager
    def _changing(self, reason: str) -> Iterator[tuple[Acting, Said]]:
        _need_reason(reason)
        with self._stores.acting() as acting:
            yield acting, self._said(acting.connection)


def _stands(row: Mapping[Any, Any], said: Said) -> bool:
    """Say whether a row closes its case whatever became of its entry: nothing genuine lifted it since."""
    lifted = said.lifted.get(row["person"])
    try:
        return lifted is None or datetime.fromisoformat(row["since"]) > lifted
    except (TypeError, ValueError):  # no time, or one without a zone: nobody of this service wrote it
        return True


def forget(connection: Connection, person: str) -> None:
    """Remove what is kept about the case of somebody who is erased."""
    connection.execute(delete(restrictions).where(restrictions.c.person == person))


def is_known(mine: Mapping[str, Any]) -> bool:
    """Say whether enough is known of somebody to tell a case as their own or of their household."""
    return bool(mine.get("date_of_birth") or mine.get("postcode"))


def likeness(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    """Return ``own_record``, ``household``, ``own_name`` or nothing: how a case's identity is like the reader's own.

    Names are compared as sets of words without case and marks, so that order and middle names do not hide a match. Of
    one household is who bears one of the reader's names as a family name and has an address with their postcode.
    """
    given, family = (words(str(theirs.get(part) or "")) for part in ("given_name", "family_name"))
    known = words(f"{mine.get('given_name') or ''} {mine.get('family_name') or ''} {mine.get('name') or ''}")
    is_namesake = len(given | family) > 1 and given | family <= known
    born, home = theirs.get("date_of_birth"), plain(str(mine.get("postcode") or ""))
    if is_namesake and born and born == mine.get("date_of_birth"):
        return "own_record"
    lives_there = home and any(plain(address.partition(",")[0]) == home for address in theirs.get("addresses") or ())
    if lives_there and family and family <= known:
        return "household"
    return "own_name" if is_namesake else ""


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise NotPermitted("This needs a reason; it enters the ledger.", "Say in a sentence why.")


def _need_user(connection: Connection, user: str) -> None:
    if connection.execute(select(users.c.user).where(users.c.user == user)).first() is None:
        raise no_such_user()


def _need(there: bool) -> None:
    if not there:
        raise NotFound("There is nothing of the kind in force.", "Read the list of what stands again.")


def _renew(acting: Acting, table: Table, key: Mapping[str, str], values: Mapping[str, str | None]) -> None:
    there = [table.c[name] == value for name, value in key.items()]
    found = acting.connection.execute(select(table.c.lifted_at).where(*there)).first()
    if found is None:
        acting.connection.execute(insert(table).values(**key, **values))
    elif found.lifted_at is not None:  # put there by somebody else; what closes the case stays as it is
        acting.connection.execute(update(table).where(*there).values(**values))
