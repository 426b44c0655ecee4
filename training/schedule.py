"""Which dates a run trains on, searches for parameters on, compares on, and may calibrate from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from features.events import EventStream
from features.kinds import Kind, Role
from training.errors import NotEnoughHistory
from training.settings import LabelSettings, TrainSettings
from training.splits import Split, declared_splits, earlier_splits, time_splits, training_dates
from values import AsOf
from values.as_of import number_day


def compared_splits(stream: EventStream, settings: TrainSettings, extract_date: AsOf) -> tuple[Split, ...]:
    """Return the splits on which rankers are compared: at the declared dates, or at those that the history allows."""
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
        history_start(stream),
        tests=declared.tests,
        apart_months=declared.apart_months,
        horizon_days=label.horizon_days,
        lag_days=label.lag_days,
        step_months=declared.step_months,
        years=declared.years,
        warm_up_days=declared.warm_up_days,
    )


def searched_splits(stream: EventStream, settings: TrainSettings, first: Split) -> tuple[Split, ...]:
    """Return the dates to search for parameters on, all before those that are compared."""
    label, declared = settings.label, settings.splits
    need, start = label.horizon_days + label.lag_days, history_start(stream)

    def train_of(test: AsOf) -> tuple[AsOf, ...]:
        if declared.train_dates:
            return tuple(day for day in first.train if day.number + need <= test.number)
        return training_dates(
            test,
            start,
            horizon_days=label.horizon_days,
            lag_days=label.lag_days,
            step_months=declared.step_months,
            years=declared.years,
            warm_up_days=declared.warm_up_days,
        )

    return earlier_splits(first, train_of, label.horizon_days)


def history_start(stream: EventStream) -> AsOf:
    """Return the day from which knowledge flows: a few much older records do not make a history."""
    rows = (stream.kind == Kind.INCIDENT) & (stream.role == Role.SUSPECT)
    if not rows.any():
        raise NotEnoughHistory("The records hold no incident with a suspect.", "Check the extract.")
    return AsOf(number_day(int(np.quantile(stream.known_from[rows], 0.01, method="lower"))))


def known_before(splits: Sequence[Split], label: LabelSettings) -> dict[int, list[int]]:
    """Return for each split (by number) the splits whose labels were known at its test date, where there are any."""
    need = label.horizon_days + label.lag_days
    known = {
        number: [i for i, other in enumerate(splits) if other.test.number + need <= split.test.number]
        for number, split in enumerate(splits)
    }
    return {number: earlier for number, earlier in known.items() if earlier}
