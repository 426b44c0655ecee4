"""What a training run has finished, so that a run that was stopped goes on where it stopped.

Each finding is one file (JSON, or NumPy's own format), written whole or not at all; a run asks for a finding by name
and says how to come by it, and what lies there already is read instead. Nothing is unpickled.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from records.storage.files import private_file
from training.errors import NoRoom, RunRemoved
from training.lists import Floats

T = TypeVar("T")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
Shape = tuple[int, int]


class Stages:
    """The findings of one run, kept in a folder; without one nothing is kept.

    Parameters
    ----------
    folder
        A folder of this run alone; see `training.unfinished`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @property
    def begun(self) -> bool:
        """Whether anything has been found already."""
        return self._folder is not None and any(self._folder.glob("[!.]*"))

    def value(self, name: str, kind: type[T], find: Callable[[], T]) -> T:
        """Return plain values: numbers, text, lists, mappings, or a dataclass of these.

        Parameters
        ----------
        name
            A file name without an ending, unique in the run.
        kind
            Of what is found; what was kept is checked against it.
        find
            Called if nothing is kept under this name.

        Raises
        ------
        RunRemoved
            If the folder is gone (an erasure takes it).
        NoRoom
            If the disk is full.
        """
        if self._folder is None:
            return find()
        place = self._folder / f"{name}.json"
        if not place.exists():
            self._write(place, to_json(find(), inf_nan_mode="constants"))
        # What was just found is read back too, so that a run that was stopped and one that was not go on from the same.
        return TypeAdapter(kind).validate_python(from_json(place.read_bytes()))

    def array(self, name: str, find: Callable[[], Floats]) -> Floats:
        """Return numbers; see `value`."""
        if self._folder is None:
            return find()
        place = self._folder / f"{name}.npy"
        if not place.exists():
            content = io.BytesIO()
            np.save(content, find(), allow_pickle=False)
            self._write(place, content.getvalue())
        found: Floats = np.load(place, allow_pickle=False)
        return found

    def table(self, name: str, shape: Shape, fill: Callable[[Floats], object]) -> Floats:
        """Return a large table of numbers that stays on disk, or in memory where nothing is kept.

        Parameters
        ----------
        name, shape
            The file's name, and rows and columns of the table.
        fill
            Called with an empty table to write into, if nothing is kept under this name.

        Raises
        ------
        RunRemoved, NoRoom
            See `value`.
        """
        if self._folder is None:
            values = np.empty(shape)
            fill(values)
            return values
        place = self._folder / f"{name}.npy"
        if not place.exists():
            with self._reached(place):
                _write_table(place, shape, fill)
        return np.asarray(np.load(place, mmap_mode="r", allow_pickle=False))

    def _write(self, place: Path, content: bytes) -> None:
        with self._reached(place), private_file(place) as file:
            file.write(content)

    @contextlib.contextmanager
    def _reached(self, place: Path) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            if place.parent.exists():
                raise
            raise RunRemoved(
                "The folder of this training run is gone; an erasure takes it away.", "Run `drive-panel train` again."
            ) from None
        except OSError as error:
            if error.errno not in _FULL:
                raise
            raise NoRoom(
                f"The workspace's disk has no room for {place.name} of this training run.",
                "Free some, or ask for fewer test dates; then run the same command again, it goes on.",
            ) from None


def _write_table(place: Path, shape: Shape, fill: Callable[[Floats], object]) -> None:
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        values = np.lib.format.open_memmap(draft, mode="w+", dtype=np.dtype("<f8"), shape=shape)
        with draft.open("r+b") as file:  # a full disk is found out here; later it would end the process
            os.posix_fallocate(file.fileno(), 0, draft.stat().st_size)
        fill(values)
        values.flush()
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)
