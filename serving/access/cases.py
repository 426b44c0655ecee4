"""Cases that only some may see: restricted ones, conflicts of interest, and the alarm when somebody opens their own.

A case is restricted where its subject or one of its victims is an officer, a panel member, a user of the service or
related to one (design of access: named people only). Whoever is not named does not see that it exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from serving.access.humans import plain, words
from serving.errors import NotFound, NotPermitted
from serving.people import Permission, Person
from serving.storage.stores import Acting, Stores
from serving.storage.tables import alarms, case_grants, conflicts, restrictions, users

ALARM = "access.alarm"
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
            known = {
                (row.person, row.reason, row.through, row.related_user)
                for row in acting.connection.execute(select(restrictions))
            }
            for each in sorted(set(found), key=lambda item: (item.person, item.reason, item.through)):
                if (each.person, each.reason, each.through, each.related_user) not in known:
                    row = {**each.__dict__, "since": acting.now.isoformat(), "lifted_at": None}
                    acting.connection.execute(insert(restrictions).values(**row))
                    acting.enter(by, "case.restricted", each.person, {"reason": each.reason, "through": each.through})
                    added += 1
        return added

    def lift(self, person: str, by: str, reason: str) -> None:
        """Lift every restriction of a case; it stays lifted until another reason is recorded."""
        self._close(restrictions, restrictions.c.person == person, "lifted_at", by, "case.unrestricted", person, reason)

    def restricted(self) -> list[dict[str, Any]]:
        """Return every restriction in force with the users named for it; for administrators."""
        with self._stores.panel.read() as connection:
            rows = [dict(row) for row in connection.execute(_in_force(restrictions, "lifted_at")).mappings()]
            named = [dict(row) for row in connection.execute(_in_force(case_grants, "ended_at")).mappings()]
        for row in rows:
            row["named"] = sorted(item["user"] for item in named if item["person"] == row["person"])
        return sorted(rows, key=lambda row: (row["person"], row["reason"], row["through"]))

    def grant(self, person: str, user: str, by: str, reason: str) -> None:
        """Name a user for a restricted case.

        Raises
        ------
        NotFound, NotPermitted
            If the case is not restricted, there is no such user, or no reason is given.
        """
        _need_reason(reason)
        with self._stores.acting() as acting:
            there = _in_force(restrictions, "lifted_at").where(restrictions.c.person == person)
            if acting.connection.execute(there).first() is None:
                raise NotFound("No such case is restricted.", "`drive-panel cases list` shows those that are.")
            if acting.connection.execute(select(users.c.user).where(users.c.user == user)).first() is None:
                raise NotFound("There is no such user.", "`drive-panel users list` shows all of them.")
            key = {"person": person, "user": user}
            _renew(acting, case_grants, key, {"given_at": acting.now.isoformat(), "ended_at": None})
            acting.enter(by, "case.granted", person, {"user": user, "reason": reason.strip()})

    def end_grant(self, person: str, user: str, by: str, reason: str) -> None:
        """Take a user's name from a restricted case; raises `NotFound` where it is not on it."""
        given = (case_grants.c.person == person) & (case_grants.c.user == user)
        self._close(case_grants, given, "ended_at", by, "case.grant_ended", person, reason, {"user": user})

    def declare(self, run: str, person: str, by: Person) -> None:
        """Recuse somebody from a case: they no longer see it or decide on it until the conflict is lifted."""
        with self._stores.acting() as acting:
            key = {"user": by.user, "person": person}
            _renew(acting, conflicts, key, {"run": run, "declared_at": acting.now.isoformat(), "lifted_at": None})
            acting.enter(by.user, "conflict.declared", run, {"person": person})

    def lift_conflict(self, user: str, person: str, by: Person, reason: str) -> None:
        """Lift a conflict of interest.

        Raises
        ------
        NotPermitted, NotFound
            If it is one's own, there is no reason, or there is no such conflict.
        """
        by.need(Permission.LIFT_CONFLICT)
        if by.user == user:
            raise NotPermitted("Nobody lifts a conflict of their own.", "Ask an administrator or another chair.")
        found = (conflicts.c.user == user) & (conflicts.c.person == person)
        self._close(conflicts, found, "lifted_at", by.user, "conflict.lifted", person, reason, {"user": user})

    def conflicts(self) -> list[dict[str, Any]]:
        """Return the conflicts of interest that stand: user, person, run, declared_at."""
        with self._stores.panel.read() as connection:
            query = _in_force(conflicts, "lifted_at").order_by(conflicts.c.declared_at)
            return [dict(row) for row in connection.execute(query).mappings()]

    def alarms(self, limit: int = 100) -> list[dict[str, Any]]:
        """Return the newest alarms: user, person, kind, run, at."""
        with self._stores.panel.read() as connection:
            query = select(alarms).order_by(alarms.c.at.desc()).limit(limit)
            return [dict(row) for row in connection.execute(query).mappings()]

    def alarm(self, by: Person, run: str, person: str, kind: str) -> None:
        """Raise an alarm about an access; the same one once a day."""
        day = self._stores.today().isoformat()
        key = {"user": by.user, "person": person, "kind": kind, "day": day}
        with self._stores.panel.read() as connection:
            if connection.execute(select(alarms.c.at).where(*_is(alarms, key))).first() is not None:
                return
        with self._stores.acting() as acting:
            if acting.connection.execute(select(alarms.c.at).where(*_is(alarms, key))).first() is None:
                acting.connection.execute(insert(alarms).values(**key, run=run, at=acting.now.isoformat()))
                acting.enter(by.user, ALARM, run, {"person": person, "kind": kind})

    def closed_to(self, person: Person) -> Closed:
        """Return the cases that somebody may not open."""
        with self._stores.panel.read() as connection:
            login = connection.execute(select(users.c.login).where(users.c.user == person.user)).scalar()
            mine = {name.casefold() for name in (person.user, login) if name}
            found = connection.execute(_in_force(restrictions, "lifted_at")).all()
            query = _in_force(case_grants, "ended_at").where(case_grants.c.user == person.user)
            named = {row.person for row in connection.execute(query)}
            query = _in_force(conflicts, "lifted_at").where(conflicts.c.user == person.user)
            declared = frozenset(row.person for row in connection.execute(query))
        related = frozenset(row.person for row in found if row.related_user.casefold() in mine)
        return Closed(frozenset(row.person for row in found) - named - related, related, declared)

    def _close(
        self,
        table: Table,
        which: Any,
        column: str,
        by: str,
        action: str,
        subject: str,
        reason: str,
        detail: Mapping[str, str] | None = None,
    ) -> None:
        _need_reason(reason)
        with self._stores.acting() as acting:
            open_ = update(table).where(which, table.c[column].is_(None)).values(**{column: acting.now.isoformat()})
            if acting.connection.execute(open_).rowcount == 0:
                raise NotFound("There is nothing of the kind in force.", "Read the list of what stands again.")
            acting.enter(by, action, subject, {**(detail or {}), "reason": reason.strip()})


def forget(connection: Connection, person: str) -> None:
    """Remove what is kept about the case of somebody who is erased."""
    for table in (restrictions, case_grants, conflicts, alarms):
        connection.execute(delete(table).where(table.c.person == person))


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


def _in_force(table: Table, column: str) -> Any:
    return select(table).where(table.c[column].is_(None))


def _is(table: Table, key: Mapping[str, str]) -> list[Any]:
    return [table.c[name] == value for name, value in key.items()]


def _renew(acting: Acting, table: Table, key: Mapping[str, str], values: Mapping[str, str | datetime | None]) -> None:
    if acting.connection.execute(update(table).where(*_is(table, key)).values(**values)).rowcount == 0:
        acting.connection.execute(insert(table).values(**key, **values))
