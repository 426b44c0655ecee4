"""The guide's steps after an erasure: nothing that PostgreSQL wrote elsewhere keeps what was removed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from benchmarks.postgresql import Cluster, cluster

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "operator-databases.md"
WRITTEN = "Synthetic Featherstone"


def holding(folder: Path) -> set[str]:
    """Return the files that hold what was removed."""
    return {path.name for path in folder.rglob("*") if path.is_file() and WRITTEN.encode() in path.read_bytes()}


def as_server(server: Cluster, program: str, *arguments: str | Path) -> None:
    command = ["runuser", "-u", "postgres", "--"] if server.folder.owner() == "postgres" else []
    words = [*command, str(server.binaries / program), *map(str, arguments)]
    subprocess.run(words, check=True, capture_output=True, cwd=server.folder)


def test_no_segment_and_no_base_backup_keeps_what_was_removed() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    statements = re.findall(r"^1\. `(SELECT pg_switch_wal\(\);) (CHECKPOINT;)`", text, re.M)[0]
    assert "`pg_archivecleanup ARCHIVE NAME`" in text
    with cluster(durable=True) as server:
        archive, backup = server.folder / "archive", server.folder / "base"
        archive.mkdir()
        shutil.chown(archive, server.folder.owner(), server.folder.group())
        settings = ("archive_mode=on", f"archive_command='cp %p {archive}/%f'", "wal_recycle=off", "max_wal_senders=2")
        server.sql(*(f"ALTER SYSTEM SET {setting}" for setting in settings))
        server.stop()
        server.start()
        server.sql("CREATE TABLE people (name text)", f"INSERT INTO people VALUES ('{WRITTEN}')", "CHECKPOINT")
        server.sql("SELECT pg_switch_wal()", "DELETE FROM people", "VACUUM FULL people")
        assert holding(server.folder / "data") | holding(archive)
        server.sql(*statements)
        as_server(server, "pg_basebackup", "-h", server.folder, "-U", "postgres", "-D", backup, "-X", "fetch")
        (name,) = re.findall(r"START WAL LOCATION: \S+ \(file (\w+)\)", (backup / "backup_label").read_text())
        as_server(server, "pg_archivecleanup", archive, name)
        assert [holding(place) for place in (server.folder / "data", archive, backup)] == [set(), set(), set()]
