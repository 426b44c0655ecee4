"""Results that are too good to be true, and the column that most likely leaks; and results that are too bad.

Published police models with areas under the curve of 0.99 turned out to know the future. An alarm therefore names
not only the indicator but the contract columns it reads, most suspicious first: a column whose indicators are all
strong is more suspicious than one that strong and weak indicators share.

A candidate that orders people worse than chance, or clearly worse than an incumbent, at any one date has not merely
learnt little: something broke (a column turned round, a delivery lost, a rule changed). Too bad stops nothing
by itself, for no such ranker is promoted; it says where to look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from training.compare import Comparison
from training.evaluate import auc
from training.lists import Ints, Lists
from training.promotion import Alarm
from training.settings import AlarmLimits

_LOOKED_AT = 3


def indicator_aucs(indicators: pd.DataFrame, lists: Lists) -> dict[str, float]:
    """Return each indicator's own area under the curve, in whichever direction it ranks; missing ranks lowest."""
    result = {}
    for name in indicators.columns:
        values = indicators[name].to_numpy(np.float64)
        area = float(auc(lists, np.where(np.isnan(values), -np.inf, values))[0])
        result[str(name)] = max(area, 1.0 - area) if np.isfinite(area) else 0.5
    return result


def suspicious_columns(aucs: Mapping[str, float], reads: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the contract columns that indicators read, by the mean area under the curve of their readers."""
    readers = _readers(reads)
    mean = {column: float(np.mean([aucs[name] for name in names])) for column, names in readers.items()}
    return sorted(mean, key=lambda column: (-mean[column], len(readers[column]), column))


def find_alarms(
    comparison: Comparison,
    rankers: Sequence[str],
    aucs: Mapping[str, float],
    reads: Mapping[str, Sequence[str]],
    limits: AlarmLimits,
    auc_without: Callable[[str, frozenset[str]], float],
) -> tuple[Alarm, ...]:
    """Return an alarm for each ranker and each indicator above its limit.

    Parameters
    ----------
    comparison, rankers
        Measures, and the names of the rankers to watch.
    aucs, reads
        Each indicator's own area under the curve, and the contract columns it reads.
    limits
        The declared limits.
    auc_without
        Refits a ranker without some indicators and returns its area under the curve; called for the few most
        suspicious columns only when that ranker is above its limit.
    """
    ranked, readers = suspicious_columns(aucs, reads), _readers(reads)
    alarms = [
        _of_indicator(name, area, limits.indicator_auc, ranked, reads[name])
        for name, area in sorted(aucs.items(), key=lambda pair: -pair[1])
        if area > limits.indicator_auc
    ]
    for name in rankers:
        area = comparison.value(name, "auc").value
        if area > limits.candidate_auc:
            alarms.append(_of_ranker(name, area, limits.candidate_auc, ranked, readers, len(aucs), auc_without))
    return tuple(alarms)


def find_too_bad(
    lists: Lists, candidates: Sequence[str], incumbents: Sequence[str], dates: Sequence[str], margin: float
) -> tuple[Alarm, ...]:
    """Return an alarm for each candidate and test date below chance, or below the best incumbent of the date.

    Parameters
    ----------
    lists
        Everybody tested, with the margins of all rankers.
    candidates, incumbents
        Names of the rankers to watch, and of those to compare them with.
    dates
        The test date of each split.
    margin
        How far below an area under the curve has to lie.
    """
    alarms = []
    for number, rows in enumerate(lists.rows_of_splits()):
        date = _of_rows(lists, rows)
        areas = {name: float(auc(date, lists.margins[name][rows])[0]) for name in (*candidates, *incumbents)}
        best = max(incumbents, key=lambda name: areas[name])
        for name in candidates:
            if areas[name] < 0.5 - margin:
                alarms.append(_too_bad(name, dates[number], areas[name], 0.5 - margin, "chance, 0.500"))
            elif areas[name] < areas[best] - margin:
                words = f"{best}, {areas[best]:.3f}"
                alarms.append(_too_bad(name, dates[number], areas[name], areas[best] - margin, words))
    return tuple(alarms)


def _of_rows(lists: Lists, rows: Ints) -> Lists:
    return Lists(
        np.arange(len(rows)), np.zeros(len(rows), np.int64), lists.area[rows], lists.outcome[rows], lists.weight[rows],
        {}, {},
    )  # fmt: skip


def _too_bad(name: str, date: str, area: float, limit: float, than: str) -> Alarm:
    message = (
        f"Ranker {name} reaches an area under the curve of {area:.3f} at {date}, clearly less than {than}. "
        "Look at what was delivered for that date and the dates it was trained on."
    )
    return Alarm(f"candidate {name} at {date}", area, limit, (), (), message, kind="too bad")


def _readers(reads: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    readers: dict[str, list[str]] = {}
    for name, columns in reads.items():
        for column in columns:
            readers.setdefault(column, []).append(name)
    return readers


def _of_indicator(name: str, area: float, limit: float, ranked: list[str], read: Sequence[str]) -> Alarm:
    columns = tuple(column for column in ranked if column in read)
    message = (
        f"Indicator {name} alone reaches an area under the curve of {area:.3f} (limit {limit:.2f}). "
        f"Check when the columns it reads become known: {', '.join(columns) or 'none declared'}."
    )
    return Alarm(f"indicator {name}", area, limit, columns, (name,), message)


def _of_ranker(
    name: str,
    area: float,
    limit: float,
    ranked: list[str],
    readers: Mapping[str, list[str]],
    indicators: int,
    auc_without: Callable[[str, frozenset[str]], float],
) -> Alarm:
    removable = [column for column in ranked if len(readers[column]) < indicators][:_LOOKED_AT]
    without = {column: auc_without(name, frozenset(readers[column])) for column in removable}
    # First the column that, with the fewest indicators, takes the ranker back below the limit.
    columns = tuple(
        sorted(without, key=lambda column: (without[column] > limit, len(readers[column]), without[column]))
    )
    found = "; ".join(f"without {column} it is {without[column]:.3f}" for column in columns)
    message = f"Ranker {name} reaches an area under the curve of {area:.3f} (limit {limit:.2f}); {found}."
    named = tuple(readers[columns[0]]) if columns else ()
    return Alarm(f"candidate {name}", area, limit, columns, named, message)
