"""The tables give what LightGBM gives by walking every path."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import ModelsError, SuitabilityRanker
from models.categories import encoded
from models.contributions import look_up
from models.tables import fitted_matrix
from models.trees import read_trees


def _table(rng, people, columns):
    """Columns of few and of many values, one constant, one empty, one never missing, one of categories."""
    table = pd.DataFrame(rng.normal(size=(people, columns)).round(1), columns=[f"c{n}" for n in range(columns)])
    table = table.mask(rng.random(table.shape) < 0.15)
    table["few"] = rng.integers(-1, 2, people).astype(float)
    table["constant"], table["empty"] = 3.0, np.nan
    kinds = pd.Categorical.from_codes(rng.integers(-1, 9, people), [f"kind {n}" for n in range(9)])
    return table.assign(kind=kinds)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    people=st.integers(30, 600),
    columns=st.integers(1, 6),
    trees=st.integers(1, 25),
    leaves=st.integers(2, 40),
    depth=st.integers(1, 6),
)
def test_contributions_are_those_of_lightgbm(seed, people, columns, trees, leaves, depth):
    rng = np.random.default_rng(seed)
    X = _table(rng, people, columns)
    drift = X["c0"].fillna(0.7) * X["few"] + X["kind"].isin(["kind 2", "kind 5"])
    y = 1 / (1 + np.exp(-drift.to_numpy(dtype=float) - rng.normal(size=people)))
    ranker = SuitabilityRanker(trees=trees, leaves=leaves, max_depth=depth, min_people=4).fit(X, y)
    probe = pd.concat([X, _table(rng, 40, columns)], ignore_index=True)
    probe.iloc[-1, : columns + 3] = np.nan
    parts = ranker.contributions(probe)
    walked = ranker.booster_.predict(fitted_matrix(ranker, encoded(probe, ranker.categories_)), pred_contrib=True)
    np.testing.assert_allclose(parts, walked, rtol=0, atol=1e-9)
    np.testing.assert_allclose(parts.sum(axis=1), ranker.predict(probe), rtol=0, atol=1e-9)
    assert (parts[["constant", "empty"]] == 0.0).all(axis=None)


def test_one_person_has_bit_by_bit_what_they_have_in_a_list(people):
    X, y = people
    ranker = SuitabilityRanker(trees=40, min_people=15).fit(X, y)
    together = ranker.contributions(X)
    for row in range(0, 900, 90):
        pd.testing.assert_frame_equal(ranker.contributions(X.iloc[[row]]), together.iloc[[row]], check_exact=True)


def test_trees_that_do_not_split_are_in_the_base_alone(people):
    X, _ = people
    ranker = SuitabilityRanker(trees=5).fit(X, np.full(len(X), 0.3))
    assert all(tree.splits == () for tree in read_trees(ranker.files()["booster.txt"]))
    parts = ranker.contributions(X)
    assert (parts.drop(columns="base") == 0.0).all(axis=None)
    assert parts["base"].to_numpy() == pytest.approx(ranker.predict(X), abs=1e-12)


def test_text_of_another_kind_of_booster_is_refused(people):
    X, y = people
    text = SuitabilityRanker(trees=3, min_people=15).fit(X, y).files()["booster.txt"]
    for spoilt in (text.replace("is_linear=0", "is_linear=1"), text.replace("threshold=", "limit=", 1)):
        with pytest.raises(ModelsError, match="cannot be read"):
            look_up(spoilt)
