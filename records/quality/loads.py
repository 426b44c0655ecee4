"""What was delivered and what was kept out, from the cards that ingest leaves beside the records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from records.history.deliveries import Deliveries, Delivery
from records.history.fold import find_orphans
from records.intake.kept_out import KeptOut
from records.snapshot import Snapshot
from records.storage.database import workbench

_ORPHANS = ("orphan",)
_COPIES = ("duplicate_row", "conflicting_duplicate")
_ORDERS = ("impossible_order", "future_date")


def delivery_cards(root: Path, snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return, for each delivery that a snapshot was made from, where it came from and what is still kept out of it.

    Rows that were mended and delivered again are not kept out any more.

    Parameters
    ----------
    root
        The record store's folder.
    snapshot
        Names its deliveries.
    """
    wanted = {name for each in snapshot.card["deliveries"] for name in str(each["name"]).split(", ")}
    stored = Deliveries(root)
    every = stored.all()
    chosen = [each for each in every if each.name in wanted and each.replays is None]
    if not chosen:
        return []
    with workbench(root) as db:
        find_orphans(db, stored.counting())
        replays = {each.name: tuple(other for other in every if other.replays == each.name) for each in chosen}
        return [_card(each, KeptOut(db, each, replays[each.name])) for each in chosen]


def _card(delivery: Delivery, kept: KeptOut) -> dict[str, Any]:
    tallies = kept.by_file().values()
    return {
        "name": delivery.name,
        "source": delivery.manifest.source,
        "extract_date": delivery.manifest.extract_date.isoformat(),
        "read": sum(tally.read for tally in tallies),
        "accepted": sum(tally.accepted for tally in tallies),
        "quarantined": sum(tally.quarantined for tally in tallies),
        "reasons": kept.reasons(),
        "notes": delivery.card["notes"],
    }


def deliveries(cards: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Sum up what each delivery brought: rows read, accepted and kept out, and why.

    Parameters
    ----------
    cards
        What `delivery_cards` returned.

    Returns
    -------
    dict
        ``available`` is False and every number None where no delivery is stored.
    """
    rows = [dict(card) for card in cards]
    reasons: Counter[str] = Counter()
    for row in rows:
        reasons.update(row["reasons"])
    return {
        "available": bool(rows),
        "deliveries": rows,
        "read": _sum(rows, "read"),
        "accepted": _sum(rows, "accepted"),
        "quarantined": _sum(rows, "quarantined"),
        "reasons": dict(reasons.most_common()),
        "duplicates": _of(reasons, _COPIES) if rows else None,
        "orphans": _of(reasons, _ORPHANS) if rows else None,
        "orders": _of(reasons, _ORDERS) if rows else None,
    }


def _sum(rows: Sequence[Mapping[str, Any]], key: str) -> int | None:
    return sum(row[key] for row in rows) if rows else None


def _of(reasons: Mapping[str, int], names: Iterable[str]) -> int:
    return sum(reasons.get(name, 0) for name in names)
