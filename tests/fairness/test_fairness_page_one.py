"""What page one says where there is little to tell: no backtest, few people, an edge, an audit of an older version."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from fairness import audit, combine
from fairness.papers import audit_report
from fairness.papers.page_one.found import Found
from fairness.papers.page_one.groups import groups
from fairness.power import decision_odds, rates_at

Report = dict[str, Any]


def said(report: Report, question: str) -> str:
    (answer,) = [each for each in report["page_one"] if each["id"] == question]
    return " ".join([*answer["says"], *answer["points"]])


def stored(policy: Any, **audits: pd.DataFrame) -> Report:
    """Return a gate's document over audits named by their evidence; one named ``area`` is a backtest of one area."""
    made = {
        name: audit(table.assign(area="north"), policy, evidence="backtest", area="north")
        if name == "area"
        else audit(table, policy, evidence=name)  # type: ignore[arg-type]
        for name, table in audits.items()
    }
    gate = combine(made, policy).to_dict()
    return gate | {"audits": {name: each.to_dict() for name, each in made.items()}}


def test_without_a_backtest_nobody_is_named_and_the_page_says_what_is_missing(people, shipped):
    rows = people("sex", male=(2000, 800, 600, 300), female=(2000, 800, 600, 300))
    report = audit_report(stored(shipped, list=rows), title="x", state="released")
    assert "no trial on past lists over all areas" in said(report, "checked")
    assert said(report, "whom").startswith("For nobody in particular")
    assert "at least two groups of one characteristic have 150 people with later harm each" in said(report, "settle")


def test_one_list_that_does_not_refuse_is_said_to_add_nothing(people, shipped):
    rows = people("sex", male=(2000, 800, 600, 300), female=(2000, 800, 600, 300))
    report = audit_report(stored(shipped, backtest=rows, list=rows), title="x", state="awaiting")
    assert (
        "it cannot count towards a pass. What is known of it was compared too, which can refuse a list: it did not."
        in said(report, "checked")
    )
    assert "not settled" not in said(report, "checked").lower()


def test_a_list_that_the_gate_refused_is_not_told_as_refused_by_a_reviewer(people, shipped):
    far = people("sex", male=(2000, 1000, 600, 250), female=(2000, 1000, 600, 900))
    report = audit_report(stored(shipped, backtest=far), title="x", state="refused")
    assert report["verdict"] == "refuse"
    assert "a refused list is never released" in said(report, "verdict")
    assert "A governance reviewer records the refusal." in said(report, "next")
    even = people("sex", male=(2000, 1000, 600, 500), female=(2000, 1000, 600, 500))
    passed = audit_report(stored(shipped, backtest=even), title="x", state="refused")
    assert "a reviewer has refused it" in said(passed, "verdict")


def test_an_area_that_must_pass_is_told_like_what_must_pass(people, shipped):
    even = people("sex", male=(2000, 800, 600, 300), female=(2000, 800, 600, 300))
    open_ = people("sex", male=(2000, 800, 600, 300), female=(700, 280, 210, 89))
    strict = shipped.model_copy(update={"area_evidence": "must_pass"})
    report = audit_report(stored(strict, backtest=even, area=open_), title="x")
    assert report["verdict"] == "insufficient"
    assert "of 210 with later harm, 121 (58 in 100) were missed" in said(report, "whom")
    lenient = audit_report(stored(shipped, backtest=even, area=open_), title="x")
    assert (
        "This area's own past lists seldom hold enough people to have to pass, but can add a refusal. They added none."
        in said(lenient, "checked")
    )


def test_who_is_told_with_few_people_is_named_without_figures(people, selection_policy):
    rows = people("community", A=(600, 500, 100, 90), B=(100, 3, 20, 2))
    report = audit_report(audit(rows, selection_policy).to_dict(), title="x")
    assert report["verdict"] == "refuse"
    named = "community is recorded as B; its figures, and with them which way the gap goes, are withheld"
    assert named in said(report, "whom")
    told = said(report, "people")
    assert "No figure can be given here. Which way the gap goes would narrow what a small count can be" in told
    assert "More of this group's people are dealt with like this than of others. Fewer of this group's" in told
    assert "All of that" not in said(report, "sure")


def test_a_figure_at_the_end_of_the_range_is_not_said_to_need_a_number(people, shipped):
    rows = people("sex", male=(2000, 800, 600, 300), female=(680, 280, 204, 77))
    told = said(audit_report(audit(rows, shipped).to_dict(), title="x"), "settle")
    assert "more than 20 times the 204 with later harm of today" in told


def test_an_audit_stored_before_it_named_who_chose_still_makes_a_page(people, shipped):
    rows = people("sex", male=(2000, 800, 600, 300), female=(500, 200, 160, 62))
    old = audit(rows, shipped).to_dict()
    old["policy"] = {"name": shipped.name, "hash": str(shipped.hash)}
    del old["lists"]
    report = audit_report(old, title="x")
    assert said(report, "sure").startswith(
        "The agreed range, written down before the audit in the policy ‘shipped default’: 0.8 to 1.25 times"
    )
    assert "Who chose it" not in said(report, "sure")
    assert [each["id"] for each in report["page_one"]] == [
        "verdict", "checked", "whom", "sure", "people", "settle", "assessed", "unknown", "limits", "next",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("observed", "wanted"),
    [("", "none known only from an officer's view"), ("IC3", "5 in 100 known only from an officer's view")],
)
def test_declined_not_recorded_and_only_observed_are_told_apart(shipped, observed, wanted):
    said_by_person = ["W1"] * 700 + ["NS"] * 100 + [""] * 200
    rows = pd.DataFrame({"person_id": range(1000), "selected": [1, 0] * 500, "outcome": [1, 1, 0, 0] * 250})
    rows["ethnicity_self"] = said_by_person
    rows["ethnicity_observed"] = [""] * 950 + [observed] * 50
    told = said(audit_report(audit(rows, shipped).to_dict(), title="x"), "unknown")
    assert "Ethnicity: 30 in 100, that is" in told
    assert "10 in 100 asked but declined to say" in told
    assert wanted in told


