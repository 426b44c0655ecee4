"""An encrypted backup of a workspace that is in use: both databases, the keys, and the files that lists depend on.

What a backup holds is consistent although nobody stops working: the signed heads are read before the ledger, so that
the ledger holds each of them, and the panel's database before the unreleased lists, which are written first.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from drive_panel import __version__
from drive_panel.clock import now
from drive_panel.errors import WorkspaceError
from drive_panel.settings import Seat
from drive_panel.workflows import erasure_register
from drive_panel.workspace import Workspace
from records.storage.locking import clear_litter, only_writer
from serving.access import unsent
from serving.storage import PANEL, SCORES, Database
from serving.storage.copying import copy, ready
from serving.storage.sealed import Sealing, secret_of
from values import Progress, canonical_json, digest_file

MANIFEST = "manifest.json"
FOLDERS = ("keys", "bundles", "audits", "policies")
REGISTER_WITHIN = (
    "The register of erased people lies in the workspace. What is lost with the workspace takes it along, and then no "
    "backup can be restored: set DRIVE_PANEL_ERASURES to a file on another disk."
)
_SQLITE = b"SQLite format 3\x00"


@contextlib.contextmanager
def databases(workspace: Workspace, seat: Seat = "owner") -> Iterator[dict[str, Database]]:
    """Yield both databases, whatever their revision, the panel's first."""
    with contextlib.ExitStack() as stack:
        yield {
            "panel": stack.enter_context(contextlib.closing(Database(workspace.panel_database(seat), PANEL))),
            "scores": stack.enter_context(contextlib.closing(Database(workspace.scores_database(seat), SCORES))),
        }


def run(workspace: Workspace, target: Path, key: Path, records: bool, progress: Progress) -> dict[str, Any]:
    """Write an encrypted backup to a new file.

    Parameters
    ----------
    key
        File of the secret, which lies outside the workspace and is never in the backup.
    records
        Whether the record store is in it; ingests wait meanwhile.

    Returns
    -------
    dict
        backup, size, hash, head, tables {database: {table: {rows, hash}}}, files, records, warnings.

    Raises
    ------
    WorkspaceError, StoreError
        If the target exists, the key lies in the workspace or is weak, or a database is of another revision.
    """
    secret = secret_of(key)
    if key.resolve().is_relative_to(workspace.home.resolve()):
        raise WorkspaceError("The key lies in the workspace that it is to protect.", "Keep it on another disk.")
    if target.exists():
        raise WorkspaceError(f"{target.name} is there already.", "Name a new file; no backup is overwritten.")
    clear_litter(workspace.home)  # a killed backup leaves copies that are not encrypted
    erasure_register.begin(workspace)
    with tempfile.TemporaryDirectory(prefix=f".work-{os.getpid()}-", dir=workspace.home) as folder:
        staged = Path(folder)
        _stage_keys(workspace, staged)  # before the ledger
        tables = _stage_databases(workspace, staged, progress)
        manifest = {
            "version": __version__,
            "made_at": now().isoformat(),
            "head": _head(staged / "panel.db"),
            "tables": tables,
            "records": records,
        }
        with contextlib.ExitStack() as held:
            if records:
                held.enter_context(only_writer(workspace.records, progress))
            count = _write(workspace, staged, manifest, target, secret, records, progress)
    return {
        "backup": str(target),
        "size": target.stat().st_size,
        "hash": digest_file(target),
        **manifest,
        "files": count,
        "warnings": [] if workspace.erasures else [REGISTER_WITHIN],
    }


def _stage_keys(workspace: Workspace, staged: Path) -> None:
    """Copy the keys: SQLite files as one state, the signed heads up to their last whole line."""
    (staged / "keys").mkdir(mode=0o700)
    for source in sorted(workspace.keys.iterdir()):
        target = staged / "keys" / source.name
        if not source.is_file() or source.name.startswith("."):
            continue
        content = source.read_bytes()
        if content.startswith(_SQLITE):
            with (
                contextlib.closing(sqlite3.connect(source, timeout=30)) as one,
                contextlib.closing(sqlite3.connect(target)) as other,
            ):
                one.backup(other)
        else:
            target.write_bytes(content[: content.rfind(b"\n") + 1] if source.suffix == ".jsonl" else content)
        target.chmod(0o600)


