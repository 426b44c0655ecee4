"""Whether expected grades are borne out: slope, intercept and level of calibration, with intervals.

The curve that turns a margin into an expected grade is fitted on splits whose labels were known at the test date, and
judged on the split of that date (decision 20). Judging is a quasi-binomial recalibration: the logit of the grade that
followed, in a line of the logit of the expected one. A slope of 1 and an intercept of 0 say that expected grades need
no mending; a slope below 1 that they are too extreme, above 1 that they are too much alike. The interval is that of
the whole rule: each bootstrap draw of people fits the curve anew on the earlier splits and judges it on the later one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from models.calibration import Line, fit_line
from training.evaluate import MINIMUM_PEOPLE, Copies, Interval, draw_copies
from training.follow_up import Bools
from training.groups import SMALLEST_BIN, cut_groups
from training.lists import Floats, Ints, Lists
from training.regimes import REGIMES, regime_of
from training.schedule import known_before
from training.settings import LabelSettings
from training.splits import Split
from values import Progress, silent

POOLED = "all splits"
_DRAWS = 200
_BINS = 10
_STEPS = 2  # of Newton's method, from the line of everybody to that of a draw
_NOTHING = Interval(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class Bin:
    """People with much the same expected grade: how many, the mean they were given, and the mean that followed."""

    people: int
    expected: float
    observed: Interval


@dataclass(frozen=True)
class Reliability:
    """How well one ranker's expected grades are borne out in one group at one time.

    Parameters
    ----------
    ranker, group, when
        The ranker; ``everybody``, ``ipv`` or ``familial``; a test date, a regime of counting rules or ``all splits``.
    curve
        ``common``: fitted on everybody in earlier splits (it makes the bands); ``own``: on the group alone.
    people
        Distinct people with a known outcome.
    slope, intercept, level
        Of the recalibration, and the mean grade that followed over the mean expected one. NaN for fewer than ten
        people, and where everybody's grade was the same.
    bins
        At most ten of at least ten people each, lowest first.
    """

    ranker: str
    group: str
    when: str
    curve: str
    people: int
    slope: Interval
    intercept: Interval
    level: Interval
    bins: tuple[Bin, ...]

    @property
    def holds(self) -> bool | None:
        """Whether the slope's interval covers 1; None where no interval can be stated."""
        if not np.isfinite([self.slope.low, self.slope.high]).all():
            return None
        return bool(self.slope.low <= 1.0 <= self.slope.high)


def reliability(
    lists: Lists,
    y: Floats,
    kinds: Mapping[str, Bools],
    splits: Sequence[Split],
    label: LabelSettings,
    *,
    draws: int = _DRAWS,
    seed: int = 2026,
    progress: Progress = silent,
) -> tuple[Reliability, ...]:
    """Judge every ranker's expected grades on each split, each regime and all splits, for everybody and by kind.

    Parameters
    ----------
    lists
        People, weights and margins of all splits.
    y
        Grades in [0, 1] that followed, one a row.
    kinds
        By name of a group: which rows belong to it.
    splits, label
        Their dates say which labels were known at which test date.
    draws, seed
        Bootstrap draws of people (at most 200 are made), and their seed.

    Returns
    -------
    tuple of Reliability
        Nothing for a split before which no label was known, and nothing for a ranker that tells nobody apart.
    """
    copies = draw_copies(lists.people, min(draws, _DRAWS), seed)
    known = known_before(splits, label)
    everybody = lists.weight > 0
    groups: dict[tuple[str, str], Bools] = {("everybody", "common"): everybody}
    for kind, chosen in kinds.items():
        groups |= {(kind, "common"): everybody & chosen, (kind, "own"): everybody & chosen}
    found: list[Reliability] = []
    with threadpool_limits(limits=1, user_api="blas"):  # one order of summing on every machine
        for done, (name, margin) in enumerate(lists.margins.items()):
            judged = _Judged(name, lists, _standardised(margin, everybody), y, copies)
            common = judged.curves(known, everybody)
            for (group, curve), rows in groups.items():
                curves = judged.curves(known, rows) if curve == "own" else common
                found += _over_time(judged, group, curve, rows, curves, splits, label)
            progress("reliability", done + 1, len(lists.margins))
    return tuple(found)


def _standardised(margin: Floats, rows: Bools) -> Floats:
    """Return margins on a scale of about one; a straight line of them is a straight line of the margins."""
    spread = float(margin[rows].std()) if rows.any() else 0.0
    return (margin - margin[rows].mean()) / spread if spread > 0 else np.zeros(len(margin))


@dataclass(frozen=True)
class _Curves:
    """By split: the line of the logit of the expected grade, and the lines of the draws, shape (draws, 2)."""

    point: Mapping[int, Line]
    drawn: Mapping[int, Floats]


