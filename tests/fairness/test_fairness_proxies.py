"""The proxy scan finds the indicator that carries a community."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fairness.errors import TableError
from fairness.proxies import area_under_curve, describe_proxy, scan_proxies


def test_a_planted_proxy_comes_first_and_an_unrelated_indicator_tells_nothing():
    rng = np.random.default_rng(2)
    community = pd.Series(rng.choice(["A", "B", None], 2000, p=[0.4, 0.5, 0.1]))
    indicators = pd.DataFrame(
        {"noise": rng.normal(size=2000), "stops": rng.normal(size=2000) + 1.5 * (community == "A")}
    )
    found = scan_proxies(indicators, community)
    assert found.loc[0, ["indicator", "group"]].tolist() == ["stops", "A"]
    assert found.loc[0, "low"] > 0.8
    noise = found[found["indicator"] == "noise"]
    assert ((noise["low"] < 0.53) & (noise["high"] > 0.47)).all()
    assert set(found["group"]) == {"A", "B"}


def test_the_area_is_the_mann_whitney_statistic_ties_included():
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 6, 80).astype(float), rng.integers(1, 7, 120).astype(float)
    expected = stats.mannwhitneyu(a, b).statistic / (80 * 120)
    auc, low, high = area_under_curve(a, b)
    assert auc == pytest.approx(expected)
    assert low < auc < high


def test_missing_values_leave_only_their_own_comparison():
    community = pd.Series(["A"] * 40 + ["B"] * 40)
    indicators = pd.DataFrame({"x": [np.nan] * 20 + [1.0] * 20 + [0.0] * 40, "y": np.arange(80.0)})
    found = scan_proxies(indicators, community)
    assert set(found["indicator"]) == {"y"}


def test_tables_of_different_people_are_refused():
    with pytest.raises(TableError, match="not of the same persons"):
        scan_proxies(pd.DataFrame({"x": [1.0]}), pd.Series(["A"], index=[7]))


def test_a_scan_is_told_in_both_directions_and_not_where_chance_would_do():
    rng = np.random.default_rng(7)
    community = pd.Series(["A"] * 300 + ["B"] * 300)
    indicators = pd.DataFrame({"stops": rng.normal(size=600) + (community == "A"), "noise": rng.normal(size=600)})
    told = {
        (r["indicator"], r["group"]): describe_proxy(r, "group")
        for r in scan_proxies(indicators, community).to_dict("records")
    }
    assert told["stops", "A"].startswith("stops is larger for group 'A' than for everyone else in 7")
    assert "follows how they are policed" in told["stops", "A"]
    assert told["stops", "B"].startswith("stops is smaller for group 'B'")
    assert "recorded less stands lower" in told["stops", "B"]
    assert "is not shown to tell group 'A' from everyone else" in told["noise", "A"]
