"""Files that only their owner may read, published whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


def private_folder(path: Path) -> Path:
    """Make `path` and what it lacks above it, readable by the owner only (0700)."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
    path.chmod(0o700)
    return path


def write_private(path: Path, content: bytes) -> None:
    """Write `content` to `path` (0600): a reader sees the old file or the new one, never half of one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


@contextlib.contextmanager
def published(path: Path) -> Iterator[Path]:
    """Give a folder to fill; it becomes `path` if the block ends well and vanishes if it does not.

    Where `path` appeared meanwhile it is kept: it is named after its content.
    """
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=private_folder(path.parent)))
    try:
        yield draft
        if not path.exists():
            draft.rename(path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
