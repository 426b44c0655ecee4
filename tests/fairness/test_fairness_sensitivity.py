"""How wrongly outcomes would have to be recorded for a binding cell to come out otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from fairness import CellVerdict, audit, break_down
from fairness.disclosure import Register, suppressed_table
from fairness.papers import audit_report
from fairness.sensitivity import RECORDS_CANNOT_SHOW, beside, describe, label_sensitivity, shifted

EVEN = {"male": (8000, 3000, 2400, 1200), "female": (3000, 1200, 900, 450)}


def _rows(report, group):
    found = {row.recorded: row for row in label_sensitivity(report.cells, report.policy) if row.group == group}
    assert set(found) == {"too seldom", "too often"}
    return found["too seldom"], found["too often"]


def _with_more_below(groups, group, ratio):
    """Give a group `ratio` times its outcomes, all further ones to people below the line who had none."""
    persons, selected, outcomes, found = groups[group]
    return {**groups, group: (persons, selected, round(outcomes * ratio), found)}


@pytest.mark.parametrize("which", ["turns_at", "reverses_at"])
def test_an_audit_of_the_shifted_record_turns_at_the_ratio_that_is_told_and_not_before(people, shipped, which):
    groups = {**EVEN, "other": (4000, 1500, 1000, 480)}
    seldom, _ = _rows(audit(people("sex", **groups), shipped), "other")
    assert (seldom.verdict, seldom.where) == (CellVerdict.PASS, "below")
    told = getattr(seldom, which)
    wanted = CellVerdict.REFUSE if which == "reverses_at" else seldom.turns_to

    def verdict(ratio):
        report = audit(people("sex", **_with_more_below(groups, "other", ratio)), shipped)
        return next(c.verdict for c in report.binding if c.group == "other")

    assert verdict(told) == wanted
    assert verdict(told - 0.02) != wanted


def test_what_is_passed_and_what_is_refused_both_turn_and_the_worse_place_is_told(people, shipped):
    report = audit(people("sex", **EVEN, other=(4000, 800, 1000, 200)), shipped)
    seldom, often = _rows(report, "other")
    assert seldom.verdict == often.verdict == CellVerdict.REFUSE
    # Its harm is missed more often; that would be undone by unrecorded harm above the line, by false records below it.
    assert (seldom.where, often.where) == ("above", "below")
    assert (seldom.turns_to, often.turns_to) == (CellVerdict.INSUFFICIENT, CellVerdict.INSUFFICIENT)
    assert 1 < seldom.turns_at < seldom.reverses_at
    assert 1 < often.turns_at < often.reverses_at


def test_a_group_between_the_floors_can_turn_from_excused_to_refused(people, shipped):
    report = audit(people("sex", **EVEN, other=(300, 100, 80, 33)), shipped)
    seldom, _ = _rows(report, "other")
    assert seldom.verdict == CellVerdict.NOT_ASSESSABLE
    assert seldom.turns_to == CellVerdict.INSUFFICIENT
    assert seldom.turns_at < seldom.reverses_at < 2.5


def test_nothing_is_said_of_a_cell_under_the_floor_or_of_one_that_rests_on_no_outcome(
    people, shipped, selection_policy
):
    report = audit(people("sex", **EVEN, other=(40, 10, 5, 2)), shipped)
    assert {row.group for row in label_sensitivity(report.cells, shipped)} == {"male", "female"}
    unlabelled = audit(people("community", A=(2000, 600, 300, 200), B=(2000, 600, 300, 200)), selection_policy)
    assert label_sensitivity(unlabelled.cells, selection_policy) == []


def test_as_recorded_every_cell_has_the_verdict_of_the_audit(people, shipped):
    groups = {**EVEN, "other": (400, 160, 120, 46), "x": (300, 100, 80, 33), "y": (2000, 300, 500, 60)}
    report = audit(people("sex", **groups), shipped)
    rows = label_sensitivity(report.cells, shipped)
    assert {r.verdict for r in rows} >= {CellVerdict.INSUFFICIENT, CellVerdict.NOT_ASSESSABLE, CellVerdict.REFUSE}
    assert all(row.turns_at is None or row.turns_at > 1 for row in rows)


def test_shifting_moves_people_between_outcomes_and_never_makes_a_count_negative():
    known = np.array([[80.0, 4.0], [5.0, 5.0]])
    for place in ("above", "below"):
        often = shifted(known, "too often", place, np.array([1.0, 1.5, 4.0]))
        assert often.sum(axis=(1, 2)).tolist() == [94, 94, 94]
        assert (often >= 0).all()
        seldom = shifted(known, "too seldom", place, np.array([1.0, 1.5, 4.0]))
        assert (seldom >= 0).all()
    assert shifted(known, "too seldom", "above", np.array([4.0]))[0].tolist() == [[80, 0], [5, 9]]
    # Fewer than thirty people below the line have no outcome here: the others are in no table.
    few = np.array([[10.0, 4.0], [5.0, 5.0]])
    assert shifted(few, "too seldom", "below", np.array([4.0]))[0].tolist() == [[0, 4], [35, 5]]


def test_the_audit_tells_it_in_words_and_that_no_record_can_show_it(people, shipped):
    document = audit(people("sex", **EVEN, other=(4000, 1500, 1000, 500)), shipped).to_dict()
    assert document["label_sensitivity_note"] == RECORDS_CANNOT_SHOW
    assert "cannot be seen in recorded data" in RECORDS_CANNOT_SHOW
    rows = document["label_sensitivity"]
    assert [(row["group"], row["recorded"]) for row in rows][:2] == [("female", "too seldom"), ("female", "too often")]
    text = rows[0]["text"]
    assert text.startswith("If outcomes of sex 'female' (subjects) were in truth ")
    assert " times as many as are recorded and those unrecorded all stood above the line, this would turn from " in text
    assert "from passed to not settled, and at " in text


def test_a_cell_that_nothing_turns_says_so(people, shipped):
    row = _rows(audit(people("sex", **EVEN), shipped), "male")[0]
    told = describe(type(row)(**{**vars(row), "turns_at": None, "turns_to": None, "where": None}))
    assert told.startswith("If outcomes of sex 'male' (subjects) were in truth up to 4 times as many as are recorded")
    assert told.endswith(", it would stay passed.")


def test_the_long_table_has_the_ratios_beside_the_cells_that_bind_and_nowhere_else(people, shipped):
    table = people("sex", **EVEN)
    rows = audit(table, shipped).to_dict()["label_sensitivity"]
    numbers = break_down(table, shipped).table
    found = beside(numbers, rows)
    assert len(found) == len(numbers)
    told = found[found["turns_if_seldom"].notna()]
    assert told["metric"].tolist() == ["missed_harm", "missed_harm"]
    assert told["turns_if_seldom"].tolist() == [r["turns_at"] for r in rows if r["recorded"] == "too seldom"]
    assert told["reverses_if_often"].tolist() == [r["reverses_at"] for r in rows if r["recorded"] == "too often"]


def test_no_ratio_leaves_that_is_computed_from_a_count_that_is_withheld(people, shipped):
    # Five women without the outcome were selected: what is missed of women may leave, how many those are may not.
    table = people("sex", male=(8000, 3000, 2400, 1200), other=(3000, 1200, 900, 450), female=(3000, 455, 900, 450))
    document = audit(table, shipped).to_dict()
    numbers = suppressed_table(
        beside(break_down(table, shipped).table, document["label_sensitivity"]), shipped, Register()
    )
    told = numbers[(numbers["metric"] == "missed_harm") & (numbers["and_characteristic"] == "")].set_index("group")
    assert told.loc["female", "events"] == 450
    assert np.isnan(told.loc["female", "turns_if_seldom"])
    assert told["turns_if_seldom"].notna().sum() == 1
    (part,) = audit_report(document, title="a table")["audits"]
    assert {row["group"] for row in part["label_sensitivity"]} == {told["turns_if_seldom"].idxmax()}
