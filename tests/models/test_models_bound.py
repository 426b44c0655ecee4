"""How far what is not known could move somebody: nothing lies outside, and not much room is left inside."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import CATALOGUE, build_stream, compute
from models import SuitabilityRanker
from models.bound import cells
from models.trees import read_trees
from models.unknown import FRESH_DAYS, not_known, stale
from values import AsOf

T = AsOf(date(2026, 3, 31))


@pytest.fixture(scope="module")
def fitted(people):
    X, y = people
    return SuitabilityRanker({"crimes_reported_365": 1, "days_since_last_domestic": -1}, trees=60, min_people=15).fit(
        X, y
    )


def splits_of(ranker):
    return [split for tree in read_trees(ranker.files()["booster.txt"]) for split in tree.splits]


def completed(ranker, row, unknown, rng, draws):
    """Return one row `draws` times, each unknown value drawn among the values the trees can tell apart."""
    table = np.repeat(row[None], draws, axis=0)
    splits = splits_of(ranker)
    for column in np.flatnonzero(unknown):
        table[:, column] = rng.choice(cells(splits, column), draws)
    return table


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), depth=st.integers(1, 6), open_share=st.floats(0.05, 0.9))
def test_no_completion_lies_outside(seed, depth, open_share):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(300, 5)).round(1)).mask(rng.random((300, 5)) < 0.2).to_numpy()
    y = 1 / (1 + np.exp(-np.nan_to_num(X[:, 0] * X[:, 1]) - np.nan_to_num(X[:, 2])))
    ranker = SuitabilityRanker(trees=12, max_depth=depth, min_people=5).fit(X, y)
    unknown = rng.random((20, 5)) < open_share
    low, high = ranker.reachable(X[:20], unknown)
    for row in range(20):
        drawn = completed(ranker, X[row], unknown[row], rng, 60)
        drawn[::2, unknown[row]] = rng.normal(scale=3, size=(30, unknown[row].sum()))  # any value at all
        margin = ranker.predict(np.vstack([X[row], drawn]))
        assert low[row] <= margin.min()
        assert margin.max() <= high[row]


def test_bound_of_one_unknown_number_is_reached(fitted, people):
    X, _ = people
    splits = splits_of(fitted)
    for column, name in enumerate(X.columns):
        rows = X.iloc[column:900:150]
        unknown = np.zeros(rows.shape, dtype=bool)
        unknown[:, column] = True
        low, high = fitted.reachable(rows, unknown)
        for row in range(len(rows)):
            values = cells(splits, column)
            probe = pd.DataFrame([rows.iloc[row]] * len(values)).assign(**{name: values})
            margin = fitted.predict(probe)
            assert (low[row], high[row]) == (margin.min(), margin.max())


def test_nothing_unknown_leaves_the_margin(fitted, people):
    X, _ = people
    low, high = fitted.reachable(X, np.zeros(X.shape, dtype=bool))
    assert (low == fitted.predict(X)).all()
    assert (high == fitted.predict(X)).all()


def test_ends_of_a_monotone_indicator_are_its_largest_and_smallest_value(fitted, people):
    X, _ = people
    rows = X[X.notna().all(axis=1)].iloc[:40]
    unknown = np.tile(X.columns == "crimes_reported_365", (40, 1))
    low, high = fitted.reachable(rows, unknown)
    few, many, lost = (fitted.predict(rows.assign(crimes_reported_365=value)) for value in (0.0, 99.0, np.nan))
    assert (high == np.maximum(many, lost)).all()
    assert (low == np.minimum(few, lost)).all()


def test_completions_of_missing_values_fill_at_least_half_of_the_bound(fitted, people):
    X, _ = people
    rows = X[X.isna().any(axis=1)]
    rng, unknown = np.random.default_rng(8), rows.isna().to_numpy()
    low, high = fitted.reachable(rows, unknown)
    assert len(rows) > 200
    drawn = [completed(fitted, row, open_, rng, 200) for row, open_ in zip(rows.to_numpy(), unknown, strict=True)]
    drawn = np.split(fitted.predict(pd.DataFrame(np.vstack(drawn), columns=X.columns)), len(rows))
    assert all(low[n] <= margin.min() and margin.max() <= high[n] for n, margin in enumerate(drawn))
    assert np.median(high - low) <= 2 * np.median([np.ptp(margin) for margin in drawn])


def test_category_not_known_may_be_any():
    kind = pd.Categorical.from_codes(np.arange(600) % 6, list("abcdef"))
    X = pd.DataFrame({"kind": kind, "size": np.arange(600) % 7.0})
    ranker = SuitabilityRanker(trees=20, min_people=10).fit(X, 0.2 + 0.5 * X["kind"].isin(["b", "e"]))
    row = X.iloc[[0]]
    low, high = ranker.reachable(row, np.array([[True, False]]))
    margins = [ranker.predict(row.assign(kind=name))[0] for name in "abcdef"]
    assert low[0] == min(margins)
    assert high[0] == max(margins)
    assert high[0] - low[0] > 1.0


@pytest.fixture(scope="module")
def records(make_source):
    """Two made-up people: of one the incidents say little, the other has one that says all."""
    long_ago = (T.day - timedelta(days=FRESH_DAYS + 200)).isoformat()
    incidents = [
        {"day": "2026-01-10", "suspects": ("S1",), "victims": (), "code": "99999"},
        {"day": "2026-01-11", "suspects": ("S2",), "victims": ("V2",), "relationship": "partner", "grade": "high"},
    ]
    hearing = {"hearing_id": "H1", "victim_id": "V2", "perpetrator_id": "S2", "area": "castlebridge"}
    hearing |= {"heard_at": long_ago, "referred_at": long_ago, "known_from": long_ago}
    return build_stream(make_source(incidents, marac_hearings=[hearing]))


def test_what_is_not_known_is_told_from_what_is_not_there(records):
    spine = pd.DataFrame({"person_id": ["S1", "S2"], "as_of": pd.Timestamp(T.day)})
    values = compute(records, spine)[list(CATALOGUE.names)]
    open_ = pd.DataFrame(not_known(CATALOGUE, values.to_numpy()), ["S1", "S2"], list(CATALOGUE.names))
    assert values[["days_since_last_threats", "gap_mean_1095", "days_since_last_ipv"]].iloc[0].isna().all()
    assert open_.loc["S1", ["victims_365", "harm_365", "ipv_incidents_365", "days_since_last_ipv"]].all()
    assert not open_.loc["S1", ["gap_mean_1095", "domestic_incidents_365", "days_since_last_marac"]].any()
    assert not open_.loc["S2", ["victims_365", "harm_365", "days_since_last_ipv", "days_since_last_threats"]].any()
    assert open_.loc["S2", ["orders_730", "days_since_last_order"]].all()  # no orders were delivered


def test_records_to_which_nothing_is_added_any_more_are_stale(records):
    read = CATALOGUE.only(["marac_hearings_365", "domestic_incidents_365", "days_since_last_marac", "orders_730"])
    assert stale(records, read, T).tolist() == [True, False, True, False]
    assert not stale(records, read, T.plus(-FRESH_DAYS - 199)).any()
