"""The plainer tables of the pages about models: rows of cells in words, from what a card holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from serving.cards import Card
from serving.release.runs import RunSummary
from serving.web.model_words import FEW, count, figure
from serving.web.words import area_name, day, words

Rows = list[list[str]]
_Each = Iterable[Mapping[str, Any]]


def measured(rows: _Each) -> Rows:
    """Return measures with what each of them says."""
    return [[row["title"], figure(row), row["says"]] for row in rows]


def split_rows(splits: _Each) -> Rows:
    """Return what each split trains on, when that was known, and what it is judged on."""
    return [
        [
            day(each["test"]),
            day(each["train_until"]),
            day(each["train_known"]),
            f"{each['gap_days']:,}",
            day(each["until"]),
        ]
        for each in splits
    ]


def drift_rows(moved: _Each) -> Rows:
    """Return the indicators that moved, farthest first."""
    return [
        [
            words(each["name"]),
            words(each["level"]),
            f"{each['stability_index']:.3f}",
            f"{each['missing_before']:.1%}, {each['missing']:.1%}",
        ]
        for each in moved
    ]


def shadow_rows(shadows: Iterable[tuple[Card, RunSummary | None]]) -> Rows:
    """Return how many places would have gone to somebody else, by run."""
    return [
        [
            f"{area_name(card.area)}, {day(card.document['as_of'])}",
            f"{card.document['places']:,}",
            count(card.document["enter"]),
            count(card.document["leave"]),
            "none" if card.document["rank_correlation"] is None else f"{card.document['rank_correlation']:.2f}",
        ]
        for card, _ in shadows
    ]


def reads(indicators: _Each) -> Rows:
    """Return indicators by the question that each answers."""
    return [[each["question"], words(each["group"]), each["name"]] for each in indicators]


def delivered(deliveries: _Each) -> Rows:
    """Return what each delivery brought, and why rows of it were kept out."""
    return [
        [
            each["name"],
            each["source"],
            day(each["extract_date"]),
            *(f"{each[name]:,}" for name in ("read", "accepted", "quarantined")),
            "; ".join(f"{words(why)}: {count(rows)}" for why, rows in each["reasons"].items()) or "none was kept out",
        ]
        for each in deliveries
    ]


def checked(checks: _Each) -> Rows:
    """Return what looks odd in the records."""
    return [[words(each["meaning"]), count(each["rows"]), each["do"]] for each in checks]


def tables_of(tables: _Each) -> Rows:
    """Return the tables of the contract with their rows; one that was not delivered says so."""
    return [
        [
            words(each["table"]),
            each["meaning"],
            (FEW if each["rows"] is None else f"{each['rows']:,}") if each["delivered"] else "not delivered",
        ]
        for each in tables
    ]


TABLES: Mapping[str, Callable[..., Rows]] = {
    each.__name__: each
    for each in (measured, split_rows, drift_rows, shadow_rows, reads, delivered, checked, tables_of)
}
"""By the name under which templates call them."""
