"""Every list that was ever published, whether or not its release is live still: what panels were shown over time."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select, true

from serving.documents import Document, hash_of_rows
from serving.errors import ListChanged
from serving.release.standing import run_row, standing
from serving.storage import tables
from serving.storage.stores import Stores
from values import digest_bytes


@dataclass(frozen=True)
class PastList:
    """A list as it was released.

    Parameters
    ----------
    state
        released, expired or withdrawn. A withdrawn list was shown too: leaving it out would let whoever withdraws
        lists choose the evidence.
    policy
        The hash of the policy that it was audited under.
    published_at
        When panels could first read it.
    rows
        Its rows in order, without those of people erased since, who are counted in `erased`.
    """

    run: str
    area: str
    as_of: str
    state: str
    policy: str
    published_at: str
    header: Document
    rows: tuple[Document, ...]
    erased: int


def past_lists(stores: Stores) -> tuple[PastList, ...]:
    """Return every published list, oldest first.

    Raises
    ------
    ListChanged
        If one is not what was released.
    """
    return _read(stores, true())


def past_list(stores: Stores, run: str) -> PastList | None:
    """Return one published list as `past_lists` does; None where panels never could read it."""
    return next(iter(_read(stores, tables.runs.c.run == run)), None)


def _read(stores: Stores, which: ColumnElement[bool]) -> tuple[PastList, ...]:
    runs, published = tables.runs.c, tables.published.c
    query = (
        select(runs.run, published.header, published.published_at)
        .join(tables.published, published.run == runs.run)
        .where(which)
        .order_by(runs.as_of, published.published_at, runs.run)
    )
    with stores.panel.read() as connection:
        found = connection.execute(query).all()
        return tuple(_list(stores, connection, row.run, row.header, row.published_at) for row in found)


def _list(stores: Stores, connection: Connection, run: str, header_text: str, published_at: str) -> PastList:
    found = standing(stores, connection, run_row(connection, run))
    header = json.loads(header_text)
    rows, erased = rows_of(stores, connection, run, header, found.release["list_hash"] if found.release else None)
    audit = json.loads(found.row["audit"])
    return PastList(
        run=run,
        area=found.row["area"],
        as_of=found.row["as_of"],
        state=found.state.value,
        policy=audit.get("policy", {}).get("hash", ""),
        published_at=published_at,
        header=header,
        rows=rows,
        erased=erased,
    )


def rows_of(
    stores: Stores, connection: Connection, run: str, header: Document, released: str | None
) -> tuple[tuple[Document, ...], int]:
    """Return the rows of a published list as it was released, and how many more there were of people erased since.

    Raises
    ------
    ListChanged
        If they are not those of the list with the hash `released`.
    """
    rows = tables.published_rows.c
    query = select(rows.hash, rows.document).where(rows.run == run).order_by(rows.position)
    items = connection.execute(query).all()
    kept = [item for item in items if item.document is not None]
    changed = any(digest_bytes(item.document.encode("utf-8")) != item.hash for item in kept)
    if changed or hash_of_rows(header, [item.hash for item in items]) != released:
        raise ListChanged("A past list is not the one that was released.", "Verify the ledger.")
    blank = {item.hash for item in items if item.document is None}
    if blank and not blank <= stores.ledger.erased(connection):
        raise ListChanged("A row of a past list was blanked and no erasure says so.", "Verify the ledger.")
    return tuple(json.loads(item.document) for item in kept), len(items) - len(kept)
