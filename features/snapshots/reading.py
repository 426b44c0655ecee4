"""Read an indicator snapshot: its lineage from the footer, its rows a block at a time, its hash on request."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import SnapshotUnusable
from features.lineage import Lineage
from features.places import Place
from features.snapshots.content import KEYS, Content
from features.snapshots.writing import FORMAT, METADATA, schema_of
from features.stored.parting import buckets_of
from values import AsOf, Hash, Progress, digest, silent

_UNREADABLE = (pa.ArrowException, OSError, UnicodeDecodeError)  # what Arrow raises over changed bytes


class IndicatorSnapshot:
    """What `drive-panel indicators` wrote.

    Parameters
    ----------
    place
        The file: a path or a URL.

    Raises
    ------
    PlaceUnusable
        If it cannot be read.
    SnapshotUnusable
        If it is no snapshot of indicators, or of another version.
    """

    def __init__(self, place: Place | str | Path) -> None:
        self.place = place if isinstance(place, Place) else Place.of(place)
        self._told = self._footer()

    def __repr__(self) -> str:
        return f"IndicatorSnapshot({self.rows} rows, hash {self.hash.short})"

    @property
    def hash(self) -> Hash:
        """The content hash; `verify` says whether the content still has it."""
        return Hash(self._told["hash"])

    @property
    def lineage(self) -> Lineage:
        """What it was computed from."""
        return Lineage.told(self._told)

    @property
    def catalogue(self) -> Hash:
        """The version of the catalogue."""
        return Hash(self._told["catalogue"])

    @property
    def declarations(self) -> list[dict[str, Any]]:
        """Each indicator as it was declared, in the order of the columns."""
        return list(self._told["indicators"])

    @property
    def names(self) -> tuple[str, ...]:
        """The indicators, in the order of the columns."""
        return tuple(self._told["columns"][len(KEYS) :])

    @property
    def dates(self) -> tuple[AsOf, ...]:
        """The dates, ascending."""
        return tuple(AsOf(date.fromisoformat(each)) for each in self._told["as_of"])

    @property
    def area(self) -> str | None:
        """The area it is limited to; None for all."""
        return None if self._told["area"] is None else str(self._told["area"])

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return int(self._told["rows"])

    def blocks(self, names: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """Yield blocks of rows in the order of the file: bucket, person, date.

        Parameters
        ----------
        names
            Some of the indicators; all where None. ``person_id`` and ``as_of`` (``datetime64[s]``) always come.
        """
        columns = [*KEYS, *(self.names if names is None else names)]
        for block in self._stored(columns):
            yield block.astype({"as_of": "datetime64[s]"})[columns]

    def _stored(self, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        with self._parquet() as file:
            for number in range(file.num_row_groups):
                try:
                    block = file.read_row_group(number, columns=list(columns)).to_pandas()
                except _UNREADABLE:
                    raise _changed(self.place) from None
                yield block

    def table(self, names: Sequence[str] | None = None) -> pd.DataFrame:
        """Return all rows at once; see `blocks`."""
        blocks = list(self.blocks(names))
        if blocks:
            return pd.concat(blocks, ignore_index=True)
        columns = self.names if names is None else names
        kinds = {"person_id": "str", "as_of": "datetime64[s]", **dict.fromkeys(columns, "float64")}
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})

    def verify(self, progress: Progress = silent) -> None:
        """Pass if the content has the hash that the file states.

        Raises
        ------
        SnapshotUnusable
            If it was changed.
        """
        content, rows, bucket = Content(self.names), 0, -1
        for block in self._stored([*KEYS, *self.names]):
            progress("verify", rows, self.rows)
            buckets = buckets_of(block["person_id"].to_numpy(dtype=np.str_))
            in_order = bool((np.diff(buckets, prepend=bucket) >= 0).all())
            if not in_order or not block["as_of"].dt.normalize().eq(block["as_of"]).all():
                raise _changed(self.place)
            content.add(block)
            rows, bucket = rows + len(block), int(buckets.max(initial=bucket))
        progress("verify", rows, self.rows)
        if rows != self.rows or content.hash() != self.hash:
            raise _changed(self.place)

    @contextlib.contextmanager
    def _parquet(self) -> Iterator[Any]:
        with self.place.opened() as file:
            try:
                opened = pq.ParquetFile(file)
            except _UNREADABLE:
                raise _not_one(self.place) from None
            yield opened

    def _footer(self) -> Mapping[str, Any]:
        with self._parquet() as file:
            try:
                text = (file.metadata.metadata or {}).get(METADATA)
                schema = file.schema_arrow.remove_metadata()
                names = schema.names
            except _UNREADABLE:
                raise _changed(self.place) from None
        if text is None:
            raise _not_one(self.place)
        try:
            told: dict[str, Any] = json.loads(text)
            sealed = told.pop("seal")
            intact = digest(told) == sealed and told["format"] == FORMAT and told["columns"] == names
            intact = intact and schema.equals(schema_of(names[len(KEYS) :]))
        except (ValueError, KeyError, TypeError, AttributeError):
            intact = False
        if not intact:
            raise SnapshotUnusable(
                f"{self.place.name} was written by another version of drive-panel, or changed.", "Compute it again."
            )
        return told


def _changed(place: Place) -> SnapshotUnusable:
    return SnapshotUnusable(f"{place.name} was changed after it was written.", "Compute it again.")


def _not_one(place: Place) -> SnapshotUnusable:
    return SnapshotUnusable(
        f"{place.name} is no snapshot of indicators.", "Name a file that `drive-panel indicators --out` wrote."
    )
