from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from models import Bands, Calibration, CalibrationError, fit_calibration


def _draw(people=4000, slope=1.7, intercept=-1.1):
    rng = np.random.default_rng(5)
    margin = rng.normal(size=people)
    return margin, (rng.random(people) < 1 / (1 + np.exp(-(slope * margin + intercept)))).astype(float)


def test_known_curve_is_found_again():
    fitted = fit_calibration(*_draw())
    assert fitted.slope == pytest.approx(1.7, abs=0.15)
    assert fitted.intercept == pytest.approx(-1.1, abs=0.1)


def test_fractional_grades_and_weights_agree_with_doubled_rows():
    margin, _ = _draw(500)
    rng = np.random.default_rng(6)
    y, weight = 1 / (1 + np.exp(-margin)) * rng.random(500), rng.random(500) + 0.1
    reference = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(
        np.concatenate([margin, margin])[:, None],
        np.repeat([1, 0], 500),
        sample_weight=np.concatenate([weight * y, weight * (1 - y)]),
    )
    fitted = fit_calibration(margin, y, weight)
    assert fitted.slope == pytest.approx(reference.coef_[0, 0], abs=1e-4)
    assert fitted.intercept == pytest.approx(reference.intercept_[0], abs=1e-4)


def test_mean_expected_grade_is_the_mean_grade():
    margin, y = _draw()
    assert fit_calibration(margin, y).expected(margin).mean() == pytest.approx(y.mean(), abs=1e-6)


def test_scale_and_order_of_margins_do_not_matter():
    margin, y = _draw()
    order = np.random.default_rng(1).permutation(len(y))
    assert fit_calibration(margin[order], y[order]) == fit_calibration(margin, y)
    days = margin * 365 + 9000
    np.testing.assert_allclose(
        fit_calibration(days, y).expected(days), fit_calibration(margin, y).expected(margin), atol=1e-9
    )


def test_grades_that_split_cleanly_stay_finite():
    fitted = fit_calibration(np.arange(10.0), np.arange(10.0) > 4.5)
    assert np.isfinite([fitted.slope, fitted.intercept]).all()
    assert fitted.expected(np.array([9.0]))[0] > 0.99


@pytest.mark.parametrize(
    ("margin", "y", "message"),
    [
        ([1.0, 1.0], [0.0, 1.0], "Every margin is the same"),
        ([1.0, 2.0], [1.0, 0.0], "turn the order round"),
        ([1.0, 2.0], [0.0, 1.5], "outside 0 to 1"),
        ([1.0, np.nan], [0.0, 1.0], "not a number"),
        ([1.0], [0.0, 1.0], "differ in length"),
        ([], [], "empty"),
    ],
)
def test_margins_that_cannot_be_calibrated_are_refused(margin, y, message):
    with pytest.raises(CalibrationError, match=message):
        fit_calibration(margin, y)


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=20), st.floats(0.01, 5), st.floats(-5, 5))
def test_calibration_and_bands_never_turn_the_order_round(margins, slope, intercept):
    margins = np.sort(margins)
    expected = Calibration(slope, intercept).expected(margins)
    assert (np.diff(expected) >= 0).all()
    bands = Bands((0.6, 0.4, 0.2))
    ranks = [bands.labels.index(bands.label(value)) for value in expected]
    assert ranks == sorted(ranks, reverse=True)


def test_bands_refuse_rising_cuts_and_missing_labels():
    with pytest.raises(CalibrationError, match="must fall"):
        Bands((0.1, 0.2, 0.3))
    with pytest.raises(CalibrationError, match="one label more"):
        Bands((0.1,))
    with pytest.raises(CalibrationError, match="Nobody"):
        Bands.from_population(np.array([]))
