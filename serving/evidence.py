"""Evidence over time, as the batch side worked it out: kept whole, read back only as it was kept.

A document holds aggregates without small numbers and no person, so everybody who may see audits may read it.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, func, select

from serving.documents import Document
from serving.ledger import act
from serving.people import Person
from serving.storage import tables
from serving.storage.stores import Stores
from values import Hash, canonical_json, digest_bytes

GATHERED, SUBJECT = "evidence.gathered", "evidence"


def keep(stores: Stores, document: Document, by: str) -> Hash:
    """Keep a document with its entry in the ledger, and return its hash; the newest one again is not kept twice."""
    text = canonical_json(document)
    hashed = digest_bytes(text.encode("utf-8"))
    with stores.acting() as acting:
        if (last := _newest(stores, acting.connection)) is not None and last["hash"] == hashed:
            return hashed
        evidence = tables.evidence.c
        number = (acting.connection.execute(select(func.max(evidence.number))).scalar() or 0) + 1
        row = {"number": number, "hash": str(hashed), "document": text, "at": acting.now.isoformat()}
        acting.enter(by, GATHERED, SUBJECT, {"hash": str(hashed)}, [(tables.evidence, row)])
    return hashed


def newest(stores: Stores) -> Document | None:
    """Return the newest document that the ledger vouches for, with ``gathered_at``; None where there is none."""
    with stores.panel.read() as connection:
        row = _newest(stores, connection)
    return None if row is None else {**json.loads(row["document"]), "gathered_at": row["at"]}


def _newest(stores: Stores, connection: Connection) -> dict[str, Any] | None:
    """Return the newest row that an entry of the ledger made as it is now."""
    query = select(tables.evidence).order_by(tables.evidence.c.number.desc())
    entries = stores.ledger.genuine(connection, SUBJECT, [GATHERED])
    made = [each for entry in entries for each in entry.content.get("acts", [])]
    found = map(dict, connection.execute(query).mappings())
    return next((row for row in found if act(tables.evidence, row) in made), None)


def of_areas(found: Document, person: Person) -> Document:
    """Return evidence without single lists of areas that a person does not cover; sums over all areas stay.

    Returns
    -------
    Document
        The same with `elsewhere`: whether lists were left out.
    """
    lists = [each for each in found["lists"] if person.covers(each["area"])]
    points = [each for each in found["points"] if each["area"] is None or person.covers(each["area"])]
    elsewhere = len(lists) < len(found["lists"])
    told = [] if elsewhere else found["not_available"]  # its sentences name lists
    return {**found, "lists": lists, "points": points, "not_available": told, "elsewhere": elsewhere}
