"""Verifying that what was published is still what was released: every row, every case, the list they make."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from serving.documents import hash_of_rows
from serving.ledger import Verification
from serving.release.recording import scored_hashes
from serving.storage import tables
from serving.storage.stores import Stores
from values import digest

_ERASED: dict[str, Any] = {}


def verify_published(stores: Stores, connection: Connection, result: Verification) -> Verification:
    """Return `result`, or the first publication whose rows or cases are not what was released."""
    query = (
        select(tables.published, tables.ledger.c.seq)
        .join(tables.ledger, tables.ledger.c.subject == tables.published.c.run)
        .where(tables.ledger.c.action == "list.published")
        .order_by(tables.ledger.c.seq)
    )
    erased = stores.ledger.erased(connection)
    for row in map(dict, connection.execute(query).mappings()):
        why = changed_list(connection, row, erased, scored_hashes(stores, row["run"]))
        if why:
            return replace(result, ok=False, first_broken=row["seq"], why=why)
    return result


def changed_list(
    connection: Connection, published: Mapping[str, Any], erased: Collection[str], scored: Sequence[str] = ()
) -> str:
    """Return what is no longer as released in a published list, with the position of the row; empty if nothing.

    Parameters
    ----------
    published
        The row of the table `published`, whose own hash the ledger keeps.
    erased
        The hashes of documents that the ledger says were erased.
    scored
        The hashes of the rows in the unreleased store, where that is open: they only serve to name the row where
        a row and its hash were changed together.
    """
    run = published["run"]
    query = select(tables.published_rows).where(tables.published_rows.c.run == run)
    rows = [dict(row) for row in connection.execute(query.order_by(tables.published_rows.c.position)).mappings()]
    return (
        _changed_row(run, rows, erased)
        or _changed_whole(connection, published, rows, scored)
        or _changed_case(connection, run, rows)
    )


def _changed_row(run: str, rows: Sequence[Mapping[str, Any]], erased: Collection[str]) -> str:
    for expected, row in enumerate(rows):
        if row["position"] != expected:
            return f"row {expected} of the published list {run} is gone"
        if (row["document"] is None) != (row["person"] is None):
            return f"row {expected} of the published list {run} is erased by half"
        if row["document"] is None and row["hash"] not in erased:
            return f"row {expected} of the published list {run} was blanked and no erasure says so"
        document = _document(row)
        if document is None or (document is not _ERASED and document["person"] != row["person"]):
            return f"row {expected} of the published list {run} was changed"
    return ""


def _changed_whole(
    connection: Connection, published: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], scored: Sequence[str]
) -> str:
    run, hashes = published["run"], [row["hash"] for row in rows]
    query = select(tables.releases.c.list_hash).where(tables.releases.c.run == run)
    released = connection.execute(query).scalar()
    if hash_of_rows(json.loads(published["header"]), hashes) == released:
        return ""
    for position, hashed in enumerate(scored):
        if position >= len(hashes):
            return f"row {position} of the published list {run} is gone"
        if hashes[position] != hashed:
            return f"row {position} of the published list {run} was changed together with its hash"
    return f"the {len(rows)} rows of the published list {run}, from position 0, do not make the list that was released"


def _changed_case(connection: Connection, run: str, rows: Sequence[Mapping[str, Any]]) -> str:
    query = select(tables.published_cases).where(tables.published_cases.c.run == run)
    cases = {case["hash"]: dict(case) for case in connection.execute(query).mappings()}
    for row in rows:
        document = _document(row)
        if not document:  # erased; _changed_row has found the changed ones
            continue
        case = cases.pop(document["case"], None)
        where = f"the case of row {row['position']} of the published list {run}"
        if case is None or case["document"] is None:
            return f"{where} is gone"
        if _document(case) is None or case["person"] != row["person"]:
            return f"{where} was changed"
    if any(case["document"] is not None for case in cases.values()):
        return f"the published list {run} has a case that belongs to none of its rows"
    return ""


def _document(stored: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a stored document, `_ERASED` where only its hash is left, None where it does not have its hash."""
    if stored["document"] is None:
        return _ERASED
    try:
        document: dict[str, Any] = json.loads(stored["document"])
        whole = digest(document) == stored["hash"]
    except ValueError:
        return None
    return document if whole else None
