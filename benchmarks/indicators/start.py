"""A first answer: a fresh process that reads a small stream and computes every indicator of ten people or of everybody.

A few people may be answered without machine code, everybody is not. `benchmarks.indicators.speed --start` measures both
from outside, once with no compiled code kept and once with it.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks.indicators.inputs import Events
from benchmarks.indicators.ours import stream_of
from features.indicators import compute_numbers

ASKED = {"ten people": (10, 1), "everybody on 24 dates": (None, 24)}


def main(folder: Path, asked: str) -> None:
    """Compute the people asked, and say how many rows that makes."""
    people, dates = ASKED[asked]
    events = Events(folder)
    spine = pq.ParquetFile(events.spine(dates)).read().slice(0, people)
    days = spine["as_of"].to_numpy().astype("datetime64[D]").astype(np.int64)
    values = compute_numbers(stream_of(events), spine["person"].to_numpy().astype(np.int64), days)
    json.dump({"indicators": len(values), "rows": len(days), "answered_at": time.monotonic()}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
