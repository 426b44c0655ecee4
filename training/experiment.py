"""What a training run found: rankers compared over time, a decision, and the champion ready to be a bundle.

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

from features.catalogue import Catalogue
from models import Bands, Bundle, Calibration, CalibrationError, fit_calibration
from training.backtest import labelled_lists
from training.banding import cut_bands
from training.card import model_card
from training.certificate import certify
from training.compare import Comparison, Measure
from training.drift import freeze
from training.evidence import Evidence
from training.fitting import fitted_once, of_split
from training.lists import Ints, Lists
from training.material import Material
from training.promotion import Alarm, PromotionDecision
from training.refitting import Refitting
from training.settings import TrainSettings
from training.splits import Split
from training.stages import Stages
from training.tuning import Tuned
from values import AsOf


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
    settings, extract_date, history_start, splits
        What was declared (with the parameters that the search found), and the dates that followed from it: those
        from and to which records go, and those of training and test.
    catalogue
        The indicators that were offered to the learned rankers.
    comparison
        Measures and paired differences of all rankers.
    calibration_measures
        ``brier`` and ``log_loss`` of the expected grade, for splits whose predecessors were known by then.
    indicator_aucs
        Each indicator's own area under the curve on the test dates.
    alarms, decision
        Alarms (too good, too bad) and the promotion decision.
    depth
        By ranker: the audit depth, the shortest list (areas pooled) that finds half of all outcomes.
    report
        By date: people, outcomes, censored, treated, effective size, and bounds for the treated.
    missing
        Follow-up facts that the extract does not hold.
    evidence
        Labels, calibration and agreement by time, area and kind of abuse.
    material, lists, test_rows
        The rows that were fitted on or tested, the tested ones as a comparison table, and which of the rows they are.
    tuned
        What the search for parameters found, by ranker; empty where there was none.
    stages
        What the run has finished so far.
    ablations
        What the candidate would be without each part of what it reads; empty unless asked for.
    """

    settings: TrainSettings
    extract_date: AsOf
    history_start: AsOf
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
    evidence: Evidence
    material: Material
    lists: Lists
    test_rows: Ints
    tuned: tuple[Tuned, ...] = ()
    stages: Stages = dataclasses.field(default_factory=Stages, repr=False)
    ablations: tuple[dict[str, Any], ...] = ()

    @property
    def candidates(self) -> list[dict[str, Any]]:
        """One row a ranker and metric: name, metric, value, low, high."""
        measures = (*self.comparison.measures, *self.evidence.measures, *self.calibration_measures)
        return [measure.to_dict() for measure in measures]

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
        return labelled_lists(self.material, self.lists, self.test_rows, name, self.settings, self.depth[name])

    def fitted(self, name: str) -> Fitted:
        """Return ranker `name`, fitted on every date whose labels are known.

        The curve and the bands come from the backtest, whose people each model had not been fitted on.
        """
        ranker = self._refitted(name)
        weight, margin = self.lists.weight, self.lists.margins[name]
        y = self.material.labels["y"].to_numpy()[self.test_rows]
        columns = tuple(str(column) for column in ranker.feature_names_in_)
        try:
            calibration = fit_calibration(margin[weight > 0], y[weight > 0], weight[weight > 0])
        except CalibrationError:  # a list that cannot tell people apart is shown without bands
            return Fitted(ranker, columns, None, None)
        latest = self.lists.split == self.lists.split.max()
        return Fitted(ranker, columns, calibration, cut_bands(calibration.expected(margin[latest])))

    def _refitted(self, name: str) -> Any:
        settings = self.settings.ranker(name)
        final, seed = self.material.use.final, self.settings.seed
        return fitted_once(self.material, settings, self.catalogue, seed, final, self.stages, f"final-{name}")

    def of_split(self, number: int, name: str) -> Any:
        """Return ranker `name` as it was fitted on the past of one split, whose people it had not seen."""
        settings, seed = self.settings.ranker(name), self.settings.seed
        return of_split(self.material, settings, self.catalogue, seed, number, self.stages)

    def refitting(self, name: str) -> Refitting:
        """Return ranker `name` on the last split, to be fitted again in other ways."""
        return Refitting(
            material=self.material,
            settings=self.settings,
            catalogue=self.catalogue,
            ranker=self.settings.ranker(name),
            training=self.material.use.fitted[-1],
            rows=self.material.use.tested[-1],
            as_of=str(self.splits[-1].test),
        )

    def _of_latest_list(self, fitted: Fitted) -> dict[str, Any]:
        """Return what the card says of the champion at the last test date: its certificate, and frozen bins."""
        name = self.decision.champion
        refitting, latest = self.refitting(name), self.lists.split == self.lists.split.max()
        people = self.material.table(refitting.rows, fitted.indicators)
        margins = np.asarray(fitted.ranker.predict(people), dtype=np.float64)
        return {
            "certificate": certify(refitting, self.lists.margins[name][latest], self.stages),
            "frozen": freeze(people, margins, refitting.as_of),
        }

    def save_bundle(self, folder: Path, decision: PromotionDecision | None = None) -> Bundle:
        """Write the champion's bundle into a folder of its own inside `folder`.

        Parameters
        ----------
        decision
            The decision after further conditions; the experiment's own by default.
        """
        experiment = self if decision is None else dataclasses.replace(self, decision=decision)
        fitted = experiment.fitted(experiment.decision.champion)
        own = experiment.settings.ranker(experiment.decision.champion).directions
        directions = {**self.catalogue.monotone, **own}
        return Bundle.save(
            folder,
            fitted.ranker,
            catalogue_version=str(self.catalogue.version),
            indicators=list(fitted.indicators),
            monotone={name: directions.get(name, 0) for name in fitted.indicators},
            grade_values=self.grade_values,
            calibration=fitted.calibration,
            bands=fitted.bands,
            card=model_card(experiment) | experiment._of_latest_list(fitted),
            for_panel=self.settings.for_panel,
        )

    @property
    def grade_values(self) -> tuple[float, ...]:
        """The declared value of each grade, lowest first."""
        label = self.settings.label
        return label.grade_values if label.kind == "drive_grade" else (0.0, 1.0)
