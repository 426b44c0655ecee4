"""The service as a member of one agency would see it, for a chair who prints what that agency takes home."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from serving.access.accounts import Accounts
from serving.access.cases import Cases, Closed, is_known
from serving.access.humans import plain, same_agency
from serving.access.sites import Sites
from serving.access.viewing import Viewing
from serving.people import Permission, Person, Role
from serving.service import Service


class ForAgency(Viewing):
    """What may be handed to an agency: what its members may read and nothing that is closed to any of them.

    Nobody of it is named for restricted cases here, since a paper goes from hand to hand; a case in which one of its
    members declared a conflict, or which is their own or of their household, is left out for all of them. What is
    closed to who prints it stays closed.

    Parameters
    ----------
    viewing
        The service as who prints sees it.
    agency
        Whose members will read it; empty for what the whole panel may read.
    """

    def __init__(self, viewing: Viewing, agency: str) -> None:
        viewing.person.need(Permission.DECIDE)
        member = replace(viewing.person, role=Role.PANEL_MEMBER, agency=agency)
        super().__init__(viewing, member, viewing.made_up_only, viewing.session)

    @cached_property
    def closed(self) -> Closed:
        """The cases that are left out; read once."""
        mine, cases = super().closed, Cases(self.stores)
        restricted = frozenset(row["person"] for row in cases.restricted())
        declared = frozenset(row["person"] for row in cases.conflicts() if row["user"] in self._members)
        return replace(mine, restricted=mine.restricted | restricted, declared=mine.declared | declared)

    @cached_property
    def selves(self) -> tuple[Mapping[str, Any], ...]:
        """Who prints it and the agency's members, as far as their own identities are known."""
        accounts = Accounts(self.stores)
        theirs = ({"name": name, **accounts.identity(user)} for user, name in self._members.items())
        return (*super().selves, *filter(is_known, theirs))

    @cached_property
    def _members(self) -> dict[str, str]:
        """The users of the agency and their names; everybody where none is named."""
        agency, accounts = self.person.agency, [each.person for each in Accounts(self.stores).all()]
        return {each.user: each.name for each in accounts if not agency or same_agency(each.agency, agency)}


def agencies(viewing: Service, area: str) -> list[str]:
    """Return the agencies that send members to the panel of an area, by the accounts in force."""
    return _each_once(person.agency for person in _sent(viewing, area))


def providers(viewing: Viewing, area: str) -> list[str]:
    """Return those of them that deliver Drive: their members see none but the cases that are with their provider."""
    sites = Sites(viewing.stores)
    return _each_once(each.agency for each in _sent(viewing, area) if sites.delivered_by(each) is not None)


def _each_once(names: Iterable[str]) -> list[str]:
    """Return each agency under one of the names that accounts give it, in order."""
    return sorted({plain(name): name for name in sorted(names)}.values())


def _sent(viewing: Service, area: str) -> list[Person]:
    """Return the members of the panel of an area whose accounts name an agency."""
    accounts = Accounts(viewing.stores).all()
    there = [each.person for each in accounts if each.active and each.role is Role.PANEL_MEMBER]
    return [person for person in there if person.agency and person.covers(area)]
