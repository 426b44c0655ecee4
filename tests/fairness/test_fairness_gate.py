"""What a release needs out of several audits."""

from __future__ import annotations

import pytest

from fairness import PolicyMismatch, Verdict, audit, combine

EVEN = {"A": (5000, 500, 500, 50), "B": (5000, 505, 500, 50)}
GAP = {"A": (5000, 667, 500, 67), "B": (5000, 333, 500, 33)}
SMALL = {"A": (200, 20, 40, 10), "B": (200, 22, 40, 10)}


@pytest.fixture
def report(people, selection_policy):
    def make(groups, evidence, area=None):
        table = people("community", **groups).assign(area=area or "north")
        return audit(table, selection_policy, evidence=evidence, area=area)

    return make


def test_a_passing_backtest_passes_beside_an_area_and_a_list_too_small_to_tell(report, selection_policy):
    reports = {
        "backtest": report(EVEN, "backtest"),
        "backtest_area": report(SMALL, "backtest", "north"),
        "list": report(SMALL, "list"),
    }
    assert [r.verdict for r in reports.values()] == ["pass", "insufficient", "insufficient"]
    gate = combine(reports, selection_policy)
    assert gate.verdict == Verdict.PASS
    assert {name for name, _ in gate.binding} == set(reports)


@pytest.mark.parametrize(
    ("name", "evidence", "area"),
    [("backtest_area", "backtest", "north"), ("list", "list", None), ("released", "cumulative", None)],
)
def test_an_area_a_list_and_the_released_lists_can_each_refuse(report, selection_policy, name, evidence, area):
    reports = {"backtest": report(EVEN, "backtest"), name: report(GAP, evidence, area)}
    gate = combine(reports, selection_policy)
    assert gate.verdict == Verdict.REFUSE
    assert gate.reasons[0].startswith(f"{name}: Refused. community")


def test_nothing_passes_without_a_backtest_over_all_areas(report, selection_policy):
    for reports in ({}, {"table": report(EVEN, "table")}, {"area": report(EVEN, "backtest", "north")}):
        gate = combine(reports, selection_policy)
        assert gate.verdict == Verdict.INSUFFICIENT
        assert gate.reasons[-1].startswith("There is no mature backtest over all areas")


def test_an_insufficient_backtest_is_insufficient_and_says_why(report, selection_policy):
    gate = combine({"backtest": report(SMALL, "backtest")}, selection_policy)
    assert gate.verdict == Verdict.INSUFFICIENT
    assert any(reason.startswith("backtest: Not settled.") for reason in gate.reasons)


def test_an_area_must_pass_where_the_policy_says_so(report, people, selection_policy):
    strict = selection_policy.model_copy(update={"area_evidence": "must_pass"})
    strict.__dict__.pop("hash", None)
    small = people("community", **SMALL).assign(area="north")
    reports = {
        "backtest": audit(people("community", **EVEN), strict, evidence="backtest"),
        "backtest_area": audit(small, strict, evidence="backtest", area="north"),
    }
    assert combine(reports, strict).verdict == Verdict.INSUFFICIENT


def test_a_report_under_another_policy_is_not_admitted(report, shipped):
    with pytest.raises(PolicyMismatch, match="'backtest' was made under the policy 'selection binds'"):
        combine({"backtest": report(EVEN, "backtest")}, shipped)


def test_what_is_to_be_acknowledged_comes_from_the_audits_that_must_pass(people, shipped):
    table = people("sex", male=(8000, 3000, 2400, 1200), female=(3000, 1200, 900, 450), other=(20, 8, 6, 3))
    table["ethnicity_self"] = ""
    table["victim_id"] = ""
    table["victim_sex"] = ""
    reports = {"backtest": audit(table, shipped, evidence="backtest"), "list": audit(table, shipped, evidence="list")}
    gate = combine(reports, shipped)
    assert gate.verdict == Verdict.PASS
    named = {(audit_name, gap.characteristic, gap.group) for audit_name, gap in gate.not_assessable}
    assert named == {
        ("backtest", "sex", "other"),
        ("backtest", "ethnicity_group", None),
        ("backtest", "victim_sex", None),
    }
    assert gate.to_dict()["not_assessable"][0]["audit"] == "backtest"
