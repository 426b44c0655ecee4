"""Erasing a person from everything the workspace holds, and proving that nothing is left."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from drive_panel.errors import WorkspaceError
from drive_panel.workflows import erasure_register, referred_too
from drive_panel.workflows.backup import databases
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from features.stored import clear_scratch
from features.stored.stream import DESCRIPTION
from records import Keyring
from records.erasing.crosswalk import latest_version
from records.erasing.erasure import Journal, begin, betraying, carry_out
from records.erasing.rows import drop_lines, drop_rows
from records.erasing.search import Searched, look_into, search
from records.erasing.sought import Sought
from records.erasing.tombstones import Tombstones
from records.errors import ErasureUnfinished
from records.storage.database import workbench
from records.storage.locking import clear_litter
from serving import Service
from serving.panel.referrals import UNLISTED
from serving.storage import Database
from serving.storage.copying import copy
from training.unfinished import clear_unfinished_runs
from values import Progress

REWRITTEN = "records.erased"
_LAID_OPEN = "postgresql"
_KEPT = (
    "panel.db",
    "panel.db-wal",
    "panel.db-shm",
    "panel.db-journal",
    "mlflow.db",
    "unreleased",
    "keys",
    "records",
    "mlflow",
    "bundles",
    "audits",
    "erasures.jsonl",
)
_DUTY = ("decisions", "clearances", "filed", "reviews", "withdrawals", "signed_reviews", "ledger")
_REWRITTEN_FILES = ("tables", "lines", "snapshots", "crosswalks", "others")
_OF_USERS = ("users", "sessions")  # who signs in may bear the same name


def run(workspace: Workspace, person: str, *, by: str, reason: str, progress: Progress) -> dict[str, Any]:
    """Erase a person: suspect, victim or anybody else, by id, by the pseudonym of a list or of a referral.

    An erasure that was interrupted is finished first. Erasing somebody again only searches again.

    Parameters
    ----------
    by
        Who decided it; enters the ledger.
    reason
        Why, without naming the person; enters the ledger.

    Raises
    ------
    WorkspaceError
        If nobody has that id, or the reason names the person.
    ErasureUnfinished
        If something is left; names the files, never what stands in them.
    """
    unfinished = resume(workspace, progress)
    person_id = _keyring(workspace).whose(person) or person
    if unfinished and unfinished["asked"] == person:
        return unfinished
    if not reason.strip() or not by.strip():
        raise WorkspaceError("An erasure needs somebody who decides it and a reason.", "Give both.")
    root = workspace.records
    for left in Journal.left(root):
        if left.notes["asked"] == person or person_id in left.doomed.persons:
            left.crosswalk = latest_version(root)  # people may have been linked anew meanwhile
            return _finish(workspace, left, progress)
    journal = begin(root, person_id, {"asked": person, "by": by, "reason": reason})
    if journal is None:
        if not Tombstones(root).erased([person_id]):
            if person.startswith(UNLISTED):
                return _forget_referred(workspace, person, by)
            raise WorkspaceError("Nobody in the records has this id.", "Check it; ids are written as delivered.")
        return _result(person, {}, 0, 0, {}, Searched(), again=True)
    if journal.sought.betrayed_by(reason) or journal.sought.betrayed_by(by):
        journal.close()
        raise WorkspaceError("The reason names the person, and the ledger keeps it.", "Write it without the person.")
    journal.notes["pseudonyms"] = sorted(_keyring(workspace).known(journal.doomed.persons).values())
    journal.write()
    return _finish(workspace, journal, progress)


def _forget_referred(workspace: Workspace, person: str, by: str) -> dict[str, Any]:
    """Erase who somebody is whom an agency referred and no record holds: only the service's database knew."""
    with batch_service(workspace, "owner") as service:
        documents, retained = service.erase(person, by), service.retained(person)
        if not documents and not retained:
            raise WorkspaceError("Nobody was referred under this number.", "Check it; the page of referrals shows it.")
        service.compact()
    erasure_register.enter(workspace, [person])
    return _result(person, dict.fromkeys(_REWRITTEN_FILES, 0), documents, retained, {}, Searched(), not documents)


