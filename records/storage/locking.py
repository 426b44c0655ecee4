"""One writer at a time in a record store, and what a writer that was killed has left is cleared away."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from records.errors import StoreBusy
from records.storage.files import private_folder
from values import Progress, silent

_LOCK = ".lock"
_LITTER = re.compile(r"\.(?:work|draft)-(\d+)-.+|(?:tmp_)?\..+\.(\d+)")


@contextlib.contextmanager
def only_writer(root: Path, progress: Progress = silent, wait: bool = True) -> Iterator[None]:
    """Hold the record store at `root` for writing; the hold ends with the process, however it ends.

    Parameters
    ----------
    root
        The record store's folder.
    progress
        Told if another writer has to finish first.
    wait
        Whether to wait for it.

    Raises
    ------
    StoreBusy
        If another process holds the store and this one does not wait.
    """
    private_folder(root)
    with open(root / _LOCK, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not wait:
                raise StoreBusy("Another command writes into this record store.", "Wait until it is done.") from None
            progress("wait for another command", 0, 1)
            fcntl.flock(file, fcntl.LOCK_EX)
        clear_litter(root)
        yield


def clear_litter(root: Path) -> None:
    """Remove drafts and working folders of processes that no longer live."""
    for folder, folders, files in os.walk(root):
        for name in [*folders, *files]:
            found = _LITTER.fullmatch(name)
            if found and not lives(int(found[1] or found[2])):
                path = Path(folder) / name
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        folders[:] = [name for name in folders if not name.startswith(".")]


def clear_drafts(path: Path) -> None:
    """Remove drafts of the file at `path`, and folders of parts of it, whose processes no longer live."""
    draft = re.compile(rf"\.{re.escape(path.name)}(?:\.parts)?\.(\d+)")
    for each in path.parent.iterdir() if path.parent.is_dir() else ():
        found = draft.fullmatch(each.name)
        if found and not lives(int(found[1])):
            shutil.rmtree(each, ignore_errors=True) if each.is_dir() else each.unlink(missing_ok=True)


def lives(process: int) -> bool:
    """Return whether a process of this number is there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
