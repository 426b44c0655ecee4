"""What `drive-panel train` costs on a large force: ``python -m benchmarks.train_scale [PERSONS [TRIALS [HOME]]]``.

Ten years of records, eight test dates half a year apart, every candidate, TRIALS for each ranker that learns.
The force is made and ingested, then trained on in a child process; counted are each step's seconds and processor
seconds and the process's peak memory, of its own and with what it maps from disk (which the system may take back at
any time). With HOME, an ingested workspace is used again. Started in a control group with less memory than the
machine has, the limit is told in the results.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.prove import RESULTS, code_of, machine

PERSONS, TRIALS, YEARS, SEED = 100_000, 20, 10, 11
ROOMS = ("values", "records", "features", "models", "training", "fairness", "drive_panel", "benchmarks/train_scale.py")
SETTINGS = "splits: {{tests: 8, apart_months: 6}}\ntuning: {{trials: {trials}}}\n"


class Steps:
    """A listener that notes how long each step took; steps may come in turns."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}
        self._step, self._at = "read", self._now()

    def __call__(self, step: str, done: int, total: int) -> None:
        """Count the time since the last call for the step that was told of last."""
        now = self._now()
        spent = self.taken.setdefault(self._step, [0.0, 0.0])
        for number in (0, 1):
            spent[number] += now[number] - self._at[number]
        if step != self._step:
            sys.stderr.write(f"{self._step}: {spent[1]:.1f} s of processor time, {_peak():.2f} GiB at most\n")
        self._step, self._at = step, now

    @staticmethod
    def _now() -> tuple[float, float]:
        return time.perf_counter(), time.process_time()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


class OwnMemory(threading.Thread):
    """Looks five times a second how much memory the process holds that is not mapped from a file."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_gib = 0.0
        self._ended = threading.Event()

    def run(self) -> None:
        """Keep the highest figure until stopped."""
        while not self._ended.wait(0.2):
            self.peak_gib = max(self.peak_gib, _status("RssAnon") / 2**20)

    def stop(self) -> float:
        """Return the highest figure, in GiB."""
        self._ended.set()
        self.join()
        return self.peak_gib


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))


def memory_limit_gb() -> float | None:
    """Return the limit of this process's control group (version 1 or 2) in GB, or None where there is none."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, group = line.split(":", 2)
        if controllers in ("", "memory"):
            root, name = ("", "memory.max") if not controllers else ("memory", "memory.limit_in_bytes")
            place = Path("/sys/fs/cgroup", root, group.lstrip("/"), name)
            text = place.read_text().strip() if place.exists() else "max"
            if text != "max" and int(text) < 2**50:
                return round(int(text) / 1e9, 2)
    return None


def trained(home: Path, trials: int) -> dict[str, Any]:
    """Train in this process and say what it took."""
    from drive_panel.workflows import train
    from drive_panel.workspace import Workspace

    config = home / "train_scale.yaml"
    config.write_text(SETTINGS.format(trials=trials), encoding="utf-8")
    steps, memory, began, load = Steps(), OwnMemory(), time.perf_counter(), os.getloadavg()[0]
    memory.start()
    result = train.run(Workspace.open(home), config, steps, fresh=True)
    steps("end", 1, 1)
    return {
        "splits": result["splits"],
        "people": result["people"],
        "bundle": result["bundle"],
        "champion": result["champion"],
        "seconds": round(time.perf_counter() - began, 1),
        "processor_seconds": round(time.process_time(), 1),
        "peak_own_gib": round(memory.stop(), 2),
        "peak_with_mapped_gib": round(_peak(), 2),
        "memory_limit_gb": memory_limit_gb(),
        "load_before": round(load, 2),
        "steps": {
            step: {"seconds": round(wall, 1), "processor_seconds": round(busy, 1)}
            for step, (wall, busy) in steps.taken.items()
        },
    }


def measure(persons: int, trials: int, home: Path) -> dict[str, Any]:
    """Make and ingest a force unless `home` holds one, and train on it in a child process."""
    command = [str(Path(sys.executable).with_name("drive-panel")), "--home", str(home)]
    if not home.exists():
        with tempfile.TemporaryDirectory() as folder:
            out = str(Path(folder) / "force")
            make = ["synth", out, "--persons", str(persons), "--years", str(YEARS), "--seed", str(SEED)]
            subprocess.run([*command, *make], check=True, stdout=subprocess.DEVNULL)
            subprocess.run([*command, "ingest", f"{out}/extract"], check=True, stdout=subprocess.DEVNULL)
    child = [sys.executable, "-m", "benchmarks.train_scale", "--child", str(home), str(trials)]
    made = subprocess.run(child, check=True, stdout=subprocess.PIPE, text=True)
    about = {"persons": persons, "years": YEARS, "trials": trials, "code": code_of(ROOMS)}
    return {**about, **json.loads(made.stdout), "machine": machine()}


def main(arguments: list[str]) -> int:
    """Measure the force asked for and keep its figures."""
    if arguments[:1] == ["--child"]:
        sys.stdout.write(json.dumps(trained(Path(arguments[1]), int(arguments[2]))))
        return 0
    persons = int(arguments[0]) if arguments else PERSONS
    trials = int(arguments[1]) if len(arguments) > 1 else TRIALS
    with tempfile.TemporaryDirectory() as folder:
        home = Path(arguments[2]) if len(arguments) > 2 else Path(folder) / "workspace"
        text = json.dumps(measure(persons, trials, home), indent=2) + "\n"
    (RESULTS / f"train_scale-{persons}.json").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
