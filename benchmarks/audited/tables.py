"""Audited tables as they come: every size, missing values, refusals, one group, nobody or everybody selected."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

_SEXES = ["female", "male", "", "NS"]
_ETHNICITIES = ["W1", "W9", "A2", "B2", "M1", "O9", "NS", "", "X7"]


def generated(seed: int) -> pd.DataFrame:
    """Return one table of persons, the same for the same seed."""
    rng = np.random.default_rng(seed)
    people = int(rng.choice([1, 2, 7, 30, 120, 500, 1500]))
    score = rng.normal(size=people).round(int(rng.integers(0, 4)))
    order = np.lexsort((rng.random(people), -score))
    line = int(rng.choice([0, people, rng.integers(0, people + 1), max(1, people // 10)]))
    selected = np.zeros(people, dtype=np.int64)
    selected[order[:line]] = 1
    outcome = (rng.random(people) < rng.choice([0.0, 0.02, 0.3, 1.0], p=[0.1, 0.4, 0.4, 0.1])).astype(object)
    outcome = np.where(rng.random(people) < rng.choice([0.0, 0.3, 1.0], p=[0.6, 0.3, 0.1]), None, outcome.astype(int))
    table = pd.DataFrame(
        {
            "person_id": [f"p{i}" for i in range(people)],
            "selected": selected,
            "outcome": outcome,
            "score": score,
            "sex": _some(rng, _SEXES, people),
            "ethnicity_self": _some(rng, _ETHNICITIES, people),
        }
    )
    if rng.random() < 0.5:
        table["area"] = rng.choice(["north", "south", "east"], people)
    return table


def _some(rng: np.random.Generator, values: list[str], people: int) -> npt.NDArray[np.str_]:
    """Return values of some of the groups, often of one alone."""
    kept = values[: int(rng.integers(1, len(values) + 1))]
    return rng.choice(kept, people, p=rng.dirichlet(np.ones(len(kept))))
