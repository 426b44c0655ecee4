"""What became of the source rows: every row read is accepted or in quarantine, whatever was made from it."""
# ruff: noqa: S608 - names enter through quoted(), values through literal()

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from records.intake.report import Tally
from records.mappings.declaration import SourceMapping
from records.mappings.making import LOOKUP, Made
from records.mappings.voting import Contradicted, Rule
from records.reading.staged import Staged
from records.storage.database import literal, quoted


def source_tallies(
    db: duckdb.DuckDBPyConnection,
    sources: Mapping[str, Staged],
    made: Mapping[str, Made],
    faults: str = "faults",
) -> dict[str, Tally]:
    """Count the rows of each source: one is accepted if it could be read and everything made from it was accepted.

    Parameters
    ----------
    db
        Where the tables were made and checked.
    sources, made
        What was read and what it became, by key and by table.
    faults
        The table of faults that checking left: `table_name`, `row`.
    """
    return {
        key: Tally(source.rows, _count(db, rejected_rows(key, source, made, faults))) for key, source in sources.items()
    }


def rejected_rows(key: str, source: Staged, made: Mapping[str, Made], faults: str = "faults") -> str:
    """Return the query for the rows of a source that are kept out, wholly or in part (`row`)."""
    kept_out = [f"SELECT row FROM {quoted(source.faults)} WHERE column_name = ''"]
    kept_out += [
        f"SELECT l.source_row FROM {quoted(each.links)} l JOIN {quoted(faults)} f "
        f"ON f.row = l.row AND f.table_name = {literal(table)} WHERE l.file = {literal(key)}"
        for table, each in made.items()
    ]
    return " UNION ".join(kept_out)


def unused_rows(
    db: duckdb.DuckDBPyConnection, mapping: SourceMapping, sources: Mapping[str, Staged], made: Mapping[str, Made]
) -> dict[str, int]:
    """Count the readable rows of each source from which nothing was made, where there are any."""
    found = {}
    looked_up = {each.source for table in mapping.tables for part in table.parts for each in part.lookups}
    for key, source in sources.items():
        if key in looked_up:
            continue  # its rows are used by key; nobody counts which
        gone = " UNION ".join(
            f"SELECT source_row AS row FROM {quoted(each.links)} WHERE file = {literal(key)}" for each in made.values()
        )
        whole = f"SELECT row FROM {quoted(source.faults)} WHERE column_name = ''"
        count = _count(db, f"SELECT row FROM {quoted(source.relation)} EXCEPT ({gone}) EXCEPT ({whole})")
        if count:
            found[key] = count
    return found


def _count(db: duckdb.DuckDBPyConnection, query: str) -> int:
    found = db.execute(f"SELECT count(*) FROM ({query})").fetchone()
    return int(found[0]) if found else 0


def mapping_notes(
    db: duckdb.DuckDBPyConnection, mapping: SourceMapping, sources: Mapping[str, Staged], made: Mapping[str, Made]
) -> list[str]:
    """Say in plain words what the mapping left out and where the source contradicts itself."""
    notes = []
    for key, source in sources.items():
        if unused := sorted(set(source.columns) - mapping.used(key)):
            notes.append(f"{source.file}: columns that the mapping does not use were not read: {', '.join(unused)}.")
    for key, count in unused_rows(db, mapping, sources, made).items():
        notes.append(f"{sources[key].file}: the mapping makes nothing from {count:,} of {sources[key].rows:,} rows.")
    rules = {table.table.name: table.rule for table in mapping.tables}
    for name, each in made.items():
        for column, found in each.contradicted.items():
            notes.append(
                f"{name}.{column}: the source contradicts itself for {found.keys:,} of {each.staged.rows:,} rows"
                f"{_what_was_done(column, found, rules[name])}"
            )
    return notes


def _what_was_done(column: str, found: Contradicted, rule: Rule) -> str:
    ties = f"{found.ties:,} of them an exact tie" if found.ties else "none of them an exact tie"
    if column in rule.firm:
        return f" ({ties}); the most frequent value was taken, the first in the alphabet where several are as frequent."
    if rule.blank and not column.startswith(LOOKUP):
        return f" ({ties}); these cells are left blank."
    left_blank = "; where several are as frequent the cell is left blank" if found.ties else ""
    return f" ({ties}); the most frequent value was taken{left_blank}."
