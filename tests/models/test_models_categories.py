"""A ranker on a table far from police data, with columns of categories."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from models import Bundle, ElasticNetRanker, SuitabilityRanker, UnusableTable

HOUSES = ["bungalow", "flat", "house", "terrace", "yurt"]


@pytest.fixture(scope="module")
def houses():
    """Made-up houses: what one costs depends on its kind and size; one stands in a village of its own."""
    rng = np.random.default_rng(11)
    n = 1500
    kind = rng.choice(HOUSES, n, p=[0.2, 0.4, 0.29, 0.1, 0.01])
    village = np.where(np.arange(n) == 700, "Little Snoring", rng.choice(["Upton", "Milton", "Norton"], n))
    X = pd.DataFrame(
        {
            "rooms": rng.integers(1, 9, n).astype(float),
            "kind": pd.Categorical(np.where(rng.random(n) < 0.1, None, kind)),
            "storeys": pd.Categorical(rng.integers(1, 4, n)),
            "garden": pd.Categorical(rng.random(n) < 0.5),
            "village": pd.Categorical(village),
        }
    )
    worth = X["rooms"] / 8 + X["kind"].isin(["house", "bungalow"]) + X["storeys"].isin([2]) - X["village"].eq("Upton")
    return X, (worth - worth.min()) / np.ptp(worth)


@pytest.fixture(scope="module")
def fitted(houses):
    return SuitabilityRanker({"rooms": 1}, trees=60, min_people=20).fit(*houses)


def test_categories_are_learned(fitted, houses):
    X, y = houses
    assert np.corrcoef(fitted.predict(X), y)[0, 1] > 0.95
    parts = fitted.contributions(X)
    assert parts.loc[X["kind"] == "house", "kind"].min() > parts.loc[X["kind"] == "flat", "kind"].max()
    np.testing.assert_allclose(parts.sum(axis=1), fitted.predict(X), rtol=0, atol=1e-9)


def test_bundle_reads_back_bit_by_bit(fitted, houses, tmp_path):
    X, _ = houses
    columns = list(X.columns)
    bundle = Bundle.save(
        tmp_path,
        fitted,
        catalogue_version="houses",
        indicators=columns,
        monotone={"rooms": 1},
        grade_values=(),
        calibration=None,
        bands=None,
        card={},
        for_panel=False,
    )
    again = Bundle.load(bundle.path)
    assert again.ranker.files() == fitted.files()
    assert again.ranker.categories_ == fitted.categories_
    assert (again.margin(X) == fitted.predict(X)).all()
    pd.testing.assert_frame_equal(again.contributions(X), fitted.contributions(X), check_exact=True)


def test_category_of_a_single_house_is_not_kept(fitted):
    kept = json.loads(fitted.files()["categories.json"])
    assert {name for name, _ in kept["village"]} <= {"Upton", "Milton", "Norton"}
    assert "Snoring" not in str(fitted.files())
    assert ["house", 2] in kept["kind"]
    assert {type(name) for name, _ in kept["storeys"]} == {int}


def test_category_never_seen_is_read_as_missing(fitted, houses):
    X, _ = houses
    lost, castle, words = X.iloc[:50].copy(), X.iloc[:50].copy(), X.iloc[:50].copy()
    lost["kind"] = None
    castle["kind"] = "castle"
    words["kind"] = words["kind"].astype("str")
    assert (fitted.predict(lost) == fitted.predict(castle)).all()
    assert (fitted.predict(words) == fitted.predict(X.iloc[:50])).all()


def test_neither_the_order_of_rows_nor_that_of_categories_changes_the_model(fitted, houses):
    X, y = houses
    order = np.random.default_rng(2).permutation(len(X))
    turned = X.iloc[order].assign(kind=X["kind"].cat.reorder_categories(HOUSES[::-1]).iloc[order])
    again = SuitabilityRanker({"rooms": 1}, trees=60, min_people=20).fit(turned, y.iloc[order])
    assert again.files() == fitted.files()
    assert (again.predict(turned.iloc[[3]]) == fitted.predict(X)[order[3]]).all()


def test_model_without_categories_keeps_no_file_of_them(people):
    assert set(SuitabilityRanker(trees=3).fit(*people).files()) == {"booster.txt"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": lambda X: X["kind"].astype("str")}, "words, not numbers: kind"),
        ({"rooms": lambda X: pd.Categorical(X["rooms"])}, "rooms has categories that are neither"),
        ({"rooms": lambda X: pd.cut(X["rooms"], 3)}, "rooms has categories that are neither"),
    ],
)
def test_words_that_are_no_categories_are_refused_by_name(houses, change, message):
    X, y = houses
    with pytest.raises(UnusableTable, match=message):
        SuitabilityRanker(trees=3).fit(X.assign(**change), y)


def test_what_categories_cannot_do_is_refused(houses):
    X, y = houses
    with pytest.raises(UnusableTable, match="for categories: kind"):
        SuitabilityRanker({"kind": 1}, trees=3).fit(X, y)
    with pytest.raises(UnusableTable, match="hold words, not numbers: kind, storeys, garden, village"):
        ElasticNetRanker().fit(X, y)
    with pytest.raises(UnusableTable, match="7 of categories has no name"):
        SuitabilityRanker(trees=3).fit(X.rename(columns={"kind": 7}), y)