def resume(workspace: Workspace, progress: Progress) -> dict[str, Any] | None:
    """Finish an erasure that was interrupted, if there is one; every command that reads records does this first."""
    journal = Journal.find(workspace.records)
    return None if journal is None else _finish(workspace, journal, progress)


def _finish(workspace: Workspace, journal: Journal, progress: Progress) -> dict[str, Any]:
    notes = journal.notes
    if "pseudonyms" not in notes:  # killed before they were written down; the keys still stand
        notes["pseudonyms"] = sorted(_keyring(workspace).known(journal.doomed.persons).values())
        journal.write()
    if "who" not in notes:  # before the records lose it
        notes["who"] = referred_too.known_as(workspace, journal.doomed.persons)
        journal.write()
    _clear_unfinished(workspace)
    files = carry_out(workspace.records, journal, progress)
    files["others"] = _beside_the_records(workspace, journal)
    with batch_service(workspace, "owner") as service:
        same, alike = referred_too.referred_as(service, notes["who"])
        notes["pseudonyms"] = sorted({*notes["pseudonyms"], *same})
        journal.write()
        documents = sum(service.erase(name, notes["by"]) for name in notes["pseudonyms"])
        service.compact()
        _enter_moves(service, journal)
        retained = sum(service.retained(name) for name in notes["pseudonyms"])
        service.compact()
    erasure_register.enter(workspace, notes["pseudonyms"])  # before the keys go: a backup may bring them back
    for person in journal.doomed.persons:
        _keyring(workspace).destroy(person)
    journals = {journal.path, *(each.path for each in Journal.left(workspace.records))}
    with _laid_open(workspace, progress):
        searched = search(workspace.home, journal.sought, journals, progress, _random(workspace))
    restricted = _under_duty(searched)
    if not searched.clean:
        places = "; ".join([*searched.found, *(f"{name} (cannot be read)" for name in searched.unreadable)][:20])
        journal.leave()
        raise ErasureUnfinished(
            f"Something of the person is left, or could not be searched: {places}.",
            "Remove or mend these files, then run the same command again. Other commands run meanwhile.",
        )
    result = _result(notes["asked"], files, documents, retained, journal.moved, searched)
    result["restricted"] += restricted
    result["alike"] = alike
    journal.close()
    return result


def _keyring(workspace: Workspace) -> Keyring:
    return Keyring(workspace.keys / "pseudonyms.db")


def _random(workspace: Workspace) -> tuple[Path, ...]:
    """Return the files that are random by design: the keys behind pseudonyms and the secret of the erased ids."""
    return _keyring(workspace).path, Tombstones(workspace.records).secret


@contextlib.contextmanager
def _laid_open(workspace: Workspace, progress: Progress) -> Iterator[None]:
    """Copy what lies in PostgreSQL into files of the workspace for as long as it is searched."""
    place = workspace.home / _LAID_OPEN
    shutil.rmtree(place, ignore_errors=True)  # a killed search left it
    if workspace.databases.of("owner") is None:
        yield
        return
    place.mkdir(mode=0o700)
    try:
        with databases(workspace) as sources:
            for name, source in sources.items():
                target = Database(place / f"{name}.db", source.tables)
                with contextlib.closing(target), source.read() as connection:
                    copy(connection, target, progress)
        yield
    finally:
        shutil.rmtree(place)


def _enter_moves(service: Service, journal: Journal) -> None:
    """Let the ledger say which snapshot stands for which, so that bundles and lists that cite the old one verify."""
    known = {entry.subject for entry in service.ledger(None) if entry.action == REWRITTEN}
    for old, new in sorted(journal.moved.items()):
        if old not in known:
            detail = {"new": new, "reason": journal.notes["reason"]}
            service.note(journal.notes["by"], REWRITTEN, old, detail)


def _beside_the_records(workspace: Workspace, journal: Journal) -> int:
    """Take the person out of extracts, exports, reports and evidence that lie in the workspace.

    Tables lose rows and lists lose lines; any other file that names the person is derived and goes as a whole.
    """
    sought = betraying(journal)
    with workbench(workspace.records) as db:
        return sum(_rid(db, workspace.home, path, journal, sought) for path in _others(workspace.home))


