"""Whom an erasure reaches under another number: somebody in the records whom an agency also referred by name.

What is told of them lies sealed, where the search at the end of an erasure cannot look; it is opened and compared here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from drive_panel.workspace import Workspace
from records import RecordStore
from records.errors import NoSnapshot
from serving import Service
from serving.access.cases import likeness
from serving.panel.referrals import referrals


def known_as(workspace: Workspace, persons: Collection[str]) -> list[dict[str, str]]:
    """Return under which names and dates of birth the records know a person, by all of their ids."""
    try:
        found = RecordStore(workspace.records).latest().identities(persons)
    except NoSnapshot:
        return []
    return [
        {
            "given_name": str(row.given_name or ""),
            "family_name": str(row.family_name or ""),
            "date_of_birth": born[:10] if (born := str(row.date_of_birth)) != "NaT" else "",
        }
        for row in found.fillna({"given_name": "", "family_name": ""}).itertuples()
    ]


def referred_as(service: Service, known: Iterable[Mapping[str, str]]) -> tuple[list[str], list[str]]:
    """Return the numbers of referrals by name that are of a person, and of those that may be: of the same name."""
    people = list(known)
    same, alike = [], []
    for each in referrals(service):
        if not each.unlisted or not each.who.get("family_name"):
            continue
        found = {likeness(one, each.who) for one in people}
        if "own_record" in found:
            same.append(each.person)
        elif "own_name" in found:
            alike.append(each.person)
    return sorted(same), sorted(alike)
