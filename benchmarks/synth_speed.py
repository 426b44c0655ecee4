"""How long the made-up force of two million incidents takes, and how much memory: ``python -m benchmarks.synth_speed``.

The force is made in a child process whose peak resident memory and processor time the system counts; the result
goes to ``benchmarks/results/synth_speed.json`` with a description of the machine. ``PERSONS`` and plants may follow.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.prove import RESULTS, machine

PERSONS = 1_000_000
_MAKE = """
import json, sys
from pathlib import Path
from synthetic import ForceSettings, Plant, make_force
persons, out, *plants = sys.argv[1:]
settings = ForceSettings(persons=int(persons), plants=tuple(Plant.parse(plant) for plant in plants))
print(json.dumps(make_force(Path(out), settings).rows))
"""


def measure(persons: int, plants: list[str]) -> dict[str, Any]:
    """Make one force in a child process and say what it took."""
    with tempfile.TemporaryDirectory() as folder:
        began, load = time.perf_counter(), os.getloadavg()[0]
        command = [sys.executable, "-c", _MAKE, str(persons), str(Path(folder) / "force"), *plants]
        made = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds = time.perf_counter() - began
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "persons": persons,
        "plants": plants,
        "rows": json.loads(made.stdout),
        "seconds": round(seconds, 1),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_resident_gib": round(used.ru_maxrss / 2**20, 2),
        "written_gib": round(size / 2**30, 2),
        "load_before": round(load, 2),
        "machine": machine(),
    }


def main(arguments: list[str]) -> int:
    """Measure the force asked for; only the default one's figures are kept."""
    persons, plants = int(arguments[0]) if arguments else PERSONS, arguments[1:]
    text = json.dumps(measure(persons, plants), indent=2) + "\n"
    if persons == PERSONS:
        name = "-".join(["synth_speed", *(plant.partition(":")[0] for plant in plants)])
        (RESULTS / f"{name}.json").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
