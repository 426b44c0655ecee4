"""What a training run keeps until it is finished, and how another process goes on from it after a kill."""

from __future__ import annotations

import json
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from features.catalogue import CATALOGUE
from training.errors import NoRoom, RunBusy, RunRemoved
from training.evaluate import Interval
from training.settings import TrainSettings
from training.stages import Stages
from training.unfinished import clear_unfinished_runs, run_name, unfinished_run
from values import digest

NAME, OTHER = digest("one"), digest("another")


def never():
    raise AssertionError("found again although it was kept")


@dataclass(frozen=True)
class Found:
    intervals: tuple[Interval, ...]


def test_a_finding_is_kept_as_it_was_and_not_found_again(tmp_path: Path):
    values = np.array([[0.1, np.nan], [-0.0, 1e300], [3.0, 4.0]])
    found = Found((Interval(0.1 + 0.2, float("nan"), float("-inf")),))
    for find in (True, False):
        stages = Stages(tmp_path)
        kept = stages.value("comparison", Found, (lambda: found) if find else never)
        assert repr(kept) == repr(found)
        assert stages.value("losses", dict[str, float], (lambda: {"a": 1 / 3}) if find else never) == {"a": 1 / 3}
        array = stages.array("margin", (lambda: values[:, 0]) if find else never)
        assert array.tobytes() == values[:, 0].tobytes()
        table = stages.table("indicators", (3, 2), (lambda out: np.copyto(out, values)) if find else never)
        assert table.tobytes() == values.tobytes()
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_what_could_not_be_found_leaves_nothing(tmp_path: Path):
    stages = Stages(tmp_path)
    for ask in (
        lambda: stages.value("a", float, never),
        lambda: stages.array("b", never),
        lambda: stages.table("c", (2, 2), lambda _: never()),
    ):
        with pytest.raises(AssertionError, match="found again"):
            ask()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_before_anything_is_computed(tmp_path: Path):
    stages, before = Stages(tmp_path), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(NoRoom, match=r"no room for indicators\.npy"):
            stages.table("indicators", (200, 1_000), lambda _: never())
        with pytest.raises(NoRoom, match=r"no room for margin\.npy"):
            stages.array("margin", lambda: np.zeros(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


class Stopped(Exception):
    """The run was stopped."""


def stop(root: Path, work: Callable[[Stages], object]) -> None:
    with unfinished_run(root, NAME) as stages:
        work(stages)
        raise Stopped


def find_a(stages: Stages) -> None:
    assert not stages.begun
    assert stages.value("a", float, lambda: 1.5) == 1.5


def test_a_run_leaves_nothing_when_it_ends_and_its_findings_when_it_is_stopped(tmp_path: Path):
    root = tmp_path / "unfinished"
    with pytest.raises(Stopped):
        stop(root, find_a)
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (root, root / NAME)} == {0o700}
    with unfinished_run(root, NAME, fresh=True) as stages:
        find_a(stages)
    assert not root.exists()
    with pytest.raises(Stopped):
        stop(root, find_a)
    with unfinished_run(root, NAME) as stages:
        assert stages.begun
        assert stages.value("a", float, never) == 1.5
    assert not root.exists()


def test_what_a_killed_process_had_half_written_is_cleared_when_its_run_is_taken_up(tmp_path: Path):
    root = tmp_path / "unfinished"
    with pytest.raises(Stopped):
        stop(root, find_a)
    (root / NAME / ".indicators.npy.4194304").write_bytes(b"half")  # no process has this number
    with pytest.raises(Stopped):
        stop(root, lambda stages: stages.value("a", float, never))
    assert sorted(file.name for file in (root / NAME).iterdir()) == [".held", "a.json"]


def test_a_run_by_another_name_takes_away_what_nobody_is_at_work_on(tmp_path: Path):
    root = tmp_path / "unfinished"
    with pytest.raises(Stopped):
        stop(root, find_a)
    with unfinished_run(root, OTHER) as other:
        assert [folder.name for folder in root.iterdir()] == [OTHER]
        other.value("a", float, lambda: 2.5)
        with unfinished_run(root, NAME):  # at work beside it, and ending first
            pass
        assert other.value("a", float, never) == 2.5
        with pytest.raises(RunBusy, match="is training on the same records"), unfinished_run(root, OTHER):
            pass
    assert not root.exists()


def test_an_erasure_stops_the_run_at_its_next_finding(tmp_path: Path):
    root = tmp_path / "unfinished"

    def work(stages: Stages) -> None:
        find_a(stages)
        clear_unfinished_runs(root)
        stages.value("b", float, lambda: 1.5)

    with pytest.raises(RunRemoved, match="an erasure takes it away"):
        stop(root, work)
    assert list(tmp_path.iterdir()) == []
    clear_unfinished_runs(root)  # where there is none


def test_a_run_is_named_by_all_that_decides_its_result(monkeypatch: pytest.MonkeyPatch):
    name = run_name("a snapshot", TrainSettings(), CATALOGUE)
    assert name == run_name("a snapshot", TrainSettings(), CATALOGUE)
    assert name != run_name("another", TrainSettings(), CATALOGUE)
    assert name != run_name("a snapshot", TrainSettings(seed=1), CATALOGUE)
    monkeypatch.setattr("training.unfinished.version", lambda _: "another version of a package")
    assert name != run_name("a snapshot", TrainSettings(), CATALOGUE)


RUN = """
import importlib.util, json, sys
from pathlib import Path
from features.building import build_stream
from training.running import run_experiment
from training.settings import TrainSettings
from training.unfinished import run_name, unfinished_run
from features.catalogue import CATALOGUE

spec = importlib.util.spec_from_file_location("world", sys.argv[1])
world = importlib.util.module_from_spec(spec)
spec.loader.exec_module(world)
settings = TrainSettings.model_validate_json(sys.argv[3])
tables = world.grow_world("signal")
with unfinished_run(Path(sys.argv[2]) / "unfinished", run_name("made up", settings, CATALOGUE)) as stages:
    experiment = run_experiment(tables, build_stream(tables), settings, stages=stages)
    print(experiment.save_bundle(Path(sys.argv[2]) / "bundles").hash)
"""


def start(home: Path, settings: TrainSettings) -> subprocess.Popen[str]:
    home.mkdir(exist_ok=True)
    world = Path(__file__).with_name("conftest.py")
    command = [sys.executable, "-c", RUN, str(world), str(home), settings.model_dump_json()]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def killed_at(home: Path, settings: TrainSettings, finding: str) -> dict[str, int]:
    """Kill the run as soon as a finding appears; return when each finding was written."""
    process = start(home, settings)
    while not any(home.glob(f"unfinished/*/{finding}")):
        assert process.poll() is None, "the run ended before it could be killed"
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.communicate()
    return {file.name: file.stat().st_mtime_ns for file in home.glob("unfinished/*/[!.]*")}


@pytest.mark.slow
def test_a_run_killed_while_tuning_and_again_while_fitting_comes_to_the_same_bundle(
    tmp_path: Path, tuned_settings: TrainSettings
):
    whole = start(tmp_path / "whole", tuned_settings)
    first = killed_at(tmp_path / "killed", tuned_settings, "tuning-elastic_net-000-*.json")
    second = killed_at(tmp_path / "killed", tuned_settings, "margin-0-recency.npy")
    assert "margin-0-recency.npy" not in first
    assert first.items() <= second.items()  # nothing was found twice
    end = start(tmp_path / "killed", tuned_settings)
    bundle = whole.communicate()[0]
    assert (whole.returncode, len(bundle)) == (0, 65)
    assert end.communicate()[0] == bundle
    assert [place.name for place in (tmp_path / "killed").iterdir()] == ["bundles"]
    card = json.loads(next((tmp_path / "killed" / "bundles").glob("*/bundle.json")).read_text())["card"]
    assert [each["name"] for each in card["tuning"]] == ["lightgbm", "elastic_net"]
