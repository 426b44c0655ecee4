"""What an account says, and what a sign-in provider says of who arrives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serving.people import Person, Role

DEMO = "demo"


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


def account_of(row: Mapping[Any, Any]) -> Account:
    """Return the account of a row of the table of users."""
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
