"""What was delivered and what was kept out, from the cards that ingest leaves beside the records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from records.deliveries import Deliveries
from records.snapshot import Snapshot

_ORPHANS = ("orphan",)
_COPIES = ("duplicate_row", "conflicting_duplicate")
_ORDERS = ("impossible_order", "future_date")


def delivery_cards(root: Path, snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return the stored cards of the deliveries that a snapshot was made from, by name.

    Parameters
    ----------
    root
        The record store's folder.
    snapshot
        Names its deliveries.
    """
    wanted = {str(each.get("name")) for each in snapshot.card.get("deliveries", ())}
    return [{"name": each.name, **each.card} for each in Deliveries(root).all() if each.name in wanted]


def deliveries(cards: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Sum up what each delivery brought: rows read, accepted and kept out, and why.

    Returns
    -------
    dict
        ``available`` is False where no card says anything; a number that a card does not hold is None.
    """
    rows = [_delivery(card) for card in cards]
    reasons: Counter[str] = Counter()
    for row in rows:
        reasons.update(row["reasons"])
    told = any(row["read"] is not None for row in rows)
    return {
        "available": bool(rows),
        "deliveries": rows,
        "read": _sum(rows, "read"),
        "accepted": _sum(rows, "accepted"),
        "quarantined": _sum(rows, "quarantined"),
        "reasons": dict(reasons.most_common()),
        "duplicates": _of(reasons, _COPIES) if told else None,
        "orphans": _of(reasons, _ORPHANS) if told else None,
        "orders": _of(reasons, _ORDERS) if told else None,
    }


def _delivery(card: Mapping[str, Any]) -> dict[str, Any]:
    manifest = card.get("manifest", card)
    report = card.get("report", card)
    return {
        "name": str(card.get("name", "")),
        "source": manifest.get("source"),
        "extract_date": manifest.get("extract_date"),
        "read": _number(report.get("read")),
        "accepted": _number(report.get("accepted")),
        "quarantined": _number(report.get("quarantined")),
        "reasons": {str(reason): int(rows) for reason, rows in (report.get("reasons") or {}).items()},
        "notes": [str(note) for note in report.get("notes") or []],
    }


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _sum(rows: Sequence[Mapping[str, Any]], key: str) -> int | None:
    known = [row[key] for row in rows if row[key] is not None]
    return sum(known) if known and len(known) == len(rows) else None


def _of(reasons: Mapping[str, int], names: Iterable[str]) -> int:
    return sum(reasons.get(name, 0) for name in names)
