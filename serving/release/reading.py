"""Reading a released list and its cases; every read verifies what it returns."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import Connection, null, select
from sqlalchemy import case as either

from serving.documents import Document, hash_of_rows
from serving.errors import ListChanged, NoLiveRelease, NotFound
from serving.release.standing import live_release, run_row
from serving.storage import tables
from serving.storage.stores import Stores
from values import Hash, digest_bytes


@dataclass(frozen=True)
class ReleasedList:
    """A released list as it was scored, audited and reviewed.

    Parameters
    ----------
    rows
        The rows in order, without people who were erased since.
    not_shown
        How many of its rows are not in `rows`: erased ones and, as one person sees it, those closed to them. Which of
        both a row was is not told, so that no gap says that a case of an officer or a colleague is there.
    """

    run: str
    area: str
    release: str
    list_hash: Hash
    expires: date
    header: Document
    rows: tuple[Document, ...]
    not_shown: int = 0

    def section(self, name: str) -> list[Document]:
        """Return the rows of one section, in order."""
        return [row for row in self.rows if row["section"] == name]

    def row(self, person: str) -> Document:
        """Return the row of a pseudonym, or raise `NotFound`."""
        for row in self.rows:
            if row["person"] == person:
                return row
        raise NotFound("There is no such person on this list.", "Go back to the list.")

    def to_dict(self) -> dict[str, Any]:
        """Return the keys that `list --json` and the API print."""
        return {
            "run": self.run,
            "release": self.release,
            "list_hash": self.list_hash,
            "expires": self.expires.isoformat(),
            "header": self.header,
            "rows": self.section("ranked"),
            "held": self.section("held"),
            "referred": self.section("referred"),
            "apart": self.section("apart"),
            "not_shown": self.not_shown,
            "notice": "Not listed does not mean low risk.",
        }


@dataclass(frozen=True)
class Case:
    """One person's row on a released list and the case document behind it."""

    released: ReleasedList
    row: Document
    document: Document


def released_list(stores: Stores, run: str) -> ReleasedList:
    """Return the list of `run` if it has a live release and is what was released.

    Raises
    ------
    NoLiveRelease
        If it is not released, expired, withdrawn or not yet published.
    ListChanged
        If anything that it rests on was changed.
    """
    with stores.panel.read() as connection:
        return _read_list(stores, connection, run)


def case(stores: Stores, run: str, person: str) -> Case:
    """Return one person's case of a released list; raises as `released_list`, and `NotFound`."""
    with stores.panel.read() as connection:
        return case_in(stores, connection, run, person)


def case_in(stores: Stores, connection: Connection, run: str, person: str) -> Case:
    """Return a case as `case` does, within a transaction."""
    found = _read_list(stores, connection, run, person)
    row = found.row(person)
    stored = tables.published_cases.c
    query = select(stored.document).where(stored.run == run, stored.hash == row["case"])
    text = connection.execute(query).scalar()
    if text is None:
        raise ListChanged("The case document is missing.", "Restore the database from its backup.")
    return Case(found, row, _verified(text, row["case"]))


def identities(stores: Stores, found: ReleasedList) -> dict[str, dict[str, Any]]:
    """Return who the people of a released list are, by pseudonym."""
    people = {row["person"] for row in found.rows}
    query = select(tables.identities.c.person, tables.identities.c.sealed).where(tables.identities.c.run == found.run)
    if len(people) == 1:
        query = query.where(tables.identities.c.person == next(iter(people)))
    with stores.panel.read() as connection:
        sealed = [row for row in connection.execute(query) if row.person in people]
    return {row.person: opened(stores, found.run, row.person, row.sealed) for row in sealed}


def opened(stores: Stores, run: str, person: str, sealed: str) -> dict[str, Any]:
    """Return who somebody on a list is, from what lies sealed."""
    return stores.recent.made((run, person), sealed, lambda text: stores.seal.open(run, person, text))


def _read_list(stores: Stores, connection: Connection, run: str, person: str | None = None) -> ReleasedList:
    """Return a list with all its rows or only one person's; the hashes of all of them make the list's either way."""
    row = run_row(connection, run, audit=False)
    release = live_release(stores, connection, row)
    query = select(tables.published).where(tables.published.c.run == run)
    published = connection.execute(query).mappings().first()
    if published is None:
        raise NoLiveRelease("This list is released but not yet published.", "Wait a minute and try again.")
    header = json.loads(published["header"])
    stored = tables.published_rows.c
    document = stored.document if person is None else either((stored.person == person, stored.document), else_=null())
    query = select(stored.hash, stored.document.is_(None).label("blank"), document.label("document"))
    items = connection.execute(query.where(stored.run == run).order_by(stored.position)).all()
    hashes = [item.hash for item in items]
    blank = {item.hash for item in items if item.blank}
    if blank and not blank <= stores.ledger.erased(connection):
        raise ListChanged("A row of the list was blanked and no erasure says so.", "Verify the ledger.")
    rows = [
        stores.recent.made(item.hash, item.document, partial(_verified, hashed=item.hash))
        for item in items
        if item.document is not None
    ]
    if hash_of_rows(header, hashes) != release["list_hash"]:
        raise ListChanged("The stored list is not the one that was released.", "Tell the administrator.")
    return ReleasedList(
        run=run,
        area=row["area"],
        release=release["release"],
        list_hash=Hash(release["list_hash"]),
        expires=date.fromisoformat(release["expires"]),
        header=header,
        rows=tuple(rows),
        not_shown=sum(item.blank for item in items),
    )


def _verified(text: str, hashed: str) -> Document:
    # The text is exactly the canonical JSON that was hashed: to hash what was parsed from it would cost much more.
    if digest_bytes(text.encode("utf-8")) != hashed:
        raise ListChanged("A stored document was changed after release.", "Tell the administrator.")
    document: Document = json.loads(text)
    return document
