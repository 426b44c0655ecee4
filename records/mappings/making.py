"""Tables of the contract made from staged files, in SQL: which rows, from which columns, and which row became which."""

# ruff: noqa: S608 - names enter through quoted(), values through literal()
from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from records.mappings.declaration import Lookup, Part, TableMapping
from records.mappings.rewriting import literals, trimmed
from records.mappings.voting import Contradicted, Rule, settle
from records.reading.staged import Staged
from records.storage.database import literal, quoted

LOOKUP = "lookup "
_MOST_VALUES = 10_000_000  # in one cell (`each_value`): more than the longest field that is read can hold


@dataclass(frozen=True)
class Made:
    """A table of the contract made from staged files, as text and before checking.

    Parameters
    ----------
    staged
        Its rows: `row` (a number of its own, ascending as delivered, with gaps), then `file` and `line` of the (first)
        source row behind each, then the contract's columns.
    links
        Name of a DuckDB table that says which source row went into which row: `file` (key of the source),
        `source_row`, `row`; many to many.
    contradicted
        For each column how many keys the source contradicts itself about; ``lookup NAME.column`` for those of lookups.
    """

    staged: Staged
    links: str
    contradicted: dict[str, Contradicted] = field(default_factory=dict)

    @property
    def contradictions(self) -> dict[str, int]:
        """The contradicted keys of each column."""
        return {column: found.keys for column, found in self.contradicted.items()}


def make_table(
    db: duckdb.DuckDBPyConnection, how: TableMapping, sources: Mapping[str, Staged], missing: frozenset[str]
) -> Made:
    """Make one table from its source files.

    Source rows that could not be split into fields make no row. A source column with a fault of its own (bytes that
    are no text) makes the rows faulty that take their value from it, through a lookup too.

    Parameters
    ----------
    db
        Where the files are staged and the table is made.
    how
        The table's mapping; its columns have been checked against the files.
    sources
        The staged files by key.
    missing
        Texts that count as nothing.
    """
    return _Making(db, how, sources, missing).make()


