"""What mirroring a training run in MLflow costs: ``python -m benchmarks.mlflow_cost [HOME]``.

A made-up force of 40,000 people is ingested and trained on twice (with HOME, an ingested workspace is used); counted
is the processor time of the step that logs, the first time with MLflow's import and the making of its database. And
interaction values of a person, by `training.interactions` and by `shap.TreeExplainer`, on a booster of 300 trees.
The result goes to ``benchmarks/results/mlflow_cost.json``.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd

from benchmarks.prove import RESULTS, machine
from benchmarks.train_scale import Steps
from drive_panel.workflows import ingest, train
from drive_panel.workspace import Workspace
from models import SuitabilityRanker
from models.trees import read_trees
from synthetic import ForceSettings, make_force
from training.interactions import interactions
from values import silent

PERSONS, SEED, LOGS = 40_000, 11, "log to MLflow"
_OURS, _THEIRS = 1_000, 10


def logging(home: Path) -> list[float]:
    """Return the processor seconds of logging one training run and the same again."""
    spent = []
    for _ in range(2):
        steps = Steps()
        train.run(Workspace.open(home), None, steps)
        spent.append(round(steps.taken[LOGS][1], 2))
    return spent


def interaction_milliseconds() -> dict[str, float]:
    """Return the processor time of one person's interaction values, ours and shap's, in milliseconds."""
    import shap

    rng = np.random.default_rng(SEED)
    table = pd.DataFrame(rng.poisson(2.0, (10_000, 60)).astype(float), columns=[f"x{number}" for number in range(60)])
    followed = (rng.random(len(table)) < 0.02 * table["x0"] * table["x1"] + 0.02 * table["x2"]).astype(float)
    text = SuitabilityRanker({}).fit(table, followed).files()["booster.txt"]
    began = time.process_time()
    interactions(read_trees(text), table.head(_OURS).to_numpy())
    ours = time.process_time() - began
    explainer = shap.TreeExplainer(lightgbm.Booster(model_str=text))
    began = time.process_time()
    explainer.shap_interaction_values(table.head(_THEIRS))
    theirs = time.process_time() - began
    return {"ours": round(1000 * ours / _OURS, 2), "shap": round(1000 * theirs / _THEIRS, 2)}


def measure(home: Path | None) -> dict[str, Any]:
    """Return what was counted, with a description of the machine."""
    with tempfile.TemporaryDirectory() as folder:
        if home is None:
            home = Path(folder) / "workspace"
            make_force(Path(folder) / "force", ForceSettings(persons=PERSONS, seed=SEED))
            ingest.run(Workspace.open(home), Path(folder) / "force" / "extract", None, None, silent)
        first, again = logging(home)
    return {
        "persons": PERSONS,
        "logging_processor_seconds": {"first": first, "again": again},
        "interactions_of_one_person_milliseconds": interaction_milliseconds(),
        "machine": machine(),
    }


if __name__ == "__main__":
    found = json.dumps(measure(Path(sys.argv[1]) if len(sys.argv) > 1 else None), indent=2) + "\n"
    if len(sys.argv) == 1:
        (RESULTS / "mlflow_cost.json").write_text(found, encoding="utf-8")
    sys.stdout.write(found)
