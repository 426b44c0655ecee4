"""Does the search for parameters find more harm on dates it has not seen?: ``python -m benchmarks.tuning [SEED ...]``.

Made-up forces of ten years; every ranker that learns is offered twice, tuned and as declared, and both are compared on
the same dates and the same draws of people. The search has seen nothing of these dates (decision 21).
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from benchmarks.prove import RESULTS, machine
from features import build_stream
from records import RecordStore
from synthetic import ForceSettings, make_force
from training import TrainSettings, run_experiment
from training.experiment import Experiment
from training.settings import RankerSettings, TuningSettings
from training.tuning import Tuned

PERSONS: Final = 10_000
YEARS: Final = 10
SEEDS: Final = (1, 2, 3)
TRIALS: Final = 20
KINDS: Final = ("lightgbm", "elastic_net")
DECLARED: Final = "_declared"
_DIGITS = 5


def settings() -> TrainSettings:
    """Return the shipped settings with each ranker that learns twice, tuned and as declared."""
    boosted, net = (
        (RankerSettings(kind=kind), RankerSettings(kind=kind, name=kind + DECLARED, tune=False)) for kind in KINDS
    )
    simple = RankerSettings(kind="v100")
    return TrainSettings(candidates=boosted, incumbents=(simple, *net), tuning=TuningSettings(trials=TRIALS))


def force_row(seed: int) -> dict[str, Any]:
    """Make a force, search on its earlier dates, and compare on its later ones."""
    with tempfile.TemporaryDirectory() as folder:
        extract = Path(folder) / "force"
        make_force(extract, ForceSettings(persons=PERSONS, years=YEARS, seed=seed))
        store = RecordStore(Path(folder) / "records")
        store.ingest(extract / "extract")
        snapshot = store.latest()
        found = run_experiment(snapshot, build_stream(snapshot), settings())
    return {
        "seed": seed,
        "people": found.comparison.people,
        "outcomes": int(found.lists.outcome.sum()),
        "rankers": [_told(found, each) for each in found.tuned],
    }


def _told(found: Experiment, tuned: Tuned) -> dict[str, Any]:
    gains = found.comparison.against(tuned.name, tuned.name + DECLARED)
    return {
        **tuned.to_dict(),
        "auc": _rounded(found.comparison.value(tuned.name, "auc").value),
        "auc_declared": _rounded(found.comparison.value(tuned.name + DECLARED, "auc").value),
        "harm_found_more": {
            each.weights: [_rounded(part) for part in (each.interval.value, each.interval.low, each.interval.high)]
            for each in gains
        },
    }


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def main(arguments: list[str]) -> int:
    """Measure every seed, or those named, and write the result."""
    seeds = tuple(int(each) for each in arguments) or SEEDS
    rows = []
    for seed in seeds:
        rows.append(force_row(seed))
        sys.stderr.write(json.dumps(rows[-1], indent=1) + "\n")
    made = {"persons": PERSONS, "years": YEARS, "trials": TRIALS, "machine": machine(), "forces": rows}
    (RESULTS / "tuning.json").write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
