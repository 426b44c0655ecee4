"""One row for each key out of many: the most frequent value wins, and every contradiction is counted."""

# ruff: noqa: S608 - names enter through quoted(), values through literal()
from __future__ import annotations

from collections.abc import Sequence

import duckdb

from records.database import quoted


def settle(
    db: duckdb.DuckDBPyConnection, rows: str, keys: Sequence[str], columns: Sequence[str], into: str
) -> dict[str, int]:
    """Make the table `into`: one row a key, with the winning value of each column.

    Ties go to the first in the alphabet, so that the order of the rows decides nothing; a missing value never
    outvotes a recorded one.

    Parameters
    ----------
    db
        Where it happens.
    rows
        A relation with `row`, the keys and the columns as text, ``''`` where missing.
    keys, columns
        The columns that say which rows belong together, and the others.
    into
        Name of the new table: `first` (the lowest `row` of the key), the keys, the columns.

    Returns
    -------
    For each column the keys for which a value had to be chosen, where there are any.
    """
    key, span = ", ".join(quoted(each) for each in keys), quoted(f"{into}_span")
    limits = "".join(
        f", min(nullif({quoted(name)}, '')) AS low{place}, max(nullif({quoted(name)}, '')) AS high{place}"
        for place, name in enumerate(columns)
    )
    db.execute(
        f"CREATE OR REPLACE TABLE {span} AS SELECT {key}, min(row) AS first{limits} FROM {quoted(rows)} GROUP BY {key}"
    )
    differing = _differing(db, span, len(columns))
    votes = {place: _vote(db, rows, keys, columns[place], f"{into}_vote{place}", span, place) for place in differing}
    joins = "".join(f" LEFT JOIN {vote} v{place} USING (first)" for place, vote in votes.items())
    chosen = "".join(
        f", coalesce({f'v{place}.winner, ' if place in votes else ''}s.low{place}, '') AS {quoted(name)}"
        for place, name in enumerate(columns)
    )
    own = ", ".join(f"s.{quoted(each)}" for each in keys)
    db.execute(f"CREATE OR REPLACE TABLE {quoted(into)} AS SELECT first, {own}{chosen} FROM {span} s{joins}")
    for table in (span, *votes.values()):
        db.execute(f"DROP TABLE {table}")
    return {columns[place]: count for place, count in differing.items()}


def _differing(db: duckdb.DuckDBPyConnection, span: str, size: int) -> dict[int, int]:
    if not size:
        return {}
    counts = ", ".join(f"count(*) FILTER (low{place} <> high{place})" for place in range(size))
    found = db.execute(f"SELECT {counts} FROM {span}").fetchone() or ()
    return {place: count for place, count in enumerate(found) if count}


def _vote(
    db: duckdb.DuckDBPyConnection,
    rows: str,
    keys: Sequence[str],
    column: str,
    into: str,
    span: str,
    place: int,
) -> str:
    """Make the table of winners of one column, for the keys that differ about it."""
    key, name = ", ".join(quoted(each) for each in keys), f"r.{quoted(column)}"
    db.execute(
        f"CREATE OR REPLACE TABLE {quoted(into)} AS "
        "SELECT first, min_by(value, struct_pack(fewer := -votes, alphabet := value)) AS winner FROM ("
        f"SELECT s.first, {name} AS value, count(*) AS votes FROM {quoted(rows)} r JOIN {span} s USING ({key}) "
        f"WHERE s.low{place} <> s.high{place} AND {name} <> '' GROUP BY s.first, value) GROUP BY first"
    )
    return quoted(into)
