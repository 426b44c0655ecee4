"""What is particular to each ranker."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from models import (
    RFGV,
    ElasticNetRanker,
    MissingIndicators,
    PriorCount,
    Recency,
    SuitabilityRanker,
    UnusableTable,
    V100Sum,
    places,
)

with warnings.catch_warnings():  # shap's plots use a matplotlib function that is to go
    warnings.simplefilter("ignore", PendingDeprecationWarning)
    import shap


@pytest.fixture(scope="module")
def fitted(people):
    X, y = people
    return SuitabilityRanker({"crimes_reported_365": 1, "days_since_last_domestic": -1}, trees=60, min_people=15).fit(
        X, y
    )


def test_contributions_are_those_of_shap(fitted, people):
    X, _ = people
    explainer = shap.TreeExplainer(fitted.booster_)
    parts = fitted.contributions(X)
    np.testing.assert_allclose(parts.drop(columns="base"), explainer.shap_values(X), rtol=0, atol=1e-12)
    assert parts["base"].nunique() == 1
    assert parts["base"].iloc[0] == pytest.approx(float(explainer.expected_value), abs=1e-12)


@pytest.mark.parametrize(("column", "sign"), [("crimes_reported_365", 1), ("days_since_last_domestic", -1)])
def test_monotone_indicator_never_pushes_the_other_way(fitted, people, column, sign):
    X, _ = people
    values = np.linspace(X[column].min(), X[column].max(), 60)
    for person in range(0, 900, 90):
        probe = pd.DataFrame([X.iloc[person]] * 60).assign(**{column: values})
        assert (sign * np.diff(fitted.predict(probe)) >= 0).all()


def test_threads_do_not_change_the_model(people):
    X, y = people
    one, two = (SuitabilityRanker(trees=40, min_people=15, threads=n).fit(X, y).files()["booster.txt"] for n in (1, 2))
    assert one == two


def test_smallest_leaf_is_counted_and_no_handful(people):
    X, y = people
    ranker = SuitabilityRanker(trees=40, min_people=60).fit(X, y)
    text = ranker.files()["booster.txt"]
    counts = [int(n) for line in text.splitlines() if line.startswith("leaf_count=") for n in line[11:].split()]
    assert len(counts) > 40
    assert ranker.smallest_leaf_ == min(counts)
    assert ranker.smallest_leaf_ >= 60


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"max_depth": 7}, UnusableTable, "max_depth is 7"),
        ({"max_depth": -1}, UnusableTable, "max_depth is -1"),
        ({"monotone": {"shoe_size": 1}}, UnusableTable, "shoe_size"),
        ({"monotone": {"crimes_reported_365": 2}}, UnusableTable, "not -1, 0 or 1"),
    ],
)
def test_settings_that_cannot_hold_are_refused(people, settings, error, message):
    with pytest.raises(error, match=message):
        SuitabilityRanker(**settings).fit(*people)


def _v100(**columns):
    return pd.DataFrame(columns, dtype=float).rename(
        columns={"harm": "harm_reported_365", "crimes": "crimes_reported_365"}
    )


def test_v100_sums_harm_of_people_accused_of_more_than_one_crime():
    X = _v100(harm=[900, 40, 5000, np.nan, np.nan, 300], crimes=[2, 3, 1, 2, 1, np.nan])
    ranker = V100Sum().fit(X)
    assert ranker.predict(X).tolist() == [900, 40, 0, -1, 0, -1]
    assert ranker.unscored(X).tolist() == [False, False, False, True, False, True]
    assert places(ranker.predict(X)).tolist() == [1, 2, 3, 5, 3, 5]


def test_v100_threshold_is_a_setting():
    X = _v100(harm=[900, 5000], crimes=[2, 1])
    assert V100Sum(least_crimes=1).fit(X).predict(X).tolist() == [900, 5000]


def test_recency_puts_the_latest_first_and_never_last():
    X = pd.DataFrame({"days_since_last_domestic": [10.0, 0.0, np.nan, 400.0]})
    ranker = Recency().fit(X)
    assert places(ranker.predict(X)).tolist() == [2, 1, 4, 3]
    assert ranker.unscored(X).tolist() == [False, False, True, False]
    assert ranker.contributions(X)["days_since_last_domestic"].tolist()[:2] == [195.0, 205.0]


def test_prior_count_reads_the_column_it_is_given():
    X = pd.DataFrame({"hearings": [1.0, 3.0, np.nan]})
    assert places(PriorCount("hearings").fit(X).predict(X)).tolist() == [2, 1, 3]
    with pytest.raises(MissingIndicators, match="incidents_any_ever"):
        PriorCount().fit(X)


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5, 1.0])
def test_elastic_net_agrees_with_scikit_learn(people, l1_ratio):
    X, y = people
    alpha = 5e-3
    ranker = ElasticNetRanker(alpha=alpha, l1_ratio=l1_ratio).fit(X, y)
    Z, grades = ranker._standardised(X.to_numpy()), y.to_numpy()
    reference = LogisticRegression(
        C=1 / (alpha * len(y)), l1_ratio=l1_ratio, solver="saga", tol=1e-9, max_iter=20_000, random_state=0
    ).fit(np.vstack([Z, Z]), np.repeat([1, 0], len(y)), sample_weight=np.concatenate([grades, 1 - grades]))
    ours = np.concatenate([ranker.coefficients_, ranker.missing_coefficients_])
    np.testing.assert_allclose(ours, reference.coef_[0], atol=2e-5)
    assert ranker.intercept_ == pytest.approx(reference.intercept_[0], abs=2e-5)


def test_missing_has_a_weight_of_its_own():
    rng = np.random.default_rng(2)
    missing = rng.random(600) < 0.5
    X = pd.DataFrame({"a": np.where(missing, np.nan, rng.normal(size=600)), "b": rng.normal(size=600)})
    ranker = ElasticNetRanker().fit(X, np.where(missing, 0.9, 0.1))
    assert ranker.missing_coefficients_[0] > 1.0
    assert abs(ranker.coefficients_[0]) < 0.1


def _rfgv(**columns):
    names = ("days_since_last_domestic", "domestic_incidents_730", "harm_max_730", "harm_730", "victims_730")
    return pd.DataFrame(columns, dtype=float).set_axis(names, axis=1)


def test_rfgv_adds_the_points_of_the_bands_that_each_part_reaches():
    X = _rfgv(
        since=[30, 31, 731, np.nan], count=[8, 1, 0, 0], worst=[1825, 1, np.nan, 9999], total=[1825, 1, 0, 9999],
        victims=[4, 1, 0, 4],
    )  # fmt: skip
    ranker = RFGV().fit(X)
    assert ranker.predict(X).tolist() == [40.0, 8.0 + 2.0 + 2.0 + 2.5, 0.0, -1.0]
    assert ranker.unscored(X).tolist() == [False, False, False, True]
    assert ranker.contributions(X).iloc[1].tolist() == [8.0, 2.0, 1.0, 1.0, 2.5, 0.0]


def test_a_force_declares_its_own_rfgv_bands_and_weights():
    X = _rfgv(since=[10, 100], count=[1, 5], worst=[0, 0], total=[0, 0], victims=[1, 3])
    own = RFGV(recency_bands=[28], frequency_bands=[5], victims_bands=[2, 3], weights=[3, 1, 1, 2])
    assert own.fit(X).predict(X).tolist() == [30.0, 10.0 + 20.0]
    with pytest.raises(UnusableTable, match="recency_bands is"):
        RFGV(recency_bands=[90, 30]).fit(X)
    with pytest.raises(UnusableTable, match="four numbers"):
        RFGV(weights=[1, 1, 1]).fit(X)
