"""Results that are too good to be true, and the column that most likely leaks.

Published police models with areas under the curve of 0.99 turned out to know the future. An alarm therefore names
not only the indicator but the contract columns it reads, most suspicious first: a column whose indicators are all
strong is more suspicious than one that strong and weak indicators share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from training.compare import Comparison
from training.evaluate import auc
from training.lists import Lists
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
