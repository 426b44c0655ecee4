# ruff: noqa: S608 - names enter through quoted()
"""What a reader of a load report must know beside the counts: unknown codes, and what undated values cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import duckdb

from records.contract import ASSUMED, TABLES, Column
from records.reference import Reference
from records.storage.database import quoted


def unmapped(
    db: duckdb.DuckDBPyConnection, accepted: Mapping[str, str], reference: Reference
) -> dict[str, dict[str, int]]:
    """Count for each ``table.column`` the codes that its list does not know, the most frequent first.

    Parameters
    ----------
    db
        Holds the relations.
    accepted
        For each table the relation with its accepted rows.
    reference
        The reference tables whose codes count as known.
    """
    found: dict[str, dict[str, int]] = {}
    for name, relation in accepted.items():
        for column in TABLES[name].columns:
            known = reference.codes(column.reference) if column.reference is not None else column.codes
            if known is None:
                continue
            # DuckDB would test every row before it counts; there are few codes
            counted = db.execute(
                f"SELECT {quoted(column.name)} AS code, count(*) AS rows FROM {relation} "
                "GROUP BY 1 ORDER BY rows DESC, code"
            ).fetchall()
            counts = {code: rows for code, rows in counted if code is not None and code not in known}
            if counts:
                found[f"{name}.{column.name}"] = counts
    return found


def cost_of_undated(db: duckdb.DuckDBPyConnection, accepted: Mapping[str, str], extract_date: date) -> list[str]:
    """Say in plain words which tables are empty and which values are known only from the extract date."""
    return [note for name, relation in accepted.items() for note in _notes(db, name, relation, extract_date)]


def _notes(db: duckdb.DuckDBPyConnection, name: str, relation: str, extract_date: date) -> Iterator[str]:
    overwritten = [column for column in TABLES[name].columns if column.overwritten]
    counted = "".join(f", count_if({_undated(column)})" for column in overwritten)
    (rows, *undated) = db.execute(f"SELECT count(*){counted} FROM {relation}").fetchall()[0]
    if not rows:
        yield f"{name}: no row was accepted."
    for column, number in zip(overwritten, undated, strict=True):
        if number:
            yield (
                f"{name}.{column.name}: {number} of {rows} rows hold a value that is overwritten without "
                f"a date; it is known only from {extract_date.isoformat()}, may be shown, and feeds no indicator or "
                f"label for an earlier date. Deliver known_from with the versions of the row to use its history."
            )


def _undated(column: Column) -> str:
    dated = f" AND {quoted(column.dated_by)} IS NULL" if column.dated_by else ""
    return f"{ASSUMED} AND {quoted(column.name)} IS NOT NULL{dated}"
