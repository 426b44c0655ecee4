"""What a report says beside the comparison: labels, calibration and agreement, by time, area and kind of abuse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.events import EventStream
from training.breakdowns import Breakdown, Grouped, breakdowns, mcc_measures
from training.compare import Measure
from training.label_report import LabelCount, label_report
from training.lists import Ints, Lists
from training.material import Labelled, Material
from training.regimes import REGIMES, regime_of
from training.relationships import relationships
from training.reliability import Reliability, reliability
from training.settings import TrainSettings
from training.splits import Split
from values import Progress, silent


@dataclass(frozen=True)
class Evidence:
    """Figures beside those by which rankers are compared.

    Parameters
    ----------
    labels
        What followed, by regime and kind of abuse.
    reliability
        How expected grades are borne out.
    breakdowns
        Every ranker by area, regime and kind of abuse.
    measures
        Matthews correlation of each ranker's first k places with the outcome (``mcc_at_k``), and the calibration slope
        on the last split by the curve that makes the bands (``calibration_slope:GROUP``), where it was judged.
    """

    labels: tuple[LabelCount, ...]
    reliability: tuple[Reliability, ...]
    breakdowns: tuple[Breakdown, ...]
    measures: tuple[Measure, ...]


def gather(
    stream: EventStream,
    everyone: Labelled,
    material: Material,
    lists: Lists,
    test_rows: Ints,
    splits: tuple[Split, ...],
    settings: TrainSettings,
    progress: Progress = silent,
) -> Evidence:
    """Return the evidence on labels of all dates and on the lists of the test dates.

    Parameters
    ----------
    stream
        All events, for the kind of abuse.
    everyone
        Everybody at every date, and what followed.
    material, lists, test_rows
        The compared lists with their margins, and the rows of the material that they hold.
    splits, settings
        As compared.
    """
    kinds = relationships(stream, everyone.spine, settings.cohort)
    spine = material.spine.iloc[test_rows]
    here = relationships(stream, spine, settings.cohort)
    tested = {str(name): here[name].to_numpy(np.bool_) for name in here}
    regimes = np.array([regime_of(split.test, settings.label.horizon_days) for split in splits])[lists.split]
    areas = spine["area"].to_numpy(object)
    groups = [
        *(Grouped("abuse", name, rows) for name, rows in tested.items()),
        *(Grouped("regime", name, regimes == name) for name in REGIMES),
        *(Grouped("area", str(name), areas == name) for name in sorted(set(areas))),
    ]
    named = kinds.assign(neither=~kinds.any(axis=1))
    k, draws, seed = settings.capacity.k, settings.draws, settings.seed
    y = material.labels["y"].to_numpy(np.float64)[test_rows]
    judged = reliability(lists, y, tested, splits, settings.label, draws=draws, seed=seed, progress=progress)
    slopes = (
        Measure(each.ranker, f"calibration_slope:{each.group}", each.slope)
        for each in judged
        if (each.when, each.curve) == (str(splits[-1].test), "common") and each.holds is not None
    )
    return Evidence(
        labels=label_report(everyone.spine, everyone.labels, named, settings.label),
        reliability=judged,
        breakdowns=breakdowns(lists, groups, k, draws=draws, seed=seed, progress=progress),
        measures=(*mcc_measures(lists, k, draws=draws, seed=seed), *slopes),
    )
