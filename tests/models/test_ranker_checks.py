"""The suite that everything that ranks must pass, learned or not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from models import (
    RFGV,
    ElasticNetRanker,
    MissingIndicators,
    PriorCount,
    Recency,
    SuitabilityRanker,
    UnusableTable,
    V100Sum,
)

LEARNED = [
    SuitabilityRanker({"crimes_reported_365": 1, "victims_distinct_3y": 1}, trees=40, min_people=15),
    ElasticNetRanker(),
]
COLUMNS = ("days_since_last_domestic", "incidents_any_ever", "crimes_reported_365", "harm_reported_365")
LISTS = [V100Sum(), RFGV(*COLUMNS, "victims_distinct_3y"), Recency(), PriorCount()]
every_ranker = pytest.mark.parametrize("ranker", [*LEARNED, *LISTS], ids=lambda ranker: ranker.kind)
every_learned = pytest.mark.parametrize("ranker", LEARNED, ids=lambda ranker: ranker.kind)


@every_ranker
def test_order_of_rows_changes_nothing(ranker, people):
    X, y = people
    order = np.random.default_rng(1).permutation(len(X))
    straight = clone(ranker).fit(X, y)
    shuffled = clone(ranker).fit(X.iloc[order], y.iloc[order])
    assert shuffled.files() == straight.files()
    assert (shuffled.predict(X) == straight.predict(X)).all()


@every_ranker
def test_margin_does_not_depend_on_who_else_is_scored(ranker, people):
    X, y = people
    fitted = clone(ranker).fit(X, y)
    together = fitted.predict(X)
    assert together.dtype == np.float64
    assert np.isfinite(together).all()
    alone = [fitted.predict(X.iloc[[row]])[0] for row in range(0, 900, 31)]
    assert alone == together[::31].tolist()
    assert fitted.predict(X.iloc[5:17]).tolist() == together[5:17].tolist()


@every_ranker
def test_contributions_sum_to_the_margin(ranker, people):
    X, y = people
    fitted = clone(ranker).fit(X, y)
    parts = fitted.contributions(X)
    assert list(parts.columns) == [*fitted.feature_names_in_, "base"]
    assert parts.index.equals(X.index)
    np.testing.assert_allclose(parts.sum(axis=1), fitted.predict(X), rtol=0, atol=1e-9)


@every_ranker
def test_missing_columns_are_all_named(ranker, people):
    X, y = people
    fitted = clone(ranker).fit(X, y)
    column = str(fitted.feature_names_in_[0])
    with pytest.raises(MissingIndicators, match=column):
        fitted.predict(X.drop(columns=column))


@every_ranker
def test_further_columns_and_column_order_do_not_matter(ranker, people):
    X, y = people
    fitted = clone(ranker).fit(X, y)
    turned = X.assign(a_note=1.0)[["a_note", *reversed(X.columns)]]
    assert (fitted.predict(turned) == fitted.predict(X)).all()


@every_ranker
def test_nothing_known_about_a_person_still_gives_a_margin(ranker, people):
    X, y = people
    fitted = clone(ranker).fit(X, y)
    unknown = pd.DataFrame(np.nan, index=["nobody"], columns=X.columns)
    assert np.isfinite(fitted.predict(unknown)).all()


@every_ranker
def test_clone_and_settings_survive(ranker):
    copy = clone(ranker)
    assert copy.get_params() == ranker.get_params()
    with pytest.raises(NotFittedError):
        copy.predict(pd.DataFrame())


@every_ranker
def test_one_person_can_be_fitted_and_ranked(ranker, people):
    X, y = people
    fitted = clone(ranker).fit(X.iloc[:1], y.iloc[:1])
    assert np.isfinite(fitted.predict(X.iloc[:1])).all()


@every_ranker
def test_fitting_leaves_the_table_as_it_was(ranker, people):
    X, y = people
    before = X.copy(deep=True)
    clone(ranker).fit(X, y).predict(X)
    pd.testing.assert_frame_equal(X, before)


@every_learned
@pytest.mark.parametrize("grade", [0.0, 0.4, 1.0])
def test_constant_grades_give_one_margin_for_all(ranker, people, grade):
    X, _ = people
    margin = clone(ranker).fit(X, np.full(len(X), grade)).predict(X)
    assert np.ptp(margin) < 1e-3
    assert np.isfinite(margin).all()


@every_learned
def test_noise_does_not_outrank_a_real_indicator(ranker, people):
    X, y = people
    noise = np.random.default_rng(3).normal(size=(len(X), 3))
    wide = X.assign(n0=noise[:, 0], n1=noise[:, 1], n2=noise[:, 2])
    strength = clone(ranker).fit(wide, y).contributions(wide).abs().mean()
    assert strength["crimes_reported_365"] > 2 * strength[["n0", "n1", "n2"]].max()


@every_learned
def test_column_that_nobody_has_is_ignored(ranker, people):
    X, y = people
    with_empty = X.assign(marac_ever=np.nan)
    fitted = clone(ranker).fit(with_empty, y)
    assert (fitted.contributions(with_empty)["marac_ever"] == 0.0).all()


@every_learned
@pytest.mark.parametrize(("grade", "message"), [(1.5, "outside 0 to 1"), (-0.1, "outside 0 to 1")])
def test_grades_outside_the_scale_are_refused(ranker, people, grade, message):
    X, y = people
    y = y.copy()
    y.iloc[3] = grade
    with pytest.raises(UnusableTable, match=message):
        clone(ranker).fit(X, y)


@every_learned
def test_weight_zero_everywhere_is_refused(ranker, people):
    X, y = people
    with pytest.raises(UnusableTable, match="weight zero"):
        clone(ranker).fit(X, y, sample_weight=np.zeros(len(X)))


@every_learned
def test_weights_move_the_margin_to_the_heavier_rows(ranker, people):
    X, y = people
    heavy = np.where(y > 0, 10.0, 1.0)
    fitted = clone(ranker)
    assert fitted.fit(X, y, heavy).predict(X).mean() > fitted.fit(X, y).predict(X).mean() + 0.5


@pytest.mark.parametrize("ranker", LISTS, ids=lambda ranker: ranker.kind)
def test_lists_need_names_and_finite_values(ranker, people):
    X, _ = people
    with pytest.raises(UnusableTable, match="by name"):
        ranker.fit(X.to_numpy())
    with pytest.raises(UnusableTable, match="infinity"):
        ranker.fit(X.assign(**{ranker.columns()[0]: np.inf}))
    with pytest.raises(UnusableTable, match="no row"):
        ranker.fit(X.iloc[:0])
