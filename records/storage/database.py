"""The DuckDB that ingest, history and linkage work in: bounded memory, private spill files, no network."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from records.storage.files import private_folder

MEMORY = "1500MB"
THREADS = 2


@contextlib.contextmanager
def workbench(root: Path, memory: str = MEMORY, threads: int = THREADS) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give an empty in-memory database that spills into a private folder under `root` and leaves nothing behind.

    Parameters
    ----------
    root
        The record store's folder.
    memory
        What DuckDB may hold before it spills.
    threads
        Threads it may use.
    """
    spill = Path(tempfile.mkdtemp(prefix=f".work-{os.getpid()}-", dir=private_folder(root)))
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "threads": threads,
        "temp_directory": str(spill),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    database = duckdb.connect(":memory:", config=settings)
    try:
        database.execute("SET TimeZone = 'Europe/London'")
        database.execute("SET enable_progress_bar = false")  # it would print into what scripts read
        yield database
    finally:
        database.close()
        shutil.rmtree(spill, ignore_errors=True)


def quoted(name: str) -> str:
    """Return `name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return `text` as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
