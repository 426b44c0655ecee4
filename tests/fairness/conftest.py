from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fairness import Policy, load_policy

POLICIES = Path(__file__).parent / "policies"


@pytest.fixture(scope="session")
def shipped() -> Policy:
    return load_policy()


@pytest.fixture(scope="session")
def selection_policy() -> Policy:
    return load_policy(POLICIES / "selection.yaml")


@pytest.fixture(scope="session")
def policies() -> Path:
    return POLICIES


@pytest.fixture(scope="session")
def people() -> Callable[..., pd.DataFrame]:
    """Make a table of persons with exact counts: group -> (persons, selected, outcomes, found)."""

    def make(characteristic: str, **groups: tuple[int, int, int, int]) -> pd.DataFrame:
        parts = []
        for group, (persons, selected, outcomes, found) in groups.items():
            rows = np.arange(persons)
            chosen = rows < selected
            harmed = (rows < found) | ((rows >= selected) & (rows < selected + outcomes - found))
            parts.append(
                pd.DataFrame({"selected": chosen.astype(int), "outcome": harmed.astype(int), characteristic: group})
            )
        table = pd.concat(parts, ignore_index=True)
        table.insert(0, "person_id", [f"p{i}" for i in range(len(table))])
        return table

    return make
