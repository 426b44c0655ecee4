"""One training run: everybody labelled, indicators, a search, every ranker on the same lists, and a decision."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.catalogue import CATALOGUE, Catalogue
from features.events import EventStream
from features.indicators import compute_numbers
from features.source import RecordSource
from training.ablation import ablations
from training.alarms import find_alarms, find_too_bad, indicator_aucs
from training.backtest import backtest, calibration_measures, depths
from training.candidates import LEARNED
from training.cohorts import cohorts
from training.compare import Comparison, compare
from training.evidence import Evidence, gather
from training.experiment import Experiment
from training.fitting import auc_without
from training.follow_up import FollowUp, days
from training.labels import label_spine
from training.lists import Floats, Ints, Lists
from training.material import Labelled, Material, Use
from training.promotion import Alarm, decide
from training.schedule import compared_splits, history_start, searched_splits
from training.settings import TrainSettings
from training.splits import Split
from training.stages import Stages
from training.tuning import adopted, tune
from values import AsOf, Progress, digest, silent


@dataclass(frozen=True, eq=False)
class Ready:
    """Who is compared when, what followed, and the indicators of every row in use; no ranker yet."""

    extract_date: AsOf
    splits: tuple[Split, ...]
    searched: tuple[Split, ...]
    follow_up: FollowUp
    everyone: Labelled
    material: Material


def prepare(
    source: RecordSource,
    stream: EventStream,
    settings: TrainSettings,
    catalogue: Catalogue = CATALOGUE,
    progress: Progress = silent,
    stages: Stages | None = None,
) -> Ready:
    """Return what rankers are fitted and compared on; see `run_experiment`."""
    extract_date = AsOf(source.extract_date)
    splits = compared_splits(stream, settings, extract_date)
    searched = searched_splits(stream, settings, splits[0]) if settings.tuning.trials else ()
    follow_up = FollowUp.of(source)
    everyone = _everyone(stream, (*searched, *splits), settings, follow_up, extract_date, progress)
    use = Use.of(everyone, splits, searched, settings.max_train_rows, settings.tuning.rows)
    material = _material(stream, everyone, use, catalogue, progress, stages or Stages())
    return Ready(extract_date, splits, searched, follow_up, everyone, material)


def run_experiment(
    source: RecordSource,
    stream: EventStream,
    settings: TrainSettings,
    catalogue: Catalogue = CATALOGUE,
    progress: Progress = silent,
    stages: Stages | None = None,
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
    progress
        Told as each step moves on.
    stages
        What an earlier attempt at this very run has finished, and where this one keeps what it finishes; nothing is
        kept by default.

    Raises
    ------
    TrainingError
        If history, outcomes or settings do not allow a comparison.
    """
    stages = stages or Stages()
    ready = prepare(source, stream, settings, catalogue, progress, stages)
    extract_date, splits, searched = ready.extract_date, ready.splits, ready.searched
    follow_up, everyone, material = ready.follow_up, ready.everyone, ready.material
    tuned = tune(material, settings, searched, catalogue, stages, progress)
    settings = adopted(settings, tuned)
    lists, test_rows = backtest(material, settings, catalogue, progress, stages)
    comparison = stages.value(
        "comparison",
        Comparison,
        lambda: compare(
            lists,
            settings.capacity.places,
            settings.capacity.k,
            cost_ratio=settings.costs.ratio,
            draws=settings.draws,
            seed=settings.seed,
            progress=progress,
        ),
    )
    aucs = stages.value(
        "indicator-auc", dict[str, float], lambda: _indicator_aucs(material, lists, test_rows, settings, progress)
    )
    candidates, incumbents, learned = _names(settings)
    alarms = _alarms(material, comparison, aucs, settings, catalogue, stages)
    decision = decide(
        comparison,
        candidates,
        incumbents,
        alarms,
        dates=len(splits),
        promote=settings.promote,
        primary=settings.weight_sets[0].name,
        learned=learned,
    )
    too_bad = find_too_bad(
        lists,
        candidates,
        incumbents,
        [str(split.test) for split in splits],
        settings.alarms.too_bad,
    )
    y = material.labels["y"].to_numpy()[test_rows]
    experiment = Experiment(
        settings=settings,
        extract_date=extract_date,
        history_start=history_start(stream),
        splits=splits,
        catalogue=catalogue,
        comparison=comparison,
        calibration_measures=calibration_measures(lists, y, splits, settings),
        indicator_aucs=aucs,
        alarms=(*alarms, *too_bad),
        decision=decision,
        depth=depths(material, lists, test_rows, settings.seed),
        report=tuple(everyone.report()),
        missing=follow_up.missing,
        evidence=stages.value(
            "evidence",
            Evidence,
            lambda: gather(stream, everyone, material, lists, test_rows, splits, settings, progress),
        ),
        material=material,
        lists=lists,
        test_rows=test_rows,
        tuned=tuned,
        stages=stages,
    )
    if not settings.ablations or decision.candidate is None:
        return experiment
    left_out = ablations(experiment.refitting(decision.candidate), stages, progress)
    return dataclasses.replace(experiment, ablations=tuple(left_out))


