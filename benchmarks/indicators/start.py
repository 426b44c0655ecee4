"""A first answer: a fresh process that reads a small stream and computes every indicator of ten people.

`benchmarks.indicators.speed --start` measures it from outside, once with no compiled code kept and once with it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks.indicators.inputs import Events
from benchmarks.indicators.ours import stream_of
from features.indicators import compute_numbers

PEOPLE = 10


def main(folder: Path) -> None:
    """Compute ten people on the last date."""
    events = Events(folder)
    people = pq.read_table(events.spine(1))["person"].to_numpy()[:PEOPLE].astype(np.int64)
    values = compute_numbers(stream_of(events), people, np.full(PEOPLE, events.days(1)[0]))
    json.dump({"indicators": len(values)}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
