"""Service accounts: programs that read the API with a token of narrow scopes, an expiry and a name.

The token is shown once; the database holds its hash. A token never decides, reviews, sees a name or a restricted case.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from serving.errors import NotFound, NotPermitted
from serving.ledger.access import tell_forged
from serving.people import SCOPES, Person, Role
from serving.storage.stores import Stores
from serving.storage.tables import service_tokens
from values import canonical_json, digest

PREFIX = "dpt_"  # so that a scanner for leaked secrets knows one when it sees it
LONGEST = timedelta(days=366)
_MADE, _REVOKED = _CHANGES = ("token.made", "token.revoked")


@dataclass(frozen=True)
class ServiceToken:
    """A service account as an administrator sees it; the token itself is kept nowhere."""

    name: str
    scopes: frozenset[str]
    areas: frozenset[str]
    made_by: str
    made_at: str
    expires: date
    revoked_at: str | None

    @property
    def person(self) -> Person:
        """Whom the ledger and the rules see act."""
        return Person(f"service:{self.name}", self.name, Role.SERVICE, self.areas, scopes=self.scopes)

    def to_dict(self) -> dict[str, Any]:
        """Return the keys that `users token --json` prints."""
        return {
            **self.__dict__,
            "scopes": sorted(self.scopes),
            "areas": sorted(self.areas),
            "expires": self.expires.isoformat(),
        }


class Tokens:
    """Makes, finds and revokes tokens."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def make(self, name: str, scopes: Collection[str], areas: Collection[str], expires: date, by: str) -> str:
        """Return a new token, which nobody can read again.

        Raises
        ------
        NotPermitted
            If the name is taken or malformed, a scope is unknown, no area is named, or the expiry is not within a year.
        """
        self._check(name, scopes, areas, expires)
        token = PREFIX + secrets.token_urlsafe(32)
        with self._stores.acting() as acting:
            taken = select(service_tokens.c.name).where(service_tokens.c.name == name)
            if acting.connection.execute(taken).first() is not None:
                raise NotPermitted("There is such a service account already.", "Revoked names are not used again.")
            rights = {"scopes": sorted(set(scopes)), "areas": sorted(set(areas)), "expires": expires.isoformat()}
            row = {
                "name": name,
                "key": _key(token),
                "scopes": canonical_json(rights["scopes"]),
                "areas": canonical_json(rights["areas"]),
                "made_by": by,
                "made_at": acting.now.isoformat(),
                "expires": rights["expires"],
                "revoked_at": None,
            }
            acting.connection.execute(service_tokens.insert().values(**row))
            acting.enter(by, _MADE, _subject(name), {**rights, "row": digest(row)})
        return token

    def find(self, token: str) -> ServiceToken | None:
        """Return the service account of a token that is neither revoked nor expired."""
        if not token.startswith(PREFIX):
            return None
        query = select(service_tokens).where(service_tokens.c.key == _key(token))
        with self._stores.panel.read() as connection:
            row = connection.execute(query).mappings().first()
            if row is None:
                return None
            in_force = self._in_force(connection, row["name"])
        if in_force != digest(dict(row)):
            if in_force is not None or row["revoked_at"] is None:  # by SQL; a token that it revoked stays revoked
                tell_forged(self._stores, service_tokens.name, row["name"])
            return None
        found = _token(row)
        return found if self._stores.today() <= found.expires else None

    def all(self) -> list[ServiceToken]:
        """Return every service account by name."""
        with self._stores.panel.read() as connection:
            rows = connection.execute(select(service_tokens).order_by(service_tokens.c.name)).mappings()
            return [_token(row) for row in rows]

    def revoke(self, name: str, by: str) -> None:
        """Revoke the token of a service account; raises `NotFound`."""
        with self._stores.acting() as acting:
            if self._in_force(acting.connection, name) is None:
                raise NotFound("There is no such service account in force.", "`drive-panel users tokens` shows all.")
            revoked = update(service_tokens).where(service_tokens.c.name == name)
            acting.connection.execute(revoked.values(revoked_at=acting.now.isoformat()))
            acting.enter(by, _REVOKED, _subject(name), {})

    def _in_force(self, connection: Connection, name: str) -> str | None:
        """Return what the row of a service account has to be by the newest entry about it; None once revoked."""
        entries = [each for each in self._stores.ledger.genuine(connection, _subject(name)) if each.action in _CHANGES]
        if not entries or entries[-1].action == _REVOKED:
            return None
        return str(entries[-1].content.get("row"))  # one from before rows were entered lets nothing in

    def _check(self, name: str, scopes: Collection[str], areas: Collection[str], expires: date) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
            raise NotPermitted("A service account's name is of small letters, digits and hyphens.", "Say: reporting")
        unknown = sorted(set(scopes) - SCOPES.keys())
        if unknown or not scopes:
            raise NotPermitted("A service account needs scopes that exist.", f"Use {', '.join(SCOPES)}.")
        if not areas:
            raise NotPermitted("A service account needs its areas.", "Name each, or * for all.")
        today = self._stores.today()
        if not today < expires <= today + LONGEST:
            raise NotPermitted("A token must expire after today and within a year.", f"Latest: {today + LONGEST}.")


def _subject(name: str) -> str:
    return f"service:{name}"


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _token(row: Mapping[Any, Any]) -> ServiceToken:
    return ServiceToken(
        name=row["name"],
        scopes=frozenset(json.loads(row["scopes"])),
        areas=frozenset(json.loads(row["areas"])),
        made_by=row["made_by"],
        made_at=row["made_at"],
        expires=date.fromisoformat(row["expires"]),
        revoked_at=row["revoked_at"],
    )
