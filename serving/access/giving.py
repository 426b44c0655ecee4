"""What an administrator may give an account: areas that there are, and an agency whose name is one."""

from __future__ import annotations

import re
from collections.abc import Collection

from serving.access.accounts import Account
from serving.access.attention import panels
from serving.access.viewing import Viewing

_AGENCY = re.compile(r"[\w .,'&()-]{0,80}")


def wrong_with(seen: Viewing, areas: Collection[str], agency: str, account: Account | None = None) -> dict[str, str]:
    """Return what is wrong with the areas and the agency that an account is to have, by field.

    Parameters
    ----------
    areas
        They may be those that have a panel; ``*`` for who works everywhere.
    account
        Keeps the areas that it has; None for one that is added.
    """
    wrong = {}
    kept = account.areas if account else frozenset()
    unknown = ", ".join(sorted(set(areas) - known_areas(seen) - kept))
    if unknown or not areas:
        wrong["areas"] = f"There is no such area: {unknown}" if unknown else "Enter at least one area"
    if not _AGENCY.fullmatch(agency):
        wrong["agency"] = "An agency's name is of letters, digits, spaces and hyphens, 80 at most"
    return wrong


def known_areas(seen: Viewing) -> frozenset[str]:
    """Return the areas that may be given: those that the service knows, and every area for who has them all."""
    return frozenset(each.area for each in panels(seen)) | (frozenset({"*"}) & seen.person.areas)
