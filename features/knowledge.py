"""Row versions in time: when each was known, and when two of them were known together."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.kinds import FOREVER

Days = npt.NDArray[np.int32]
NEVER = -(2**31)  # stands for a missing day inside this room


def day_numbers(dates: pd.Series[Any], missing: int = NEVER) -> Days:
    """Return the day number of each date; `missing` where there is none."""
    days = dates.to_numpy(dtype="datetime64[D]")
    numbers = days.astype(np.int64)
    numbers[np.isnat(days)] = missing
    return numbers.astype(np.int32)


def with_knowledge(table: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """Return `columns` beside the day numbers between which each row version was known."""
    return pd.DataFrame(
        {
            **columns,
            "known_from": day_numbers(table["known_from"]),
            "known_to": day_numbers(table["known_to"], FOREVER),
        }
    )


def known_together(left: pd.DataFrame, right: pd.DataFrame, on: list[str]) -> pd.DataFrame:
    """Join row versions on `on` and keep the days on which both were known.

    A joined version exists on ``[max known_from, min known_to)``; pairs that were never known on the same day
    are dropped.
    """
    both = left.merge(right, on=on, how="inner", suffixes=("", "_right"))
    both["known_from"] = both[["known_from", "known_from_right"]].max(axis=1)
    both["known_to"] = both[["known_to", "known_to_right"]].min(axis=1)
    both = both[both["known_from"] < both["known_to"]]
    return both.drop(columns=["known_from_right", "known_to_right"]).reset_index(drop=True)


def union_of_intervals(known_from: Days, known_to: Days) -> npt.NDArray[np.int32]:
    """Return the days on which at least one row version was known, as ``(n, 2)`` disjoint half-open spans."""
    real = known_from < known_to
    known_from, known_to = known_from[real], known_to[real]
    if not len(known_from):
        return np.empty((0, 2), dtype=np.int32)
    order = np.argsort(known_from, kind="stable")
    starts, ends = known_from[order], np.maximum.accumulate(known_to[order])
    first = np.concatenate([[True], starts[1:] > ends[:-1]])
    last = np.concatenate([first[1:], [True]])
    return np.column_stack([starts[first], ends[last]]).astype(np.int32)


def holds_at(spans: npt.NDArray[np.int32], days: Days) -> npt.NDArray[np.bool_]:
    """Say for each day whether it lies in one of the `spans`."""
    if not len(spans):
        return np.zeros(len(days), dtype=np.bool_)
    at = np.searchsorted(spans[:, 0], days, side="right") - 1
    return np.asarray((at >= 0) & (days < spans[np.maximum(at, 0), 1]), dtype=np.bool_)
