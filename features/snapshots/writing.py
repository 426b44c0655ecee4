"""Write indicators to a Parquet file, a block of rows at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.catalogue import Catalogue
from features.lineage import Lineage
from features.places import Place
from features.snapshots.content import KEYS, Content
from values import AsOf, Hash, canonical_json, digest

FORMAT = 2
METADATA = b"drive_panel"


def schema_of(names: Sequence[str]) -> pa.Schema:
    """Return the columns of a snapshot: who, as of when, and a number an indicator; null where not available."""
    keys = [pa.field("person_id", pa.string(), nullable=False), pa.field("as_of", pa.timestamp("ms"), nullable=False)]
    return pa.schema([*keys, *(pa.field(name, pa.float64()) for name in names)])


@dataclass(frozen=True)
class Written:
    """What was written: the content hash and the number of rows."""

    hash: Hash
    rows: int


class Blocks:
    """Rows of indicators on their way into a Parquet file, hashed as they pass; a context that ends the file.

    Parameters
    ----------
    file
        Open for writing.
    names
        The indicators, in the order of their columns.
    """

    def __init__(self, file: Any, names: Sequence[str]) -> None:
        self.content = Content(names)
        self.rows = 0
        self._schema = schema_of(names)
        self._writer = pq.ParquetWriter(file, self._schema, compression="zstd", compression_level=1)

    def write(self, block: pd.DataFrame) -> None:
        """Write and hash one block, sorted by bucket, person and date."""
        if len(block):
            self.content.add(block)
            self._append(pa.Table.from_pandas(block, schema=self._schema, preserve_index=False))

    def copy(self, blocks: Any, buckets: Mapping[int, str]) -> None:
        """Write the blocks of a finished file of whole buckets that were hashed when it was written."""
        self.content.merge(buckets)
        for number in range(blocks.num_row_groups):
            self._append(blocks.read_row_group(number, use_threads=False))

    @property
    def written(self) -> Written:
        """What was written until now."""
        return Written(self.content.hash(), self.rows)

    def note(self, name: bytes, value: Any) -> None:
        """Write a value into the file's footer, as canonical JSON."""
        self._writer.add_key_value_metadata({name: canonical_json(value).encode("utf-8")})

    def __enter__(self) -> Blocks:
        return self

    def __exit__(self, failure: object, *_: object) -> None:
        kept = contextlib.nullcontext() if failure is None else contextlib.suppress(OSError, pa.ArrowException)
        with kept:  # nobody will see the file of a failure
            self._writer.close()

    def _append(self, table: pa.Table) -> None:
        self.rows += len(table)
        self._writer.write_table(table.cast(self._schema), row_group_size=max(len(table), 1))


@contextlib.contextmanager
def snapshot_at(
    out: Place, dates: Sequence[AsOf], area: str | None, catalogue: Catalogue, lineage: Lineage
) -> Iterator[Blocks]:
    """Give a snapshot to write; it appears at `out` (0600) with the block's end, or not at all.

    Parameters
    ----------
    out
        The Parquet file.
    dates
        The dates as of which indicators are computed.
    area
        The area it is limited to.
    catalogue
        The indicators.
    lineage
        What they are computed from.

    Raises
    ------
    PlaceUnusable
        If `out` cannot be written.
    """
    with out.published() as file, Blocks(file, catalogue.names) as blocks:
        yield blocks
        told: dict[str, Any] = {
            "format": FORMAT,
            "hash": blocks.written.hash,
            **lineage.to_dict(),
            "catalogue": catalogue.version,
            "indicators": [indicator.declaration() for indicator in catalogue],
            "as_of": [str(each) for each in dates],
            "area": area,
            "rows": blocks.rows,
            "columns": [*KEYS, *catalogue.names],
        }
        blocks.note(METADATA, told | {"seal": digest(told)})
