"""An identity is a hold only where deciding it would decide a place."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.building import build_stream
from models import find_identity_holds
from values import AsOf

T = AsOf(date(2026, 3, 31))


def on(day, suspect, victim):
    return {"day": day, "suspects": (suspect,), "victims": (victim,)}


def incidents_known(indicators: pd.DataFrame) -> np.ndarray:
    return indicators["incidents_any_ever"].to_numpy(dtype=np.float64)


@pytest.fixture
def found(make_source):
    def of(line, pairs=(("A", "B"),), ranked=None):
        days = ["2025-05-01", "2025-07-01"]
        told = [*[on(day, "A", "V") for day in days], on("2025-06-01", "B", "W"), on("2025-06-02", "C", "X")]
        stream = build_stream(make_source(told))
        margins = {"A": 2.0, "B": 1.0, "C": 1.0} if ranked is None else ranked
        unresolved = pd.DataFrame(
            {"person_l": [p for p, _ in pairs], "person_r": [p for _, p in pairs], "match_probability": 0.7}
        )
        return find_identity_holds(stream, unresolved, margins, incidents_known, line, T)

    return of


def test_records_that_would_reach_the_line_only_together_are_both_held(found):
    holds = found(line=3.0)
    assert holds["person_id"].tolist() == ["A", "B"]
    assert holds["counterpart"].tolist() == ["B", "A"]
    assert set(holds["kind"]) == {"identity"}
    assert "above the line" in holds["why"].iloc[0]
    assert "0.70" in holds["why"].iloc[0]


@pytest.mark.parametrize("line", [2.0, 1.0, 4.0])
def test_a_link_that_decides_no_place_holds_nobody(found, line):
    assert found(line=line).empty


def test_somebody_who_is_not_ranked_is_not_held_but_counts(found):
    assert found(line=3.0, ranked={"A": 2.0})["person_id"].tolist() == ["A"]
    assert found(line=3.0, ranked={"C": 1.0}).empty


def test_without_unresolved_links_there_is_no_hold(found):
    holds = found(line=3.0, pairs=())
    assert holds.empty
    assert "kind" in holds
