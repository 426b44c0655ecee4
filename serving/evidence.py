"""Evidence over time, as the batch side worked it out: kept whole, read back only as it was kept.

A document holds aggregates without small numbers and no person, so everybody who may see audits may read it.
"""

from __future__ import annotations

import json

from sqlalchemy import func, select

from serving.documents import Document
from serving.people import Person
from serving.storage import tables
from serving.storage.stores import Stores
from values import Hash, canonical_json, digest_bytes

GATHERED = "evidence.gathered"


def keep(stores: Stores, document: Document, by: str) -> Hash:
    """Keep a document with its entry in the ledger, and return its hash; the newest one again is not kept twice."""
    text = canonical_json(document)
    hashed = digest_bytes(text.encode("utf-8"))
    with stores.acting() as acting:
        evidence = tables.evidence.c
        newest = select(evidence.hash).order_by(evidence.number.desc()).limit(1)
        if acting.connection.execute(newest).scalar() == hashed:
            return hashed
        number = (acting.connection.execute(select(func.max(evidence.number))).scalar() or 0) + 1
        row = {"number": number, "hash": str(hashed), "document": text, "at": acting.now.isoformat()}
        acting.enter(by, GATHERED, "evidence", {"hash": str(hashed)}, [(tables.evidence, row)])
    return hashed


def newest(stores: Stores) -> Document | None:
    """Return the newest document that the ledger vouches for, with ``gathered_at``; None where there is none."""
    query = select(tables.evidence).order_by(tables.evidence.c.number.desc())
    with stores.panel.read() as connection:
        entries = stores.ledger.genuine(connection, "evidence")
        vouched = {entry.content.get("hash") for entry in entries if entry.action == GATHERED}
        for row in connection.execute(query).mappings():
            if row["hash"] in vouched and digest_bytes(row["document"].encode("utf-8")) == row["hash"]:
                document: Document = json.loads(row["document"])
                return {**document, "gathered_at": row["at"]}
    return None


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
