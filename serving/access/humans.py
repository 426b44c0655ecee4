"""Which accounts are of one human being: rules that ask for two people count people and not accounts.

An account is told by marks: a staff number (within the agency that sends its holder), an e-mail address that a provider
verified or an administrator declared, a name with a date of birth. They are compared without case, spaces and marks,
and stored as keyed hashes only. A mark once seen stays, so that nobody becomes somebody else by a new address.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from serving.keys import Signer

Marks = Mapping[str, Collection[str]]
"""Keyed hashes by kind of mark."""


@dataclass(frozen=True)
class Humans:
    """The marks of every account.

    Parameters
    ----------
    marks
        By account, then by kind.
    proved
        The accounts whose marks this service wrote; of any other nothing is known for certain.
    """

    marks: Mapping[str, Marks]
    proved: frozenset[str]

    def accounts(self, user: str) -> frozenset[str]:
        """Return every account of whoever holds one of them, blocked ones too: those that share a mark, or a chain."""
        found: set[str] = set()
        reached = {user}
        while reached:
            found |= reached
            known = {each for one in found for each in _all(self.marks.get(one, {}))}
            reached = {other for other, theirs in self.marks.items() if known & _all(theirs)} - found
        return frozenset(found)

    def one_name(self, user: str) -> str:
        """Return the same name for every account of one human being."""
        return min(self.accounts(user))

    def tells_apart(self, one: str, other: str) -> bool:
        """Say whether two accounts are known to be of two people: both bear a mark of one kind, and share none."""
        mine, theirs = (self.marks.get(each, {}) for each in (one, other))
        return {one, other} <= self.proved and bool(mine.keys() & theirs.keys()) and other not in self.accounts(one)


def marks_of(signer: Signer, identity: Mapping[str, Any], agency: str) -> dict[str, list[str]]:
    """Return the marks of somebody's identity.

    Parameters
    ----------
    identity
        Any of ``staff_number``, ``email``, ``date_of_birth`` with ``given_name`` and ``family_name`` or ``name``.
    agency
        Who gives out the staff number; elsewhere it is another person's.
    """
    found = {
        f"staff_number:{plain(agency)}": plain(identity.get("staff_number", "")).lstrip("0"),
        "email": _mailbox(str(identity.get("email", ""))),
        "born": _born(identity),
    }
    return {kind: [signer.prove("human", {"kind": kind, "is": value})] for kind, value in found.items() if value}


def added(marks: Marks, more: Marks) -> dict[str, list[str]]:
    """Return marks with further ones."""
    return {kind: sorted({*marks.get(kind, ()), *more.get(kind, ())}) for kind in sorted(marks.keys() | more.keys())}


def words(name: str) -> frozenset[str]:
    """Return the words of a name as they are compared: without order, case and marks."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return frozenset(re.findall(r"[^\W_]+", "".join(each for each in letters if not unicodedata.combining(each))))


def plain(text: str) -> str:
    """Return a number, postcode or agency as it is compared: letters and digits alone, in order."""
    return "".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()))


def same_agency(one: str, other: str) -> bool:
    """Say whether two names are of one agency, however an account, a panel or a record writes them.

    >>> same_agency("Prison and Probation", "prison_and_probation"), same_agency("", "")
    (True, False)
    """
    return plain(one) == plain(other) != ""


def _mailbox(address: str) -> str:
    local, at, host = address.strip().casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{host}" if at and local and host else ""  # what follows + is the same mailbox


def _born(identity: Mapping[str, Any]) -> str:
    given = f"{identity.get('given_name') or ''} {identity.get('family_name') or ''}"
    name = words(given) or words(str(identity.get("name") or ""))
    born = identity.get("date_of_birth")
    return f"{' '.join(sorted(name))} {born}" if name and born else ""


def _all(marks: Marks) -> set[str]:
    return {each for of_kind in marks.values() for each in of_kind}
