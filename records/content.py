"""The hash of a table's content, the same for the same rows whatever file, order or library wrote them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from values import Hash, digest, digest_bytes

_SEPARATOR, _MISSING = "\x1f", "\x1e"  # control characters: no accepted value holds one


def column_hash(column: pd.Series[Any]) -> Hash:
    """Return the hash of a column's values in their order."""
    dtype = str(column.dtype)
    if dtype.startswith("datetime64"):
        content = column.astype("datetime64[s]").to_numpy().astype("<i8").tobytes()
    elif dtype in ("boolean", "Int64"):
        missing = column.isna().to_numpy()
        content = column.to_numpy(dtype="<i8", na_value=0).tobytes() + missing.tobytes()
    elif dtype in ("bool", "float64"):
        content = np.ascontiguousarray(column.to_numpy()).tobytes()
    else:
        content = _SEPARATOR.join(column.fillna(_MISSING).tolist()).encode("utf-8")
    return digest_bytes(f"{dtype}:{len(column)}:".encode() + content)


def column_hashes(frame: pd.DataFrame) -> dict[str, Hash]:
    """Return the hash of every column of `frame`."""
    return {str(name): column_hash(frame[name]) for name in frame.columns}


def table_hash(columns: dict[str, Hash], rows: int) -> Hash:
    """Return the hash of a table from those of its columns."""
    return digest({"columns": dict(columns), "rows": rows})


def canonical(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Return `frame` sorted by its key, version and then everything else, so that delivery order leaves no trace."""
    order = [*key, "known_from"]
    rest = [name for name in frame.columns if name not in order]
    return frame.sort_values(order + rest, kind="stable", na_position="last").reset_index(drop=True)
