"""A stored stream: an event stream as a folder of Parquet parts, described and hashed by one JSON file.

It holds person identifiers and everything the indicators read about them, so it is for a temporary folder or for
the private storage of a cluster, never for a workspace: an erasure does not reach it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from features.catalogue import SEMANTICS
from features.errors import StreamUnusable
from features.events import EventStream, Homes
from features.lineage import Lineage
from features.places import Place
from features.stored.tables import EVENTS, HOMES, PEOPLE, REFERENCES, arrays_in, columns_declared
from values import Hash, digest, digest_bytes

FORMAT = 2
DESCRIPTION = "stream.json"
_REMEDY = "Write the stored stream again and copy the whole folder."


def file_of(number: int, table: str) -> str:
    """Return the name of the file that holds one table of a part."""
    return f"{number:05d}-{table}.parquet"


class StoredStream:
    """A stored stream, read part by part; everything read is verified first.

    Parameters
    ----------
    place
        The folder: a path or the URL of an object store.

    Raises
    ------
    StreamUnusable
        If there is no finished stored stream, or its description was changed or is of another version.
    """

    def __init__(self, place: Place | str | Path) -> None:
        self.place = place if isinstance(place, Place) else Place.of(place)
        self._told = _description(self.place)
        self._shared: dict[str, Any] = {
            "areas": np.array(self._told["areas"], dtype=np.str_),
            "available": frozenset(self._told["available"]),
            "recorded": {
                name: np.array(spans, dtype=np.int32).reshape(-1, 2) for name, spans in self._told["recorded"].items()
            },
        }

    def __len__(self) -> int:
        return len(self._told["parts"])

    def __repr__(self) -> str:
        return f"StoredStream({self.rows} rows in {len(self)} parts)"

    @property
    def hash(self) -> Hash:
        """The hash of the description, which holds the hash of every file."""
        return Hash(self._told["hash"])

    @property
    def lineage(self) -> Lineage:
        """What the stream was built from."""
        return Lineage.told(self._told)

    @property
    def rows(self) -> int:
        """How many rows all parts have together."""
        return int(self._told["rows"])

    @property
    def areas(self) -> npt.NDArray[np.str_]:
        """The areas that its records name."""
        areas: npt.NDArray[np.str_] = self._shared["areas"]
        return areas

    def part(self, number: int) -> EventStream:
        """Return one part as an event stream of its own.

        Raises
        ------
        StreamUnusable
            If a file of it is missing or was changed.
        """
        told = self._told["parts"][number]
        tables: dict[str, dict[str, Any]] = {
            name: arrays_in(self._read(number, name, wanted)) for name, wanted in told["files"].items()
        }
        references = tables.get(REFERENCES, {}).get("event_ref", np.arange(told["events"]).astype(np.str_))
        return EventStream(
            **tables[EVENTS],
            person_ids=tables[PEOPLE]["person_id"],
            event_refs=references,
            homes=Homes(**tables[HOMES]),
            **self._shared,
        )

    def _read(self, number: int, table: str, wanted: str) -> bytes:
        content = (self.place / file_of(number, table)).read()
        if digest_bytes(content) != wanted:
            raise StreamUnusable(
                f"{file_of(number, table)} in {self.place.name} is not what was written: it was changed or cut short.",
                _REMEDY,
            )
        return content


def _description(place: Place) -> Mapping[str, Any]:
    if not (place / DESCRIPTION).exists():
        raise StreamUnusable(f"{place.name} holds no finished stored stream: {DESCRIPTION} is missing.", _REMEDY)
    try:
        told = json.loads((place / DESCRIPTION).read())
        sealed = told.pop("hash")
        intact = digest(told) == sealed
    except (ValueError, KeyError, TypeError, AttributeError):
        intact = False
    if not intact:
        raise StreamUnusable(f"{DESCRIPTION} in {place.name} was changed after it was written.", _REMEDY)
    if (told["format"], told["semantics"], told["columns"]) != (FORMAT, SEMANTICS, columns_declared()):
        raise StreamUnusable(
            f"The stored stream {place.name} was written by another version of drive-panel.",
            "Write it again with this version.",
        )
    return {**told, "hash": sealed}
