"""The same records give the same bundle and list: in any order, whatever stopped the training, without communities."""

from __future__ import annotations

import contextlib
import csv
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from records import RecordStore

COMMAND = Path(sys.executable).with_name("drive-panel")
SCORE = ("score", "--as-of", "2026-03-31", "--area", "castlebridge", "--json")


def shuffled(extract: Path, target: Path) -> None:
    """Copy an extract with the rows of every table in another order."""
    target.mkdir()
    order = random.Random(5)
    for file in sorted(extract.iterdir()):
        if file.suffix != ".csv":
            shutil.copy(file, target / file.name)
            continue
        with file.open(encoding="utf-8", newline="") as source:
            header, *rows = list(csv.reader(source))
        order.shuffle(rows)
        with (target / file.name).open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows([header, *rows])


def kill_training(home: Any) -> None:
    """Kill `drive-panel train` in the midst of fitting."""
    words = [str(COMMAND), "--home", str(home.path), "train"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not any(home.path.glob("unfinished/*/margin-1-v100.npy")):
        assert process.poll() is None, "training ended before it could be killed"
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


@dataclass(frozen=True)
class Troubled:
    """What one training came to that was killed, then met communities that nobody can read, then went on."""

    home: Any
    snapshot: str
    kept: dict[Path, bytes]
    modes: set[int]
    indicators: list[str]
    stopped: dict[str, Any]
    unscored: dict[str, Any]
    trained: dict[str, Any]
    scored: dict[str, Any]


@pytest.fixture(scope="module")
def troubled(small: Any, tmp_path_factory: pytest.TempPathFactory) -> Troubled:
    folder = tmp_path_factory.mktemp("troubled")
    home = type(small.home)(folder / "workspace")
    shutil.copytree(small.home.path / "keys", home.path / "keys")  # of pseudonyms, which lists hold
    shutil.copy(small.home.path / "panels.yaml", home.path)
    shuffled(small.extract, folder / "extract")
    snapshot = home("ingest", folder / "extract", "--json").json["snapshot"]
    kill_training(home)
    found = sorted((home.path / "unfinished").rglob("*"))
    modes = {stat.S_IMODE(place.stat().st_mode) for place in found}
    kept = {place: place.read_bytes() for place in found if place.is_file()}
    indicators = [indicators_of(home)]
    with unreadable_communities(home):
        indicators.append(indicators_of(home))
        stopped = home("train", "--json", status=1).json
    trained = home("train", "--json").json
    with unreadable_communities(home):
        unscored = home(*SCORE, status=1).json
    return Troubled(home, snapshot, kept, modes, indicators, stopped, unscored, trained, home(*SCORE).json)


@contextlib.contextmanager
def unreadable_communities(home: Any) -> Iterator[None]:
    whole = {place: place.read_bytes() for place in (home.path / "records" / "communities").glob("*.parquet")}
    for place in whole:
        place.write_bytes(b"unreadable")
    yield
    for place, content in whole.items():
        place.write_bytes(content)


def indicators_of(home: Any) -> str:
    words = ("indicators", "--as-of", "2025-03-31", "--out", home.path / "indicators.parquet", "--json")
    return str(home(*words).json["hash"])


def test_shuffled_rows_give_the_same_bundle_and_the_same_list(small: Any, troubled: Troubled):
    assert troubled.snapshot == small.ingested["snapshot"]
    assert troubled.trained["bundle"] == small.trained["bundle"]
    for name in ("run", "list_hash"):
        assert troubled.scored[name] == small.scored[name]


def test_a_killed_training_goes_on_to_the_same_bundle_and_leaves_nothing(small: Any, troubled: Troubled):
    assert troubled.modes == {0o700, 0o600}
    person = RecordStore(troubled.home.path / "records").latest().table("persons")["person_id"].iloc[0]
    assert not any(person.encode() in content for content in troubled.kept.values())
    assert (small.trained["resumed"], troubled.trained["resumed"]) == (False, True)
    assert troubled.trained["candidates"] == small.trained["candidates"]
    assert not (troubled.home.path / "unfinished").exists()
    assert not (small.home.path / "unfinished").exists()


def test_without_communities_hashes_stay_and_promotion_and_audit_stop(small: Any, troubled: Troubled):
    assert troubled.indicators[0] == troubled.indicators[1]
    for told in (troubled.stopped, troubled.unscored):
        assert told["error"]["kind"] == "CommunitiesUnreadable"
    assert troubled.stopped["bundle"] == small.trained["bundle"]
    assert troubled.unscored["list_hash"] == small.scored["list_hash"]
