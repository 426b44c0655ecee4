"""Writing the ledger out for somebody who verifies it without this program."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from serving.errors import StoreError
from serving.ledger import verify_export
from serving.ledger.chain import Ledger
from serving.ledger.entries import ACT_TABLES, GENESIS, row_key
from values import canonical_json

SCRIPT = Path(verify_export.__file__)


def export(ledger: Ledger, connection: Connection, target: Path) -> dict[str, Any]:
    """Write entries, the rows of acts, the heads kept outside and the verifier to a new folder.

    People appear by pseudonym; reasons are as they were written, for the rows' hashes cover them.

    Returns
    -------
    dict
        ``entries``, ``head``, ``key``, ``rows``.

    Raises
    ------
    StoreError
        If the folder is there already or cannot be written.
    """
    count, head = 0, f"0:{GENESIS}"
    try:
        target.mkdir(mode=0o700, parents=True)

        def entries() -> Iterable[dict[str, Any]]:
            nonlocal count, head
            for entry in ledger.in_order(connection):
                count, head = count + 1, entry.head
                yield entry.__dict__

        # Heads first: one that is outside by now is on the chain that is read after it.
        _write(target / "heads.jsonl", (kept for _, kept in ledger.heads.read() if kept is not None))
        _write(target / "entries.jsonl", entries())
        rows = _write(target / "acts.jsonl", _rows(connection))
        about = {"format": verify_export.FORMAT, "entries": count, "head": head, "key": ledger.public_key}
        _write(target / "about.json", [about])
        shutil.copyfile(SCRIPT, target / SCRIPT.name)
        (target / SCRIPT.name).chmod(0o600)
    except FileExistsError:
        raise StoreError(f"{target.name} is there already.", "Name a new folder.") from None
    except OSError as problem:
        raise StoreError(f"The export cannot be written: {problem.strerror}.", "Name another folder.") from problem
    return {"entries": count, "head": head, "key": ledger.public_key, "rows": rows}


def _rows(connection: Connection) -> Iterable[dict[str, Any]]:
    for name, table in ACT_TABLES.items():
        for row in connection.execute(select(table).order_by(*table.primary_key)).mappings():
            yield {"table": name, "key": row_key(table, row), "row": dict(row)}


def _write(path: Path, items: Iterable[dict[str, Any]]) -> int:
    count = 0
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        for item in items:
            file.write(canonical_json(item) + "\n")
            count += 1
    return count