def _clear_unfinished(workspace: Workspace) -> None:
    """Remove what killed commands left half written, unfinished training runs, and event streams in the workspace.

    The rows of a stored stream, and what a training run keeps, point to people by number or by place: the search would
    not know whose they are, and none can be taken out alone. They are derived, and can be made again.
    """
    home = workspace.home
    clear_scratch()
    clear_unfinished_runs(workspace.unfinished)
    clear_litter(home)
    for description in sorted(home.glob(f"*/**/{DESCRIPTION}")):
        if description.relative_to(home).parts[0] not in _KEPT:
            shutil.rmtree(description.parent)


def _others(home: Path) -> list[Path]:
    """Return the files that are neither records, databases, keys nor free of people by design."""
    found = (path for path in sorted(home.rglob("*")) if path.is_file() and not path.is_symlink())
    return [path for path in found if path.relative_to(home).parts[0] not in _KEPT]


def _rid(db: duckdb.DuckDBPyConnection, home: Path, path: Path, journal: Journal, sought: Sought) -> bool:
    if path.suffix == ".parquet":
        return drop_rows(db, path, journal.ids, sought)
    if path.suffix in (".csv", ".jsonl"):
        return drop_lines(path, sought)
    derived = path.parent != home and _betrays(home, path, sought)  # settings lie in the workspace itself
    if derived:
        path.unlink()
    return derived


def _betrays(home: Path, path: Path, sought: Sought) -> bool:
    told = Searched()
    look_into(home, path, sought, told)
    return bool(told.found)


def _under_duty(searched: Searched) -> list[str]:
    """Set apart what a panel has a duty to keep: the words of its decisions, reviews and ledger."""
    files = ("panel.db", f"{_LAID_OPEN}/panel.db")
    kept = [f"{file} (table {name})" for file in files for name in (*_DUTY, *_OF_USERS)]
    restricted = [place for place in searched.found if place in kept]
    if restricted:  # then the file's bytes hold the same words
        explained = {*kept, *(f"{file}{log} (bytes)" for file in files for log in ("", "-wal"))}
        searched.found = [place for place in searched.found if place not in explained]
    return [f"{place}: words that name the person" for place in restricted]


def _result(
    asked: str,
    files: Mapping[str, int],
    documents: int,
    retained: int,
    moved: Mapping[str, str],
    searched: Searched,
    again: bool = False,
) -> dict[str, Any]:
    kept = [f"{retained} decisions, clearances and documents, under a pseudonym nobody can undo"] if retained else []
    return {
        "asked": asked,
        "already_erased": again,
        "files": dict(files),
        "documents": documents,
        "restricted": kept,
        "snapshots": dict(moved),
        "searched": searched.to_dict(),
        "alike": [],
    }


def describe(result: dict[str, Any]) -> list[str]:
    """Return what went, what is kept by duty, and what the search came to, in plain lines."""
    if result["already_erased"]:
        return ["This person was erased before; no file of the records names them."]
    searched, files = result["searched"], result["files"]
    lines = [
        f"Erased: {files['tables']} tables, {files['lines']} lists of lines, {files['snapshots']} snapshots, "
        f"{files['crosswalks']} crosswalks and {files['others']} other files were rewritten or removed; "
        f"{result['documents']} documents of lists went.",
        *(f"{old[:12]} is now {new[:12]} (in the ledger)." for old, new in result["snapshots"].items()),
        *(f"Kept by duty, restricted: {what}." for what in result["restricted"]),
        f"Searched {searched['files']} files ({searched['size']:,} bytes), decoded: nothing is left.",
    ]
    lines += [f"Searched as bytes only: {name}" for name in searched["undecoded"]]
    lines += [
        f"Of the same name, sealed and not searched: {number}. If it is the same person, `drive-panel erase {number}`."
        for number in result["alike"]
    ]
    return [*lines, "An earlier backup is erased again by `drive-panel db restore` with the register erasures.jsonl."]
