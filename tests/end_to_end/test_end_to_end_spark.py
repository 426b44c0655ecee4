"""A real cluster of a master and two workers on loopback gives the indicators of one machine, bit for bit."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.indicators.spark import COMMAND, DATES, Cluster, cluster
from drive_panel.spark_workers import worker
from features import build_stream
from features.engines import Asked, compute_locally
from features.lineage import Lineage
from features.places import Place
from features.snapshots import IndicatorSnapshot, Written
from features.stored import StoredStream, write_stream
from records import RecordStore
from synthetic import ForceSettings, make_force
from values import AsOf

pytestmark = pytest.mark.slow
HOUSE = Path(__file__).resolve().parents[2]
ASKED = Asked(tuple(AsOf.parse(date) for date in DATES))


@dataclass(frozen=True)
class Here:
    """A stored stream of some thousand made-up people and what this machine computes from it."""

    stored: StoredStream
    written: Written
    file: Path


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Here:
    folder = tmp_path_factory.mktemp("force")
    make_force(folder / "force", ForceSettings(persons=3_000))
    store = RecordStore(folder / "records")
    store.ingest(folder / "force" / "extract")
    snapshot = store.latest()
    lineage = Lineage.of(snapshot)
    stored = write_stream(build_stream(snapshot), folder / "stream", lineage, rows=600, references=False)
    written = compute_locally(stored, ASKED, Place.of(folder / "here.parquet"), lineage)
    assert len(stored) > 30
    assert written.rows > 5_000
    return Here(stored, written, folder / "here.parquet")


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")  # short lives: start fast
        with cluster(tmp_path_factory.mktemp("cluster"), workers=2) as running:
            yield running


@pytest.fixture
def analyst_folder(tmp_path: Path) -> Path:
    """A working folder that holds packages of the same names as ours."""
    folder = tmp_path / "analyst"
    for room in ("models", "features", "records", "values"):
        (folder / room).mkdir(parents=True)
        (folder / room / "__init__.py").write_text("raise RuntimeError('the analyst\\'s own package was imported')\n")
    return folder


def started(folder: Path, here: Here, running: Cluster) -> subprocess.Popen[str]:
    """Start the command on the cluster from `folder`."""
    dates = [word for date in DATES for word in ("--as-of", date)]
    where = ("--stream", here.stored.place.name, "--out", str(folder / "there.parquet"))
    return subprocess.Popen(
        [str(COMMAND), "indicators", *dates, *where, "--engine", "spark", "--spark-master", running.url, "--json"],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def assert_same(folder: Path, here: Here, process: subprocess.Popen[str]) -> None:
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    assert f'"hash": "{here.written.hash}"' in out
    there = IndicatorSnapshot(folder / "there.parquet")
    there.verify()
    assert (there.hash, there.rows) == (here.written.hash, here.written.rows)
    assert there.table().equals(IndicatorSnapshot(here.file).table())
    assert sorted(path.name for path in folder.iterdir() if path.name.endswith("parquet") or path.name[0] == ".") == [
        "there.parquet"
    ]


def test_a_folder_with_the_analysts_own_packages_changes_nothing(
    analyst_folder: Path, here: Here, two_workers: Cluster
) -> None:
    assert_same(analyst_folder, here, started(analyst_folder, here, two_workers))


def test_a_worker_lost_in_the_middle_costs_time_and_changes_nothing(
    tmp_path: Path, here: Here, two_workers: Cluster
) -> None:
    process = started(tmp_path, here, two_workers)
    staging = tmp_path / f".there.parquet.parts.{process.pid}"
    while len(os.listdir(staging) if staging.exists() else ()) < 3:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    two_workers.kill_worker(0)
    assert len(list(staging.glob("*.parquet"))) < len(here.stored), "the worker was not lost in the middle"
    assert_same(tmp_path, here, process)


UNPICKLED = """
import pickle, sys
from pathlib import Path
sys.path.insert(0, "")  # as pyspark.daemon finds it
run = pickle.loads(Path(sys.argv[1]).read_bytes())
import features, values
print(features.__file__)
"""


def unpickled(folder: Path, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Receive what is sent to a worker in a process that starts in `folder`."""
    (tmp_path / "sent").write_bytes(pickle.dumps(worker("{}")))
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-c", UNPICKLED, str(tmp_path / "sent")]
    return subprocess.run(command, cwd=folder, env=kept | environment, capture_output=True, text=True, check=False)


def test_what_is_sent_to_a_worker_finds_our_rooms_or_stops_with_both_paths(
    analyst_folder: Path, tmp_path: Path
) -> None:
    assert unpickled(analyst_folder, tmp_path).stdout.strip() == str(HOUSE / "features" / "__init__.py")
    hidden = unpickled(tmp_path, tmp_path, PYTHONPATH=str(analyst_folder))
    assert hidden.returncode == 1
    assert str(analyst_folder / "values") in hidden.stderr
    assert str(HOUSE / "values") in hidden.stderr
