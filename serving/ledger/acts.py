"""Comparing the rows that acts made with what the ledger says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from serving.ledger.entries import ACT_TABLES, row_key
from serving.storage import tables
from values import digest

Entered = Mapping[tuple[str, str], tuple[int, str]]
"""Table and key of a row -> the number of its entry and the hash that it had."""


@dataclass(frozen=True)
class Unvouched:
    """A row that is not as its entry says, or that none made: the number of its entry, why, and what was found."""

    seq: int | None
    why: str
    table: str
    key: str
    found: str


def changed_acts(
    connection: Connection, acts: Entered, waiting: Callable[[Mapping[str, Any]], bool]
) -> Iterator[Unvouched]:
    """Yield acts whose row is gone, changed or was never entered, by the number of their entry.

    Parameters
    ----------
    waiting
        Whether a view that no entry lists is genuine and only waits to be listed.
    """
    found: list[Unvouched] = []
    seen: set[tuple[str, str]] = set()
    for name, table in ACT_TABLES.items():
        for row in map(dict, connection.execute(select(table)).mappings()):
            key = (name, row_key(table, row))
            seen.add(key)
            if key not in acts:
                if table is not tables.views or not waiting(row):
                    found.append(Unvouched(None, f"a row of {name} was never entered in the ledger", *key, digest(row)))
            elif acts[key][1] != (hashed := digest(row)):
                found.append(Unvouched(acts[key][0], f"the row of {name} that it made was changed", *key, hashed))
    found.extend(
        Unvouched(seq, f"the row of {name} that it made is gone", name, key_text, "")
        for (name, key_text), (seq, _) in acts.items()
        if (name, key_text) not in seen
    )
    yield from sorted(found, key=lambda each: (each.seq is None, each.seq or 0))