def _stage_databases(workspace: Workspace, staged: Path, progress: Progress) -> dict[str, Any]:
    tables = {}
    (staged / "unreleased").mkdir(mode=0o700)
    with databases(workspace) as sources:
        for name, source in sources.items():
            ready(source)
            if name == "panel":  # words that outlast hours in no database outlast months in no backup
                with source.write() as connection:
                    unsent.drop_old(connection, now())
            place = staged / ("panel.db" if name == "panel" else "unreleased/scores.db")
            with contextlib.closing(Database(place, source.tables)) as target, source.read() as connection:
                tables[name] = {table: each.to_dict() for table, each in copy(connection, target, progress).items()}
    return tables


def _head(panel: Path) -> str:
    with contextlib.closing(sqlite3.connect(panel)) as database:
        row = database.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
    return f"{row[0]}:{row[1]}" if row else ""


def _write(
    workspace: Workspace,
    staged: Path,
    manifest: dict[str, Any],
    target: Path,
    secret: bytes,
    records: bool,
    progress: Progress,
) -> int:
    """Write everything to the target, which is there only once it is whole; return how many files are in it."""
    files = [(path, path.relative_to(staged)) for path in sorted(staged.rglob("*")) if path.is_file()]
    files += [(path, path.relative_to(workspace.home)) for path in _files(workspace, records)]
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as raw:
            sealing = Sealing(raw, secret)
            with tarfile.open(fileobj=sealing, mode="w|", format=tarfile.PAX_FORMAT) as archive:
                _add_text(archive, MANIFEST, canonical_json(manifest))
                for number, (path, name) in enumerate(files):
                    progress("writing", number, len(files))
                    archive.add(path, name.as_posix(), recursive=False, filter=_plain)
            sealing.finish()
            raw.flush()
            os.fsync(raw.fileno())
        os.link(draft, target)  # refuses where another backup came first
    except FileExistsError:
        raise WorkspaceError(f"{target.name} is there already.", "Name a new file.") from None
    except OSError as problem:
        raise WorkspaceError(f"{target.name} cannot be written: {problem.strerror}.", "Choose another place.") from None
    finally:
        draft.unlink(missing_ok=True)
    progress("writing", len(files), len(files))
    return len(files) + 1


def _files(workspace: Workspace, records: bool) -> list[Path]:
    """Return the files beside databases and keys: settings, bundles, audits, erased ids, and the records if wanted."""
    register = workspace.erasure_register.resolve()
    settings = (path for path in workspace.home.glob("*") if path.suffix in (".yaml", ".json") or path.name == "mode")
    folders = [*FOLDERS[1:], "records" if records else "records/erased"]
    inside = (path for folder in folders for path in (workspace.home / folder).rglob("*"))
    wanted = [path for path in (*settings, *inside) if path.is_file() and not path.is_symlink()]
    return sorted(path for path in wanted if not path.name.startswith(".") and path.resolve() != register)


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Keep no name of who made the backup."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o600
    return entry


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode("utf-8")
    entry = _plain(tarfile.TarInfo(name))
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def describe(result: dict[str, Any]) -> list[str]:
    """Return what the backup holds and what is kept apart from it, in plain lines."""
    rows = sum(table["rows"] for tables in result["tables"].values() for table in tables.values())
    return [
        f"{result['backup']}: {rows:,} rows and {result['files']} files, {result['size']:,} bytes, encrypted.",
        f"Ledger up to {result['head'] or 'no entry'}." + ("" if result["records"] else " Records are not in it."),
        "In it: the keys that sign the ledger, open names and make pseudonyms.",
        "Kept apart, or it cannot be restored: the backup's own key, and the register of erased people.",
        *(f"Warning: {warning}" for warning in result["warnings"]),
    ]


def manifest_of(folder: Path) -> dict[str, Any]:
    """Return what a backup that was opened into `folder` says of itself."""
    content: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return content
