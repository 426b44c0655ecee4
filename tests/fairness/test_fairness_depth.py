"""The audit depth: the shortest list that finds half."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairness import TableError, audit, select_at_audit_depth
from fairness.audit import TOO_SHALLOW
from fairness.papers import audit_report
from fairness.stored import restore_report


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


def test_a_table_that_finds_nobody_of_a_community_is_not_passed_for_being_short(people, shipped):
    """All 300 places go to men: women are missed 100 % against 90 %, 1.11 times, which is within the range."""
    report = audit(people("sex", male=(9000, 300, 3000, 300), female=(9000, 0, 3000, 0)), shipped)
    assert [(cell.group, cell.verdict) for cell in report.binding] == [("female", "pass"), ("male", "pass")]
    assert report.verdict == "insufficient"
    told = TOO_SHALLOW.format(least=0.2, depth=0.5)
    assert told in report.reasons
    assert "finds no more than 20% of the outcomes" in told
    page = {each["id"]: each for each in audit_report(report.to_dict(), title="x")["page_one"]}
    assert "it would have passed whatever it does" in page["verdict"]["says"][1]
    assert page["settle"]["says"] == ["A list that goes further down the same order, as the gate's own audits do."]
    assert "ruled out" not in " ".join(page["whom"]["points"])
    assert restore_report(report.to_dict(), shipped).verdict == "insufficient"


@pytest.mark.parametrize(("found", "verdict"), [(600, "insufficient"), (610, "pass")])
def test_a_list_passes_from_where_a_small_community_missed_entirely_would_be_seen(people, shipped, found, verdict):
    group = (9000, found, 3000, found)
    assert audit(people("sex", male=group, female=group), shipped).verdict == verdict


def test_a_gap_on_a_short_list_is_still_refused(people, shipped):
    report = audit(people("sex", male=(9000, 1000, 3000, 1000), female=(9000, 0, 3000, 0)), shipped)
    assert report.verdict == "refuse"


@settings(max_examples=10, deadline=None)
@given(
    sizes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=4),
    evidence=st.sampled_from(["table", "list"]),
)
def test_nobody_selected_never_passes(people, shipped, sizes, evidence):
    groups = {f"g{place}": (harmed + rest + 1, 0, harmed, 0) for place, (harmed, rest) in enumerate(sizes)}
    assert audit(people("sex", **groups), shipped, evidence=evidence).verdict != "pass"