@dataclass(frozen=True)
class _Judged:
    """One ranker's margins (standardised) beside what followed."""

    ranker: str
    lists: Lists
    z: Floats
    y: Floats
    copies: Copies

    def curves(self, known: Mapping[int, Sequence[int]], rows: Bools) -> _Curves:
        """Fit the curve of each split on the chosen rows of the splits known before it."""
        point: dict[int, Line] = {}
        drawn: dict[int, Floats] = {}
        for number, earlier in known.items():
            chosen = np.flatnonzero(rows & np.isin(self.lists.split, earlier))
            if self.can_be_fitted(chosen):
                line = fit_line(self.z[chosen], self.y[chosen], _shares(self.lists.weight[chosen]))
                if line[0] > 0:  # a curve that turned the order round would be refused
                    point[number] = line
                    drawn[number] = np.array([self._line(chosen, self.z[chosen], times, line) for times in self.copies])
        return _Curves(point, drawn)

    def can_be_fitted(self, rows: Ints) -> bool:
        """Say whether there are ten people, and any difference between their margins and between their grades."""
        enough = len(np.unique(self.lists.person[rows])) >= SMALLEST_BIN
        return enough and bool(np.ptp(self.z[rows]) > 0) and bool(np.ptp(self.y[rows]) > 0)

    def _line(self, rows: Ints, x: Floats, times: Floats, start: Line) -> Line:
        weight = self.lists.weight[rows] * times[self.lists.person[rows]]
        return fit_line(x, self.y[rows], _shares(weight), start, _STEPS) if weight.any() else (np.nan, np.nan)

    def judge(self, group: str, curve: str, when: str, rows: Ints, curves: _Curves) -> Reliability:
        """Recalibrate on `rows`, each of a split that has a curve."""
        people = len(np.unique(self.lists.person[rows]))
        judged = Reliability(self.ranker, group, when, curve, people, _NOTHING, _NOTHING, _NOTHING, ())
        if not self.can_be_fitted(rows):
            return judged
        weight, y, split = self.lists.weight[rows], self.y[rows], self.lists.split[rows]
        logit = _logit(self.z[rows], split, curves.point)
        line, mean = fit_line(logit, y, _shares(weight)), np.average(y, weights=weight)
        expected = _grade(logit)
        drawn = np.full((len(self.copies), 3), np.nan)
        for draw, times in enumerate(self.copies if people >= MINIMUM_PEOPLE else ()):
            again = _logit(self.z[rows], split, {number: lines[draw] for number, lines in curves.drawn.items()})
            w = weight * times[self.lists.person[rows]]
            if w.any():
                slope, intercept = self._line(rows, again, times, line)
                drawn[draw] = slope, intercept, (w @ y) / (w @ _grade(again))
        stated = [Interval.of(value, drawn[:, column], people) for column, value in enumerate(line)]
        level = Interval.of(mean / np.average(expected, weights=weight), drawn[:, 2], people)
        bins = self._bins(rows, expected)
        return dataclasses.replace(judged, slope=stated[0], intercept=stated[1], level=level, bins=bins)

    def _bins(self, rows: Ints, expected: Floats) -> tuple[Bin, ...]:
        order = np.argsort(expected, kind="stable")
        splits = len(np.unique(self.lists.split[rows]))  # a person has one row a split
        found = []
        for group in cut_groups(order, expected[order], SMALLEST_BIN * splits, _BINS):
            chosen = rows[group]
            w, y, person = self.lists.weight[chosen], self.y[chosen], self.lists.person[chosen]
            both = self.copies[:, person].astype(np.float64) @ np.stack([w * y, w], axis=1)
            drawn = np.divide(both[:, 0], both[:, 1], out=np.full(len(both), np.nan), where=both[:, 1] > 0)
            people = len(np.unique(person))
            observed = Interval.of(float(np.average(y, weights=w)), drawn, people)
            found.append(Bin(people, float(np.average(expected[group], weights=w)), observed))
        return tuple(found)


def _over_time(
    judged: _Judged,
    group: str,
    curve: str,
    chosen: Bools,
    curves: _Curves,
    splits: Sequence[Split],
    label: LabelSettings,
) -> Iterator[Reliability]:
    """Judge each split, then each regime and all splits; what holds one split only is that split's figures again."""
    single: dict[int, Reliability] = {}
    for number in curves.point:
        rows = np.flatnonzero(chosen & (judged.lists.split == number))
        single[number] = judged.judge(group, curve, str(splits[number].test), rows, curves)
    yield from single.values()
    regimes = {number: regime_of(splits[number].test, label.horizon_days) for number in single}
    pooled = {regime: [n for n in single if regimes[n] == regime] for regime in REGIMES} | {POOLED: list(single)}
    for when, numbers in pooled.items():
        if len(numbers) == 1:
            yield dataclasses.replace(single[numbers[0]], when=when)
        elif numbers:
            rows = np.flatnonzero(chosen & np.isin(judged.lists.split, numbers))
            yield judged.judge(group, curve, when, rows, curves)


def _shares(weight: Floats) -> Floats:
    return np.asarray(weight / weight.sum())


def _logit(z: Floats, split: Ints, lines: Mapping[int, Line | Floats]) -> Floats:
    table = np.zeros((int(split.max()) + 1, 2))
    for number, line in lines.items():
        if number < len(table):
            table[number] = line
    return np.asarray(table[split, 0] * z + table[split, 1])


def _grade(logit: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logit, -700.0, 700.0))))
