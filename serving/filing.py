"""What is put on file beside decisions: meetings, attendance, actions, minutes, requests, challenges, incidents.

Every kind is a document of its own shape in one table, entered in the ledger by the act that files it, never changed,
and read back only where the ledger vouches for it. A document that replaces another goes on in its thread: of two
that replace the same one, the first is filed and the second is told. What the kinds mean, and who may file and read
them, is said where each is declared; areas, closed cases and other agencies' words are held back by
`serving.access.viewing`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, or_, select

from serving.documents import Document
from serving.errors import FilingConflict, FilingRefused
from serving.ledger import Ledger
from serving.people import Person
from serving.storage.stores import Acting, Stores
from serving.storage.tables import filed as table
from values import canonical_json

CHAIRS = "chairs and reviewers"
"""Stands for an agency where words are for chairs and reviewers alone: no agency is called so."""
LONGEST = 20_000
"""Characters of one document: longer ones are papers, which are attached nowhere."""


# What every document of a thread has in common.
_THREAD = ("kind", "subject", "area", "person", "agency")


@dataclass(frozen=True)
class Draft:
    """A document to be filed.

    Parameters
    ----------
    kind
        What it is, such as ``action``; the ledger's action is ``filed.action``.
    subject
        What its thread hangs on: a run, a meeting, an area.
    area
        Where it belongs; people of other areas do not see that it exists. ``*`` is everywhere: everybody may read it,
        and only who works in every area files it.
    person
        Pseudonym of whom it is about; None where it is about nobody on a list.
    agency
        Whose words they are, where other agencies' members may not read them; empty for the whole panel.
    replaces
        Number of the document that the writer read and now replaces.
    first
        Whether the writer read that nothing of its kind stands under its subject yet.
    told
        What the ledger's entry says beside area, number and person.
    """

    kind: str
    subject: str
    area: str
    document: Document
    person: str | None = None
    agency: str = ""
    replaces: int | None = None
    first: bool = False
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def action(self) -> str:
        """What the ledger calls the act."""
        return f"filed.{self.kind}"


@dataclass(frozen=True)
class Filed:
    """A document on file.

    Parameters
    ----------
    current
        Whether nothing replaced it yet.
    """

    number: int
    kind: str
    subject: str
    area: str
    person: str | None
    agency: str
    by: str
    document: Document
    replaces: int | None
    at: str
    current: bool

    def to_dict(self) -> dict[str, Any]:
        """Return the keys that the API and ``--json`` print."""
        return {**self.__dict__, "document": dict(self.document)}


def file(acting: Acting, by: Person, draft: Draft) -> int:
    """File a document as an act of its own and return its number.

    Raises
    ------
    FilingRefused, FilingConflict
        If it is too long or replaces nothing of its kind; if somebody replaced the same document in the meantime.
    """
    row = row_of(acting, by, draft)
    about = {"person": draft.person} if draft.person else {}
    detail = {**draft.told, "area": draft.area, "number": row["number"], **about}
    acting.enter(by.user, draft.action, draft.subject, detail, [(table, row)])
    return int(row["number"])


def row_of(acting: Acting, by: Person, draft: Draft) -> dict[str, Any]:
    """Return the row of a draft, for an act that files it beside rows of other tables.

    Raises
    ------
    FilingRefused, FilingConflict
        If it is too long or replaces nothing of its kind; if somebody replaced the same document in the meantime.
    """
    text = canonical_json(dict(draft.document))
    if len(text) > LONGEST:
        raise FilingRefused(f"This is longer than {LONGEST:,} characters.", "Say it more briefly.")
    if draft.replaces is not None:
        _check_newest(acting, draft)
    elif draft.first and (there := found_in(acting.connection, acting.ledger, [draft.kind], subject=draft.subject)):
        raise _changed(there[-1].by, there[-1].at)
    return {
        "number": (acting.connection.execute(select(func.max(table.c.number))).scalar() or 0) + 1,
        "kind": draft.kind,
        "subject": draft.subject,
        "area": draft.area,
        "person": draft.person,
        "agency": draft.agency,
        "by": by.user,
        "document": text,
        "replaces": draft.replaces,
        "at": acting.now.isoformat(),
    }


def filed(
    stores: Stores,
    kinds: Collection[str],
    *,
    subject: str | None = None,
    areas: Collection[str] | None = None,
    person: str | None = None,
) -> list[Filed]:
    """Return documents of some kinds, oldest first; one that no genuine entry of the ledger made is left out.

    Parameters
    ----------
    areas
        Only those of these areas; None for all.
    """
    with stores.panel.read() as connection:
        return found_in(connection, stores.ledger, kinds, subject=subject, areas=areas, person=person)


def found_in(
    connection: Connection,
    ledger: Ledger,
    kinds: Collection[str],
    *,
    subject: str | None = None,
    areas: Collection[str] | None = None,
    person: str | None = None,
) -> list[Filed]:
    """Return documents as `filed` does, within a transaction."""
    columns = table.c
    query = select(table).where(columns.kind.in_(kinds)).order_by(columns.number)
    if subject is not None:
        query = query.where(columns.subject == subject)
    if areas is not None:
        query = query.where(columns.area.in_(areas))
    if person is not None:
        query = query.where(columns.person == person)
    rows = connection.execute(query).mappings().all()
    return list(_threaded(_vouched(ledger, connection, rows))) if rows else []


def _threaded(rows: Iterable[Mapping[str, Any]]) -> Iterable[Filed]:
    found = list(rows)
    replaced = {row["replaces"] for row in found}
    for row in found:
        yield Filed(**{**row, "document": json.loads(row["document"])}, current=row["number"] not in replaced)


def _vouched(ledger: Ledger, connection: Connection, rows: Iterable[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    return ledger.vouched(connection, table, {f"filed.{row['kind']}" for row in rows}, rows, "subject")


def _check_newest(acting: Acting, draft: Draft) -> None:
    """Refuse a replacement of what is not there or was replaced; rows that nobody vouches for count for nothing."""
    columns = table.c
    query = select(table).where(or_(columns.number == draft.replaces, columns.replaces == draft.replaces))
    rows = _vouched(acting.ledger, acting.connection, acting.connection.execute(query).mappings().all())
    old = next((row for row in rows if row["number"] == draft.replaces), None)
    if old is None or any(old[name] != getattr(draft, name) for name in _THREAD):
        raise FilingRefused("There is nothing here that this could replace.", "Read it again, then send yours.")
    later = next((row for row in rows if row["replaces"] == draft.replaces), None)
    if later is not None:
        raise _changed(later["by"], later["at"])


def _changed(by: str, at: str) -> FilingConflict:
    return FilingConflict("Somebody changed this in the meantime.", "Read it again, then send yours.", by, at)
