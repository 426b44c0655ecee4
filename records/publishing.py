# ruff: noqa: S608 - every name is quoted, every value a literal
"""Writing a snapshot: tables in their canonical order, hashed as a stream, published whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pyarrow.compute
import pyarrow.parquet

from records.content import hash_pieces
from records.contract import TABLES, Table
from records.database import literal, quoted
from records.reference import Reference
from records.snapshot import CARD, FORMAT, Snapshot, identity
from records.storage import drafted, private_folder, publish, write_private
from values import Progress, canonical_json, digest_bytes, digest_file, silent

ROWS = 1 << 17
"""Rows hashed at once."""


def store_snapshot(
    db: duckdb.DuckDBPyConnection,
    folder: Path,
    deliveries: Sequence[Mapping[str, Any]],
    tables: Mapping[str, tuple[str, Sequence[str]]],
    reference: Reference,
    progress: Progress = silent,
    linked: Mapping[str, str] | None = None,
) -> Snapshot:
    """Write tables as a snapshot under `folder`; the same content gives the same snapshot and changes nothing.

    Parameters
    ----------
    db
        A `records.database.workbench`.
    folder
        Where snapshots live.
    deliveries
        What it was made from: name, source, extract_date (ISO), period, synthetic, kind of each.
    tables
        For each table (communities excluded) the relation with the contract's columns, and the columns delivered.
    reference
        The reference tables used.
    progress
        Told of each table.
    linked
        For a linked snapshot the hash of the one it was made from (`base`) and the `crosswalk` version.
    """
    with drafted(folder) as draft:
        card: dict[str, Any] = {
            "format": FORMAT,
            "manifest": _summary(deliveries),
            "deliveries": sorted((dict(each) for each in deliveries), key=canonical_json),
            "tables": {},
            "reference": _write_reference(reference, private_folder(draft / "reference")),
        }
        if linked is not None:
            card["linked"] = dict(linked)
        for done, (name, (relation, delivered)) in enumerate(sorted(tables.items())):
            progress("write snapshot", done, len(tables))
            path = draft / f"{name}.parquet"
            card["tables"][name] = {"delivered": sorted(delivered), **_write(db, TABLES[name], relation, path)}
        progress("write snapshot", len(tables), len(tables))
        write_private(draft / CARD, canonical_json(card).encode("utf-8"))
        path = folder / identity(card)
        publish(draft, path)
    return Snapshot(path)


def _summary(deliveries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Describe all deliveries as one: the latest day, all sources and periods, made up only if all of it is."""
    return {
        "source": ", ".join(sorted({str(each["source"]) for each in deliveries})),
        "extract_date": max(str(each["extract_date"]) for each in deliveries),
        "period": "; ".join(sorted({str(each["period"]) for each in deliveries if each["period"]})),
        "synthetic": all(bool(each["synthetic"]) for each in deliveries),
    }


def _write_reference(reference: Reference, folder: Path) -> dict[str, Any]:
    card = {}
    for name, content_hash in reference.hashes.items():
        content = reference.tables[name].to_csv(index=False, lineterminator="\n").encode("utf-8")
        card[name] = {"hash": content_hash, "sha256": digest_bytes(content)}
        write_private(folder / f"{name}.csv", content)
    return card


def _write(db: duckdb.DuckDBPyConnection, table: Table, relation: str, path: Path) -> dict[str, Any]:
    """Write a table in its canonical order; return rows, column hashes and the file's hash."""
    order = [*table.key, "known_from"]
    if not _written(db, table, relation, path, order):
        _written(db, table, relation, path, [*order, *(name for name in table.names if name not in order)])
    with ThreadPoolExecutor(1) as beside:
        file_hash = beside.submit(digest_file, path)
        with pyarrow.parquet.ParquetFile(path) as file:
            columns, rows = hash_pieces(file.iter_batches(ROWS), table.names)
    return {"rows": rows, "columns": columns, "sha256": file_hash.result()}


def _written(db: duckdb.DuckDBPyConnection, table: Table, relation: str, path: Path, order: list[str]) -> bool:
    """Write the rows sorted by `order`; say whether that order left no two rows to chance."""
    names = ", ".join(quoted(name) for name in table.names)
    by = ", ".join(f"{quoted(name)} NULLS LAST" for name in order)
    db.execute(
        f"COPY (SELECT {names} FROM {quoted(relation)} ORDER BY {by}) TO {literal(str(path))} "
        "(FORMAT parquet, COMPRESSION zstd)"
    )
    return len(order) == len(table.names) or not _ties(path, order)


def _ties(path: Path, order: list[str]) -> bool:
    """Say whether two neighbouring rows of a sorted file are alike in the columns it is sorted by."""
    with pyarrow.parquet.ParquetFile(path) as file:
        return any(_alike(piece) for piece in _overlapping(file.iter_batches(ROWS, columns=order)))


def _overlapping(batches: Iterator[Any]) -> Iterator[Any]:
    """Yield each batch behind the last row of the one before."""
    last: list[Any] = []
    for batch in batches:
        yield pyarrow.Table.from_batches([*last, batch]).combine_chunks()
        last = [batch.slice(batch.num_rows - 1)] if batch.num_rows else last


def _alike(piece: Any) -> bool:
    first, second = piece.slice(0, max(piece.num_rows - 1, 0)), piece.slice(1)
    same = [
        pyarrow.compute.or_kleene(
            pyarrow.compute.equal(one, other),
            pyarrow.compute.and_(pyarrow.compute.is_null(one), pyarrow.compute.is_null(other)),
        )
        for one, other in zip(first.columns, second.columns, strict=True)
    ]
    alike = same[0]
    for each in same[1:]:
        alike = pyarrow.compute.and_kleene(alike, each)
    return bool(pyarrow.compute.any(alike).as_py())
