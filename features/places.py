"""A file or folder on this machine or in an object store, named by a path or a URL."""

from __future__ import annotations

import contextlib
import os
import posixpath
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyarrow import ArrowException, fs

from features.errors import PlaceUnusable
from records.storage.files import private_file
from records.storage.locking import clear_drafts

_REMEDY = "Check the name, and that this account may read and write there."


@dataclass(frozen=True)
class Place:
    """Where something lies: a path, or the URL of an object store that Arrow reads (s3, gs, abfss, hdfs, file).

    Attributes
    ----------
    name
        As the user wrote it, without the credentials and options that a URL may hold: fit for messages.
    """

    name: str
    _files: Any
    _path: str
    _url: str = ""
    _options: str = ""

    @classmethod
    def of(cls, name: str | Path) -> Place:
        """Return the place that a path or a URL names.

        Raises
        ------
        PlaceUnusable
            If the URL is none that can be read.
        """
        text = str(name)
        if "://" not in text:
            return cls(text, fs.LocalFileSystem(), str(Path(text).absolute()))
        url, mark, options = text.partition("?")
        shown = re.sub(r"//[^/@]*@", "//", url)
        try:
            files, path = fs.FileSystem.from_uri(text)
        except (ArrowException, OSError):
            raise PlaceUnusable(f"{shown} cannot be reached.", _REMEDY) from None
        return cls(shown, files, path, url, mark + options)

    @property
    def local(self) -> Path | None:
        """The path on this machine; None in an object store."""
        return Path(self._path) if isinstance(self._files, fs.LocalFileSystem) else None

    @property
    def absolute(self) -> str:
        """The name by which every process finds it: an absolute path, or the URL with its options."""
        return self._url + self._options if self._url else self._path

    def __truediv__(self, name: str) -> Place:
        return self._moved(lambda path: posixpath.join(path, name))

    def beside(self, suffix: str) -> Place:
        """Return a hidden place next to this one."""
        hidden = f".{posixpath.basename(self._path)}{suffix}"
        return self._moved(lambda path: posixpath.join(posixpath.dirname(path), hidden))

    def _moved(self, change: Callable[[str], str]) -> Place:
        url = change(self._url) if self._url else ""
        return Place(change(self.name), self._files, change(self._path), url, self._options)

    def exists(self) -> bool:
        """Say whether a file lies here."""
        with self.named():
            return bool(self._files.get_file_info(self._path).type == fs.FileType.File)

    def read(self) -> bytes:
        """Return the content of the file."""
        with self.named(), self._files.open_input_stream(self._path) as file:
            return bytes(file.read())

    @contextlib.contextmanager
    def opened(self) -> Iterator[Any]:
        """Give the file to read from, at any position."""
        with self.named():
            file = self._files.open_input_file(self._path)
        with file:
            yield file

    @contextlib.contextmanager
    def published(self) -> Iterator[Any]:
        """Give a file to write; it appears here (on this machine 0600) if the block ends well, else not at all."""
        if self.local is not None:
            clear_drafts(self.local)
            with self.named(), private_file(self.local) as file:
                yield file
            return
        draft = self.beside(f".{uuid.uuid4().hex}")
        with self.named():
            try:
                with self._files.open_output_stream(draft._path) as file:
                    yield file
                self._files.move(draft._path, self._path)
            except BaseException:
                draft.remove()
                raise

    @contextlib.contextmanager
    def workplace(self) -> Iterator[Place]:
        """Give a folder (on this machine 0700) beside this place for unfinished work; it is removed with the block."""
        if self.local is not None:
            clear_drafts(self.local)
        folder = self.beside(f".parts.{os.getpid()}" if self.local is not None else f".parts.{uuid.uuid4().hex}")
        with self.named():
            if folder.local is not None:
                folder.local.mkdir(mode=0o700)
            else:
                folder._files.create_dir(folder._path)
        try:
            yield folder
        finally:
            folder.remove()

    def count(self) -> int:
        """Return how many files the folder holds."""
        return len(self._files.get_file_info(fs.FileSelector(self._path, allow_not_found=True)))

    def remove(self) -> None:
        """Remove the file or folder and everything in it, if it is there."""
        with contextlib.suppress(OSError):
            if self._files.get_file_info(self._path).type == fs.FileType.Directory:
                self._files.delete_dir(self._path)
            else:
                self._files.delete_file(self._path)

    @contextlib.contextmanager
    def named(self) -> Iterator[None]:
        """Name this place in what goes wrong within the block."""
        try:
            yield
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error).partition("\n")[0] or type(error).__name__
            raise PlaceUnusable(f"{self.name} cannot be read or written: {reason}.", _REMEDY) from None
