"""Train on the past, test on the future, with room for the labels to become known in between."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from training.errors import NotEnoughHistory, SettingsError
from values import AsOf


@dataclass(frozen=True)
class Split:
    """One test date and the training dates whose labels were known by then.

    Parameters
    ----------
    test
        The date at which the lists are drawn up and compared.
    train
        Dates whose outcome window and recording lag end on or before `test`, oldest first.
    """

    test: AsOf
    train: tuple[AsOf, ...]


def month_end(day: date) -> date:
    """Return the last month end on or before `day`.

    >>> month_end(date(2024, 2, 29)), month_end(date(2024, 2, 28))
    (datetime.date(2024, 2, 29), datetime.date(2024, 1, 31))
    """
    if day.day == calendar.monthrange(day.year, day.month)[1]:
        return day
    return months_back(day.replace(day=1), 1)


def months_back(day: date, months: int) -> date:
    """Return the end of the month that lies `months` before the month of `day`.

    >>> months_back(date(2024, 8, 31), 6)
    datetime.date(2024, 2, 29)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, calendar.monthrange(year, month + 1)[1])


def last_mature(extract_date: AsOf, horizon_days: int, lag_days: int) -> AsOf:
    """Return the last month end whose label can be known in an extract of `extract_date`."""
    return AsOf(month_end(extract_date.plus(-(horizon_days + lag_days)).day))


def training_dates(
    test: AsOf,
    history_start: AsOf,
    *,
    horizon_days: int = 365,
    lag_days: int = 90,
    step_months: int = 6,
    years: int = 3,
    warm_up_days: int = 365,
) -> tuple[AsOf, ...]:
    """Return the dates, oldest first, that a model may be trained on when it is tested at `test`.

    The newest is the last month end whose outcome window plus lag ends on or before `test`; earlier ones
    follow every `step_months` over at most `years`, as long as `warm_up_days` of history lie before them.
    """
    newest = last_mature(test, horizon_days, lag_days)
    steps = [AsOf(months_back(newest.day, back)) for back in range(0, years * 12 + 1, step_months)]
    return tuple(sorted(day for day in steps if day.number - history_start.number >= warm_up_days))


def time_splits(
    extract_date: AsOf,
    history_start: AsOf,
    *,
    tests: int = 3,
    apart_months: int = 12,
    horizon_days: int = 365,
    lag_days: int = 90,
    step_months: int = 6,
    years: int = 3,
    warm_up_days: int = 365,
) -> tuple[Split, ...]:
    """Return up to `tests` splits, oldest first, ending at the last date whose labels are known.

    Parameters
    ----------
    extract_date
        The date of the extract: nothing is known after it.
    history_start
        The first day the records cover.
    tests, apart_months
        How many test dates are wanted and how many months lie between them.
    horizon_days, lag_days
        The outcome window and the days allowed for its events to be recorded (the label buffer).
    step_months, years, warm_up_days
        See `training_dates`.

    Raises
    ------
    NotEnoughHistory
        If not even one test date has a training date before it.
    """
    last = last_mature(extract_date, horizon_days, lag_days)
    splits = []
    for back in range(0, tests * apart_months, apart_months):
        test = AsOf(months_back(last.day, back))
        train = training_dates(
            test,
            history_start,
            horizon_days=horizon_days,
            lag_days=lag_days,
            step_months=step_months,
            years=years,
            warm_up_days=warm_up_days,
        )
        if train:
            splits.append(Split(test, train))
    if not splits:
        raise NotEnoughHistory(
            f"Records from {history_start} to {extract_date} hold no test date with a training date before it.",
            f"A test needs {2 * (horizon_days + lag_days) + warm_up_days} days of history; "
            "use a simple list (an incumbent) until then.",
        )
    return tuple(reversed(splits))


def declared_splits(
    tests: Sequence[AsOf],
    train: Sequence[AsOf],
    extract_date: AsOf,
    *,
    horizon_days: int,
    lag_days: int,
) -> tuple[Split, ...]:
    """Return splits at declared dates, keeping the gap between training labels and test.

    Each test date uses every training date whose label is known by then.

    Raises
    ------
    SettingsError
        If a test date's label is not known by `extract_date`, or no training date is old enough for it.
    """
    need = horizon_days + lag_days
    splits = []
    for test in sorted(tests):
        if test.number + need > extract_date.number:
            raise SettingsError(
                f"The labels of test date {test} are not known by the extract date {extract_date}.",
                f"Choose a test date on or before {extract_date.plus(-need)}.",
            )
        usable = tuple(sorted(day for day in train if day.number + need <= test.number))
        if not usable:
            raise SettingsError(
                f"No training date lies {need} days before test date {test}.",
                f"Add a training date on or before {test.plus(-need)}.",
            )
        splits.append(Split(test, usable))
    return tuple(splits)


def earlier_splits(
    first: Split, train_of: Callable[[AsOf], tuple[AsOf, ...]], apart_days: int, count: int = 2
) -> tuple[Split, ...]:
    """Return up to `count` splits whose outcomes were all known at the `first` test date, oldest first.

    What is chosen on them (parameters) has seen nothing that `first`, or a later split, is judged by. Their test dates
    are training dates of `first`, the newest ones; there are fewer, or none, where history is too short.

    Parameters
    ----------
    first
        The earliest split that is compared.
    train_of
        Returns the dates that a model tested at a date may be trained on.
    apart_days
        Least days between two test dates: the horizon, so that no outcome counts for both.
    """
    found: list[Split] = []
    for test in reversed(first.train):
        far = not found or test.number + apart_days <= found[-1].test.number
        if far and len(found) < count and (train := train_of(test)):
            found.append(Split(test, train))
    return tuple(reversed(found))
