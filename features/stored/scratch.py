"""A private temporary folder for a stored stream, removed even when the process that made it was killed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from features.errors import PlaceUnusable

_LOCK = ".held"


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give an empty folder (0700) in the system's temporary folder that vanishes with the block.

    Its process holds a lock on it for as long as it lives. Whoever asks next removes the folders whose lock
    nobody holds any more; `clear_scratch` does the same without asking for one.

    Raises
    ------
    PlaceUnusable
        If the folder of all scratch folders belongs to somebody else.
    """
    with _only_one() as root:
        _clear(root)
        folder = Path(tempfile.mkdtemp(prefix="stream-", dir=root))
        held = _locked(folder / _LOCK)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        held.close()


def clear_scratch() -> None:
    """Remove what processes that were killed have left."""
    if _root().exists():
        with _only_one() as root:
            _clear(root)


def _root() -> Path:
    return Path(tempfile.gettempdir()) / f"drive-panel-{os.getuid()}"


@contextlib.contextmanager
def _only_one() -> Iterator[Path]:
    """Hold the folder of all scratch folders, so that none is cleared between its making and its locking."""
    root = _root()
    root.mkdir(mode=0o700, exist_ok=True)
    found = root.lstat()
    if root.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PlaceUnusable(
            f"{root} does not belong to this account alone.", "Remove it, or set TMPDIR to a private folder."
        )
    with _locked(root / _LOCK, wait=True):
        yield root


def _locked(path: Path, wait: bool = False) -> IO[bytes]:
    file = open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600))  # noqa: SIM115 - held open
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        file.close()
        raise
    return file


def _clear(root: Path) -> None:
    for folder in root.iterdir():
        if folder.is_dir():
            # Held by a living process; or gone just now, because its process has ended.
            with contextlib.suppress(BlockingIOError, FileNotFoundError), _locked(folder / _LOCK):
                shutil.rmtree(folder, ignore_errors=True)
