"""One process at a time on an unfinished training run, and who that is for whoever comes second."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, PositiveInt, ValidationError

from records.storage.locking import lives
from training.errors import RunBusy

LOCK = ".held"
_LONDON = ZoneInfo("Europe/London")
_REMEDY = (
    "Wait: each step is shown where that was started. When it ends, or is killed, nothing needs to be cleared away: "
    "the same command then works, and goes on from what it found."
)


class Holder(BaseModel):
    """What holds a run: no person and no path, as anybody who may start a command may read it.

    Parameters
    ----------
    command
        As a person calls it: ``drive-panel demo``.
    process
        Its number on the machine.
    since
        When it took the run up; with a time zone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    command: str
    process: PositiveInt
    since: datetime

    def __str__(self) -> str:
        since = self.since.astimezone(_LONDON)
        return f"`{self.command}` (process {self.process}, since {since:%H:%M} on {since.day} {since:%B})"


@contextlib.contextmanager
def held(folder: Path, holder: Holder | None = None) -> Iterator[None]:
    """Hold a folder until the block or the process ends, however it ends.

    Raises
    ------
    RunBusy
        If another holds it; names what it is, where that is known.
    """
    # Opened without emptying it: what another process wrote of itself has to outlive whoever comes second.
    with open(folder / LOCK, "r+b", opener=_open_or_create) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = _read(file) or "Another drive-panel command"
            raise RunBusy(f"{other} is training on the same records and settings.", _REMEDY) from None
        file.truncate(0)
        if holder:
            file.write(holder.model_dump_json().encode())
            file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _open_or_create(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_CREAT, 0o600)


def _read(file: IO[bytes]) -> Holder | None:
    """Return who holds the file; None where it is half written, or left by a process that is dead.

    A holder empties the file before it writes itself down, but one that was killed may be read just before that.
    """
    try:
        holder = Holder.model_validate_json(file.read())
    except ValidationError:
        return None
    return holder if lives(holder.process) else None
