# ruff: noqa: S608 - names enter through quoted(), values through literal()
"""Rows in quarantine as a file that people can mend, and the mended file back into the delivery it came from.

The file has the delivered columns behind seven that say where a row comes from and what is wrong with it. Read back,
its rows take the same way as the first time: the same mapping, the same checks, the same source and extract date.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from records.contract import ASSUMED, TABLES
from records.errors import ReplayError
from records.history.deliveries import Delivery, write_rows
from records.history.fold import ORPHANS
from records.intake.checking import COPIES
from records.intake.ingest import CELLS, MAPPING
from records.intake.kept_out import KeptOut, KeptSource, rows_file
from records.intake.quarantine import REMEDIES
from records.intake.standing import FOLDER
from records.mappings import SourceMapping, load_mapping
from records.reading.extract import Extract, delivery_name, made_extract
from records.reading.files import stage_file
from records.reading.spreadsheets import neutral, restored
from records.reading.staged import Staged, column_names
from records.reading.undecoded import shown
from records.storage.database import literal, quoted
from records.storage.files import private_file
from values import digest_file

LEADING = ("_delivery", "_file", "_line", "_column", "_reason", "_remedy", "_row")
_FAULTS = "row BIGINT, file VARCHAR, line BIGINT, column_name VARCHAR, reason VARCHAR, text VARCHAR"


def export(kept: KeptOut, source: KeptSource, path: Path) -> int:
    """Write the rows of a delivered file that are in quarantine; return how many.

    Columns that are read for communities and for nothing else are left out; they are put back on return.

    Parameters
    ----------
    kept
        What is kept out of the delivery.
    source
        Which of its files.
    path
        Where to; readable by the owner only.

    Raises
    ------
    ReplayError
        If it cannot be written there, or what is mended could not be replayed.
    """
    _refuse_lookups(_mapping(kept.delivery))
    try:
        return _export(kept, source, path)
    except OSError as error:
        why = type(error).__name__
        raise ReplayError(
            f"{path.name or path} cannot be written ({why}).", "Name a file in a folder that exists and is yours."
        ) from error


def _export(kept: KeptOut, source: KeptSource, path: Path) -> int:
    wrong = {row: found for row, *found in _faults(kept, source)}
    columns = [name for name in source.columns if name not in source.withheld]
    written = 0
    with private_file(path) as binary:
        text = io.TextIOWrapper(binary, encoding="utf-8", newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([*LEADING, *map(neutral, columns)])
        for row, file, line, raw, fields in kept.delivered_rows(source.key):
            if row in wrong:
                column, reason = wrong[row]
                cells = [column, reason, REMEDIES[reason], raw or "", *(fields[name] for name in columns)]
                writer.writerow([kept.delivery.name, neutral(file), line, *(neutral(shown(each)) for each in cells)])
                written += 1
        text.flush()
        text.detach()
    return written


def _faults(kept: KeptOut, source: KeptSource) -> Iterator[tuple[int, str, str]]:
    """Yield for each row of a source in quarantine the first column and reason, of whatever was made from it."""
    key = literal(source.key)
    yield from kept.db.execute(
        "SELECT b.row, coalesce(arg_min(f.column_name, f.position), ''), "
        "coalesce(arg_min(f.reason, f.position), 'orphan') "
        "FROM now_bad b LEFT JOIN (SELECT l.source_row AS row, f.column_name, f.reason, f.position FROM now_faults f "
        f"JOIN now_links l USING (table_name, row) WHERE l.source = {key} UNION ALL "
        f"SELECT row, column_name, reason, position FROM now_faults WHERE table_name = '' AND source = {key}) f "
        f"ON f.row = b.row WHERE b.source = {key} GROUP BY b.row ORDER BY b.row"
    ).fetchall()


def delivery_of(db: duckdb.DuckDBPyConnection, path: Path) -> tuple[Staged, str]:
    """Stage a mended file; return it with the name of the delivery that its rows come from.

    Raises
    ------
    ReplayError
        If it has lost its leading columns, a row cannot be read, or its rows come from several deliveries.
    """
    staged = stage_file(db, path)
    if any(staged.columns[0].startswith(f"{LEADING[0]}{mark}") for mark in (";", "\t")):
        raise ReplayError(f"{path.name} has no commas between its fields.", "Save it as CSV with commas, in UTF-8.")
    if missing := [name for name in LEADING if name not in staged.columns]:
        raise ReplayError(f"{path.name}, line 1: no column {missing[0]!r}.", "Keep the columns of the export.")
    faulty = db.execute(
        f"SELECT line, reason FROM {quoted(staged.faults)} WHERE text IS NULL OR trim(text, ',') <> '' "
        "ORDER BY row LIMIT 1"
    ).fetchone()
    if faulty:
        raise ReplayError(f"{path.name}, line {faulty[0]}: {str(faulty[1]).replace('_', ' ')}.", "Mend the line.")
    # spreadsheets like to leave rows of commas behind
    said = " OR ".join(f"{staged.identifier(each)} <> ''" for each in staged.columns)
    db.execute(f"CREATE OR REPLACE TEMP VIEW replayed_rows AS SELECT * FROM {quoted(staged.relation)} WHERE {said}")
    staged = replace(staged, relation="replayed_rows")
    names = db.execute(f"SELECT DISTINCT {staged.identifier('_delivery')} FROM {quoted(staged.relation)}").fetchall()
    if not names:
        raise ReplayError(f"{path.name} holds no rows.", "Keep the rows of the export that you have mended.")
    if len(names) != 1:
        raise ReplayError(f"{path.name} holds rows of {len(names)} deliveries.", "Replay one delivery at a time.")
    return staged, restored(str(names[0][0]))


def mended_extract(db: duckdb.DuckDBPyConnection, kept: KeptOut, staged: Staged, path: Path) -> Extract:
    """Make of a mended file the extract that its rows would have been in the delivery.

    Raises
    ------
    ReplayError
        If a row is not one that is in quarantine, a column is missing, or the mapping looks rows up in other files.
    """
    delivery = kept.delivery
    rows = _mended_rows(db, kept, staged, path.name)
    sources = {each.key: _source(db, number, each, rows, kept) for number, each in enumerate(kept.sources)}
    manifest = replace(delivery.manifest, kind="changes")
    name = delivery_name(manifest, {f"mends {delivery.name}": digest_file(path)})
    mapping = _mapping(delivery)
    if mapping is None:
        told = {key: source for key, source in sources.items() if source.rows}
        return Extract(manifest, name, told, told)
    _refuse_lookups(mapping)
    made = made_extract(db, manifest, name, mapping, sources, {})
    return replace(made, notes=[])


def _mapping(delivery: Delivery) -> SourceMapping | None:
    name = delivery.card["mapping"]
    return None if name is None else load_mapping(delivery.path / MAPPING / name)


def _refuse_lookups(mapping: SourceMapping | None) -> None:
    if mapping is not None and any(part.lookups for table in mapping.tables for part in table.parts):
        raise ReplayError(
            f"Rows of this delivery cannot be replayed: its mapping {mapping.name} looks rows up in other files, "
            "which are not kept.",
            "Mend the extract where it comes from and deliver it again with a higher revision.",
        )


_Rows = dict[str, list[tuple[object, ...]]]


def _mended_rows(db: duckdb.DuckDBPyConnection, kept: KeptOut, staged: Staged, file: str) -> _Rows:
    """Return the mended rows of each source: row, file and line of old, then every column of the source."""
    bad = set(db.execute("SELECT source, row FROM now_bad").fetchall())
    # two keys of a mapping may name one file: the mended row is the row of both
    places: dict[tuple[str, int], list[tuple[KeptSource, int, str, dict[str, str]]]] = {}
    for source in kept.sources:
        for row, at, line, raw, fields in kept.delivered_rows(source.key):
            if (source.key, row) in bad:
                places.setdefault((at, line), []).append((source, row, raw or "", fields))
    names = {restored(name): name for name in staged.columns}
    listed = ", ".join(staged.identifier(name) for name in staged.columns)
    found: _Rows = {}
    read = db.execute(f"SELECT line, {listed} FROM {quoted(staged.relation)} ORDER BY row").fetchall()
    for here, *values in read:
        cells = dict(zip(staged.columns, (restored(value) for value in values), strict=True))
        try:
            rows = places.pop((cells["_file"], int(cells["_line"])))
        except (KeyError, ValueError):
            raise ReplayError(
                f"{file}, line {here}: _file and _line name no row that is in quarantine, or one named above.",
                "Export the quarantine again.",
            ) from None
        withheld = {each for source, *_ in rows for each in source.withheld}
        for source, row, raw, fields in rows:
            if lacking := [each for each in source.columns if each not in names and each not in withheld]:
                raise ReplayError(f"{file}, line 1: no column {lacking[0]!r}.", "Keep the columns of the export.")
            told = [
                _unread(cells[names[each]], raw or fields[each])
                if each in names and each not in source.withheld
                else fields[each]
                for each in source.columns
            ]
            found.setdefault(source.key, []).append((row, cells["_file"], int(cells["_line"]), *told))
    return found


def _unread(cell: str, delivered: str) -> str:
    """Put back the bytes that could not be decoded where their escapes are still there: nobody has mended them."""
    for each in set(delivered):
        if (escape := shown(each)) != each:
            cell = cell.replace(escape, each)
    return cell


def _source(db: duckdb.DuckDBPyConnection, number: int, source: KeptSource, rows: _Rows, kept: KeptOut) -> Staged:
    """Stage the mended rows of one source under their old numbers; a faulty cell left as it was is still faulty."""
    relation, faults = f"mended_{number}", f"mended_{number}_faults"
    columns = column_names(source.columns)
    declared = "".join(f", {quoted(name)} VARCHAR" for name in columns)
    db.execute(f"CREATE OR REPLACE TABLE {relation} (row BIGINT, file VARCHAR, line BIGINT{declared})")
    db.execute(f"CREATE OR REPLACE TABLE {faults} ({_FAULTS})")
    told = rows.get(source.key, [])
    if told:
        db.executemany(f"INSERT INTO {relation} VALUES ({', '.join('?' * len(told[0]))})", told)
    cells, delivered = kept.delivery.path / CELLS, literal(str(rows_file(kept.delivery, source)))
    for column, name in zip(source.columns, map(quoted, columns), strict=True) if told and cells.exists() else ():
        db.execute(
            f"INSERT INTO {faults} SELECT m.row, m.file, m.line, f.column_name, f.reason, NULL FROM {relation} m "
            f"JOIN read_parquet({literal(str(cells))}) f ON f.row = m.row AND f.source = {literal(source.key)} "
            f"AND f.column_name = {literal(column)} JOIN read_parquet({delivered}) d ON d.row = m.row "
            f"WHERE m.{name} = coalesce(d.{name}, '')"
        )
    return Staged(source.file, relation, source.columns, len(told), faults)


def refused_rows(db: duckdb.DuckDBPyConnection, replay: Delivery) -> tuple[tuple[str, int, str, str], ...]:
    """Return what is wrong with the rows of a replay: file and line where they were delivered, column, reason."""
    faults = literal(str(replay.path / FOLDER / "faults.parquet"))
    found = db.execute(
        f"SELECT file, line, column_name, reason FROM read_parquet({faults}) UNION "
        f"SELECT file, line, column_name, 'orphan' FROM {ORPHANS} WHERE delivery = {literal(replay.name)} ORDER BY ALL"
    ).fetchall()
    return tuple(found)


def note_mended(db: duckdb.DuckDBPyConnection, extract: Extract, replay: Delivery) -> None:
    """Write which source rows of the delivery are mended: those of which nothing is kept out any more."""
    rows = [
        f"SELECT {literal(key)} AS source, row FROM {quoted(source.relation)}"
        for key, source in extract.sources.items()
    ]
    wrong = (
        f"SELECT source, row FROM read_parquet({literal(str(replay.path / FOLDER / 'bad.parquet'))}) UNION "
        f"SELECT source, source_row FROM read_parquet({literal(str(replay.path / FOLDER / 'links.parquet'))})"
    )
    write_rows(db, f"({' UNION ALL '.join(rows)} EXCEPT ({wrong}))", replay.path / FOLDER / "mended.parquet")


def only_new(
    db: duckdb.DuckDBPyConnection, table: str, relation: str, delivery: Delivery, replays: Sequence[Delivery] = ()
) -> str:
    """Return the rows of a replay to store.

    Where one row was made of several delivered ones, it stays as it was. Otherwise a row with the key and date of one
    that was accepted from another place is a copy or a contradiction, as if the delivery had come whole.
    """
    holding = [each for each in (delivery, *replays) if table in each.tables]
    if table in delivery.merged and table in delivery.tables:
        holding = [delivery]
    if not holding:
        return relation
    paths = ", ".join(literal(str(each.file(table))) for each in holding)
    same = " AND ".join(f"n.{quoted(each)} IS NOT DISTINCT FROM o.{quoted(each)}" for each in TABLES[table].key)
    if table not in delivery.merged:
        same += f" AND (n.known_from = o.known_from OR (n.{ASSUMED} AND o.{ASSUMED}))"
        same += " AND (n.file, n.line) IS DISTINCT FROM (o.file, o.line)"
        alike = " AND ".join(
            f"n.{quoted(each.name)} IS NOT DISTINCT FROM o.{quoted(each.name)}" for each in TABLES[table].columns
        )
        db.execute(
            f"INSERT INTO faults SELECT {literal(table)}, n.row, any_value(n.file), any_value(n.line), "
            f"{literal(TABLES[table].key[0])}, "
            f"CASE WHEN bool_and({alike}) THEN 'duplicate_row' ELSE 'conflicting_duplicate' END, {COPIES} "
            f"FROM {quoted(relation)} n JOIN read_parquet([{paths}]) o ON {same} GROUP BY n.row"
        )
    db.execute(
        f"CREATE OR REPLACE TEMP VIEW new_{table} AS SELECT n.* FROM {quoted(relation)} n WHERE NOT EXISTS "
        f"(SELECT 1 FROM read_parquet([{paths}]) o WHERE {same})"
    )
    return f"new_{table}"
