"""Adding an account from a page, as far as that takes nobody but an administrator.

Roles that release lists or give access are given by whoever runs the machine. So is who somebody is: it decides whether
two accounts count as two people, and the ledger takes it from the owner of the tables alone. Until something tells who
holds an account that was added or changed here, a role that sees names lets nobody in (`Accounts.arrive`).
"""

from __future__ import annotations

from serving.access.accounts import Accounts
from serving.access.viewing import Viewing
from serving.errors import NotPermitted
from serving.people import GIVEN_BY_COMMAND, Permission, Person


def add_account(seen: Viewing, person: Person, login: str) -> None:
    """Add somebody within the areas of who adds them, before they first sign in as `login`.

    Raises
    ------
    NotPermitted
        If the role is given by command only, an area is not one of who adds, or the name or the login is taken.
    """
    seen.person.need(Permission.MANAGE_ACCESS)
    if person.role in GIVEN_BY_COMMAND:
        raise NotPermitted(
            f"The role {person.role.label.lower()} is not given from a page.",
            f"drive-panel users add {person.user} --role {person.role}",
        )
    if not person.areas or not all(map(seen.person.covers, person.areas)):
        raise NotPermitted("You cannot give areas that are not yours.", "Choose some of your own areas.")
    Accounts(seen.stores).add(person, seen.person.user, login, repeat=seen.sent)
