"""A bundle explained on the people of the last test date: pictures, the tables beside them, and what is left out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from models import Bundle, SuitabilityRanker
from models.trees import read_trees
from training.experiment import Experiment
from training.groups import SMALLEST_BIN
from training.interactions import interactions
from training.lists import Ints
from training.plots.dependence import SHOWN, draw_dependence
from training.plots.interaction_grids import draw_interactions, interaction_grids, strengths
from training.plots.summary import contribution_bins, draw_summary, strongest

EXPLAINED = 3_000
"""Most people whose contributions are computed; an interaction costs more, and is computed for a third."""
_TOGETHER = 1_000
_LISTED = 30


def write_explanations(folder: Path, experiment: Experiment, bundle: Bundle) -> None:
    """Write ``summary``, ``dependence`` and, for a booster, ``interactions`` (PNG and CSV), and ``about.json``.

    Each person counts once: everybody was tested at the last test date. Of many, some are drawn by the run's seed.
    """
    folder.mkdir(mode=0o700)
    everybody = experiment.material.use.tested[-1]
    rows = _drawn(everybody, EXPLAINED, experiment.settings.seed)
    people = experiment.material.table(rows, bundle.indicators)
    contributions = bundle.contributions(people)
    bins = contribution_bins(people, contributions)
    about = {
        "bundle": str(bundle.hash),
        "as_of": str(experiment.splits[-1].test),
        "people": len(rows),
        "drawn_from": len(everybody),
        "smallest_bin": SMALLEST_BIN,
        "joined": f"Values that fewer than {SMALLEST_BIN} people have are joined to their neighbours.",
        "left_out_not_known_of_few": [
            name for name in bundle.indicators if 0 < people[name].isna().sum() < SMALLEST_BIN
        ],
    }
    _write(folder, "summary", bins, draw_summary(bins))
    closest = bins[bins["indicator"].isin(strongest(contributions)[:SHOWN])]
    _write(folder, "dependence", closest, draw_dependence(closest))
    about |= _interactions(folder, bundle, people.iloc[:: max(len(people) // _TOGETHER, 1)])
    (folder / "about.json").write_text(json.dumps(about, indent=1), encoding="utf-8")


def _interactions(folder: Path, bundle: Bundle, people: pd.DataFrame) -> dict[str, object]:
    if not isinstance(bundle.ranker, SuitabilityRanker):
        return {"interactions": "None: only a booster asks several indicators on one path."}
    found = interactions(read_trees(bundle.ranker.files()["booster.txt"]), bundle.ranker.asked(people))
    grids, withheld = interaction_grids(people, found)
    strengths(found, list(people.columns)).head(_LISTED).to_csv(folder / "interaction_strengths.csv", index=False)
    if grids.empty:
        return {"interactions": "None: no path asks two indicators, or too few people share both values."}
    _write(folder, "interactions", grids, draw_interactions(grids))
    return {"interactions": {"people": len(people), "fields_withheld": withheld}}


def _drawn(rows: Ints, most: int, seed: int) -> Ints:
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def _write(folder: Path, name: str, table: pd.DataFrame, picture: bytes) -> None:
    table.to_csv(folder / f"{name}.csv", index=False, float_format="%.6g")
    (folder / f"{name}.png").write_bytes(picture)
