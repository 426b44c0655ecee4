"""Restoring a backup into a new place: nothing of it can be read before it verifies and erased people are out of it.

Everything is done in a folder of its own; only then are the parts put where commands look for them, the panel's
database last. A restore that was cut short goes on when it is called again; until then no command opens the place.
"""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData

from drive_panel.errors import WorkspaceError
from drive_panel.workflows import backup, erase, erasure_register
from drive_panel.workflows.erasure_register import Register
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import RESTORING, Workspace
from records import Keyring, RecordStore
from records.erasing.tombstones import Tombstones
from serving.storage.copying import copy, held
from serving.storage.migrating import migrate
from serving.storage.sealed import Opening, secret_of
from values import Progress

_READY = "verified"
_BY, _WHY = "restore", "Erased after the backup was made"


def run(
    workspace: Workspace, source: Path, key: Path, erasures: Path, against: str | None, progress: Progress
) -> dict[str, Any]:
    """Restore a backup into an empty workspace, and into the database that it is set to use.

    Parameters
    ----------
    erasures
        The register of erased people as it is now; whoever is in it is erased from the backup first.
    against
        A head printed before the backup was made, which must lie on the restored chain.

    Returns
    -------
    dict
        ok, entries, head, first_broken, why, made_at, erased.

    Raises
    ------
    WorkspaceError, StoreError
        If the place is not empty, the backup cannot be opened, or what is in it does not verify; then the place holds
        nothing that a command would open.
    """
    staged = workspace.home / RESTORING
    if not staged.exists():
        _require_empty(workspace)
    if not (staged / _READY).exists():
        register = erasure_register.read(erasures)
        shutil.rmtree(staged, ignore_errors=True)
        try:
            _open(source, secret_of(key), staged, progress)
            erased = _checked(Workspace(staged), register, against, progress)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        (staged / _READY).write_text(str(erased), encoding="utf-8")
    erased = int((staged / _READY).read_text(encoding="utf-8"))
    manifest = backup.manifest_of(staged)
    _place(workspace, staged, progress)
    if not workspace.erasure_register.exists():
        workspace.write(workspace.erasure_register, erasures.read_bytes())
    with batch_service(workspace, "owner") as service:
        result = service.verify(against).to_dict()
    shutil.rmtree(staged)
    return {**result, "made_at": manifest["made_at"], "erased": erased}


def _require_empty(workspace: Workspace) -> None:
    found = sorted(path.name for path in workspace.home.iterdir())
    if found:
        raise WorkspaceError(
            f"The workspace {workspace.home.name} is not empty: it holds {found[0]}.",
            "Restore into a new folder (--home DIR); nothing is overwritten.",
        )
    if workspace.databases.of("owner") is not None:
        with backup.databases(workspace) as databases:
            for name, database in databases.items():
                migrate(database)
                with database.read() as connection:
                    if any(each.rows for each in held(connection, database.tables).values()):
                        raise WorkspaceError(f"The database's schema {name} holds rows.", "Make an empty database.")


def _open(source: Path, secret: bytes, staged: Path, progress: Progress) -> None:
    """Decrypt into a folder; each piece is authentic or nothing more is read."""
    progress("opening", 0, 1)
    staged.mkdir(mode=0o700)
    try:
        with source.open("rb") as raw, tarfile.open(fileobj=Opening(raw, secret), mode="r|") as archive:
            archive.extractall(staged, filter="data")
    except (OSError, tarfile.TarError) as problem:
        raise WorkspaceError(f"The backup {source.name} cannot be read.", "Use another backup.") from problem
    progress("opening", 1, 1)


def _checked(staged: Workspace, register: Register, against: str | None, progress: Progress) -> int:
    """Compare every table with what the backup noted, erase whom the register names, and verify the ledger."""
    noted = backup.manifest_of(staged.home)["tables"]
    with backup.databases(staged) as databases:
        for name, database in databases.items():
            with database.read() as connection:
                written = MetaData()  # as it was written: an older backup has fewer tables and columns
                written.reflect(connection, only=list(noted[name]))
                found = {table: each.to_dict() for table, each in held(connection, written).items()}
            if found != noted[name]:
                raise WorkspaceError("A table of the backup is not what was written.", "Use another backup.")
            migrate(database)
    erased = _erase_again(staged, register, progress)
    with batch_service(staged) as service:
        result = service.verify(against)
    if not result.ok:
        raise WorkspaceError(f"The ledger of the backup does not verify: {result.why}.", "Use another backup.")
    return erased


def _erase_again(staged: Workspace, register: Register, progress: Progress) -> int:
    """Erase everybody that the register names and that the backup still knows; return how many."""
    tombstones, keyring = Tombstones(staged.records), Keyring(staged.keys / "pseudonyms.db")
    tombstones.take_over(register.tombstones)
    people = set(_known(staged, tombstones))
    for person in sorted(people):
        erase.run(staged, person, by=_BY, reason=_WHY, progress=progress)
    documents = 0
    with batch_service(staged) as service:
        for name in register.pseudonyms:
            documents += service.erase(name, _BY)
        service.compact()
    for name in register.pseudonyms:
        owner = keyring.whose(name)
        if owner is not None:
            people.add(owner)
            keyring.destroy(owner)
    return len(people)


def _known(staged: Workspace, tombstones: Tombstones) -> set[str]:
    if not (staged.home / "records" / "snapshots").exists():
        return set()
    snapshots = RecordStore(staged.records).snapshots()
    ids = {person for snapshot in snapshots for person in snapshot.table("persons", ["person_id"])["person_id"]}
    return tombstones.erased(sorted(ids))


def _place(workspace: Workspace, staged: Path, progress: Progress) -> None:
    """Put every part in its place; what an earlier call put there is not moved again."""
    apart = ("panel.db", "unreleased", backup.MANIFEST, _READY, "erasures.jsonl")
    for path in sorted(staged.rglob("*")):
        name = path.relative_to(staged)
        if path.is_file() and not name.parts[0].startswith(apart):
            target = workspace.home / name
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.replace(target)
    with backup.databases(Workspace(staged)) as sources, backup.databases(workspace) as targets:
        for each in ("scores", "panel"):  # the panel's last: with it the place is a workspace
            with sources[each].read() as connection:
                copy(connection, targets[each], progress)


def describe(result: dict[str, Any]) -> list[str]:
    """Return what was restored, in plain lines."""
    return [
        f"Restored as of {result['made_at']}: {result['entries']} ledger entries, head {result['head']}: "
        + ("unbroken." if result["ok"] else f"broken at entry {result['first_broken']}."),
        f"{result['erased']} people who were erased since the backup are out of it again.",
        "Acts after that head are not in it: compare the newest printed head, and tell whoever acted since.",
    ]
