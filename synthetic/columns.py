"""Arrow columns and CSV files as the data contract wants them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv


def numbered(prefix: str, numbers: npt.ArrayLike, width: int = 7) -> pa.Array:
    """Return ids such as ``P0000042``; -1 is missing."""
    values = pa.array(np.asarray(numbers, dtype=np.int64))
    padded = pc.utf8_lpad(pc.cast(values, pa.string()), width=width, padding="0")
    ids = pc.binary_join_element_wise(prefix, padded, "")
    return pc.if_else(pc.less(values, 0), pa.scalar(None, pa.string()), ids)


def days(numbers: npt.ArrayLike) -> pa.Array:
    """Return dates from day numbers; NaN is missing."""
    values = np.asarray(numbers, dtype=np.float64)
    missing = np.isnan(values)
    return pa.array(np.where(missing, 0, values).astype(np.int32), mask=missing).cast(pa.date32())


def flags(values: npt.ArrayLike) -> pa.Array:
    """Return yes or no."""
    return pa.array(np.asarray(values, dtype=bool))


def codes(values: Any) -> pa.Array:
    """Return text; None, NaN and empty text are missing."""
    found = pa.array(values, type=pa.string(), from_pandas=True)
    text = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def same(text: str, size: int) -> pa.Array:
    """Return one text `size` times."""
    return pa.repeat(pa.scalar(text, pa.string()), size)


def numbers_in(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Return the numbers in ids such as ``I0000042``, or the day numbers of dates."""
    if pa.types.is_date32(column.type):
        return np.asarray(column.cast(pa.int32()).to_numpy(), dtype=np.int64)
    return np.asarray(pc.cast(pc.utf8_slice_codeunits(column, 1), pa.int64()).to_numpy())


def replaced(content: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    """Return the table with other values in one column."""
    return content.set_column(content.column_names.index(name), name, values)


def write_csv(content: pa.Table, path: Path) -> None:
    """Write UTF-8 with a header and no quotes: nothing in a made-up extract needs any."""
    options = pacsv.WriteOptions(include_header=False, quoting_style="none")
    with path.open("wb") as file:
        file.write((",".join(content.column_names) + "\n").encode("utf-8"))
        pacsv.write_csv(content, file, options)
