"""Which indicators move a community's errors apart from everybody else's.

A margin is the sum of its contributions, so the difference of two groups' mean margins is the sum of the differences
of their mean contributions, indicator by indicator, with nothing left over. It says through what the ranker places a
group lower or higher, not why the records differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairness.errors import TableError
from fairness.groups import Characteristic
from fairness.intervals import normal_quantile

FEWEST = 30
SHOWN = 5
TOLD = 3
"""The largest indicators that are told beside a verdict."""
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
SIDES = {
    "harmed": "people with the outcome, found or missed: why harm of the group is found more or less often",
    "missed": "people with the outcome below the line",
    "wrongly_high": "people without the outcome above the line",
}


def error_drivers(
    contributions: pd.DataFrame,
    people: pd.DataFrame,
    communities: Mapping[str, Characteristic],
    families: Mapping[str, str],
    *,
    shown: int = SHOWN,
    level: float = 0.95,
) -> list[dict[str, Any]]:
    """Return, by community and side, what moves its margins apart from those of everyone else on that side.

    Parameters
    ----------
    contributions
        One row a person and list, one column an indicator (no base); a row sums to the margin less the base.
    people
        The same rows: ``person_id`` (rows of one person are clustered), ``selected`` and ``outcome`` (0, 1 or missing).
    communities
        Characteristics of the same rows.
    families
        The family of each indicator, for the sums over families.
    shown
        How many indicators are named, the largest differences first.

    Returns
    -------
    list of dict
        side, characteristic, group, people, others, ``gap`` (mean margin of the group less that of everyone else, with
        ``low`` and ``high``), ``of`` (how many indicators there are), ``indicators`` (name, family, difference, low,
        high), ``rest`` (the sum of all that are not named) and ``families`` (name, difference; they sum to the gap).
        Sides of fewer than thirty people are left out.

    Raises
    ------
    TableError
        If the tables are not of the same rows.
    """
    if not contributions.index.equals(people.index):
        raise TableError("Contributions and people are not of the same rows.", "Give both one index.")
    values = contributions.to_numpy(np.float64)
    values = np.column_stack([values, values.sum(axis=1)])  # the last is the margin itself
    names = [str(name) for name in contributions.columns]
    person = np.asarray(pd.factorize(people["person_id"])[0], dtype=np.int64)
    found = []
    for side, rows in _sides(people).items():
        for name, characteristic in communities.items():
            codes = characteristic.codes[rows]
            for code, group in enumerate(characteristic.groups):
                member = codes == code
                counts = [int(np.unique(person[rows][part]).size) for part in (member, ~member)]
                if min(counts) >= FEWEST:
                    gap = _differences(values[rows], member, person[rows], normal_quantile(0.5 + level / 2))
                    head = {"side": side, "characteristic": name, "group": group}
                    size = {"people": counts[0], "others": counts[1]}
                    found.append(head | size | _told(names, families, *gap, shown))
    return found


def _sides(people: pd.DataFrame) -> dict[str, npt.NDArray[np.int64]]:
    outcome = pd.to_numeric(people["outcome"]).to_numpy(np.float64, na_value=np.nan)
    above = people["selected"].to_numpy() == 1
    sides = {"harmed": outcome == 1, "missed": (outcome == 1) & ~above, "wrongly_high": (outcome == 0) & above}
    return {name: np.flatnonzero(rows).astype(np.int64) for name, rows in sides.items()}


def _differences(values: Floats, member: Flags, person: npt.NDArray[np.int64], reach: float) -> tuple[Floats, Floats]:
    """Return the difference of means of every column, and half its interval, rows clustered by person."""
    weight = np.where(member, 1.0 / member.sum(), -1.0 / (~member).sum())
    means = np.where(member[:, None], values[member].mean(axis=0), values[~member].mean(axis=0))
    order = np.argsort(person, kind="stable")
    starts = np.flatnonzero(np.diff(person[order], prepend=-1))
    influence = np.add.reduceat((weight[:, None] * (values - means))[order], starts, axis=0)
    return weight @ values, reach * np.sqrt((influence**2).sum(axis=0))


def _told(
    names: Sequence[str], families: Mapping[str, str], means: Floats, reach: Floats, shown: int
) -> dict[str, Any]:
    gap, whole = means[:-1], float(means[-1])
    largest = [at for at in np.argsort(-np.abs(gap), kind="stable")[:shown] if gap[at] != 0]
    by_family: dict[str, float] = {}
    for name, value in zip(names, gap, strict=True):
        by_family[families[name]] = by_family.get(families[name], 0.0) + float(value)
    return {
        "gap": whole,
        "low": whole - float(reach[-1]),
        "high": whole + float(reach[-1]),
        "of": len(names),
        "indicators": [
            {
                "name": names[at],
                "family": families[names[at]],
                "difference": float(gap[at]),
                "low": float(gap[at] - reach[at]),
                "high": float(gap[at] + reach[at]),
            }
            for at in largest
        ],
        "rest": whole - float(gap[largest].sum()),
        "families": [
            {"name": name, "difference": value}
            for name, value in sorted(by_family.items(), key=lambda pair: -abs(pair[1]))
        ],
    }