def _everyone(
    stream: EventStream,
    splits: tuple[Split, ...],
    settings: TrainSettings,
    follow_up: FollowUp,
    extract_date: AsOf,
    progress: Progress,
) -> Labelled:
    """Return the cohort of every date and what followed, date by date, so that memory is that of one date's work."""
    dates = sorted({day for split in splits for day in (split.test, *split.train)})
    spines, labels = [], []
    for number, day in enumerate(dates):
        progress("cohorts and labels", number, len(dates))
        spine = cohorts(stream, [day], settings.cohort, follow_up)
        spines.append(spine)
        labels.append(label_spine(stream, spine, settings.label, follow_up, settings.weight_sets, extract_date))
    progress("cohorts and labels", len(dates), len(dates))
    return Labelled(pd.concat(spines, ignore_index=True), pd.concat(labels, ignore_index=True), settings.seed)


def _material(
    stream: EventStream,
    everyone: Labelled,
    use: Use,
    catalogue: Catalogue,
    progress: Progress,
    stages: Stages,
) -> Material:
    rows = use.rows
    spine = everyone.spine.iloc[rows]

    def fill(values: Floats) -> None:
        people, numbers = stream.persons(spine["person_id"]), days(spine["as_of"])
        compute_numbers(stream, people, numbers, catalogue, progress, values)

    values = stages.table("indicators", (len(catalogue), len(rows)), fill)
    progress("indicators", len(rows), len(rows))
    return Material.of(everyone, use, catalogue.names, values)


def _names(settings: TrainSettings) -> tuple[list[str], list[str], frozenset[str]]:
    """Return the names of the candidates, of the incumbents, and of those among both that learn."""
    candidates = [ranker.name for ranker in settings.candidates]
    incumbents = [ranker.name for ranker in settings.incumbents]
    return candidates, incumbents, frozenset(ranker.name for ranker in settings.rankers if ranker.kind in LEARNED)


def _alarms(
    material: Material,
    comparison: Comparison,
    aucs: Mapping[str, float],
    settings: TrainSettings,
    catalogue: Catalogue,
    stages: Stages,
) -> tuple[Alarm, ...]:
    """Return what is too good to be true; a ranker is fitted again without the indicators that are suspected."""
    candidates, incumbents, learned = _names(settings)

    def without(name: str, left_out: frozenset[str]) -> float:
        def found() -> float:
            return auc_without(material, settings.ranker(name), catalogue, settings.seed, left_out)

        return stages.value(f"auc-{name}-without-{digest(sorted(left_out)).short}", float, found)

    return find_alarms(
        comparison,
        [name for name in (*candidates, *incumbents) if name in learned],
        aucs,
        {name: tuple(catalogue.reads_of(name)) for name in material.names},
        settings.alarms,
        without,
    )


def _indicator_aucs(
    material: Material, lists: Lists, rows: Ints, settings: TrainSettings, progress: Progress
) -> dict[str, float]:
    """Return each indicator's own area under the curve, on no more rows than a model is trained on."""
    if len(rows) > settings.max_train_rows:
        generator = np.random.default_rng(settings.seed)
        drawn = np.sort(generator.choice(len(rows), settings.max_train_rows, replace=False))
        rows, lists = rows[drawn], lists.take(drawn)
    found: dict[str, float] = {}
    for number, name in enumerate(material.names):
        progress("each indicator alone", number, len(material.names))
        found |= indicator_aucs(material.table(rows, [name]), lists)
    progress("each indicator alone", len(material.names), len(material.names))
    return found
