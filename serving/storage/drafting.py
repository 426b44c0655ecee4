"""Draft a migration: what `serving.storage.tables` declares and the newest revision does not have.

The draft is read and completed by hand: guards, and what becomes of rows that are there, it cannot know.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path

from serving.storage import PANEL, SCORES, Database
from serving.storage.migrating import draft, migrate


def main(which: str, message: str) -> None:
    """Write the draft beside the other migrations of a database, ``panel`` or ``scores``."""
    tables = {"panel": PANEL, "scores": SCORES}[which]
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(Database(Path(folder) / "newest.db", tables)) as database,
    ):
        migrate(database)
        draft(database, message)


if __name__ == "__main__":
    main(*sys.argv[1:])
