"""A stored audit is read back as it was, or not at all."""

from __future__ import annotations

import copy

import pytest

from fairness import AuditChanged, PolicyMismatch, audit
from fairness.stored import restore_report

EVEN = {"A": (5000, 500, 500, 50), "B": (5000, 505, 500, 50)}
GAP = {"A": (5000, 667, 500, 67), "B": (5000, 333, 500, 33)}
SMALL = {"A": (200, 20, 40, 10), "B": (200, 22, 40, 10)}


@pytest.mark.parametrize("evidence", ["table", "backtest", "list", "cumulative"])
@pytest.mark.parametrize("groups", [EVEN, GAP, SMALL], ids=["even", "gap", "small"])
def test_an_audit_comes_back_as_it_was_stored(people, selection_policy, groups, evidence):
    document = audit(people("community", **groups), selection_policy, evidence=evidence).to_dict()
    assert restore_report(document, selection_policy).to_dict() == document


def test_an_audit_without_a_binding_column_comes_back(people, shipped):
    even = {"male": (8000, 3000, 2400, 1200), "female": (3000, 1200, 900, 450)}
    document = audit(people("sex", **even, other=(90, 36, 30, 14)), shipped, evidence="backtest").to_dict()
    assert document["verdict"] == "insufficient"
    assert restore_report(document, shipped).to_dict() == document


def _with(document, **changes):
    return copy.deepcopy(document) | changes


@pytest.mark.parametrize(
    ("groups", "evidence", "said", "given"),
    [
        (GAP, "backtest", "pass", "refuse"),
        (SMALL, "backtest", "pass", "insufficient"),
        (EVEN, "list", "pass", "insufficient"),
        (EVEN, "backtest", "refuse", "pass"),
    ],
)
def test_a_verdict_that_its_cells_do_not_give_is_refused(people, selection_policy, groups, evidence, said, given):
    document = audit(people("community", **groups), selection_policy, evidence=evidence).to_dict()
    assert document["verdict"] == given
    with pytest.raises(AuditChanged, match=f"says '{said}', but its own cells give '{given}'"):
        restore_report(_with(document, verdict=said), selection_policy)


def test_a_missing_column_struck_from_the_list_of_gaps_is_noticed(people, shipped):
    even = {"male": (8000, 3000, 2400, 1200), "female": (3000, 1200, 900, 450)}
    document = audit(people("sex", **even), shipped, evidence="backtest").to_dict()
    with pytest.raises(AuditChanged, match="its own cells give 'insufficient'"):
        restore_report(_with(document, verdict="pass", not_assessable=[]), shipped)
    with pytest.raises(AuditChanged, match="does not name the groups"):
        restore_report(_with(document, not_assessable=[]), shipped)


def test_cells_that_carry_another_verdict_than_their_numbers_are_noticed(people, shipped):
    """As in an audit stored before a leaning group between the floors kept the list from passing."""
    even = {"male": (8000, 3000, 2400, 1200), "female": (3000, 1200, 900, 450)}
    document = audit(people("sex", **even, other=(400, 160, 120, 46)), shipped).to_dict()
    for cell in document["cells"]:
        if cell["verdict"] == "insufficient":
            cell.update(verdict="not_assessable", reason="enough people to refuse, too few to be required to pass")
    with pytest.raises(AuditChanged, match="says 'pass', but its own cells give 'insufficient'"):
        restore_report(_with(document, verdict="pass"), shipped)


def test_an_audit_under_another_policy_is_refused(people, selection_policy, shipped):
    document = audit(people("community", **EVEN), selection_policy).to_dict()
    with pytest.raises(PolicyMismatch, match="as it is now"):
        restore_report(document, shipped)
