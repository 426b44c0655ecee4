"""How many places the panel of an area has: what an administrator put on file, which the next scoring run reads.

What is on file holds, whoever wrote what into a file before; each change replaces the one that its writer read, and
the ledger says who made it. Lists that are scored already keep the places that they were scored with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serving.errors import FilingRefused
from serving.filing import Draft, Filed
from serving.people import Permission, Person
from serving.service import Service
from values import Capacity

CAPACITY = "capacity"


def set_capacity(
    service: Service, by: Person, area: str, capacity: Mapping[str, Any], reason: str, replaces: int | None = None
) -> int:
    """Put the places of an area's panel on file and return the document's number.

    Parameters
    ----------
    capacity
        ``places``, ``reserved`` by referral route, ``list_factor``; see `values.Capacity`.
    replaces
        Number of what the writer read; None where nothing was on file.

    Raises
    ------
    NotPermitted, NotFound, FilingRefused, FilingConflict
        The last if somebody changed it in the meantime.
    """
    by.need(Permission.MANAGE_ACCESS)
    by.need_area(area)
    if not reason.strip():
        raise FilingRefused("Say why.", "It enters the ledger's document; name nobody.")
    try:
        found = Capacity(**capacity)
    except ValueError as wrong:
        raise FilingRefused(str(wrong), "Correct the places.") from None
    document = {
        "places": found.places,
        "reserved": dict(found.reserved),
        "list_factor": found.list_factor,
        "reason": reason.strip(),
    }
    told = {"places": found.places, "reserved": dict(found.reserved), "list_factor": found.list_factor}
    draft = Draft(CAPACITY, f"panel {area}", area, document, replaces=replaces, first=replaces is None, told=told)
    return service.file(by, draft)


def capacities(service: Service) -> dict[str, Filed]:
    """Return what is on file for each area."""
    return {each.area: each for each in service.filed([CAPACITY]) if each.current}


def capacity_in(document: Mapping[str, Any]) -> Capacity:
    """Return the places that a document on file says."""
    return Capacity(document["places"], document["reserved"], document["list_factor"])
