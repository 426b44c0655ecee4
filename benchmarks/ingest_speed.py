"""How long ingest takes beside the least that anything could: DuckDB reading the same CSV files and writing Parquet.

Both run as whole processes, one after the other, several times, so that a slow moment of the machine hits both; the
load found before each round and the ratio of processor time say how far others disturbed the ratio of wall time.
Peak memory is the process's own, as the operating system counted it.

    python benchmarks/ingest_speed.py --incidents 2000000 --repeats 3
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.ingest_scale import write_extract

RESULTS = Path(__file__).parent / "results" / "ingest_speed.json"
LIMIT, MEMORY = 6.0, 3 << 30
BASE = """
import sys, duckdb
from pathlib import Path
source, target = map(Path, sys.argv[1:])
with duckdb.connect() as db:
    db.execute("SET threads = 2")
    for path in sorted(source.glob("*.csv")):
        reading = f"SELECT * FROM read_csv('{path}', all_varchar = true)"
        db.execute(f"COPY ({reading}) TO '{target / path.stem}.parquet' (FORMAT parquet)")
"""
INGEST = """
import json, sys
from pathlib import Path
from records import RecordStore
source, target = map(Path, sys.argv[1:])
print(json.dumps(RecordStore(target / "records").ingest(source).to_dict()))
"""


def run(program: str, source: Path) -> dict[str, Any]:
    """Run a program on `source` in a process of its own; return seconds, CPU seconds, peak bytes, and what it said."""
    with tempfile.TemporaryDirectory(dir=source.parent) as target, tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-c", program, str(source), target], stdout=said)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"The measured process ended with {process.returncode}.")
        said.seek(0)
        return {
            "seconds": round(seconds, 2),
            "cpu_seconds": round(used.ru_utime + used.ru_stime, 2),
            "peak_bytes": used.ru_maxrss * 1024,
            "said": said.read().decode(),
        }


def machine() -> dict[str, Any]:
    """Describe what was measured on."""
    models = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    memory = [int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")]
    return {
        "processor": models[0] if models else platform.processor(),
        "processors": len(os.sched_getaffinity(0)),
        "memory_gb": round(memory[0] / (1 << 20), 1) if memory else None,
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in ("duckdb", "pyarrow", "numpy")},
    }


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []


def measure(folder: Path, incidents: int, repeats: int) -> dict[str, Any]:
    """Measure both side by side and return everything measured."""
    source = folder / "extract"
    write_extract(source, incidents)
    rounds = []
    report: dict[str, Any] = {}
    for _ in range(repeats):
        load = os.getloadavg()[0]
        base, ingest = run(BASE, source), run(INGEST, source)
        report = json.loads(ingest.pop("said"))
        base.pop("said")
        ratios = {
            "ratio": round(ingest["seconds"] / base["seconds"], 2),
            "cpu_ratio": round(ingest["cpu_seconds"] / base["cpu_seconds"], 2),
        }
        rounds.append({"load_before": round(load, 2), "base": base, "ingest": ingest, **ratios})
    counts = {key: report[key] for key in ("read", "accepted", "quarantined")}
    if counts["accepted"] + counts["quarantined"] != counts["read"]:
        raise SystemExit("Rows were lost.")
    return {
        "incidents": incidents,
        **counts,
        "csv_bytes": sum(path.stat().st_size for path in source.glob("*.csv")),
        "rounds": rounds,
        "ratio": statistics.median(each["ratio"] for each in rounds),
        "ratio_limit": LIMIT,
        "cpu_ratio": statistics.median(each["cpu_ratio"] for each in rounds),
        "peak_bytes": max(each["ingest"]["peak_bytes"] for each in rounds),
        "peak_limit": MEMORY,
        "machine": machine(),
    }


def main() -> None:
    """Measure, print and keep the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=2_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="ingest-speed-"))
    try:
        result = measure(folder, asked.incidents, asked.repeats)
    finally:
        shutil.rmtree(folder)
    asked.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))
    if result["ratio"] > LIMIT or result["peak_bytes"] > MEMORY:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
