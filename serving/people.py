"""Who uses the service and what each role may do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from serving.errors import NotFound, NotPermitted


class Role(StrEnum):
    """A person has one role at a time; a service account is nobody, and does only what its token names."""

    CHAIR = "chair"
    PANEL_MEMBER = "panel_member"
    DATA_SCIENTIST = "data_scientist"
    REVIEWER = "governance_reviewer"
    ADMINISTRATOR = "administrator"
    SERVICE = "service_account"

    @property
    def label(self) -> str:
        """The role in words."""
        return self.value.replace("_", " ").capitalize()


class Permission(StrEnum):
    """One thing that a role may do."""

    SEE_RUNS = "see runs"
    SEE_AUDIT = "see audits"
    SEE_MODELS = "see how models were made"
    SEE_LIST = "see released lists"
    SEE_EVERY_CASE = "see every case of a list"
    SEE_IDENTITY = "see names"
    DECIDE = "record decisions"
    REVIEW = "review lists"
    WITHDRAW = "withdraw lists"
    SEE_LEDGER = "see the ledger"
    SEE_ACCESS = "see who has access"
    MANAGE_ACCESS = "change who has access"
    DECLARE_CONFLICT = "declare conflicts of interest"
    LIFT_CONFLICT = "lift conflicts of interest"
    REVIEW_LINKS = "review links of records"
    MAKE_PAPERS = "have reports and papers made"


_P = Permission
_EVERYBODY = frozenset({_P.SEE_RUNS, _P.SEE_AUDIT})
_PANEL = _EVERYBODY | {_P.SEE_LIST, _P.SEE_IDENTITY, _P.DECLARE_CONFLICT}
_ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.CHAIR: _PANEL | {_P.SEE_EVERY_CASE, _P.DECIDE, _P.LIFT_CONFLICT},
    Role.PANEL_MEMBER: _PANEL,
    # Whoever says who is one person sees no list: nobody's place is in their sight (ADR 39).
    Role.DATA_SCIENTIST: _EVERYBODY | {_P.REVIEW_LINKS, _P.SEE_MODELS, _P.MAKE_PAPERS},
    Role.REVIEWER: _EVERYBODY
    | {_P.SEE_LIST, _P.SEE_EVERY_CASE, _P.REVIEW, _P.WITHDRAW, _P.SEE_LEDGER, _P.SEE_ACCESS, _P.DECLARE_CONFLICT}
    | {_P.SEE_MODELS, _P.MAKE_PAPERS},
    Role.ADMINISTRATOR: _EVERYBODY | {_P.WITHDRAW, _P.SEE_LEDGER, _P.SEE_ACCESS, _P.MANAGE_ACCESS, _P.LIFT_CONFLICT},
    Role.SERVICE: frozenset(),
}
PEOPLE = tuple(role for role in Role if role is not Role.SERVICE)
GIVEN_BY_COMMAND = frozenset(role for role in PEOPLE if _ALLOWED[role] & {_P.REVIEW, _P.MANAGE_ACCESS})
"""Roles that release lists or give access: nobody gives one from a page."""
# What a service account may be given: it reads for programs, it never decides, reviews or sees a name.
SCOPES: dict[str, Permission] = {
    "read:runs": _P.SEE_RUNS,
    "read:audits": _P.SEE_AUDIT,
    "read:models": _P.SEE_MODELS,
    "read:lists": _P.SEE_LIST,
    "read:ledger": _P.SEE_LEDGER,
}
EVERYWHERE = frozenset({"*"})


@dataclass(frozen=True)
class Person:
    """Somebody who acts in the service.

    Parameters
    ----------
    user
        Short stable name that the ledger keeps, such as ``reviewer-1``.
    areas
        Areas whose runs the person may see; ``*`` stands for every area.
    agency
        The agency that sends the person; empty where nobody said.
    scopes
        What the token of a service account allows; empty for people.
    """

    user: str
    name: str
    role: Role
    areas: frozenset[str] = EVERYWHERE
    agency: str = ""
    scopes: frozenset[str] = frozenset()

    def may(self, permission: Permission) -> bool:
        """Say whether the person's role, or a service account's token, includes `permission`."""
        return permission in _ALLOWED[self.role] or any(SCOPES[scope] is permission for scope in self.scopes)

    def need(self, permission: Permission) -> None:
        """Pass, or raise `NotPermitted`."""
        if not self.may(permission):
            raise NotPermitted(
                f"A {self.role.label.lower()} may not {_verb(permission)}.",
                "Ask someone whose role includes it, or sign in with another role.",
            )

    def covers(self, area: str) -> bool:
        """Say whether an area is one of the person's."""
        return "*" in self.areas or area in self.areas

    def need_area(self, area: str) -> None:
        """Pass, or raise `NotFound`: what lies outside a person's areas does not exist for them."""
        if not self.covers(area):
            raise NotFound("There is no such run.", "Check the address, or go to the list of runs.")


def _verb(permission: Permission) -> str:
    return permission.value


def demo_people(areas: frozenset[str] = EVERYWHERE) -> tuple[Person, ...]:
    """Return the made-up users of demo mode, one for each seat in a release and a panel."""
    return (
        Person("chair", "Casey Chair (made up)", Role.CHAIR, areas),
        Person("member", "Morgan Member (made up)", Role.PANEL_MEMBER, areas, "housing"),
        Person("reviewer-1", "Riley Reviewer (made up)", Role.REVIEWER, EVERYWHERE),
        Person("reviewer-2", "Robin Reviewer (made up)", Role.REVIEWER, EVERYWHERE),
        Person("scientist", "Sasha Scientist (made up)", Role.DATA_SCIENTIST, EVERYWHERE),
        Person("admin", "Ashley Administrator (made up)", Role.ADMINISTRATOR, EVERYWHERE),
    )


def demo_reviewer(name: str) -> Person:
    """Return the made-up reviewer called `name`; any name is a reviewer in demo mode.

    Raises
    ------
    NotPermitted
        If the name has no letter or digit, or belongs to a demo user who is no reviewer.
    """
    user = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not user:
        raise NotPermitted("The reviewer has no name.", "Give one, such as --reviewer reviewer-1.")
    known = {person.user: person for person in demo_people()}
    person = known.get(user, Person(user, f"{name} (made up)", Role.REVIEWER))
    person.need(Permission.REVIEW)
    return person