@pytest.mark.parametrize(
    ("missed", "still_open"),
    [
        (121, "1 lies outside the interval, so there likely is a gap"),
        (118, "No gap at all, one too small to matter or"),
    ],
)
def test_an_open_gap_is_said_to_be_likely_only_where_no_gap_lies_outside_its_interval(
    people, shipped, missed, still_open
):
    rows = people("sex", male=(2000, 800, 600, 300), female=(700, 280, 210, 210 - missed))
    report = audit_report(stored(shipped, backtest=rows), title="x")
    assert report["verdict"] == "insufficient"
    assert still_open in said(report, "sure")


def test_a_group_under_the_number_that_has_to_pass_is_not_called_judged_and_a_refused_list_asks_for_no_release(
    people, shipped
):
    rows = people("sex", male=(2000, 800, 600, 300), female=(2000, 800, 600, 60), **{"": (100, 40, 24, 8)})
    told = said(audit_report(stored(shipped, backtest=rows), title="x"), "assessed")
    assert (
        "Their interval reaches beyond the agreed range, so they have not passed by themselves; no gap is clear" in told
    )
    assert "acknowledge" not in told
    even = people("sex", male=(2000, 800, 600, 300), female=(2000, 800, 600, 300), **{"": (100, 40, 30, 15)})
    assert "a reviewer acknowledges each of these groups" in said(
        audit_report(stored(shipped, backtest=even), title="x"), "assessed"
    )


def test_a_table_from_elsewhere_is_not_said_to_rank_suspects(people, shipped):
    rows = people("sex", male=(2000, 800, 600, 300), female=(2000, 800, 600, 300))
    assert "suspects" not in said(audit_report(audit(rows, shipped).to_dict(), title="x"), "checked")
    assert "suspects of domestic abuse; victims are not ranked" in said(
        audit_report(stored(shipped, backtest=rows), title="x"), "checked"
    )


def test_lists_so_far_can_refuse_and_are_said_not_to_count_towards_a_pass(people, shipped):
    rows = people("sex", male=(2000, 800, 600, 300), female=(2000, 800, 600, 300))
    told = said(audit_report(stored(shipped, backtest=rows, cumulative=rows), title="x"), "checked")
    assert "Cumulative: they can add a refusal, and cannot count towards a pass. They added none." in told


@pytest.fixture
def sex_alone(shipped):
    return shipped.model_copy(update={"binding": shipped.binding[:1]})


@pytest.mark.parametrize(
    ("small", "wanted"),
    [
        ((250, 75, 56, 28), "just outside, the list would still pass up to {edge} times in 100"),
        ((80, 32, 24, 12), "were it 1.5 times as often, {plain} times in 100"),
    ],
)
def test_a_pass_says_how_often_a_gap_in_a_group_that_did_not_have_to_pass_stops_nothing(
    people, sex_alone, small, wanted
):
    rows = people("sex", male=(4000, 1600, 1200, 600), female=(4000, 1600, 1200, 600), **{"": small})
    report = audit_report(stored(sex_alone, backtest=rows), title="x")
    assert report["verdict"] == "pass"
    n, others = small[2], 2400

    def passes(ratio: float) -> float:
        p1, p2 = rates_at((600 + 600 + small[2] - small[3]) / (others + n), n / (n + others), ratio)
        odds = decision_odds(n, others, float(p1), float(p2), margin=(0.8, 1.25), alpha=0.05, cells=3, excused_among=1)
        return 100 * (1 - odds.stops)

    edge = max(passes(0.8), passes(1.25))
    assert edge > 40
    told = said(report, "sure")
    assert "the gap of a group that had to pass truly lay outside, chance would let the list pass at most 5" in told
    assert wanted.format(edge=f"{edge:.0f}", plain=f"{passes(1.5):.0f}") in told


def test_a_pass_in_which_every_group_had_to_pass_speaks_of_no_other(people, sex_alone):
    rows = people("sex", male=(2000, 800, 600, 300), female=(2000, 800, 600, 300))
    assert "That does not hold" not in said(audit_report(stored(sex_alone, backtest=rows), title="x"), "sure")


def test_a_gap_in_a_group_too_small_to_judge_at_all_is_said_to_stop_no_list(people, sex_alone):
    rows = people("sex", male=(4000, 1600, 1200, 600), female=(4000, 1600, 1200, 600), **{"": (20, 6, 5, 2)})
    told = said(audit_report(stored(sex_alone, backtest=rows), title="x"), "sure")
    assert "where it is too small to judge at all, no gap in it stops a list" in told


def test_a_refused_group_that_must_not_be_named_is_said_to_be_withheld_and_not_to_be_nobody(people, shipped):
    far = people("sex", male=(2000, 1000, 600, 250), female=(2000, 1000, 600, 900))
    policy = {"name": shipped.name, "floor": {"outcomes_to_pass": 150}}
    part = audit(far, shipped, evidence="backtest").to_dict() | {"name": "backtest"}
    named = Found("refuse", [part], [], gate=True, policy=policy)
    nameless = Found("refuse", [part | {"cells": []}], [], gate=True, policy=policy)
    assert groups(named).says == ()
    (says,) = groups(nameless).says
    assert says.startswith("Which group it is cannot be told here")
    assert "a governance reviewer reads it on the audit's page" in says
