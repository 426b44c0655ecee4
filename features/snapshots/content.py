"""The content hash of an indicator snapshot: over names, people, dates and the exact bits of every number."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from features.stored.parting import buckets_of
from values import Hash, digest

KEYS = ("person_id", "as_of")


class Content:
    """Hashes rows as they come, bucket by bucket, so that it does not matter in how many pieces they come.

    A bucket's digest is taken over its number of rows, its person identifiers and, row after row, the date and the
    bits of each value, with one NaN for all. The content hash is the digest of the column names and of all buckets'
    digests: it depends on neither the engine nor the number of parts or row groups.

    Parameters
    ----------
    names
        The indicators, in the order of their columns.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = list(names)
        self._open: dict[int, _Bucket] = {}
        self._closed: dict[int, str] = {}

    def add(self, block: pd.DataFrame) -> None:
        """Take in rows, sorted by bucket, person and date, that follow those taken in before."""
        people = block["person_id"].to_numpy(dtype=np.str_)
        cells = _cells(block, self._names)
        for number, first, last in _runs(buckets_of(people)):
            self._open.setdefault(number, _Bucket()).add(people[first:last], cells[first:last])

    def merge(self, buckets: Mapping[int, str]) -> None:
        """Take in the digests of whole buckets that were hashed elsewhere.

        Raises
        ------
        ValueError
            If one of the buckets was taken in before.
        """
        if self.buckets.keys() & buckets.keys():
            raise ValueError("A bucket of people was computed twice.")
        self._closed.update(buckets)

    @property
    def buckets(self) -> dict[int, str]:
        """The digest of each bucket that has rows."""
        return self._closed | {number: bucket.digest() for number, bucket in self._open.items()}

    def hash(self) -> Hash:
        """Return the content hash of everything taken in."""
        buckets = sorted(self.buckets.items())
        return digest({"columns": self._names, "buckets": [[number, each] for number, each in buckets]})


class _Bucket:
    def __init__(self) -> None:
        self._rows = 0
        self._people, self._cells = hashlib.sha256(), hashlib.sha256()

    def add(self, people: Any, cells: Any) -> None:
        self._rows += len(people)
        self._people.update("".join(f"{len(person)}:{person}" for person in people.tolist()).encode("utf-8"))
        self._cells.update(cells.tobytes())

    def digest(self) -> str:
        return digest([self._rows, self._people.hexdigest(), self._cells.hexdigest()])


def _cells(block: pd.DataFrame, names: list[str]) -> Any:
    """Return day number and values, row after row, eight bytes each (little endian)."""
    cells = np.empty((len(block), 1 + len(names)), dtype="<f8")
    values = cells[:, 1:]
    values[:] = block[names].to_numpy(dtype=np.float64)
    values[np.isnan(values)] = np.nan  # one NaN, whatever its bits
    cells[:, 0].view("<i8")[:] = block["as_of"].to_numpy().astype("datetime64[D]").astype(np.int64)
    return cells


def _runs(buckets: Any) -> Iterator[tuple[int, int, int]]:
    """Yield each stretch of one bucket: its number, its first row and one past its last."""
    edges = np.flatnonzero(np.diff(buckets)) + 1
    bounds = [0, *edges.tolist(), len(buckets)] if len(buckets) else [0]
    for first, last in itertools.pairwise(bounds):
        yield int(buckets[first]), first, last
