"""Files that only their owner may read, published whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO


def private_folder(path: Path) -> Path:
    """Make `path` and what it lacks above it, readable by the owner only (0700)."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
    path.chmod(0o700)
    return path


def write_private(path: Path, content: bytes) -> None:
    """Write `content` to `path` (0600): a reader sees the old file or the new one, never half of one."""
    with private_file(path) as file:
        file.write(content)


@contextlib.contextmanager
def private_file(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write to; it becomes `path` (0600) if the block ends well and vanishes if it does not."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _settle(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def published(path: Path) -> Iterator[Path]:
    """Give a folder to fill; it becomes `path` if the block ends well and vanishes if it does not.

    Where `path` appeared meanwhile it is kept: it is named after its content.
    """
    with drafted(path.parent) as draft:
        yield draft
        publish(draft, path)


@contextlib.contextmanager
def drafted(folder: Path) -> Iterator[Path]:
    """Give a folder inside `folder` to fill; what is not published from the block vanishes with it."""
    draft = Path(tempfile.mkdtemp(prefix=f".draft-{os.getpid()}-", dir=private_folder(folder)))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def publish(draft: Path, path: Path) -> None:
    """Make a filled folder `path`, its files 0600 and safe on disk; where `path` exists it is kept."""
    if path.exists():
        return
    for each in sorted(draft.rglob("*"), reverse=True):
        each.chmod(0o700 if each.is_dir() else 0o600)
        _settle(each)
    _settle(draft)
    try:
        draft.rename(path)
    except OSError:
        if not path.exists():
            raise
    _settle(path.parent)


def _settle(path: Path) -> None:
    """Wait until a file or the entries of a folder are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
