"""The backtest read again: outcomes by who reported them, lists without what the police generated, and contributions.

Everything is of rankers as they were fitted on the past of each split, so that nobody is explained by a ranker that had
seen what followed. Nothing here knows of communities.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from features.events import EventStream
from features.indicators import compute_numbers
from features.kinds import Flag, Kind, Role
from training.experiment import Experiment
from training.follow_up import FollowUp, days
from training.labels import grade_labels
from training.lists import Floats, Ints, by_lot

REPORTERS: Mapping[str, Flag] = {
    "victim": Flag.VICTIM_REPORTED,
    "third_party": Flag.THIRD_PARTY_REPORTED,
    "police": Flag.POLICE_REPORTED,
}
_BLOCK = 65_536  # rows whose indicators are computed together: a hundred megabytes


def share_with_reporter(stream: EventStream) -> float:
    """Return the share of domestic incidents of suspects of which it is recorded who reported them; 0 without any."""
    rows = (stream.kind == Kind.INCIDENT) & (stream.role == Role.SUSPECT) & ((stream.flags & int(Flag.DOMESTIC)) != 0)
    return float(((stream.flags[rows] & int(Flag.REPORTER)) != 0).mean()) if rows.any() else 0.0


def outcome_reported_by(
    experiment: Experiment, stream: EventStream, follow_up: FollowUp, reporter: str
) -> pd.Series[int]:
    """Return, for each tested row, the outcome counted only from incidents that `reporter` reported.

    Serious harm and new victims count; a MARAC hearing does not, for it says nothing of who reported. 0, 1, or missing
    where custody, a move or death came before any such outcome.
    """
    spine = experiment.material.spine.iloc[experiment.test_rows].reset_index(drop=True)
    among = (stream.flags & int(REPORTERS[reporter])) != 0
    labels = grade_labels(stream, spine, experiment.settings.label, follow_up, among=among)
    lost = labels["censored"] | labels["moved"] | labels["died"]
    return labels["outcome"].astype("Int8").mask(lost & (labels["outcome"] == 0), pd.NA)


def order_without_police_generated(experiment: Experiment, stream: EventStream, name: str) -> Floats:
    """Return the order (higher = earlier) of the tested rows if incidents that the police generated were not known.

    The same rankers are given indicators computed without these incidents; they are not fitted again.
    """
    rest = stream.take((stream.flags & int(Flag.POLICE_REPORTED)) == 0)
    spine = experiment.material.spine.iloc[experiment.test_rows].reset_index(drop=True)
    margins = np.empty(len(spine))
    for number, rows in enumerate(experiment.lists.rows_of_splits()):
        ranker = experiment.of_split(number, name)
        for part in np.split(rows, range(_BLOCK, len(rows), _BLOCK)):
            margins[part] = ranker.predict(_indicators(experiment, rest, spine.iloc[part]))
    return by_lot(margins, spine, experiment.settings.seed)


def _indicators(experiment: Experiment, stream: EventStream, spine: pd.DataFrame) -> pd.DataFrame:
    catalogue = experiment.catalogue
    values = compute_numbers(stream, stream.persons(spine["person_id"]), days(spine["as_of"]), catalogue)
    return pd.DataFrame(values.T, columns=list(catalogue.names), copy=False)


def contributions(experiment: Experiment, name: str, rows: Ints) -> pd.DataFrame:
    """Return what each indicator adds to the margins of some tested rows (numbers into ``test_rows``, ascending)."""
    found = []
    for number, of_split in enumerate(experiment.lists.rows_of_splits()):
        chosen = rows[np.isin(rows, of_split)]
        if len(chosen):
            ranker = experiment.of_split(number, name)
            columns = [str(column) for column in ranker.feature_names_in_]
            table = experiment.material.table(experiment.test_rows[chosen], columns)
            found.append(ranker.contributions(table).drop(columns="base").set_index(chosen))
    parts: pd.DataFrame = pd.concat(found).sort_index()
    return parts
