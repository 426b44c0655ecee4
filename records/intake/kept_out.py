# ruff: noqa: S608 - names enter through quoted(), values through literal()
"""The rows of a delivery that are kept out: what is wrong with each, as it was delivered, and how many remain.

Beside the accepted rows a delivery holds ``quarantine/``: the faults that checking found, which source row went into
which row of a table, and the source rows themselves, all columns. What was made from communities lies with the
communities. Orphans are no fault of a delivery: they are asked for over all deliveries, every time.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from records.history.deliveries import Delivery, write_rows
from records.history.fold import ORPHANS
from records.intake.quarantine import write_quarantine
from records.intake.report import Tally, merged
from records.intake.standing import ERASED, FOLDER, stand
from records.mappings.accounts import rejected_rows
from records.reading.extract import Extract
from records.reading.staged import column_names
from records.split import FOLDER as COMMUNITIES
from records.storage.database import literal, quoted
from records.storage.files import private_folder

ERASED_TEXT = "erased_text"
"""The DuckDB table (source, row) of rows that could not be split and name an erased person; ingest makes it."""


@dataclass(frozen=True)
class KeptSource:
    """One delivered file and where its faulty rows are kept."""

    key: str
    file: str
    rows: int
    columns: tuple[str, ...]
    guarded: bool
    withheld: tuple[str, ...]
    kept: str


def kept_sources(delivery: Delivery) -> list[KeptSource]:
    """Return the files of a delivery with rows that are kept out, as its card names them."""
    return [
        KeptSource(**{**each, "columns": tuple(each["columns"]), "withheld": tuple(each["withheld"])})
        for each in delivery.card["sources"]
    ]


def store_kept_out(db: duckdb.DuckDBPyConnection, extract: Extract, delivery: Delivery) -> dict[str, Any]:
    """Write what is kept out of a delivery while its files are still staged; return what its card says of it.

    Parameters
    ----------
    db
        Where `check` left ``faults`` and the fold left its orphans.
    extract
        The staged delivery.
    delivery
        Its draft.
    """
    folder = private_folder(delivery.path / FOLDER)
    _gather(db, extract, delivery.name)
    for name in ("faults", "links", "bad"):
        write_rows(db, f"kept_{name}", folder / f"{name}.parquet")
    sources = [_kept_source(extract, number, key) for number, key in enumerate(extract.sources)]
    for source in sources:
        _store_rows(db, extract, delivery, source)
    faulty = db.execute("SELECT 1 FROM kept_faults LIMIT 1").fetchone() is not None
    return {
        "faulty": faulty,
        "rows": {name: staged.rows for name, staged in extract.tables.items()},
        "sources": [{**vars(source)} for source in sources],
        "mapped": extract.mapping is not None,
        "contradictions": {
            f"{name}.{column}": keys
            for name, made in extract.made.items()
            for column, keys in made.contradictions.items()
        },
    }


def _gather(db: duckdb.DuckDBPyConnection, extract: Extract, delivery: str) -> None:
    """Make kept_faults (all but orphans), kept_links (of faulty rows and orphans), kept_bad (source rows)."""
    faults = ["SELECT table_name, NULL::VARCHAR AS source, row, file, line, column_name, reason, position FROM faults"]
    links = ["SELECT table_name, table_name AS source, row AS source_row, row FROM wrong"]
    bad = ["SELECT DISTINCT table_name AS source, row FROM faults"]
    if extract.mapping is not None:
        faults += [
            f"SELECT '', {literal(key)}, row, file, line, column_name, CASE WHEN row IN (SELECT row FROM {ERASED_TEXT} "
            f"WHERE source = {literal(key)}) THEN {literal(ERASED)} ELSE reason END, 0 FROM {quoted(source.faults)} "
            "WHERE column_name = ''"  # a cell at fault is listed with the rows made from it
            for key, source in extract.sources.items()
        ]
        links = [
            f"SELECT {literal(name)} AS table_name, file AS source, source_row, row FROM {quoted(made.links)} "
            f"SEMI JOIN (SELECT row FROM wrong WHERE table_name = {literal(name)}) USING (row)"
            for name, made in extract.made.items()
        ]
        bad = [
            f"SELECT {literal(key)} AS source, row FROM ({rejected_rows(key, source, extract.made)})"
            for key, source in extract.sources.items()
        ]
    wrong = (
        "WITH wrong AS (SELECT DISTINCT table_name, row FROM faults UNION "
        f"SELECT table_name, row FROM {ORPHANS} WHERE delivery = {literal(delivery)}) "
    )
    db.execute(f"CREATE OR REPLACE TEMP TABLE kept_faults AS {' UNION ALL '.join(faults)}")
    db.execute(f"CREATE OR REPLACE TEMP TABLE kept_links AS {wrong + ' UNION ALL '.join(links)}")
    db.execute(f"CREATE OR REPLACE TEMP TABLE kept_bad AS {' UNION ALL '.join(bad)}")


def _kept_source(extract: Extract, number: int, key: str) -> KeptSource:
    source, mapping = extract.sources[key], extract.mapping
    guarded = key == COMMUNITIES if mapping is None else key in mapping.guarded
    withheld = () if mapping is None else tuple(sorted(mapping.withheld(key)))
    return KeptSource(key, source.file, source.rows, source.columns, guarded, withheld, f"rows-{number}.parquet")


def rows_file(delivery: Delivery, source: KeptSource) -> Path:
    """Return the file with the faulty rows of a source."""
    if source.guarded:
        return delivery.guarded / FOLDER / f"{delivery.name}-{source.kept}"
    return delivery.path / FOLDER / source.kept


def _store_rows(db: duckdb.DuckDBPyConnection, extract: Extract, delivery: Delivery, source: KeptSource) -> None:
    """Keep the delivered rows behind whatever is kept out; of an erased person nothing is kept."""
    staged = extract.sources[source.key]
    named = zip(column_names(staged.columns), _stored_names(staged.columns), strict=True)
    columns = [f"{quoted(name)} AS {quoted(stored)}" for name, stored in named]
    raw = quoted(staged.faults)
    key = literal(source.key)
    wanted = (
        f"(SELECT row FROM kept_bad WHERE source = {key} UNION SELECT source_row FROM kept_links WHERE source = {key})"
    )
    erased = (
        "(SELECT source_row AS row FROM kept_links l JOIN kept_faults f USING (table_name, row) "
        f"WHERE f.reason = 'erased' AND l.source = {key} UNION SELECT row FROM {ERASED_TEXT} WHERE source = {key})"
    )
    db.execute(  # settled beforehand: with thousands of columns each join would carry all of them
        f"CREATE OR REPLACE TEMP TABLE kept_wanted AS SELECT row FROM {wanted} wanted WHERE row NOT IN {erased} "
        f"AND row NOT IN (SELECT row FROM {raw} WHERE column_name = '')"
    )
    split = ", ".join(["row", "file", "line", "NULL::VARCHAR AS raw_text", *columns])
    whole = ", ".join(["row", "file", "line", "text", *("NULL" for _ in columns)])
    path = rows_file(delivery, source)
    private_folder(path.parent)
    write_rows(
        db,
        f"(SELECT {split} FROM {quoted(staged.relation)} SEMI JOIN kept_wanted USING (row) UNION ALL "
        f"SELECT {whole} FROM (SELECT row, any_value(file) AS file, any_value(line) AS line, any_value(text) AS text "
        f"FROM {raw} WHERE column_name = '' AND row NOT IN {erased} GROUP BY row))",
        path,
    )


class KeptOut:
    """What is kept out of a stored delivery as of now.

    Parameters
    ----------
    db
        A workbench in which the deliveries were folded: its orphans count.
    delivery
        A delivery that has its own rows (no replay).
    replays
        The deliveries that mended rows of it.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection, delivery: Delivery, replays: tuple[Delivery, ...] = ()) -> None:
        self.db, self.delivery = db, delivery
        self.card = delivery.card
        self.sources = kept_sources(delivery)
        self._replays = sorted(replays, key=lambda each: (each.turn, each.name))
        stand(db, delivery, self._replays, {each.key: self._texts(each) for each in self.sources})

    def by_table(self) -> dict[str, Tally]:
        """Count the rows made for each table; of those that came back and failed again, the rows made last."""
        bad, before = (
            dict(self.db.execute(f"SELECT table_name, count(DISTINCT row) FROM {each} GROUP BY 1").fetchall())
            for each in ("now_faults", "now_unmended")
        )
        return {
            name: Tally(rows - before.get(name, 0) + bad.get(name, 0), bad.get(name, 0))
            for name, rows in self.card["rows"].items()
        }

    def by_file(self) -> dict[str, Tally]:
        """Count the delivered rows of each file."""
        bad = dict(self.db.execute("SELECT source, count(*) FROM now_bad GROUP BY 1").fetchall())
        mapped = self.card["mapped"]
        return {(each.key if mapped else each.file): Tally(each.rows, bad.get(each.key, 0)) for each in self.sources}

    def reasons(self) -> dict[str, int]:
        """Count rows under the first of their reasons, the most frequent first."""
        return merged([Counter(found) for found in self.reasons_by_table().values()])

    def reasons_by_table(self) -> dict[str, dict[str, int]]:
        """Count the rows of each table, and of each file as ``file NAME``, under the first of their reasons."""
        found: dict[str, dict[str, int]] = {}
        for table, source, reason, rows in self.db.execute(
            "SELECT table_name, source, reason, count(*) FROM (SELECT * FROM now_faults "
            "QUALIFY row_number() OVER (PARTITION BY table_name, source, row ORDER BY position, column_name) = 1) "
            "WHERE table_name <> '' OR column_name = '' GROUP BY ALL ORDER BY ALL"
        ).fetchall():
            found.setdefault(table or f"file {source}", {})[reason] = rows
        return found

    def places(self, most: int) -> list[tuple[str, str, str, int, list[tuple[str, int]]]]:
        """Return for each table (or ``file NAME``), reason and column the rows counted so, and where the first are.

        Parameters
        ----------
        most
            How many places (file and line) are given; of a row made from several, the first of them.
        """
        found = self.db.execute(
            "SELECT name, reason, column_name, sum(rows)::BIGINT AS rows, "
            "arg_min({'file': file, 'line': line}, row, $most) FROM (SELECT reason, column_name, file, line, "
            "CASE WHEN table_name = '' THEN concat('file ', source) ELSE table_name END AS name, "
            "count(*) AS rows, min(row) AS row FROM (SELECT * FROM now_faults "
            "QUALIFY row_number() OVER (PARTITION BY table_name, source, row ORDER BY position, column_name) = 1) "
            "WHERE table_name <> '' OR column_name = '' GROUP BY ALL) "
            "GROUP BY ALL ORDER BY rows DESC, name, reason, column_name",
            {"most": most},
        ).fetchall()
        return [
            (name, reason, column, rows, [(place["file"], place["line"]) for place in places])
            for name, reason, column, rows, places in found
        ]

    def delivered_rows(self, key: str) -> Iterator[tuple[int, str, int, str | None, dict[str, str]]]:
        """Yield the kept rows of a source as they came last: row, file, line, text if it has no fields, fields."""
        (source,) = [each for each in self.sources if each.key == key]
        columns = ", ".join(quoted(name) for name in _stored_names(source.columns))
        listed = f"row, file, line, raw_text{', ' + columns if columns else ''}"
        kept = self.db.execute(f"SELECT {listed} FROM ({self._texts(source)}) ORDER BY row").fetchall()
        for row, file, line, text, *values in kept:
            fields = dict(zip(source.columns, (value or "" for value in values), strict=True))
            yield row, file, line, text, fields

    def write_files(self, root: Path) -> list[Path]:
        """Write the quarantine files of the delivery; one that nothing is left of is removed."""
        files = []
        for home, name, faults, rows in self._files(root):
            path = home / self.delivery.name / f"{name}.csv"
            if self.db.execute(f"SELECT 1 FROM ({faults}) LIMIT 1").fetchone() is None:
                path.unlink(missing_ok=True)
                continue
            private_folder(home)
            private_folder(path.parent)
            write_quarantine(self.db, path, faults, rows)
            files.append(path)
        return files

    def _files(self, root: Path) -> Iterator[tuple[Path, str, str, str]]:
        """Yield for each file its folder, its name, and the queries of its faults and of the rows behind them."""
        plain, guarded = root / FOLDER, root / COMMUNITIES / FOLDER
        wanted = "SELECT row, file, line, column_name, reason, position FROM now_faults WHERE file IS NOT NULL AND "
        first = "SELECT row, arg_min(source, source_row) AS source, min(source_row) AS source_row FROM now_links"
        for table in self.card["rows"]:
            named = f"table_name = {literal(table)}"
            rows = [
                f"SELECT l.row, r.text, r.fields FROM ({first} WHERE {named} GROUP BY row) l "
                f"JOIN ({self._delivered(source, withhold=table != COMMUNITIES)}) r ON r.row = l.source_row "
                f"WHERE l.source = {literal(source.key)}"
                for source in self.sources
            ]
            yield guarded if table == COMMUNITIES else plain, table, wanted + named, " UNION ALL ".join(rows)
        stems = _stems([source.key for source in self.sources])
        for source in self.sources if self.card["mapped"] else ():
            named = f"table_name = '' AND source = {literal(source.key)}"
            yield (
                guarded if source.guarded else plain,
                f"file-{stems[source.key]}",
                wanted + named,
                self._delivered(source, withhold=False),
            )

    def _delivered(self, source: KeptSource, withhold: bool) -> str:
        """Return a query of the kept rows of a source: row, text (where it could not be split), fields."""
        named = zip(source.columns, _stored_names(source.columns), strict=True)
        columns = [quoted(name) for column, name in named if not withhold or column not in source.withheld]
        fields = f"CASE WHEN raw_text IS NULL THEN [{', '.join(columns)}]::VARCHAR[] END"
        return f"SELECT row, raw_text AS text, {fields} AS fields FROM ({self._texts(source)})"

    def _texts(self, source: KeptSource) -> str:
        """Return a query of the kept rows of a source; those that came back as they came last."""
        own = f"SELECT * FROM {_parquet(rows_file(self.delivery, source))}"
        if not self._replays:
            return own
        back = f"SELECT row FROM now_replayed WHERE source = {literal(source.key)}"
        again = [
            f"SELECT * FROM {_parquet(rows_file(replay, each))} SEMI JOIN ({back} AND turn = {turn}) USING (row)"
            for turn, replay in enumerate(self._replays, 1)
            for each in kept_sources(replay)
            if each.key == source.key
        ]
        return " UNION ALL BY NAME ".join([f"{own} ANTI JOIN ({back}) USING (row)", *again])


def _stored_names(columns: Sequence[str]) -> tuple[str, ...]:
    """Name source columns as DuckDB can store them: in a Parquet file it cuts a name off at a NUL."""
    return column_names(["raw_text", *(name.replace("\0", "\\x00") for name in columns)])[1:]


def _stems(keys: Sequence[str]) -> dict[str, str]:
    """Return a name for each source's quarantine file; ``calls.2023.csv`` and ``calls.2024.csv`` get two."""
    stems: dict[str, str] = {}
    for key in keys:
        plain = "".join(each if each.isalnum() or each in "-_" else "_" for each in key.partition(".")[0])
        # counted on without regard to case: not every disk tells file-A from file-a
        taken = {stem.lower() for stem in stems.values()}
        names = (plain if number == 1 else f"{plain}-{number}" for number in itertools.count(1))
        stems[key] = next(name for name in names if name.lower() not in taken)
    return stems


def _parquet(path: Path) -> str:
    return f"read_parquet({literal(str(path))})"
