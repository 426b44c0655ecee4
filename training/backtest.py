"""The lists that every ranker would have given at past test dates, and how well calibrated they were."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from features.catalogue import Catalogue
from models import CalibrationError, fit_calibration
from training.compare import Measure
from training.evaluate import Interval, brier, log_loss
from training.fitting import margin, of_split
from training.lists import Floats, Ints, Lists, by_lot, in_order_of, lots, places_within, shortest_depth
from training.material import Material
from training.schedule import known_before
from training.settings import RankerSettings, TrainSettings
from training.splits import Split
from training.stages import Stages
from values import Progress


def backtest(
    material: Material,
    settings: TrainSettings,
    catalogue: Catalogue,
    progress: Progress,
    stages: Stages,
) -> tuple[Lists, Ints]:
    """Fit every ranker on each split's past and return the margins it gives at the split's test date."""
    tested, rankers = material.use.tested, settings.rankers
    margins: dict[str, list[Floats]] = {ranker.name: [] for ranker in rankers}
    for number, rows in enumerate(tested):
        for done, ranker in enumerate(rankers):
            progress("fit", number * len(rankers) + done, len(tested) * len(rankers))

            def found(ranker: RankerSettings = ranker, number: int = number, rows: Ints = rows) -> Floats:
                fitted = of_split(material, ranker, catalogue, settings.seed, number, stages)
                return margin(material, fitted, rows)

            margins[ranker.name].append(stages.array(f"margin-{number}-{ranker.name}", found))
    progress("fit", len(tested) * len(rankers), len(tested) * len(rankers))
    test_rows = np.concatenate(tested)
    split_of_row = np.repeat(np.arange(len(tested)), [len(rows) for rows in tested])
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
    expected = np.full(len(margin), np.nan)
    for number, known in known_before(splits, settings.label).items():
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
    drawn, groups = lots(material.spine.iloc[test_rows], seed), lists.rows_of_splits()
    return {
        name: shortest_depth(places_within(in_order_of(drawn, margins), groups), lists.outcome)
        for name, margins in lists.margins.items()
    }


def labelled_lists(
    material: Material, lists: Lists, test_rows: Ints, name: str, settings: TrainSettings, depth: int
) -> pd.DataFrame:
    """Return the labelled lists that ranker `name` would have given at the test dates; see `Experiment.backtest`."""
    spine = material.spine.iloc[test_rows].reset_index(drop=True)
    labels = material.labels.iloc[test_rows].reset_index(drop=True)
    margin = lists.margins[name]
    frame = spine.assign(split=lists.split, candidate=name, margin=margin, score=margin)
    frame["place"] = places_within(margin, lists.groups())
    order = by_lot(margin, spine, settings.seed)
    frame["order"] = order
    in_area = places_within(order, lists.groups())
    k = settings.capacity.k
    frame["selected_at_k"] = (in_area <= k).astype(np.int8)
    frame["selected_at_k3"] = (in_area <= 3 * k).astype(np.int8)
    in_split = places_within(order, lists.rows_of_splits())
    frame["selected_at_depth"] = (in_split <= depth).astype(np.int8)
    not_known = (labels["censored"] | labels["moved"] | labels["died"]) & (labels["outcome"] == 0)
    frame["outcome"] = labels["outcome"].astype("Int8").mask(not_known, pd.NA)
    rest = labels.drop(columns=["person_id", "as_of", "outcome", "moved", "treated", "died"])
    return pd.concat([frame, rest], axis=1)
