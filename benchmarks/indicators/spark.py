"""The numbers of a Spark cluster are those of one machine, bit for bit: ``python -m benchmarks.indicators.spark``.

A made-up force (a million persons, two million incidents) is ingested, its stream stored, and the indicators of twelve
dates computed twice: on this machine, and by a standalone cluster of a master and two workers on loopback. The content
hashes must be equal, and both files must hold what their hashes say. What is kept goes to
``benchmarks/results/indicators_spark.json``. ``--persons`` makes a smaller force, whose figures are printed only.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.indicators.speed import stamp
from benchmarks.prove import RESULTS

PERSONS = 1_000_000
DATES = tuple(f"{year}-{month}" for year in (2023, 2024, 2025) for month in ("03-31", "06-30", "09-30", "12-31"))
COMMAND = Path(sys.executable).with_name("drive-panel")
_WAIT = 300  # seconds for a daemon to start


@dataclass(frozen=True)
class Cluster:
    """A standalone Spark cluster on loopback.

    Attributes
    ----------
    url
        The master's.
    workers
        One process group each: killing it kills the worker with everything it started.
    """

    url: str
    workers: list[subprocess.Popen[bytes]]

    def kill_worker(self, number: int) -> None:
        """End a worker, its executors and their Python processes at once, as a lost machine would."""
        _kill(self.workers[number])


@contextlib.contextmanager
def cluster(folder: Path, workers: int = 2, memory: str = "1g") -> Iterator[Cluster]:
    """Start a master and some workers of one core each on 127.0.0.1; stop them with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url, started = f"spark://127.0.0.1:{port}", []
    own = ("--host", "127.0.0.1", "--webui-port", "0")
    try:
        master = _daemon(folder / "master.log", "master.Master", *own, "--port", str(port))
        started.append(master)
        _await(master, folder / "master.log", "I have been elected leader")
        for number in range(workers):
            work = ("--port", "0", "--cores", "1", "--memory", memory, "--work-dir", str(folder / f"work-{number}"))
            started.append(_daemon(folder / f"worker-{number}.log", "worker.Worker", *own, *work, url))
        for number, worker in enumerate(started[1:]):
            _await(worker, folder / f"worker-{number}.log", "Successfully registered with master")
        yield Cluster(url, started[1:])
    finally:
        for process in started:
            _kill(process)


def _daemon(log: Path, name: str, *words: str) -> subprocess.Popen[bytes]:
    home = _spark_home()
    environment = os.environ | {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m"}
    with log.open("wb") as file:
        return subprocess.Popen(
            [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *words],
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )


def _spark_home() -> Path:
    found = importlib.util.find_spec("pyspark")
    if found is None or found.origin is None:
        raise RuntimeError("Spark is not installed: run scripts/setup --spark.")
    return Path(found.origin).parent


def _await(process: subprocess.Popen[bytes], log: Path, said: str) -> None:
    until = time.monotonic() + _WAIT
    while said not in log.read_text(encoding="utf-8", errors="replace"):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"Spark did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
        time.sleep(0.1)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def run(*words: object) -> dict[str, Any]:
    """Run a command of drive-panel and return what it says, with the seconds and processor seconds it took."""
    began, before = time.perf_counter(), os.times()
    done = subprocess.run([str(COMMAND), *map(str, words), "--json"], stdout=subprocess.PIPE, check=True)
    used = os.times()
    cpu = used.children_user + used.children_system - before.children_user - before.children_system
    took = {"seconds": round(time.perf_counter() - began, 1), "processor_seconds": round(cpu, 1)}
    return {**json.loads(done.stdout), **took}


def compare(persons: int, folder: Path, dates: Sequence[str] = DATES) -> dict[str, Any]:
    """Make a force, compute its indicators on this machine and on a cluster, and say whether they are the same."""
    from features.snapshots import IndicatorSnapshot

    home = ("--home", folder / "workspace")
    run("synth", folder / "force", "--persons", persons)
    run(*home, "ingest", folder / "force" / "extract")
    asked = [word for date in dates for word in ("--as-of", date)]
    stored = run(*home, "indicators", "store-stream", folder / "stream")
    words = ("indicators", *asked, "--stream", folder / "stream", "--out")
    local = run(*words, folder / "local.parquet")
    with cluster(folder, memory="2g") as found:
        spark = run(*words, folder / "spark.parquet", "--engine", "spark", "--spark-master", found.url)
    for name in ("local", "spark"):
        IndicatorSnapshot(folder / f"{name}.parquet").verify()
    size = sum(file.stat().st_size for file in (folder / "stream").iterdir())
    took = ("seconds", "processor_seconds")
    return {
        "persons": persons,
        "incidents": _incidents(folder / "force" / "extract"),
        "stream": {"rows": stored["rows"], "parts": stored["parts"], "bytes": size},
        "dates": list(dates),
        "rows": local["rows"],
        "columns": local["columns"],
        "hash": {"local": local["hash"], "spark": spark["hash"]},
        "identical": local["hash"] == spark["hash"],
        "local": {name: local[name] for name in took},
        "spark": {"seconds": spark["seconds"], "workers": 2},
        **stamp(("pyspark", "pyarrow", "pandas", "numba", "numpy")),
        "java": _java(),
    }


def _java() -> str:
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True)
    return told.stderr.splitlines()[0]


def _incidents(extract: Path) -> int:
    import duckdb

    query = f"SELECT count(DISTINCT incident_id) FROM read_csv('{extract / 'incidents.csv'}', all_varchar = true)"
    with duckdb.connect() as db:
        [(count,)] = db.execute(query).fetchall()
    return int(count)


def main() -> int:
    """Compare, print, and keep the figures of the default force."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=PERSONS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="indicators-spark-") as folder:
        result = compare(asked.persons, Path(folder))
    text = json.dumps(result, indent=2) + "\n"
    if asked.persons == PERSONS:
        (RESULTS / "indicators_spark.json").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0 if result["identical"] else 1


if __name__ == "__main__":
    sys.exit(main())
