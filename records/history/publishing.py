# ruff: noqa: S608 - every name is quoted
"""Writing a snapshot: tables in their canonical order, hashed as a stream, published whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.compute

from records.contract import TABLES, Table
from records.history.content import ContentHash
from records.reference import Reference
from records.snapshot import CARD, FORMAT, Snapshot, identity
from records.storage.database import quoted
from records.storage.files import drafted, private_folder, publish, write_private
from records.storage.parquet import write_query
from values import Progress, canonical_json, digest_bytes, digest_file, silent


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
        A `records.storage.database.workbench`.
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
    passed = _written(db, table, relation, path, order)
    if passed.tied:
        passed = _written(db, table, relation, path, [*order, *(name for name in table.names if name not in order)])
    return {"rows": passed.content.rows, "columns": passed.content.hashes(), "sha256": digest_file(path)}


def _written(db: duckdb.DuckDBPyConnection, table: Table, relation: str, path: Path, order: list[str]) -> _Passed:
    """Write the rows sorted by `order`; return what was seen of them on their way."""
    names = ", ".join(quoted(name) for name in table.names)
    by = ", ".join(f"{quoted(name)} NULLS LAST" for name in order)
    passed = _Passed(ContentHash(table.names), order)
    write_query(db, f"SELECT {names} FROM {quoted(relation)} ORDER BY {by}", path, look=passed.look)
    return passed


@dataclass
class _Passed:
    """What is seen of sorted rows on their way into a file.

    Attributes
    ----------
    content
        The hash of each column.
    order
        The columns that they are sorted by.
    tied
        Whether two neighbours are alike in all of those, so that their order was left to chance.
    """

    content: ContentHash
    order: Sequence[str]
    tied: bool = False
    last: Any = None

    def look(self, batch: Any) -> None:
        """See the next rows."""
        self.content.feed(batch)
        if not self.tied and len(self.order) < batch.num_columns and batch.num_rows:
            sorted_by = batch.select(self.order)
            self.tied = _alike(sorted_by.slice(0, batch.num_rows - 1), sorted_by.slice(1)) or (
                self.last is not None and _alike(self.last, sorted_by.slice(0, 1))
            )
            self.last = sorted_by.slice(batch.num_rows - 1)


def _alike(rows: Any, others: Any) -> bool:
    """Say whether any row is like the other in its place."""
    alike = np.ones(rows.num_rows, dtype=np.bool_)
    for one, other in zip(rows.columns, others.columns, strict=True):
        missing = pyarrow.compute.and_(pyarrow.compute.is_null(one), pyarrow.compute.is_null(other))
        same = pyarrow.compute.coalesce(pyarrow.compute.equal(one, other), missing)
        alike &= same.to_numpy(zero_copy_only=False)
        if not alike.any():
            return False
    return bool(alike.any())