class _Making:
    """The names and steps of one table on its way."""

    def __init__(
        self, db: duckdb.DuckDBPyConnection, how: TableMapping, sources: Mapping[str, Staged], missing: frozenset[str]
    ) -> None:
        self.db, self.how, self.sources = db, how, sources
        self.missing = tuple(sorted(missing | {""}))
        self.name = f"made_{how.table.name}"
        self.contradicted: dict[str, Contradicted] = {}

    def make(self) -> Made:
        parts = [self._part(number, part) for number, part in enumerate(self.how.parts)]
        self.db.execute(
            f"CREATE OR REPLACE TABLE {quoted(self.name + '_rows')} AS {' UNION ALL '.join(parts)}",
        )
        if self.how.unique:
            self._merge()
        else:
            self._keep()
        faults = self._faults()
        found = self.db.execute(f"SELECT count(*) FROM {quoted(self.name)}").fetchone()
        files = ", ".join(dict.fromkeys(self.sources[key].file for key in self.how.sources))
        staged = Staged(files, self.name, self.how.columns, int(found[0]) if found else 0, faults)
        return Made(staged, f"{self.name}_links", self.contradicted)

    def _numbers(self, number: int) -> str:
        """Return the SQL of a row's number: groups in turn, in each row by row, variant by variant, value by value.

        Computed, not counted: numbering millions of rows by a window costs more than making them.
        """
        start = 0
        for group, members in itertools.groupby(self.how.parts, key=lambda part: part.group):
            variants = list(members)
            values = _MOST_VALUES if variants[0].each_value is not None else 1
            if group == self.how.parts[number].group:
                variant = sum(part.group == group for part in self.how.parts[:number])
                return f'{start} + (b."_source_row" * {len(variants)} + {variant}) * {values} + b."_piece"'
            start += self.sources[variants[0].source].rows * len(variants) * values
        raise AssertionError("every part has a group")

    def _part(self, number: int, part: Part) -> str:
        """Return the SELECT of one part: where each row comes from, then the contract's columns as text."""
        source = self.sources[part.source]
        names: dict[str, str] = {}
        read = self._base(part, source, names)
        for place, lookup in enumerate(part.lookups):
            read += self._looked_up(number, place, lookup, part, names)
        made = {name: expression.sql(names.__getitem__) for name, expression in part.columns.items()}
        texts = "".join(
            f", coalesce({made[name]}, '') AS {quoted(name)}" if name in made else f", '' AS {quoted(name)}"
            for name in self.how.columns
        )
        fault = ", ".join(["NULL::VARCHAR", *(f"nullif(l{place}.fault, '')" for place in range(len(part.lookups)))])
        fault = f"coalesce({fault}, NULL)"
        where = f" WHERE {part.where.sql(names.__getitem__)}" if part.where is not None else ""
        return (
            f'SELECT {self._numbers(number)} AS "row", b."file", b."line", {literal(part.source)} AS "_source", '
            f'b."_source_row", {number} AS "_part", {fault} AS "_fault"{texts} FROM {read}{where}'
        )

    def _base(self, part: Part, source: Staged, names: dict[str, str]) -> str:
        """Return the subquery of the source's rows; fills in what the columns are called in it."""
        used = dict.fromkeys(name for name in (each.column for each in part.names()) if self._own(part, name))
        names.update({name: f"b.c{place}" for place, name in enumerate(used)})
        inner = "".join(f", {trimmed(source.identifier(name))} AS c{place}" for place, name in enumerate(used))
        pieces, piece = {}, "0"
        if part.each_value is not None:
            column, sep = part.each_value
            at = list(used).index(column.column)
            pieces, piece = {at: _pieces(f"c{at}", sep)}, f"generate_subscripts({_pieces(f'c{at}', sep)}, 1) - 1"
        cut = "".join(
            f", {f'unnest({pieces[place]})' if place in pieces else f'c{place}'} AS c{place}"
            for place in range(len(used))
        )
        clean = "".join(f", {self._clean(f'c{place}')} AS c{place}" for place in range(len(used)))
        whole = f"SELECT \"row\" FROM {quoted(source.faults)} WHERE column_name = ''"
        return (
            f'(SELECT "_source_row", "file", "line", "_piece"{clean} FROM ('
            f'SELECT "_source_row", "file", "line", {piece} AS "_piece"{cut} FROM ('
            f'SELECT "row" AS "_source_row", "file", "line"{inner} FROM {quoted(source.relation)} '
            f'WHERE "row" NOT IN ({whole})))) b'
        )

    def _own(self, part: Part, name: str) -> bool:
        return part.resolve(name) == (part.source, name)

    def _clean(self, text: str) -> str:
        return f"CASE WHEN {text} IN ({literals(self.missing)}) THEN NULL ELSE {text} END"

    def _looked_up(self, number: int, place: int, lookup: Lookup, part: Part, names: dict[str, str]) -> str:
        """Return the join to another file, settled to one row a key; fills in what its columns are called."""
        wanted = [each.column[len(lookup.start) :] for each in part.names() if lookup.starts(each.column)]
        keys = list(dict.fromkeys(theirs.column for _, theirs in lookup.on))
        columns = [column for column in dict.fromkeys(wanted) if column not in keys]
        settled = f"{self.name}_lookup_{number}_{place}"
        self._settle(lookup, keys, columns, settled)
        alias = f"l{place}"
        for at, column in enumerate([*keys, *columns]):
            names[lookup.start + column] = f"nullif({alias}.c{at}, '')"
        on = " AND ".join(f"{names[own.column]} = {alias}.c{keys.index(theirs.column)}" for own, theirs in lookup.on)
        return f" LEFT JOIN {quoted(settled)} {alias} ON {on}"

    def _settle(self, lookup: Lookup, keys: list[str], columns: list[str], into: str) -> None:
        """Make one row a key of another file; `fault` says what is wrong with a value in it, blank for nothing."""
        source = self.sources[lookup.source]
        names = [f"c{place}" for place in range(len(keys) + len(columns))]
        texts = ", ".join(
            f"{trimmed(source.identifier(column))} AS {name}"
            for name, column in zip(names, [*keys, *columns], strict=True)
        )
        clean = ", ".join(f"coalesce({self._clean(name)}, '') AS {name}" for name in names)
        held = " AND ".join(f"{name} <> ''" for name in names[: len(keys)])
        faults = quoted(source.faults)
        used = literals((*keys, *columns))
        self.db.execute(
            f"CREATE OR REPLACE TABLE {quoted(into + '_rows')} AS SELECT * FROM (SELECT row, {clean}, fault FROM ("
            f"SELECT s.row, {texts}, coalesce(f.reason, '') AS fault FROM {quoted(source.relation)} s LEFT JOIN ("
            f"SELECT row, min(reason) AS reason FROM {faults} WHERE column_name IN ({used}) GROUP BY row) f "
            "USING (row) "
            f"WHERE s.row NOT IN (SELECT row FROM {faults} WHERE column_name = ''))) WHERE {held}"
        )
        rule = Rule(firm=frozenset({"fault"}))  # a fault is never voted away
        found = settle(self.db, into + "_rows", names[: len(keys)], [*names[len(keys) :], "fault"], into, rule)
        self.db.execute(f"DROP TABLE {quoted(into + '_rows')}")
        for name, count in found.items():
            if name != "fault":
                self.contradicted[f"{LOOKUP}{lookup.name}.{columns[names.index(name) - len(keys)]}"] = count

    def _keep(self) -> None:
        columns = ", ".join(quoted(name) for name in self.how.columns)
        rows, links = quoted(self.name + "_rows"), quoted(self.name + "_links")
        self.db.execute(f'CREATE VIEW {quoted(self.name)} AS SELECT "row", "file", "line", {columns} FROM {rows}')
        self.db.execute(
            f'CREATE VIEW {links} AS SELECT "_source" AS file, "_source_row" AS source_row, "row" FROM {rows}'
        )

    def _merge(self) -> None:
        """Make one row a key; it stands where the first of its rows stood."""
        keys = self._keys()
        others = [name for name in self.how.columns if name not in keys]
        rows, settled, links = (quoted(self.name + end) for end in ("_rows", "_settled", "_links"))
        self.contradicted |= settle(self.db, self.name + "_rows", keys, others, self.name + "_settled", self.how.rule)
        columns = ", ".join(f"s.{quoted(name)}" for name in self.how.columns)
        self.db.execute(
            f'CREATE TABLE {quoted(self.name)} AS SELECT s.first AS "row", r."file", r."line", {columns} '
            f'FROM {settled} s JOIN {rows} r ON r."row" = s.first'
        )
        on = ", ".join(quoted(name) for name in keys)
        self.db.execute(
            f"CREATE TABLE {links} AS "
            f'SELECT DISTINCT r."_source" AS file, r."_source_row" AS source_row, s.first AS "row" '
            f"FROM {rows} r JOIN {settled} s USING ({on})"
        )
        self.db.execute(f"DROP TABLE {settled}")

    def _keys(self) -> list[str]:
        return [name for name in self.how.table.key if name in self.how.columns]

    def _faults(self) -> str:
        """Make the table of faults that the rows inherit from the source columns that they took their values from."""
        name = f"{self.name}_faults"
        self.db.execute(
            f"CREATE OR REPLACE TABLE {quoted(name)} (row BIGINT, file VARCHAR, line BIGINT, "
            "column_name VARCHAR, reason VARCHAR, text VARCHAR)"
        )
        same = self._keys() if self.how.unique else ["row"]
        self.db.execute(
            f"INSERT INTO {quoted(name)} SELECT m.row, any_value(r.file), any_value(r.line), '', min(r._fault), '' "
            f"FROM {quoted(self.name + '_rows')} r JOIN {quoted(self.name)} m "
            f"USING ({', '.join(map(quoted, same))}) WHERE r._fault IS NOT NULL GROUP BY m.row"
        )
        for number, part in enumerate(self.how.parts):
            faulty = quoted(self.sources[part.source].faults)
            found = self.db.execute(f"SELECT DISTINCT column_name FROM {faulty} WHERE column_name <> ''").fetchall()
            bad = {each for (each,) in found}
            for column, expression in part.columns.items():
                sources = tuple(
                    sorted(bad & {used.column for used in expression.used() if self._own(part, used.column)})
                )
                if sources:
                    self._inherit(name, number, part.source, column, sources)
        return name

    def _inherit(self, into: str, number: int, source: str, column: str, sources: tuple[str, ...]) -> None:
        """Pass a fault on to the rows that hold the value made from it (a vote may have gone against it)."""
        self.db.execute(
            f"INSERT INTO {quoted(into)} SELECT DISTINCT m.row, f.file, f.line, {literal(column)}, f.reason, '' "
            f"FROM {quoted(self.sources[source].faults)} f "
            f"JOIN {quoted(self.name + '_rows')} r ON r._source_row = f.row AND r._part = {number} "
            f"JOIN {quoted(self.name + '_links')} l ON l.file = r._source AND l.source_row = r._source_row "
            f"JOIN {quoted(self.name)} m ON m.row = l.row AND m.{quoted(column)} = r.{quoted(column)} "
            f"WHERE f.column_name IN ({literals(sources)})"
        )


def _pieces(text: str, sep: str) -> str:
    """Return the SQL of the list of values in a text; a list of one blank where there is none."""
    pieces = f"list_transform(string_split({text}, {literal(sep)}), lambda x: {trimmed('x')})"
    split = f"list_filter({pieces}, lambda x: x <> '')"
    return f"CASE WHEN len({split}) = 0 THEN [''] ELSE {split} END"
