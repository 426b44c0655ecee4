"""A made-up table of indicators with a known drift, small enough to fit in a blink."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

COLUMNS = [
    "days_since_last_domestic",
    "harm_reported_365",
    "crimes_reported_365",
    "incidents_any_ever",
    "victims_distinct_3y",
]


def draw(seed: int, people: int) -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(seed)
    crimes = rng.poisson(1.2, people).astype(float)
    table = pd.DataFrame(
        {
            "days_since_last_domestic": rng.integers(0, 700, people).astype(float),
            "harm_reported_365": np.where(crimes > 0, rng.gamma(1.0, 200.0, people).round(2), 0.0),
            "crimes_reported_365": crimes,
            "incidents_any_ever": crimes + rng.poisson(2.0, people),
            "victims_distinct_3y": rng.integers(0, 4, people).astype(float),
        },
        index=[f"P{n:05d}" for n in range(people)],
    )[COLUMNS]
    table = table.mask(rng.random(table.shape) < 0.06)
    drift = -2.0 + 0.6 * table["crimes_reported_365"].fillna(0.0) + 0.5 * table["victims_distinct_3y"].fillna(0.0)
    happened = rng.random(people) < 1 / (1 + np.exp(-drift))
    grades = rng.choice([0.25, 0.6, 1.0], people) * happened
    return table, pd.Series(grades, index=table.index)


@pytest.fixture(scope="session")
def people() -> tuple[pd.DataFrame, pd.Series]:
    return draw(7, 900)
