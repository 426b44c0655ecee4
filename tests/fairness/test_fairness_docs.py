"""The reviewer's guide names every field, group and verdict there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairness import CellVerdict, Policy, Verdict, audit, check
from fairness.metrics import METRICS
from fairness.policy_schema import Alerts, Binding, DesignEffect, Floor, Grouping, Margin, Site

GUIDE = (Path(__file__).parents[2] / "docs" / "fairness.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("part", [Policy, Margin, Floor, Grouping, Binding, Alerts, DesignEffect, Site])
def test_every_field_of_a_policy_is_explained(part):
    assert [name for name in part.model_fields if name not in GUIDE] == []


def test_every_verdict_and_metric_is_explained():
    words = [*Verdict, *CellVerdict, *METRICS]
    assert [word for word in words if str(word) not in GUIDE] == []


def test_the_odds_in_the_guide_are_those_of_the_shipped_policy(shipped):
    checked = check(shipped)
    assert checked.p_pass_no_gap == pytest.approx(0.60, abs=0.02)
    assert "a list without a gap passes about 60 times in" in GUIDE
    required = [c.p_refuse["1.5"] for c in checked.cells if c.required]
    assert (min(required), max(required)) == pytest.approx((0.63, 1.0), abs=0.005)
    smaller = [c.p_refuse["1.5"] for c in checked.cells if c.group in ("other", "not stated")]
    assert (min(smaller), max(smaller)) == pytest.approx((0.42, 0.60), abs=0.005)
    (fewest,) = [c.p_stops["1.5"] for c in checked.cells if (c.characteristic, c.group) == ("sex", "not recorded")]
    assert fewest == pytest.approx(0.80, abs=0.005)
    assert "The thirty-odd with unrecorded sex stop it 80 times in 100" in GUIDE
    assert "outcomes_to_pass` | persons with the outcome from which a cell must pass" in GUIDE


def test_the_example_in_the_guide_is_what_a_report_says(people, shipped):
    table = people("sex", male=(2000, 800, 600, 300), female=(500, 200, 160, 62))
    (said,) = [r for r in audit(table, shipped).reasons if "'female'" in r]
    quoted = " ".join(GUIDE.replace("\n> ", " ").split())
    assert said in quoted


def test_the_example_of_wrong_recording_in_the_guide_is_what_an_audit_says(people, shipped):
    table = people("sex", male=(8000, 3000, 2400, 1200), female=(3000, 1200, 900, 450))
    rows = audit(table, shipped).to_dict()["label_sensitivity"]
    assert rows[0]["text"] in " ".join(GUIDE.replace("\n> ", " ").split())
    assert rows[0]["reverses_at"] == pytest.approx(1 + 324 / 900)
