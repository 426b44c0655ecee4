from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fairness import Policy
from fairness.trend import ListTable, alarms, as_json, first_outcomes, first_selected, points


def made(label: str, rng: np.random.Generator, ratio: float, outcomes: bool, kind: str = "released") -> ListTable:
    """A list of 3,000 people, a fifth women; women with the outcome are missed `ratio` times as often as men."""
    sex = rng.choice(["male", "female"], 3_000, p=[0.8, 0.2])
    harmed = rng.random(3_000) < 0.1
    missed = rng.random(3_000) < np.where(sex == "female", 0.4 * ratio, 0.4)
    table = pd.DataFrame(
        {
            "person_id": [f"{label}-{i}" for i in range(3_000)],
            "selected": np.where(harmed, ~missed, rng.random(3_000) < 0.02).astype(int),
            "outcome": harmed.astype(int) if outcomes else pd.array([pd.NA] * 3_000, dtype="Int8"),
            "sex": sex,
            "ethnicity_self": "",
            "area": "x",
        }
    )
    return ListTable(label, label, kind, table)  # type: ignore[arg-type]


def rows(label: str, area: str, **people: tuple[int, int]) -> ListTable:
    table = pd.DataFrame(
        [(person, chosen, outcome, area) for person, (chosen, outcome) in people.items()],
        columns=["person_id", "selected", "outcome", "area"],
    )
    return ListTable(label, label, "released", table)


def test_who_was_selected_before_is_not_new_and_no_areas_first_list_is_charted() -> None:
    lists = [
        rows("1", "x", a=(1, 0), b=(0, 0)),
        rows("2", "y", a=(0, 0), c=(1, 0)),
        rows("3", "x", a=(1, 0), b=(1, 0), c=(0, 0)),
        rows("4", "x", b=(1, 0), d=(0, 0)),
    ]
    assert [(each.label, list(each.table["person_id"])) for each in first_selected(lists)] == [
        ("3", ["b"]),
        ("4", ["d"]),
    ]


def test_an_outcome_is_counted_once_at_its_first_list() -> None:
    lists = [rows("1", "x", a=(1, 1), b=(0, 0)), rows("2", "x", a=(1, 1), b=(0, 1)), rows("3", "x", b=(0, 1))]
    assert [(each.label, list(each.table["person_id"])) for each in first_outcomes(lists)] == [
        ("1", ["a"]),
        ("2", ["b"]),
    ]


def test_each_list_is_a_point_with_an_interval(shipped: Policy) -> None:
    rng = np.random.default_rng(1)
    found = points([made("2024-03-31", rng, 1.0, True, "backtest"), made("2025-03-31", rng, 1.0, False)], shipped)
    assert [(point.kind, point.report.evidence) for point in found] == [("backtest", "backtest"), ("released", "list")]
    cell = next(c for c in found[0].report.cells if (c.group, c.metric) == ("female", "missed_harm"))
    assert cell.ratio is not None
    assert cell.ratio_high is not None
    assert cell.ratio_low < cell.ratio < cell.ratio_high


def test_planted_drift_of_missed_harm_rings_and_is_told_in_words(shipped: Policy) -> None:
    rng = np.random.default_rng(3)
    lists = [made(f"20{t:02d}", rng, 1.0 if t < 8 else 1.8, True) for t in range(16)]
    told = as_json(alarms([], lists, shipped), shipped)
    rang = [chart for chart in told["charts"] if chart["ringing"]]
    assert {(chart["group"], chart["metric"]) for chart in rang} == {("female", "missed_harm"), ("male", "missed_harm")}
    assert rang[0]["rings"][0]["since"] in ("2007", "2008", "2009")
    female = next(line for line in told["rang"] if "'female'" in line)
    assert "people with the outcome who were not selected: more often than before" in female


@pytest.mark.parametrize("seed", range(3))
def test_no_drift_rings_nothing(shipped: Policy, seed: int) -> None:
    rng = np.random.default_rng(seed)
    lists = [made(f"20{t:02d}", rng, 1.3, True) for t in range(10)]
    told = as_json(alarms(lists, lists, shipped), shipped)
    assert told["rang"] == []
    assert "is at most 5%" in told["rule"]
    assert {chart["metric"] for chart in told["charts"]} == {"missed_harm", "selection"}


def test_nothing_to_chart_is_no_error(shipped: Policy) -> None:
    told = as_json(alarms([], [], shipped), shipped)
    assert told["charts"] == []
    assert told["rule"].startswith("No community can be followed from list to list yet")
