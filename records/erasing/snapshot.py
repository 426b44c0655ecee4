# ruff: noqa: S608 - names come from the contract, values through literal()
"""The successor of a snapshot without the rows that an erasure takes out: same card, new content, new hash."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from records.history.publishing import store_snapshot
from records.snapshot import Snapshot
from records.storage.database import literal


def rewritten(db: duckdb.DuckDBPyConnection, old: Path, going: Mapping[str, str], moved: Mapping[str, str]) -> Snapshot:
    """Write a snapshot again without some rows, and return its successor; itself where nothing changes.

    Parameters
    ----------
    db
        A workbench.
    old
        The snapshot's folder; it stays until the caller removes it.
    going
        For each table that loses rows the SQL condition that they meet.
    moved
        Old hash → new hash of what was rewritten before: a linked snapshot names its base.
    """
    snapshot = Snapshot(old)
    linked: Mapping[str, str] | None = snapshot.card.get("linked")
    now = {key: moved.get(value, value) for key, value in linked.items()} if linked else None
    if not going and now == linked:
        return snapshot
    tables = {}
    for name in sorted(snapshot.tables):
        view, file = f"kept_{name}", literal(str(old / f"{name}.parquet"))
        where = f" WHERE NOT ({going[name]})" if name in going else ""
        db.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT * FROM read_parquet({file}){where}")
        tables[name] = (view, snapshot.card["tables"][name]["delivered"])
    return store_snapshot(db, old.parent, snapshot.card["deliveries"], tables, snapshot.reference, linked=now)
