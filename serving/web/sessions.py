"""Signed-in sessions: a row keyed by the hash of a random token; the browser holds the token only.

Finding a session is one query that also reads the account: a session whose account was blocked, or has another role
or other areas than when it began, is none. Its form token is also its proof: made with a key outside the database from
what the session lets do, so that a row that SQL put in or changed is none either.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, insert, select, update

from serving.access import unsent
from serving.access.accounts.proofs import ENDING, newest_change, proves, tell_forged
from serving.people import Person, Role
from serving.service import Service
from serving.storage.tables import ledger, sessions, users
from serving.web.settings import WebSettings
from values import canonical_json

STARTED, ENDED = "session.started", "session.ended"
_TOUCH = timedelta(minutes=1)
_LAPSED = timedelta(days=1)
"""How long after its last request a session that ended by itself still tells whose form it was."""
_BEGUN = ("key", "user", "name", "role", "areas", "started_at")


@dataclass(frozen=True)
class Session:
    """Who is signed in, and the token that their forms carry; a service account has none."""

    person: Person
    csrf: str

    def matches(self, token: str) -> bool:
        """Compare a form's token in constant time."""
        return bool(self.csrf) and hmac.compare_digest(self.csrf.encode(), token.encode())


class Sessions:
    """Starts, finds and ends sessions."""

    def __init__(self, service: Service, settings: WebSettings) -> None:
        self._service = service
        self._settings = settings

    def start(self, person: Person) -> str:
        """Open a session and return its token; a token that a browser brings along is never taken over."""
        token = secrets.token_urlsafe(32)
        with self._service.stores.acting() as acting:
            now = acting.now.isoformat()
            begun = {
                "key": _key(token),
                "user": person.user,
                "name": person.name,
                "role": person.role.value,
                "areas": canonical_json(sorted(person.areas)),
                "started_at": now,
            }
            proof = self._service.stores.ledger.signer.prove("session", begun)
            unsent.drop_old(acting.connection, acting.now)
            acting.connection.execute(insert(sessions).values(**begun, csrf=proof, seen_at=now, ended_at=None))
            acting.connection.execute(update(users).where(users.c.user == person.user).values(signed_in_at=now))
            acting.enter(person.user, STARTED, _subject(begun["key"]), {"role": person.role.value})
        return token

    def find(self, token: str) -> Session | None:
        """Return the session of a token while its account stands as it did and neither limit of time has passed."""
        found = self._standing(token)
        if found is None or self._is_over(found):
            return None
        now = self._service.now()
        if now - datetime.fromisoformat(found["seen_at"]) > _TOUCH:
            with self._service.stores.panel.write() as connection:
                change = update(sessions).where(sessions.c.key == _key(token)).values(seen_at=now.isoformat())
                connection.execute(change)
        return _session(found)

    def lapsed(self, token: str) -> Session | None:
        """Return a session that only time ended, within the last day: it lets nobody do anything any more."""
        found = self._standing(token)
        if found is None or not self._is_over(found):
            return None
        is_recent = self._service.now() - datetime.fromisoformat(found["seen_at"]) <= _LAPSED
        return _session(found) if is_recent else None

    def _is_over(self, row: Mapping[Any, Any]) -> bool:
        """Say whether one of the limits of time has passed."""
        now, limits = self._service.now(), self._settings
        idle, lasted = (now - datetime.fromisoformat(row[since]) for since in ("seen_at", "started_at"))
        return idle > limits.idle or lasted > limits.longest

    def _standing(self, token: str) -> Mapping[Any, Any] | None:
        """Return the row of a session that nobody ended, with its account, which stands as it did when it began."""
        account = (column.label(f"account_{column.name}") for column in users.c)
        query = (
            select(sessions, *account, newest_change().label("account_entry"), _is_open(_key(token)).label("is_open"))
            .join(users, users.c.user == sessions.c.user)
            .where(sessions.c.key == _key(token), sessions.c.ended_at.is_(None), users.c.active)
        )
        with self._service.stores.panel.read() as connection:
            found = connection.execute(query).mappings().first()
        if found is None:
            return None
        if not found["is_open"] or not self._is_ours(found):
            tell_forged(self._service.stores, found["user"])
            return None
        unchanged = (found["role"], found["areas"]) == (found["account_role"], found["account_areas"])
        return found if unchanged else None

    def _is_ours(self, row: Mapping[Any, Any]) -> bool:
        """Say whether this service wrote the session and its account: a row put in by SQL lacks a proof of the key."""
        signer = self._service.stores.ledger.signer
        account = {column.name: row[f"account_{column.name}"] for column in users.c}
        begun = {name: row[name] for name in _BEGUN}
        return proves(signer, account, row["account_entry"]) and signer.proves(row["csrf"], "session", begun)

    def end(self, token: str) -> None:
        """End a session."""
        session = self.find(token)
        if session is not None:
            with self._service.stores.acting() as acting:
                ended = update(sessions).where(sessions.c.key == _key(token)).values(ended_at=acting.now.isoformat())
                acting.connection.execute(ended)
                acting.enter(session.person.user, ENDED, _subject(_key(token)), {})


def _subject(key: str) -> str:
    """Return how the ledger calls a session: by half of the hash of its token, which opens nothing."""
    return f"session:{key[:32]}"


def _is_open(key: str) -> ColumnElement[bool]:
    """Return whether a session began, and nothing since ended it, by the ledger: its row may be as it was earlier."""
    entries = ledger.c
    begun = select(func.max(entries.seq)).where(entries.subject == _subject(key), entries.action == STARTED)
    since = entries.seq > begun.scalar_subquery()
    ended = exists().where(entries.subject == _subject(key), entries.action == ENDED)
    all_ended = exists().where(entries.subject == users.c.user, entries.action.in_(ENDING), since).correlate(users)
    return begun.scalar_subquery().is_not(None) & ~ended & ~all_ended


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _session(row: Mapping[Any, Any]) -> Session:
    areas = frozenset(json.loads(row["areas"]))
    return Session(Person(row["user"], row["name"], Role(row["role"]), areas, row["account_agency"]), row["csrf"])
