# ruff: noqa: S608 - names come from the contract or through quoted(), values through literal()
"""Taking rows out of one file: by the ids that its columns name, or by what its texts betray."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from records.contract import TABLES
from records.erasing.search import rows_of
from records.erasing.sought import PERSON_COLUMNS, Sought, as_text
from records.erasing.tombstones import plain_id, sql_plain_id
from records.split import FOLDER as COMMUNITIES
from records.storage.database import literal, quoted
from records.storage.files import private_file, write_private
from values import canonical_json, digest_file

_OWNED = {"persons": PERSON_COLUMNS, "incidents": frozenset({"incident_id"}), "referrals": frozenset({"referral_id"})}
_AS_DELIVERED = "quarantine"
_BATCH = 20_000


def columns_of(db: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """Return the columns of a Parquet file with their DuckDB types."""
    described = db.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(str(path))})").fetchall()
    return {name: kind for name, kind, *_ in described}


def going(db: duckdb.DuckDBPyConnection, path: Path, ids: Mapping[str, Collection[str]]) -> str:
    """Return the SQL condition that rows of a declared table meet if they go; blank where none of them do.

    Parameters
    ----------
    db
        A workbench.
    path
        A Parquet file.
    ids
        The ids that go, by the table that owns them.
    """
    columns = columns_of(db, path)
    listed = {owner: ", ".join(map(literal, sorted(set(map(plain_id, some))))) for owner, some in ids.items()}
    tests = [
        f"coalesce({sql_plain_id(quoted(name))} IN ({listed[owner]}), false)"
        for owner, some in ids.items()
        for name, kind in columns.items()
        if some and kind == "VARCHAR" and name in _OWNED[owner]
    ]
    condition = " OR ".join(tests)
    if not condition:
        return ""
    found = db.execute(f"SELECT 1 FROM read_parquet({literal(str(path))}) WHERE {condition} LIMIT 1").fetchone()
    return condition if found else ""


def drop_rows(db: duckdb.DuckDBPyConnection, path: Path, ids: Mapping[str, Collection[str]], sought: Sought) -> bool:
    """Write a Parquet file anew without the rows that go, and the hash beside it; say whether any went.

    Tables of the contract and crosswalks are judged by their columns, rows kept as delivered and anything else by
    their texts.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    if _declared(path, columns_of(db, path)):
        condition = going(db, path, ids)
        if condition:
            _write_without(db, path, draft, condition)
    else:
        _write_unbetrayed(path, draft, sought)
    went = draft.exists()
    if went:
        draft.replace(path)
    card = path.with_suffix(".json")
    if card.is_file() and set(said := json.loads(card.read_text(encoding="utf-8"))) == {"sha256"}:
        now = digest_file(path)  # a crash may have left the hash of the file before
        if said["sha256"] != now:
            write_private(card, canonical_json({"sha256": now}).encode())
    return went


def drop_lines(path: Path, sought: Sought) -> bool:
    """Take the lines that betray the person out of a CSV or JSON-lines file; say whether there were any.

    Where unsure, the line goes: a file that cannot be split into lines loses all that cannot be told apart.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if not sought.betrayed_by(text) and not any(each in text for each in sought.named):
        return False
    kept = io.StringIO(newline="")
    if path.suffix == ".csv":
        writer = csv.writer(kept, lineterminator="\r\n")
        lines = list(zip(_rows(text), rows_of(text), strict=True))
        staying = [line for line, row in lines if not sought.betrayed_by_row(row)]
        went = len(staying) < len(lines)
        writer.writerows(staying)
    else:
        every = text.splitlines(keepends=True)
        staying_lines = [line for line in every if not sought.betrayed_by_line(line)]
        went = len(staying_lines) < len(every)
        kept.writelines(staying_lines)
    if not went:
        return False
    write_private(path, kept.getvalue().encode("utf-8"))
    return True


def _rows(text: str) -> Iterator[list[str]]:
    limit = csv.field_size_limit(max(len(text), 131_072) + 1)
    try:
        yield from csv.reader(io.StringIO(text, newline=""))
    finally:
        csv.field_size_limit(limit)


def _declared(path: Path, columns: Mapping[str, str]) -> bool:
    if path.parent.name == _AS_DELIVERED:
        return False
    return path.stem in TABLES or COMMUNITIES in path.parts or not PERSON_COLUMNS.isdisjoint(columns)


def _write_without(db: duckdb.DuckDBPyConnection, path: Path, draft: Path, condition: str) -> None:
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    db.execute("SET preserve_insertion_order = true")
    # straight into the draft: a second temporary file, under a name of DuckDB's, would outlive a kill
    kept = f"SELECT * FROM read_parquet({literal(str(path))}) WHERE NOT ({condition})"
    db.execute(f"COPY ({kept}) TO {literal(str(draft))} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)")
    draft.chmod(0o600)
    with draft.open("rb") as file:
        os.fsync(file.fileno())


def _write_unbetrayed(path: Path, draft: Path, sought: Sought) -> None:
    """Write the rows that betray nobody to `draft`; no draft where that is all of them."""
    file = pq.ParquetFile(path)
    batches, went = [], False
    for batch in file.iter_batches(batch_size=_BATCH):
        texts = "\n".join(as_text(each) for column in batch.columns for each in column.unique().to_pylist())
        if sought.betrayed_by(texts) or any(each in texts for each in sought.named):
            kept = [not sought.betrayed_by_row(row) for row in batch.to_pylist()]
            went = went or not all(kept)
            batch = batch.filter(pa.array(kept, pa.bool_()))
        batches.append(batch)
    if went:
        with private_file(draft) as out:
            pq.write_table(pa.Table.from_batches(batches, file.schema_arrow.remove_metadata()), out, compression="zstd")
