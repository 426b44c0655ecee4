"""One measured process: one engine, one input, one number of dates; what it took goes to standard output as JSON.

python -m benchmarks.indicators.run duckdb --incidents 2000000 --dates 12
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.indicators.inputs import FOLDER, Events

ENGINES = {
    "floor": "floor",
    "ours": "ours",
    "duckdb": "in_duckdb",
    "polars": "in_polars",
    "pandas": "in_pandas",
}
RIVALS = ("duckdb", "polars", "pandas")
NEEDS = {"floor": ("numpy", "pyarrow"), "ours": ("numpy", "numba", "pandas", "pyarrow")} | {
    one: (one,) for one in RIVALS
}
THREADS = 2
_POOLS = ("OMP", "OPENBLAS", "MKL", "NUMBA", "POLARS")


def environment() -> dict[str, str]:
    """Return the environment of a measured process: every pool of threads has two."""
    pools = {f"{pool}_NUM_THREADS": str(THREADS) for pool in _POOLS if pool != "POLARS"}
    return {**os.environ, **pools, "POLARS_MAX_THREADS": str(THREADS)}


class Missing(SystemExit):
    """An engine is not installed; the message says how to install it."""


def engine(name: str) -> Any:
    """Return the module of an engine.

    Raises
    ------
    Missing
        Where its library is not installed.
    """
    try:
        return importlib.import_module(f"benchmarks.indicators.{ENGINES[name]}")
    except ModuleNotFoundError as missing:
        if missing.name != name:
            raise
        raise Missing(f"{name} is not installed. Run: {INSTALL}") from None


INSTALL = "scripts/setup --tests"


def asked(events: Events, dates: int) -> dict[str, Any]:
    """Return the questions of the catalogue for so many dates."""
    from benchmarks.indicators.questions import questions
    from features.catalogue import CATALOGUE

    available = frozenset(events.about["available"])
    return dict(questions(CATALOGUE, available, events.recorded, events.days(dates)))


def measured(name: str, events: Events, dates: int, to: Path | None, in_batches: bool = False) -> dict[str, Any]:
    """Run one engine and say what it took from the first byte read to the last answer.

    The answers end in memory, in a file, or in batches: each is let go when the next one comes, as somebody who trains
    on them or sends them on does.
    """
    module, questions = engine(name), {} if name in ("floor", "ours") else asked(events, dates)
    _two_threads()
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    answers = _answered(module, events, dates, questions, to, in_batches)
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    system = after.ru_stime - before.ru_stime
    told = {
        "seconds": round(seconds, 3),
        "processor_seconds": round(after.ru_utime - before.ru_utime + system, 3),
        "system_seconds": round(system, 3),  # of these: mostly memory asked of the system for the first time
        "peak_bytes": _peak_bytes(),
    }
    return told | ({"rows_handed_over": answers} if in_batches else {})


def _answered(module: Any, events: Events, dates: int, questions: Any, to: Path | None, in_batches: bool) -> Any:
    if in_batches:
        return sum(map(_rows, module.batches(events, dates, questions)))
    if to is None:
        return module.compute(events, dates, questions)
    return module.compute_to_file(events, dates, questions, to)


def _rows(batch: Any) -> int:
    return int(getattr(batch, "num_rows", None) or len(batch))


def _two_threads() -> None:
    import pyarrow as pa

    pa.set_cpu_count(THREADS)
    pa.set_io_thread_count(THREADS)


def _peak_bytes() -> int:
    """Return this process's own peak; what the system tells its parent may be the parent's from before the start."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("--incidents", type=int, default=2_000_000)
    parser.add_argument("--dates", type=int, default=12)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--to", type=Path, help="stream the answers to this Parquet file")
    parser.add_argument("--in-batches", action="store_true", help="take the answers batch by batch and let them go")
    said = parser.parse_args()
    told = measured(said.engine, Events(said.folder / str(said.incidents)), said.dates, said.to, said.in_batches)
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
