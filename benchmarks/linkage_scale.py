"""How long linking a million person records takes and how much memory it needs, in a process of its own.

Usage: ``python -m benchmarks.linkage_scale [PERSONS]`` makes a force with duplicate records, ingests it, links it in a
child process and writes ``benchmarks/results/linkage_scale.json``. 156,000 suspects come to a million records.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.prove import RESULTS, machine

PERSONS, SEED = 156_000, 1
LIMITS = {"seconds": 1200, "gib": 8}


def measure(persons: int) -> dict[str, Any]:
    """Return seconds and peak memory of linkage (crosswalk, linked snapshot, report), and how right it is."""
    from records import RecordStore
    from records.linkage import latest_crosswalk
    from records.linkage.evaluation import accuracy, look_alikes_merged
    from synthetic import ForceSettings, Plant, make_force

    with tempfile.TemporaryDirectory() as folder:
        force, home = Path(folder) / "force", Path(folder) / "home"
        make_force(force, ForceSettings(persons=persons, seed=SEED, plants=(Plant.parse("duplicate_records"),)))
        home.mkdir(mode=0o700)
        RecordStore(home / "records").ingest(force / "extract")
        truth = pd.read_parquet(force / "truth" / "person_records.parquet")
        begun = time.monotonic()
        subprocess.run([sys.executable, "-m", "benchmarks.linkage_scale", "--link", str(home)], check=True)
        seconds = time.monotonic() - begun
        crosswalk = latest_crosswalk(home / "records")
        assert crosswalk is not None
        merged = look_alikes_merged(crosswalk.persons, truth, pd.read_parquet(force / "truth" / "lookalikes.parquet"))
        figures = accuracy(crosswalk.persons, truth).to_dict()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    return {
        "persons": persons,
        "seed": SEED,
        "records": len(truth),
        "seconds": round(seconds, 1),
        "peak_gib": round(peak, 2),
        "limits": LIMITS,
        "grey_pairs": crosswalk.card["counts"]["grey"],
        "accuracy": figures,
        "look_alikes_merged": merged,
        "machine": machine(),
    }


def link(home: Path) -> None:
    """Link the store under `home`; the child process that is measured."""
    from drive_panel.workflows import link as workflow
    from drive_panel.workspace import Workspace

    begun = time.monotonic()

    def progress(stage: str, done: int, total: int) -> None:
        print(f"{time.monotonic() - begun:7.1f} s  {stage} {done}/{total}", file=sys.stderr, flush=True)

    workflow.run(Workspace.open(home), progress)


def main(arguments: list[str]) -> int:
    """Measure, or be the process that is measured."""
    if arguments[:1] == ["--link"]:
        link(Path(arguments[1]))
        return 0
    found = measure(int(arguments[0]) if arguments else PERSONS)
    text = json.dumps(found, indent=2) + "\n"
    if not arguments:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "linkage_scale.json").write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
