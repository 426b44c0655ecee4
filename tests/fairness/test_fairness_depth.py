"""The audit depth: the shortest list that finds half."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fairness import TableError, select_at_audit_depth


def _table(score, outcome, **columns) -> pd.DataFrame:
    return pd.DataFrame(
        {"person_id": [f"p{i}" for i in range(len(score))], "score": score, "outcome": outcome} | columns
    )


def test_half_of_the_outcomes_lie_above_the_line(shipped):
    found = select_at_audit_depth(_table([9, 8, 7, 6, 5, 4], [1, 0, 1, 0, 1, 1]), shipped)
    assert found["selected"].tolist() == [1, 1, 1, 0, 0, 0]


def test_tied_people_stand_on_one_side_in_any_order(shipped):
    table = _table([9, 7, 7, 7, 1], [1, 1, 0, 1, 1])
    assert select_at_audit_depth(table, shipped)["selected"].tolist() == [1, 1, 1, 1, 0]
    back = select_at_audit_depth(table.iloc[::-1], shipped)
    assert back["selected"].tolist() == [0, 1, 1, 1, 1]


def test_each_backtest_list_has_its_own_line(shipped):
    table = _table([9, 8, 3, 2], [1, 1, 1, 1], split=["a", "a", "b", "b"])
    assert select_at_audit_depth(table, shipped)["selected"].tolist() == [1, 0, 1, 0]


def test_a_person_with_two_victims_counts_once(shipped):
    table = _table([9, 9, 9, 5, 4, 3], [1, 1, 1, 1, 1, 1]).assign(person_id=["a", "a", "a", "b", "c", "d"])
    assert select_at_audit_depth(table, shipped)["selected"].tolist() == [1, 1, 1, 1, 0, 0]


def test_unscored_people_are_below_every_line(shipped):
    found = select_at_audit_depth(_table([9, np.nan, 7], [1, 0, None]), shipped)
    assert found["selected"].tolist() == [1, 0, 0]


def test_what_cannot_be_done_is_said(shipped):
    with pytest.raises(TableError, match="too few scored people with the outcome"):
        select_at_audit_depth(_table([1, 2], [0, 0]), shipped)
    with pytest.raises(TableError, match="too few scored people with the outcome"):
        select_at_audit_depth(_table([1, np.nan, np.nan], [0, 1, 1]), shipped)
    with pytest.raises(TableError, match="lacks score"):
        select_at_audit_depth(_table([1], [1]).drop(columns="score"), shipped)
    with pytest.raises(TableError, match="'score' holds something that is not a number"):
        select_at_audit_depth(_table(["high"], [1]), shipped)
