"""Metrics of the whole order: how far down a group stands, and how soon a reader reaches it.

- **rank gap**: a group's mean place less everyone else's, as a share of the list; the same as one half less the area
  under the curve. Negative: the group stands further up. Its interval is DeLong's (DeLong, DeLong and Clarke-Pearson
  1988), summed by person where persons recur (Obuchowski 1997), on the scale of the logit so that it stays inside.
- **exposure**: the mean over a group of ``1 / log2(1 + place)`` down to the line, set beside everyone else's as a
  ratio; its interval is that of the log ratio, linearised and summed by person.

Both intervals rest on large numbers and are given from `FEWEST` persons on either side, that of exposure only where
without a gap `FEWEST_DUE` places were due to either (with four places for two hundred people it held the truth 64 times
in 100). Places due are asked for, not places had: an interval that is given only where a group happens to stand high
misses the truth too often where it is given. Neither may bind.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fairness.axes import Axis
from fairness.intervals import normal_quantile
from fairness.tables import AuditTable

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
FEWEST = 100
FEWEST_DUE = 10
LEVEL = 0.95


def rank_metrics(table: AuditTable, axis: Axis) -> tuple[dict[str, object], dict[str, object]]:
    """Return the columns of `rank_gap` and of `exposure`, one entry a group of `axis`."""
    standing = table.standing
    if standing is None:
        raise ValueError("Metrics of the order need scores.")
    rows = np.flatnonzero(~np.isnan(standing.place))
    code, person = axis.codes[rows], table.person[rows]
    n = np.bincount(code, minlength=axis.size)
    shared = {"n": n, "others_n": n.sum() - n, "labelled": False}
    gap = _gaps(standing.place[rows], standing.step, code, person, axis.size)
    seen = _exposures(standing.exposure[rows], code, person, axis.size)
    return {"metric": "rank_gap", **shared, **gap}, {"metric": "exposure", **shared, **seen}


def _gaps(place: Floats, step: Ints, code: Ints, person: Ints, size: int) -> dict[str, Floats]:
    _, value, others = _means(place, code, size)
    # Places of several lists are ranked once more together, so that the gap is the area under one curve. Ranks are
    # halves of whole numbers and add up exactly; shares of the list would not.
    _, mine, theirs = _means(_mid(np.bincount(step))[step], code, size)
    low, high = np.full(size, np.nan), np.full(size, np.nan)
    for group in np.flatnonzero(_enough(code, person, size)):
        low[group], high[group] = _gap_interval(step, code == group, person)
    return {
        "value": value,
        "others_value": others,
        "difference": (mine - theirs) / max(place.size, 1),
        "difference_low": low,
        "difference_high": high,
    }


def _mid(people: Ints) -> Floats:
    """Return, for each step of the order, everybody before it and half of those on it."""
    return np.asarray(np.cumsum(people) - people / 2, dtype=np.float64)


def _gap_interval(step: Ints, member: npt.NDArray[np.bool_], person: Ints) -> tuple[float, float]:
    steps = int(step.max()) + 1
    inside = np.bincount(step[member], minlength=steps)
    outside = np.bincount(step, minlength=steps) - inside
    m, n = int(inside.sum()), int(outside.sum())
    before_member, before_other = _mid(outside) / n, _mid(inside) / m
    area = float((inside * before_member).sum() / m)  # the chance that a member stands further down
    if not 0 < area < 1:
        return area - 0.5, area - 0.5
    influence = np.where(member, (before_member[step] - area) / m, (1 - area - before_other[step]) / n)
    spread = float(np.sqrt(_by_person(influence, person)))
    reach = normal_quantile(0.5 + LEVEL / 2) * spread / (area * (1 - area))
    ends = 1 / (1 + np.exp(-(np.log(area / (1 - area)) + np.array([-reach, reach]))))
    return float(ends[0]) - 0.5, float(ends[1]) - 0.5


def _exposures(exposure: Floats, code: Ints, person: Ints, size: int) -> dict[str, Floats]:
    n, value, others = _means(exposure, code, size)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(others > 0, value / others, np.nan)
    low, high = np.full(size, np.nan), np.full(size, np.nan)
    seen = np.bincount(code[exposure > 0], minlength=size)
    due = seen.sum() * np.minimum(n, n.sum() - n) / max(n.sum(), 1)
    enough = _enough(code, person, size) & (due >= FEWEST_DUE) & (seen > 0) & (seen < seen.sum())
    z = normal_quantile(0.5 + LEVEL / 2)
    for group in np.flatnonzero(enough):
        member = code == group
        own = (exposure - value[group]) / (n[group] * value[group])
        rest = (exposure - others[group]) / ((n.sum() - n[group]) * others[group])
        reach = np.exp(z * np.sqrt(_by_person(np.where(member, own, -rest), person)))
        low[group], high[group] = ratio[group] / reach, ratio[group] * reach
    return {
        "value": value,
        "others_value": others,
        "difference": value - others,
        "ratio": ratio,
        "ratio_low": low,
        "ratio_high": high,
    }


def _means(values: Floats, code: Ints, size: int) -> tuple[Ints, Floats, Floats]:
    """Return each group's size, its mean, and everyone else's mean."""
    n = np.bincount(code, minlength=size)
    total = np.bincount(code, weights=values, minlength=size)
    with np.errstate(divide="ignore", invalid="ignore"):
        return n, total / n, (values.sum() - total) / (n.sum() - n)


def _enough(code: Ints, person: Ints, size: int) -> npt.NDArray[np.bool_]:
    people = np.bincount(np.unique(person * size + code) % size, minlength=size)
    return np.asarray((people >= FEWEST) & (people.sum() - people >= FEWEST))


def _by_person(influence: Floats, person: Ints) -> float:
    sums = np.bincount(person, weights=influence)
    return float((sums**2).sum())
