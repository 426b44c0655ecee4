"""Cards: what batch work says of itself to the pages, kept whole and read back only as it was kept.

A card holds counts without small numbers and figures of a model, never a person and never a score, so that it may be
read by people who may see no list. The batch side makes it as it trains, scores, compares or looks at data; the ledger
holds the hash of every row, and one that no genuine entry made does not exist.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select

from serving.documents import Document
from serving.people import Person
from serving.storage import tables
from serving.storage.stores import Stores
from values import canonical_json

KEPT = "card.kept"
EVERYWHERE = "*"


class CardKind(StrEnum):
    """What a card is about; its subject is a bundle, a run or a snapshot of records."""

    TRAINING = "training"
    SCORING = "scoring"
    SHADOW = "shadow"
    QUALITY = "quality"
    TIME_TRAVEL = "time_travel"


@dataclass(frozen=True)
class Card:
    """A card on file.

    Parameters
    ----------
    subject
        The hash of the bundle or of the snapshot, or the name of the run, that it is about.
    area
        Where it belongs; ``*`` where it is about all areas together.
    """

    number: int
    kind: CardKind
    subject: str
    area: str
    document: Document
    at: str

    def to_dict(self) -> dict[str, Any]:
        """Return what the API gives."""
        told = {name: getattr(self, name) for name in ("number", "at", "subject", "area")}
        return {**told, "card": self.document}


def keep(stores: Stores, kind: CardKind, subject: str, document: Document, by: str, area: str = EVERYWHERE) -> int:
    """Keep a card with its entry in the ledger and return its number; the newest of a subject is not kept twice."""
    text = canonical_json(document)
    newest = read(stores, kind, subject=subject, limit=1)
    if newest and canonical_json(newest[0].document) == text:
        return newest[0].number
    with stores.acting() as acting:
        columns = tables.cards.c
        number = (acting.connection.execute(select(func.max(columns.number))).scalar() or 0) + 1
        at = acting.now.isoformat()
        row = {"number": number, "kind": kind.value, "subject": subject, "area": area, "document": text, "at": at}
        told = {"kind": kind.value, "area": area, "number": number}
        acting.enter(by, KEPT, subject, told, [(tables.cards, row)])
    return number


def read(
    stores: Stores,
    kind: CardKind,
    *,
    subject: str | None = None,
    limit: int | None = None,
    reader: Person | None = None,
) -> list[Card]:
    """Return the cards of a kind that the ledger vouches for, newest first.

    Parameters
    ----------
    reader
        Only those of this person's areas, and those about all areas together; None for every card.
    """
    columns = tables.cards.c
    query = select(tables.cards).where(columns.kind == kind.value).order_by(columns.number.desc()).limit(limit)
    if subject is not None:
        query = query.where(columns.subject == subject)
    if reader is not None and not reader.covers(EVERYWHERE):
        query = query.where(columns.area.in_([EVERYWHERE, *sorted(reader.areas)]))
    with stores.panel.read() as connection:
        rows = connection.execute(query).mappings().all()
        genuine = stores.ledger.vouched(connection, tables.cards, KEPT, rows, "subject")
    return [_card(row) for row in genuine]


def for_reader(card: Card, reader: Person) -> Card:
    """Return a card without what it says of single areas that are not the reader's."""
    if reader.covers(EVERYWHERE):
        return card
    document = dict(card.document)
    if card.kind is CardKind.TRAINING:
        areas = document["backtest"]["areas"]
        kept = {area: verdict for area, verdict in areas.items() if reader.covers(area)}
        document["backtest"] = {**document["backtest"], "areas": kept}
    elif card.kind is CardKind.QUALITY:
        document["findings"] = [each for each in document["findings"] if not each["names_areas"]]
        document["areas_left_out"] = True
    elif card.kind is CardKind.TIME_TRAVEL:
        document["cohorts_moved"] = [area for area in document["cohorts_moved"] if reader.covers(area)]
    return replace(card, document=document)


def _card(row: dict[str, Any]) -> Card:
    return Card(**{**row, "kind": CardKind(row["kind"]), "document": json.loads(row["document"])})
