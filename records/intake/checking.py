# ruff: noqa: S608 - every name is quoted, every value a literal
"""Staged text against the contract: what each row holds, what is wrong with which, since when each was known.

Each table is read once and typed in DuckDB, its sound rows parted from the others; only those are looked at again to
say what is wrong with them, and only keys that come more than once are compared.
Whether a row points to one that is there is asked over all deliveries, not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pyarrow

from records.contract import ASSUMED, TABLES, Column, Table
from records.intake.kinds import Read, missing, read_columns
from records.intake.parting import AGAIN, DISORDERED, REFUSED, SOUND, STATE, UNUSABLE, Parting, hashes_that_repeat
from records.reading.staged import Staged, column_names
from records.storage.database import literal, quoted
from records.storage.spill import view_of

FAULTS = "faults"
READING, PARSING, FUTURE, ORDER, COPIES, ORPHANS = range(0, 6000, 1000)
"""Where the positions of the faults that each step finds begin: a row is counted under the lowest it has."""
_LEFT_OUT_FOR = "left_out_for"  # not "reason": tables of the contract have a column of that name


@dataclass
class Checked:
    """What became of the tables of one delivery.

    Attributes
    ----------
    relations
        For each table the relation with its accepted rows: row, file, line and the contract's columns, typed.
    files
        For each table the Parquet file behind that relation: these columns in this order, the accepted rows alone.
    rows
        Rows read for each table.
    delivered
        For each table the declared columns that it held.
    notes
        What a reader must know, in plain words.
    """

    relations: dict[str, str] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    delivered: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def check(db: duckdb.DuckDBPyConnection, tables: Mapping[str, Staged], extract_date: date) -> Checked:
    """Check the tables of a delivery and settle since when each row was known.

    Makes the view ``checked_<table>`` for every table, and the table ``faults``: table_name, row, file, line,
    column_name (blank = the row as a whole), reason, position.

    Parameters
    ----------
    db
        A `records.storage.database.workbench`.
    tables
        The staged tables by their name in the contract.
    extract_date
        The day the extract was taken.
    """
    db.execute(
        f"CREATE OR REPLACE TABLE {FAULTS} (table_name VARCHAR, row BIGINT, file VARCHAR, line BIGINT, "
        "column_name VARCHAR, reason VARCHAR, position BIGINT)"
    )
    checked = Checked()
    for name in _dated_first(tables):
        _Check(db, TABLES[name], tables[name], extract_date, checked).run()
    checked.relations = {name: checked.relations[name] for name in tables}
    return checked


def _dated_first(tables: Mapping[str, Staged]) -> list[str]:
    """Order tables so that each comes after the one its rows take their date from."""
    ordered: list[str] = []

    def visit(name: str) -> None:
        source = TABLES[name].recorded_with
        if source is not None and source in tables:
            visit(source)
        if name not in ordered:
            ordered.append(name)

    for name in tables:
        visit(name)
    return ordered


@dataclass
class _Check:
    """The check of one table."""

    db: duckdb.DuckDBPyConnection
    table: Table
    staged: Staged
    extract_date: date
    checked: Checked
    repeated: str = ""
    """The relation with the hashes of the keys that come more than once; blank where none does."""

    @property
    def key(self) -> str:
        return ", ".join(quoted(name) for name in self.table.key)

    @property
    def others(self) -> str:
        return f"others_{self.table.name}"

    @property
    def day(self) -> str:
        return f"DATE {literal(self.extract_date.isoformat())}"

    def run(self) -> None:
        """Check it."""
        held = self._held()
        reads = {read.column.name: read for read in read_columns(self.db, self.staged.relation, held)}
        self.checked.delivered[self.table.name] = tuple(
            column.name for column in self.table.all_columns if column.name in reads
        )
        self.checked.rows[self.table.name] = self.staged.rows
        every = [reads.get(column.name) or missing(column) for column in self.table.all_columns]
        self._find_repeated(every)
        relation = f"checked_{self.table.name}"
        with Parting(self.db) as parting:
            self._note(parting.part(self._typed(every)))
            view_of(self.db, self.others, parting.others)
            self._explain(every)
            if self.repeated:
                self._compare_versions()
                parting.add(self._accepted())
        view_of(self.db, relation, parting.sound)
        self.checked.relations[self.table.name], self.checked.files[self.table.name] = relation, parting.sound

    def _held(self) -> dict[str, Column]:
        """Return the declared columns by their name in the staged relation."""
        declared = {column.name: column for column in self.table.all_columns}
        named = zip(self.staged.columns, column_names(self.staged.columns), strict=True)
        return {name: declared[column] for column, name in named if column in declared}

    def _find_repeated(self, every: list[Read]) -> None:
        """Look for keys that come more than once, in sound rows or not; two that share a hash are compared in vain."""
        key = [read for name in self.table.key for read in every if read.column.name == name]
        joins = " ".join(read.join for read in key if read.join)
        found = hashes_that_repeat(
            self.db,
            f"SELECT hash({', '.join(read.value for read in key)}) FROM {quoted(self.staged.relation)} t {joins}",
        )
        if len(found):
            self.repeated = f"repeated_{self.table.name}"
            self.db.register("found_again", pyarrow.table({"id": found}))
            self.db.execute(f"CREATE OR REPLACE TABLE {self.repeated} AS SELECT id FROM found_again")
            self.db.unregister("found_again")

    def _typed(self, every: list[Read]) -> str:
        """Return the query that reads every row: its values, its known_from, whether it is sound."""
        values = ", ".join(f"{read.value} AS {quoted(read.column.name)}" for read in every)
        refused = " OR ".join(f"({read.reason}) IS NOT NULL" for read in every)
        spoilt = self._column_faults()
        if spoilt:
            refused += f" OR t.row IN (SELECT row FROM {quoted(self.staged.faults)} WHERE {spoilt})"
        joins = " ".join(read.join for read in every if read.join)
        late = " OR ".join(wrong for _, wrong in self._future())
        disorder = " OR ".join(wrong for _, wrong in self._order())
        stand_in, on = self._stand_in()
        kept = ", ".join(f"p.{quoted(column.name)}" for column in self.table.columns)
        again = f"hash({self.key}) IN (SELECT id FROM {self.repeated})" if self.repeated else "false"
        return (
            f"SELECT * EXCLUDE (refused, late), CASE WHEN refused OR coalesce(late, false) THEN {REFUSED} "
            f"WHEN {disorder} THEN {DISORDERED} WHEN {again} THEN {AGAIN} ELSE {SOUND} END::TINYINT AS {STATE} FROM ("
            f"SELECT p.row, p.file, p.line, {kept}, coalesce(p.known_from, {stand_in}, {self.day}) AS known_from, "
            f"p.known_to, p.known_from IS NULL AS {ASSUMED}, "
            f"coalesce(p.known_from, {stand_in}) IS NULL AS {UNUSABLE}, p.refused, ({late}) AS late "
            f"FROM (SELECT t.row, t.file, t.line, {values}, ({refused}) AS refused "
            f"FROM {quoted(self.staged.relation)} t {joins}) p {on})"
        )

    def _stand_in(self) -> tuple[str, str]:
        """Return SQL for the date that stands in for a missing known_from, and the join it needs."""
        if self.table.recorded_by:
            return f"p.{quoted(self.table.recorded_by)}", ""
        source, on = self.table.recorded_with, self.table.recorded_on
        if source is None or on is None or source not in self.checked.relations:
            return "NULL::DATE", ""
        first = f"first_{source}_{on}"
        self.db.execute(
            f"CREATE TABLE IF NOT EXISTS {quoted(first)} AS SELECT {quoted(on)} AS id, min(known_from) AS day "
            f"FROM (SELECT {quoted(on)}, known_from FROM checked_{source} UNION ALL "
            f"SELECT {quoted(on)}, known_from FROM others_{source} WHERE {STATE} <> {REFUSED}) GROUP BY 1"
        )
        return "f.day", f"LEFT JOIN {quoted(first)} f ON f.id = p.{quoted(on)}"

    def _column_faults(self) -> str:
        """Return SQL that finds the faults found while reading in columns that the contract knows; blank for none."""
        names = ", ".join(literal(column.name) for column in self.table.all_columns)
        found = self.db.execute(
            f"SELECT count(*) FROM {quoted(self.staged.faults)} WHERE column_name IN ({names})"
        ).fetchone()
        return f"column_name IN ({names})" if found and found[0] else ""

    def _future(self) -> list[tuple[str, str]]:
        dates = [each for each in self.table.all_columns if each.kind == "date" and not each.may_be_future]
        return [(column.name, f"{quoted(column.name)} > {self.day}") for column in dates]

    def _order(self) -> list[tuple[str, str]]:
        pairs = [(later, f"{quoted(later)} < {quoted(earlier)}") for earlier, later in self.table.in_order]
        return [*pairs, ("known_to", "known_to <= known_from")]  # a version that held for no day never was

    def _explain(self, every: list[Read]) -> None:
        """Say what is wrong with each marked row."""
        name, staged = literal(self.table.name), self.staged
        wanted = " OR ".join(part for part in ("column_name = ''", self._column_faults()) if part)
        self.db.execute(
            f"INSERT INTO {FAULTS} SELECT DISTINCT {name}, row, file, line, column_name, reason, {READING} "
            f"FROM {quoted(staged.faults)} WHERE {wanted}"
        )
        joins = " ".join(read.join for read in every if read.join)
        parsed = [(read.column.name, read.reason) for read in every]
        marked = f"SELECT row FROM {self.others} WHERE {STATE} = {REFUSED}"
        self._insert(parsed, PARSING, f"{quoted(staged.relation)} t {joins} WHERE t.row IN ({marked})", "t")
        future = [(column, f"CASE WHEN {wrong} THEN 'future_date' END") for column, wrong in self._future()]
        self._insert(future, FUTURE, f"{self.others} t WHERE {STATE} = {REFUSED}", "t")
        order = [(column, f"CASE WHEN {wrong} THEN 'impossible_order' END") for column, wrong in self._order()]
        self._insert(order, ORDER, f"{self.others} t WHERE {STATE} <> {AGAIN}", "t")

    def _insert(self, reasons: list[tuple[str, str]], start: int, source: str, of: str) -> None:
        """Add the faults of the rows of `source`: one for each column whose reason is not NULL."""
        listed = ", ".join(
            f"{{'c': {literal(column)}, 'r': {reason}, 'p': {start + place}}}"
            for place, (column, reason) in enumerate(reasons)
        )
        self.db.execute(
            f"INSERT INTO {FAULTS} SELECT {literal(self.table.name)}, row, file, line, s.c, s.r, s.p FROM ("
            f"SELECT {of}.row, {of}.file, {of}.line, unnest([{listed}]) AS s FROM {source}) WHERE s.r IS NOT NULL"
        )

    def _note(self, unusable: int) -> None:
        if unusable:
            self.checked.notes.append(
                f"{self.table.name}: {unusable} of {self.staged.rows} rows do not say since when they were known; "
                f"they count from the extract date {self.extract_date.isoformat()} and are unusable for any earlier "
                "date."
            )

    def _compare_versions(self) -> None:
        """Compare rows of one key: find copies and contradictions, and where each version ends."""
        key, again = self.key, f"again_{self.table.name}"
        self.db.execute(
            f"CREATE OR REPLACE TABLE {again} AS SELECT * EXCLUDE ({STATE}), '' AS {_LEFT_OUT_FOR} "
            f"FROM {self.others} WHERE {STATE} = {AGAIN}"
        )
        same = ", ".join(quoted(name) for name in self.table.names if name != ASSUMED)
        # of two copies keep the one that says when
        copies = f"SELECT row, row_number() OVER (PARTITION BY {same} ORDER BY {ASSUMED}, row) AS n FROM {again}"
        self._leave_out(again, f"SELECT row FROM ({copies}) WHERE n > 1", "duplicate_row", COPIES)
        kept = f"FROM {again} WHERE {_LEFT_OUT_FOR} = ''"
        rivals = f"SELECT row, count(*) OVER (PARTITION BY {key}, known_from) AS n {kept}"
        self._leave_out(again, f"SELECT row FROM ({rivals}) WHERE n > 1", "conflicting_duplicate", COPIES + 1)
        self.db.execute(
            f"CREATE OR REPLACE TABLE closed_{self.table.name} AS SELECT row, following AS known_to "
            f"FROM (SELECT row, known_to, lead(known_from) OVER (PARTITION BY {key} ORDER BY known_from) AS following "
            f"{kept}) WHERE known_to > following OR (known_to IS NULL AND following IS NOT NULL)"
        )

    def _leave_out(self, again: str, rows: str, reason: str, position: int) -> None:
        self.db.execute(f"UPDATE {again} SET {_LEFT_OUT_FOR} = {literal(reason)} WHERE row IN ({rows})")
        self.db.execute(
            f"INSERT INTO {FAULTS} SELECT {literal(self.table.name)}, row, file, line, {literal(self.table.key[0])}, "
            f"{_LEFT_OUT_FOR}, {position} FROM {again} WHERE {_LEFT_OUT_FOR} = {literal(reason)}"
        )

    def _accepted(self) -> str:
        """Return the query of the rows that remain of those compared, each ended by its successor."""
        columns = ", ".join(
            "coalesce(c.known_to, t.known_to) AS known_to" if name == "known_to" else f"t.{quoted(name)}"
            for name in self.table.names
        )
        return (
            f"SELECT t.row, t.file, t.line, {columns} FROM again_{self.table.name} t "
            f"LEFT JOIN closed_{self.table.name} c ON c.row = t.row WHERE t.{_LEFT_OUT_FOR} = '' ORDER BY t.row"
        )
