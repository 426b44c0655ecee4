"""Rows as a mapping makes them, for a person to look at: few, as different as can be, and nobody in them named."""
# ruff: noqa: S608 - names enter through quoted(), values through literal()

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from records.declaration import Column, Table
from records.reading.parsing import FLAGS, Refused, london_day
from records.reading.staged import Staged
from records.reference import Reference
from records.storage.database import quoted

ROWS_SHOWN = 5
FEWEST = 10
"""Fewer people than this are not counted exactly where a protected characteristic is counted."""
BLANK, OTHER, RECORDED = "(blank)", "(not in the list)", "(recorded)"
_LONGEST = 60
_STATES = 20
_MASKED = frozenset({"postcode", "related_user", "reason", "deceased_on"})
_NO_FLAG, _NO_DATE = "(neither yes nor no)", "(no date)"


def shown_rows(db: duckdb.DuckDBPyConnection, table: Table, made: Staged) -> list[dict[str, str]]:
    """Return at most `ROWS_SHOWN` rows that together show blanks and answers of every column, the rarest codes too.

    Values appear as they will be read; what names or describes a person appears as what it is: ``(date of birth)``.
    The choice depends on the rows alone.
    """
    columns = [table.column(name) for name in made.columns]
    states = [each for column in columns for each in _states(db, column, made)]
    candidates = sorted({each.row for each in states})
    if not candidates:
        return []
    listed = ", ".join(quoted(column.name) for column in columns)
    rows = {
        row: dict(zip(made.columns, texts, strict=True))
        for row, *texts in db.execute(
            f'SELECT "row", {listed} FROM {quoted(made.relation)} WHERE "row" IN ({", ".join(map(str, candidates))})'
        ).fetchall()
    }
    return [
        {column.name: _shown(column, rows[row][column.name]) for column in columns} for row in _chosen(states, rows)
    ]


@dataclass(frozen=True)
class _State:
    """What a column may hold: a blank, a code, or anything else; how often, and the first row that holds it."""

    column: Column
    holds: str
    count: int
    row: int

    def of(self, texts: Mapping[str, str]) -> bool:
        """Say whether a row holds it."""
        return _holds(self.column, texts[self.column.name]) == self.holds


def _holds(column: Column, text: str) -> str:
    return text if not text or column.kind in ("code", "flag") else RECORDED


def _states(db: duckdb.DuckDBPyConnection, column: Column, made: Staged) -> Iterator[_State]:
    name = quoted(column.name)
    holds = name if column.kind in ("code", "flag") else f"CASE WHEN {name} = '' THEN '' ELSE '{RECORDED}' END"
    for found in db.execute(
        f'SELECT {holds} AS holds, count(*) AS rows, min("row") FROM {quoted(made.relation)} '
        f"GROUP BY 1 ORDER BY rows, holds LIMIT {_STATES}"
    ).fetchall():
        yield _State(column, *found)


def _chosen(states: Sequence[_State], rows: Mapping[int, Mapping[str, str]]) -> list[int]:
    """Choose row by row the one that shows most that no other shows yet; of several the one with the rarest."""
    held = {row: [place for place, state in enumerate(states) if state.of(texts)] for row, texts in rows.items()}
    left, chosen = set(range(len(states))), list[int]()

    def worth(row: int) -> tuple[int, int, int]:
        new = [place for place in held[row] if place in left]
        return -len(new), sum(states[place].count for place in new), row

    while left and len(chosen) < ROWS_SHOWN:
        chosen.append(min(held, key=worth))
        left -= set(held[chosen[-1]])
    return sorted(chosen)


def _shown(column: Column, text: str) -> str:
    if not text:
        return ""
    if column.kind == "flag":
        flag = FLAGS.get(text.lower())
        return _NO_FLAG if flag is None else str(flag).lower()
    if column.kind == "date":
        try:
            text = london_day(text).isoformat()
        except Refused:
            return _NO_DATE
    if column.sealed or column.protected or column.kind == "id" or column.name in _MASKED:
        return f"({column.name.replace('_', ' ')})"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def counted_codes(
    db: duckdb.DuckDBPyConnection, table: Table, made: Staged, reference: Reference, exact: bool
) -> dict[str, dict[str, int | str]]:
    """Count the codes of each column of communities, where no row may be shown.

    Parameters
    ----------
    db, table, made
        Where the rows are, their declaration, the rows.
    reference
        The reference tables whose codes are named. Other values are not: a column that was mistaken may hold names.
    exact
        True where the people are made up; else fewer than `FEWEST` are not counted exactly.
    """
    counted: dict[str, dict[str, int | str]] = {}
    for column in (table.column(name) for name in made.columns if table.column(name).protected):
        found: dict[str, int] = {}
        for text, rows in db.execute(
            f"SELECT {quoted(column.name)}, count(*) FROM {quoted(made.relation)} GROUP BY 1 ORDER BY 2 DESC, 1"
        ).fetchall():
            name = _named(column, text, reference)
            found[name] = found.get(name, 0) + rows
        counted[column.name] = {
            name: rows if exact or rows >= FEWEST else f"fewer than {FEWEST}" for name, rows in found.items()
        }
    return counted


def _named(column: Column, text: str, reference: Reference) -> str:
    known = known_codes(column, reference)
    if not text:
        return BLANK
    return RECORDED if known is None else text if text in known else OTHER


def known_codes(column: Column, reference: Reference) -> frozenset[str] | None:
    """Return the codes that a column may hold, None where any text will do."""
    return column.codes if column.reference is None else frozenset(reference.codes(column.reference))
