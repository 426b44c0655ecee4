"""A ranker with cuts reads only on which side of each a value lies, in a bundle as when it was fitted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import Bundle, SuitabilityRanker, UnusableTable


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(1)
    X = pd.DataFrame({"visits": rng.poisson(4, 800).astype(float), "harm": rng.normal(size=800)})
    X.loc[rng.random(800) < 0.1, "visits"] = np.nan
    y = np.clip(X["visits"].fillna(30) / 20 + 0.05 * X["harm"], 0, 1)
    return X, SuitabilityRanker(cuts={"visits": (3, 6)}, trees=20, min_people=20).fit(X, y)


def test_values_between_two_cuts_are_one_and_a_missing_one_stays_missing(fitted):
    _, ranker = fitted
    people = pd.DataFrame({"visits": [0.0, 2.9, 3.0, 5.9, 6.0, 40.0, np.nan], "harm": 0.0})
    margin = ranker.predict(people)
    assert margin[0] == margin[1] < margin[2] == margin[3] < margin[4] == margin[5]
    assert margin[6] > margin[5]
    parts = ranker.contributions(people)
    assert parts.sum(axis=1).to_numpy() == pytest.approx(margin)
    low, high = ranker.reachable(people, np.tile([True, False], (7, 1)))
    assert (low[0], high[0]) == pytest.approx((margin.min(), margin.max()))


def test_a_bundle_keeps_the_cuts_and_one_without_them_names_none(fitted, tmp_path):
    X, ranker = fitted

    def saved(each):
        return Bundle.save(
            tmp_path, each, catalogue_version="1", indicators=["visits", "harm"], monotone={}, grade_values=[0, 1],
            calibration=None, bands=None, card={}, for_panel=False,
        )  # fmt: skip

    bundle = saved(ranker)
    assert np.array_equal(bundle.margin(X), ranker.predict(X))
    assert '"cuts":{"visits":[3' in (bundle.path / "bundle.json").read_text(encoding="utf-8")
    plain = saved(SuitabilityRanker(trees=5).fit(X, np.linspace(0, 1, 800)))
    assert "cuts" not in (plain.path / "bundle.json").read_text(encoding="utf-8")


def test_cuts_of_a_column_that_is_not_there_are_refused(fitted):
    X, _ = fitted
    with pytest.raises(UnusableTable, match="not there: visit"):
        SuitabilityRanker(cuts={"visit": (1,)}).fit(X, np.linspace(0, 1, 800))
