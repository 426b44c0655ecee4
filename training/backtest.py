"""The lists that every ranker would have given at past test dates, and how well calibrated they were."""

from __future__ import annotations

import dataclasses

import numpy as np

from features.catalogue import Catalogue
from models import CalibrationError, fit_calibration
from training.compare import Measure
from training.evaluate import Interval, brier, log_loss
from training.fitting import fit, margin
from training.lists import Floats, Ints, Lists, by_lot, places_within, shortest_depth
from training.material import Material
from training.settings import TrainSettings
from training.splits import Split
from values import Progress


def backtest(
    material: Material,
    splits: tuple[Split, ...],
    settings: TrainSettings,
    catalogue: Catalogue,
    progress: Progress,
) -> tuple[Lists, Ints]:
    """Fit every ranker on each split's past and return the margins it gives at the split's test date."""
    rankers = (*settings.candidates, *settings.incumbents)
    margins: dict[str, list[Floats]] = {ranker.kind: [] for ranker in rankers}
    tested = [material.test_rows(split.test) for split in splits]
    for number, split in enumerate(splits):
        training = material.training_rows(split.train)
        for done, ranker_settings in enumerate(rankers):
            ranker = fit(material, ranker_settings, catalogue, settings.seed, training)
            margins[ranker_settings.kind].append(margin(material, ranker, tested[number]))
            progress("fit", number * len(rankers) + done + 1, len(splits) * len(rankers))
    test_rows = np.concatenate(tested)
    split_of_row = np.repeat(np.arange(len(splits)), [len(rows) for rows in tested])
    lists = material.lists(test_rows, split_of_row)
    pooled = {name: np.concatenate(parts) for name, parts in margins.items()}
    return dataclasses.replace(lists, margins=pooled), test_rows


def calibration_measures(
    lists: Lists, y: Floats, splits: tuple[Split, ...], settings: TrainSettings
) -> tuple[Measure, ...]:
    """Return ``brier`` and ``log_loss`` of each ranker's expected grade, where earlier splits allow one."""
    measures: list[Measure] = []
    for name, margins in lists.margins.items():
        expected = _expected_from_earlier(lists, margins, y, splits, settings)
        rows = np.isfinite(expected) & (lists.weight > 0)
        if rows.any():
            for metric, function in (("brier", brier), ("log_loss", log_loss)):
                value = function(expected[rows], y[rows], lists.weight[rows])
                measures.append(Measure(name, metric, Interval(value, float("nan"), float("nan"))))
    return tuple(measures)


def _expected_from_earlier(
    lists: Lists, margin: Floats, y: Floats, splits: tuple[Split, ...], settings: TrainSettings
) -> Floats:
    """Return each row's expected grade, calibrated on splits whose labels were known at the row's test date."""
    need = settings.label.horizon_days + settings.label.lag_days
    expected = np.full(len(margin), np.nan)
    for number, split in enumerate(splits):
        known = [i for i, other in enumerate(splits) if other.test.number + need <= split.test.number]
        earlier = np.isin(lists.split, known) & (lists.weight > 0)
        if not earlier.any():
            continue
        try:
            calibration = fit_calibration(margin[earlier], y[earlier], lists.weight[earlier])
        except CalibrationError:  # nothing to measure for a list that cannot be calibrated
            continue
        here = lists.split == number
        expected[here] = calibration.expected(margin[here])
    return expected


def depths(material: Material, lists: Lists, test_rows: Ints, seed: int) -> dict[str, int]:
    """Return by ranker the shortest list (areas pooled) that finds half of all outcomes."""
    spine = material.spine.iloc[test_rows]
    return {
        name: shortest_depth(places_within(by_lot(margins, spine, seed), lists.rows_of_splits()), lists.outcome)
        for name, margins in lists.margins.items()
    }
