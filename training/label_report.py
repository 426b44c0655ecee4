"""How often each part of the label followed, and what censoring, treatment and death cost, by regime and group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from training.definitions import PARTS
from training.evaluate import Interval
from training.follow_up import Bools, days, effective_size
from training.lists import Floats
from training.regimes import REGIMES, regime_of
from training.settings import LabelSettings
from values import AsOf
from values.as_of import number_day

EVERY_DATE = "all dates"
OUTCOME = "outcome"
_Z = 1.959963984540054


@dataclass(frozen=True)
class Followed:
    """How many rows something followed, and their share with its interval (of people, who recur over dates)."""

    rows: int
    rate: Interval


@dataclass(frozen=True)
class LabelCount:
    """What followed the dates of one regime for one group.

    Parameters
    ----------
    when, group
        A regime of counting rules or ``all dates``; ``everybody``, ``ipv`` or ``familial``.
    dates, rows, people
        Dates, rows (a person at a date) and distinct people.
    censored, moved, treated, died
        Rows without weight: custody came first, a move away came first, a Drive case started, or the person had died
        by the date.
    weighted, truncated, effective_size
        Rows with weight, those whose weight is the largest allowed, and how many equally weighted rows carry as much
        information.
    parts
        For ``outcome`` (grade 2 or 3) and each part: what followed the rows with weight; None where not available.
    treated_low, treated_high
        The rate of the outcome if none, or all, of the treated had had it.
    """

    when: str
    group: str
    dates: int
    rows: int
    people: int
    censored: int
    moved: int
    treated: int
    died: int
    weighted: int
    truncated: int
    effective_size: float
    parts: Mapping[str, Followed | None]
    treated_low: float
    treated_high: float


def label_report(
    spine: pd.DataFrame, labels: pd.DataFrame, kinds: pd.DataFrame, settings: LabelSettings
) -> tuple[LabelCount, ...]:
    """Count what followed, for everybody and by kind of abuse, by regime and over all dates.

    Parameters
    ----------
    spine, labels, kinds
        One row a person and date, side by side: person_id and as_of; the columns of `training.labels`; one column
        of bool a kind of abuse.
    settings
        Of the label.

    Returns
    -------
    tuple of LabelCount
        None for a regime without a date or a group without a row.
    """
    numbers = days(spine["as_of"])
    regime = {
        int(number): regime_of(AsOf(number_day(int(number))), settings.horizon_days) for number in np.unique(numbers)
    }
    when = {name: np.isin(numbers, [day for day, own in regime.items() if own == name]) for name in REGIMES}
    groups: dict[str, Bools] = {"everybody": np.ones(len(spine), dtype=np.bool_)}
    groups |= {str(name): kinds[name].to_numpy(np.bool_) for name in kinds}
    person = np.unique(spine["person_id"].to_numpy(object), return_inverse=True)[1]
    everything = {EVERY_DATE: np.ones(len(spine), dtype=np.bool_)}
    return tuple(
        _count(name, group, labels[here & chosen], person[here & chosen], numbers[here & chosen], settings)
        for name, here in (when | everything).items()
        for group, chosen in groups.items()
        if (here & chosen).any()
    )


def _count(
    when: str,
    group: str,
    labels: pd.DataFrame,
    person: np.ndarray[tuple[int], np.dtype[np.intp]],
    numbers: np.ndarray[tuple[int], np.dtype[np.int64]],
    settings: LabelSettings,
) -> LabelCount:
    weight = labels["weight"].to_numpy(np.float64)
    kept = weight > 0
    parts = {name: _followed(labels[name], person, weight) for name in (OUTCOME, *PARTS)}
    treated = labels["treated"].to_numpy(np.bool_)
    outcome = parts[OUTCOME]
    rate, share = (outcome.rate.value if outcome else float("nan")), float(treated.mean())
    return LabelCount(
        when=when,
        group=group,
        dates=len(np.unique(numbers)),
        rows=len(labels),
        people=len(np.unique(person)),
        censored=int(labels["censored"].sum()),
        moved=int(labels["moved"].sum()),
        treated=int(treated.sum()),
        died=int(labels["died"].sum()),
        weighted=int(kept.sum()),
        truncated=int((weight[kept] >= 1.0 / settings.smallest_probability - 1e-9).sum()),
        effective_size=effective_size(weight),
        parts=parts,
        treated_low=rate * (1 - share),
        treated_high=rate * (1 - share) + share,
    )


def _followed(column: pd.Series, person: np.ndarray[tuple[int], np.dtype[np.intp]], weight: Floats) -> Followed | None:
    kept = weight > 0
    if column.isna().any() or not kept.any():
        return None
    happened = column.to_numpy(dtype=np.float64)[kept]
    return Followed(int(happened.sum()), clustered_rate(happened, weight[kept], person[kept]))


def clustered_rate(happened: Floats, weight: Floats, person: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Interval:
    """Return a weighted share with a 95 % score interval (Wilson) at the size that people who recur are worth.

    The size is that of independent people whose share would vary as much as this one does between people.

    >>> twice = clustered_rate(np.array([1.0, 1.0, 0.0, 0.0]), np.ones(4), np.array([0, 0, 1, 1]))
    >>> once = clustered_rate(np.array([1.0, 0.0]), np.ones(2), np.array([0, 1]))
    >>> twice == once
    True
    """
    total = weight.sum()
    share = float(weight @ happened / total)
    residuals = np.bincount(person, weight * (happened - share))
    variance = float((residuals**2).sum() / total**2)
    size = (
        share * (1 - share) / variance
        if variance > 0
        else effective_size(np.bincount(person, weight).astype(np.float64))
    )
    middle = (share + _Z**2 / (2 * size)) / (1 + _Z**2 / size)
    half = _Z * np.sqrt(share * (1 - share) / size + _Z**2 / (4 * size**2)) / (1 + _Z**2 / size)
    low, high = (round(float(bound), 12) for bound in (middle - half, middle + half))
    return Interval(share, max(0.0, low), min(1.0, high))
