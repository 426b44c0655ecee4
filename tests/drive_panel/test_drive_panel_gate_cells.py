"""What the gate stores for the page of a run says whose figures only reviewers read."""

from __future__ import annotations

import pandas as pd

from drive_panel.workflows.gate import _cells
from fairness import audit, read_policy
from fairness.disclosure import Register


def test_a_cell_says_whether_only_reviewers_read_its_figures() -> None:
    sexes = ["male"] * 800 + ["female"] * 40
    missed = [0, 1] * 400 + [1] * 36 + [0] * 4
    rows = pd.DataFrame({"person_id": range(840), "selected": missed, "outcome": 1, "sex": sexes})
    told = _cells("backtest over all areas", audit(rows, read_policy()), Register())
    assert [(cell["group"], cell["metric"], cell["withheld"]) for cell in told] == [
        ("female", "missed_harm", True),
        ("male", "missed_harm", True),
    ]
    many = rows.assign(selected=[0, 1] * 420)
    told = _cells("backtest over all areas", audit(many, read_policy()), Register())
    assert [(cell["group"], cell["n"], cell["withheld"]) for cell in told] == [
        ("female", 40, False),
        ("male", 800, False),
    ]
