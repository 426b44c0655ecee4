"""A PostgreSQL of one's own for tests and benchmarks: no service, no container, also as root.

The server listens on a socket in its own folder only, trusts whoever can open that folder, and forgets what it had
not written when it is killed (``fsync`` is off) unless asked to keep it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

_BINARIES = "usr/lib/postgresql/*/bin"
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_SMALL = ("listen_addresses=''", "shared_buffers=32MB", "max_connections=60", "max_wal_size=256MB")


class NoPostgreSQL(Exception):
    """No server programs are installed here."""


@dataclass(frozen=True)
class Cluster:
    """A running server.

    Parameters
    ----------
    folder
        Its data, its socket and its log.
    binaries
        The folder of its programs.
    """

    folder: Path
    binaries: Path
    durable: bool

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """Return the address of a database."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def sql(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the superuser, each in a transaction of its own."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = [*_SMALL, f"unix_socket_directories='{self.folder}'", *(() if self.durable else _FAST)]
        options = " ".join(f"-c {setting}" for setting in settings)
        self._control("start", "-w", "-l", str(self.folder / "log"), "-o", options)

    def stop(self, how: str = "fast") -> None:
        """Stop the server; `immediate` is what a power cut does to it."""
        self._control("stop", "-m", how)

    def _control(self, *arguments: str) -> None:
        _run([self.binaries / "pg_ctl", "-D", self.folder / "data", "-s", *arguments], self.folder)


@contextmanager
def cluster(durable: bool = False) -> Iterator[Cluster]:
    """Make a server, yield it, and leave nothing of it.

    Parameters
    ----------
    durable
        Whether what was committed outlives ``stop("immediate")`` and kills.

    Raises
    ------
    NoPostgreSQL
        If Debian's programs are not installed.
    """
    found = sorted(Path("/").glob(_BINARIES), key=lambda path: float(path.parent.name))
    if not found:
        raise NoPostgreSQL("Install Debian's postgresql.")
    folder = Path(tempfile.mkdtemp(prefix="panel-pg-"))
    made = Cluster(folder, found[-1], durable)
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        initdb = [made.binaries / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"]
        _run([*initdb, "--locale=C.UTF-8"], folder)
        made.start()
        yield made
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            made.stop("immediate")
        shutil.rmtree(folder)


def _run(command: list[Any], folder: Path) -> None:
    """Run one of the server's programs; the server refuses to be root."""
    other: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
    log = folder / "programs.log"
    with log.open("ab") as out:
        done = subprocess.run(list(map(str, command)), stdout=out, stderr=out, cwd="/", check=False, **other)
    if done.returncode:
        told = [path.read_text(errors="replace") for path in (log, folder / "log") if path.exists()]
        raise RuntimeError(f"{Path(command[0]).name} failed:\n" + "\n".join(told))
