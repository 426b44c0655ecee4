"""The service as a member of one agency would see it, for a chair who prints what that agency takes home."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from serving.access.accounts import Accounts
from serving.access.cases import Cases, Closed
from serving.access.viewing import Viewing
from serving.people import Permission, Person, Role


class ForAgency(Viewing):
    """What may be handed to an agency: what its members may read and nothing that is closed to any of them.

    Nobody of it is named for restricted cases here, since a paper goes from hand to hand; a case in which one of its
    members declared a conflict is left out for all of them. What is closed to who prints it stays closed.

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
        mine = super().closed
        cases, members = Cases(self.stores), _members(Accounts(self.stores), self.person.agency)
        restricted = frozenset(row["person"] for row in cases.restricted())
        declared = frozenset(row["person"] for row in cases.conflicts() if row["user"] in members)
        return replace(mine, restricted=mine.restricted | restricted, declared=mine.declared | declared)


def agencies(viewing: Viewing, area: str) -> list[str]:
    """Return the agencies that send members to the panel of an area, by the accounts in force."""
    accounts = Accounts(viewing.stores).all()
    there = [each.person for each in accounts if each.active and each.role is Role.PANEL_MEMBER]
    return sorted({person.agency for person in there if person.agency and person.covers(area)})


def _members(accounts: Accounts, agency: str) -> frozenset[str]:
    """Return the users of an agency; of everybody at a panel where none is named."""
    sent: list[Person] = [each.person for each in accounts.all()]
    return frozenset(person.user for person in sent if not agency or person.agency == agency)
