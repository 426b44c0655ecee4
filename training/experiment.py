"""One training run: candidates against incumbents over time, a decision, and the champion ready to be a bundle.

Nothing here reads communities: the fairness condition of promotion is applied by whoever audits the backtest
(`PromotionDecision.with_condition`, then `Experiment.save_bundle` with that decision).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.catalogue import CATALOGUE, Catalogue
from features.events import EventStream
from features.indicators import compute
from features.kinds import Kind, Role
from features.source import RecordSource
from models import Bands, Bundle, Calibration, CalibrationError, fit_calibration
from training.alarms import find_alarms, indicator_aucs
from training.backtest import backtest, calibration_measures, depths
from training.banding import cut_bands
from training.candidates import LEARNED
from training.card import model_card
from training.cohorts import cohorts
from training.compare import Comparison, Measure, compare
from training.errors import NotEnoughHistory
from training.fitting import auc_without, fit
from training.follow_up import FollowUp
from training.labels import label_spine
from training.lists import Ints, Lists, by_lot, places_within
from training.material import Material
from training.promotion import Alarm, PromotionDecision, decide
from training.settings import TrainSettings
from training.splits import Split, declared_splits, time_splits
from values import AsOf, Progress, silent
from values.as_of import number_day


@dataclass(frozen=True)
class Fitted:
    """A ranker fitted on all mature dates, with the curve and cut points learned from its backtest."""

    ranker: Any
    indicators: tuple[str, ...]
    calibration: Calibration | None
    bands: Bands | None


@dataclass(frozen=True, eq=False)
class Experiment:
    """Everything a training run found.

    Attributes
    ----------
    settings, extract_date, splits
        What was declared and the dates that followed from it.
    catalogue
        The indicators that were offered to the learned rankers.
    comparison
        Measures and paired differences of all rankers.
    calibration_measures
        ``brier`` and ``log_loss`` of the expected grade, for splits whose predecessors were known by then.
    indicator_aucs
        Each indicator's own area under the curve on the test dates.
    alarms, decision
        Too-good alarms and the promotion decision.
    depth
        By ranker: the audit depth, the shortest list (areas pooled) that finds half of all outcomes.
    report
        By date: people, outcomes, censored, treated, effective size, and bounds for the treated.
    missing
        Follow-up facts that the extract does not hold.
    """

    settings: TrainSettings
    extract_date: AsOf
    splits: tuple[Split, ...]
    catalogue: Catalogue
    comparison: Comparison
    calibration_measures: tuple[Measure, ...]
    indicator_aucs: Mapping[str, float]
    alarms: tuple[Alarm, ...]
    decision: PromotionDecision
    depth: Mapping[str, int]
    report: tuple[dict[str, object], ...]
    missing: tuple[str, ...]
    material: Material
    lists: Lists
    test_rows: Ints

    @property
    def candidates(self) -> list[dict[str, Any]]:
        """One row a ranker and metric: name, metric, value, low, high."""
        return [measure.to_dict() for measure in (*self.comparison.measures, *self.calibration_measures)]

    def backtest(self, name: str) -> pd.DataFrame:
        """Return the labelled lists that ranker `name` would have given at the test dates.

        Returns
        -------
        DataFrame
            person_id, as_of, area, split, candidate, margin, place (in the area's list), order (higher = earlier,
            ties drawn by lot, so that a line can be drawn through a list with many ties), selected_at_k,
            selected_at_k3 (three times k, the released list), selected_at_depth (0/1), score (the margin),
            outcome (0, 1 or missing where not known), grade, y, weight, censored, serious, new_victim, marac,
            repeat_crime and the harm columns. People who tie share a place; selection breaks ties by lot.
        """
        spine = self.material.spine.iloc[self.test_rows].reset_index(drop=True)
        labels = self.material.labels.iloc[self.test_rows].reset_index(drop=True)
        margin = self.lists.margins[name]
        frame = spine.assign(split=self.lists.split, candidate=name, margin=margin, score=margin)
        frame["place"] = places_within(margin, self.lists.groups())
        order = by_lot(margin, spine, self.settings.seed)
        frame["order"] = order
        in_area = places_within(order, self.lists.groups())
        k = self.settings.capacity.k
        frame["selected_at_k"] = (in_area <= k).astype(np.int8)
        frame["selected_at_k3"] = (in_area <= 3 * k).astype(np.int8)
        in_split = places_within(order, self.lists.rows_of_splits())
        frame["selected_at_depth"] = (in_split <= self.depth[name]).astype(np.int8)
        not_known = labels["censored"] & (labels["outcome"] == 0)
        frame["outcome"] = labels["outcome"].astype("Int8").mask(not_known, pd.NA)
        rest = labels.drop(columns=["person_id", "as_of", "outcome", "treated"])
        return pd.concat([frame, rest], axis=1)

    def fitted(self, name: str) -> Fitted:
        """Return ranker `name`, fitted on every date whose labels are known.

        The curve and the bands come from the backtest, whose people each model had not been fitted on.
        """
        settings = next(
            ranker for ranker in (*self.settings.candidates, *self.settings.incumbents) if ranker.kind == name
        )
        dates = {day for split in self.splits for day in (split.test, *split.train)}
        training = self.material.training_rows(sorted(dates))
        ranker = fit(self.material, settings, self.catalogue, self.settings.seed, training)
        weight, margin = self.lists.weight, self.lists.margins[name]
        y = self.material.labels["y"].to_numpy()[self.test_rows]
        columns = tuple(str(column) for column in ranker.feature_names_in_)
        try:
            calibration = fit_calibration(margin[weight > 0], y[weight > 0], weight[weight > 0])
        except CalibrationError:  # a list that cannot tell people apart is shown without bands
            return Fitted(ranker, columns, None, None)
        latest = self.lists.split == self.lists.split.max()
        return Fitted(ranker, columns, calibration, cut_bands(calibration.expected(margin[latest])))

    def save_bundle(self, folder: Path, decision: PromotionDecision | None = None) -> Bundle:
        """Write the champion's bundle into a folder of its own inside `folder`.

        Parameters
        ----------
        decision
            The decision after further conditions; the experiment's own by default.
        """
        experiment = self if decision is None else dataclasses.replace(self, decision=decision)
        fitted = experiment.fitted(experiment.decision.champion)
        directions = self.catalogue.monotone
        return Bundle.save(
            folder,
            fitted.ranker,
            catalogue_version=str(self.catalogue.version),
            indicators=list(fitted.indicators),
            monotone={name: directions.get(name, 0) for name in fitted.indicators},
            grade_values=self.grade_values,
            calibration=fitted.calibration,
            bands=fitted.bands,
            card=model_card(experiment),
            for_panel=self.settings.for_panel,
        )

    @property
    def grade_values(self) -> tuple[float, ...]:
        """The declared value of each grade, lowest first."""
        label = self.settings.label
        return label.grade_values if label.kind == "drive_grade" else (0.0, 1.0)


def run_experiment(
    source: RecordSource,
    stream: EventStream,
    settings: TrainSettings,
    catalogue: Catalogue = CATALOGUE,
    progress: Progress = silent,
) -> Experiment:
    """Compare the declared rankers over time and decide which is champion.

    Parameters
    ----------
    source
        The snapshot of records, for deaths, custody, Drive cases, arrests and the extract date.
    stream
        The event stream built from it.
    settings
        What is to be compared, on what, when.
    catalogue
        The indicators.

    Raises
    ------
    TrainingError
        If history, outcomes or settings do not allow a comparison.
    """
    extract_date = AsOf(source.extract_date)
    splits = _splits(stream, settings, extract_date)
    follow_up = FollowUp.of(source)
    material = _material(stream, splits, settings, follow_up, catalogue, extract_date, progress)
    lists, test_rows = backtest(material, splits, settings, catalogue, progress)
    comparison = compare(
        lists,
        settings.capacity.places,
        settings.capacity.k,
        draws=settings.draws,
        seed=settings.seed,
        progress=progress,
    )
    aucs = indicator_aucs(material.indicators.iloc[test_rows], lists)
    candidates = [ranker.kind for ranker in settings.candidates]
    incumbents = [ranker.kind for ranker in settings.incumbents]
    alarms = find_alarms(
        comparison,
        [name for name in (*candidates, *incumbents) if name in LEARNED],
        aucs,
        {name: tuple(catalogue.reads_of(name)) for name in material.indicators.columns},
        settings.alarms,
        lambda name, without: auc_without(material, splits[-1], settings, catalogue, name, without),
    )
    primary = settings.weight_sets[0].name
    decision = decide(
        comparison,
        candidates,
        incumbents,
        alarms,
        dates=len(splits),
        promote=settings.promote,
        primary=primary,
        learned=LEARNED,
    )
    y = material.labels["y"].to_numpy()[test_rows]
    return Experiment(
        settings=settings,
        extract_date=extract_date,
        splits=splits,
        catalogue=catalogue,
        comparison=comparison,
        calibration_measures=calibration_measures(lists, y, splits, settings),
        indicator_aucs=aucs,
        alarms=alarms,
        decision=decision,
        depth=depths(material, lists, test_rows, settings.seed),
        report=tuple(material.report()),
        missing=follow_up.missing,
        material=material,
        lists=lists,
        test_rows=test_rows,
    )


def _splits(stream: EventStream, settings: TrainSettings, extract_date: AsOf) -> tuple[Split, ...]:
    label, declared = settings.label, settings.splits
    if declared.test_dates:
        return declared_splits(
            [AsOf(day) for day in declared.test_dates],
            [AsOf(day) for day in declared.train_dates],
            extract_date,
            horizon_days=label.horizon_days,
            lag_days=label.lag_days,
        )
    return time_splits(
        extract_date,
        _history_start(stream),
        tests=declared.tests,
        apart_months=declared.apart_months,
        horizon_days=label.horizon_days,
        lag_days=label.lag_days,
        step_months=declared.step_months,
        years=declared.years,
        warm_up_days=declared.warm_up_days,
    )


def _history_start(stream: EventStream) -> AsOf:
    """Return the day from which knowledge flows: a few much older records do not make a history."""
    rows = (stream.kind == Kind.INCIDENT) & (stream.role == Role.SUSPECT)
    if not rows.any():
        raise NotEnoughHistory("The records hold no incident with a suspect.", "Check the extract.")
    return AsOf(number_day(int(np.quantile(stream.known_from[rows], 0.01, method="lower"))))


def _material(
    stream: EventStream,
    splits: tuple[Split, ...],
    settings: TrainSettings,
    follow_up: FollowUp,
    catalogue: Catalogue,
    extract_date: AsOf,
    progress: Progress,
) -> Material:
    dates = {day for split in splits for day in (split.test, *split.train)}
    spine = cohorts(stream, dates, settings.cohort, follow_up)
    progress("cohorts", 1, 1)
    computed = compute(stream, spine[["person_id", "as_of"]], catalogue)
    indicators = computed.drop(columns=["person_id", "as_of"])
    progress("indicators", 1, 1)
    labels = label_spine(stream, spine, settings.label, follow_up, settings.weight_sets, extract_date)
    progress("labels", 1, 1)
    return Material(spine, indicators, labels, settings.seed, settings.max_train_rows)
