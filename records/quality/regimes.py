"""What changed when recording rules changed, and what changed when none did.

A count before and after a day is compared by the ratio of monthly means over the same number of full months on both
sides (twelve: a whole year each, so that the season weighs the same). The interval is that of a quasi-Poisson rate
ratio: log ratio +- t * sqrt(phi (1/A + 1/B)), where phi is Pearson's chi-square of the monthly counts around their
two means over its degrees of freedom, at least 1. Season inflates phi, so the interval is rather too wide.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from records.quality.settings import QualitySettings
from records.quality.source import Source
from records.quality.volumes import month_name

Expect = Literal["fall", "rise", "start"]
EVERYTHING = "all domestic crimes"
NOT_SEEN = "no clear change, one was expected"


@dataclass(frozen=True)
class Break:
    """A known change of what is recorded.

    Parameters
    ----------
    name, month
        What changed, and the first month that belongs to the new rule (``YYYY-MM``).
    expected
        For each offence family the direction in which its count should move.
    says
        What happened, in a sentence.
    source
        Where that comes from.
    verified
        False where the day is from general knowledge and nobody has looked it up.
    """

    name: str
    month: str
    expected: Mapping[str, Expect]
    says: str
    source: str
    verified: bool


BREAKS = (
    Break(
        "Coercive control becomes an offence",
        "2016-01",
        {"coercive_control": "start"},
        "Controlling or coercive behaviour has been an offence since late December 2015 (Serious Crime Act 2015, s76).",
        "general knowledge",
        False,
    ),
    Break(
        "Strangulation becomes an offence of its own",
        "2022-06",
        {"strangulation": "start"},
        "Non-fatal strangulation and suffocation have been offences of their own since June 2022; before, they were "
        "recorded as other violence or not at all.",
        "general knowledge",
        False,
    ),
    Break(
        "Counting rules of June 2023",
        "2023-06",
        {EVERYTHING: "fall", "malicious_communications": "fall", "public_order": "fall"},
        "One crime is counted each time a victim comes forward, and some malicious communications and public order "
        "are no longer counted. Published domestic abuse crimes fell by 7 to 10%, malicious communications by 42%.",
        "published figures on domestic abuse crimes after the change, second hand",
        True,
    ),
)
"""Breaks at a known day. DASH to DARA came force by force and is found in the data instead."""


@dataclass(frozen=True)
class Ratio:
    """Rows a month after a day, relative to before, with its interval (None where a side holds no row)."""

    before: int
    after: int
    value: float | None
    low: float | None
    high: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {"before": self.before, "after": self.after, "ratio": self.value, "low": self.low, "high": self.high}


def rate_ratio(before: NDArray[np.int64], after: NDArray[np.int64], level: float) -> Ratio:
    """Compare monthly counts after a day with those before it.

    Parameters
    ----------
    before, after
        Rows a month on each side.
    level
        Coverage of the interval.
    """
    a, b = int(before.sum()), int(after.sum())
    if a == 0 or b == 0:
        return Ratio(a, b, None, None, None)
    means = before.mean(), after.mean()
    freedom = len(before) + len(after) - 2
    chi = float(((before - means[0]) ** 2 / means[0]).sum() + ((after - means[1]) ** 2 / means[1]).sum())
    spread = max(1.0, chi / freedom)
    value = math.log(means[1] / means[0])
    half = float(student.isf((1 - level) / 2, freedom)) * math.sqrt(spread * (1 / a + 1 / b))
    return Ratio(a, b, math.exp(value), math.exp(value - half), math.exp(value + half))


def regimes(source: Source, settings: QualitySettings) -> dict[str, Any]:
    """Compare counts by offence family around every known break, and search for breaks that nobody announced."""
    counts = _monthly(source)
    months = len(next(iter(counts.series.values()))) if counts.series else 0
    found = [_at_break(each, counts, settings) for each in BREAKS]
    return {
        "clock": "day of report (of the incident where not recorded)",
        "months_each_side": settings.window,
        "level": settings.level,
        "known": found,
        "elsewhere": _elsewhere(counts, settings) if months else [],
        "risk_tool": risk_tool(source, settings),
        "counting_regime": _regime_label(source),
    }


@dataclass(frozen=True)
class _Monthly:
    first: int
    series: dict[str, NDArray[np.int64]]


def _monthly(source: Source) -> _Monthly:
    """Count domestic rows a full month by offence family, and all domestic crimes."""
    end = source.snapshot.extract_date
    last = end.toordinal() + 1
    rows = source.rows(
        "SELECT year(day) * 12 + month(day) - 1 AS month, family, is_crime, count(*) AS rows FROM incidents "
        "WHERE domestic AND day < date_trunc('month', CAST(? AS DATE)) GROUP BY ALL ORDER BY month",
        [end.fromordinal(last)],
    )
    if not rows:
        return _Monthly(0, {})
    total, seen, first = sum(row["rows"] for row in rows), 0, rows[0]["month"]
    for row in rows:
        seen += row["rows"]
        first = row["month"]
        if seen > total / 1000:  # a few rows of decades ago are no series
            break
    length = rows[-1]["month"] - first + 1
    series: dict[str, NDArray[np.int64]] = {EVERYTHING: np.zeros(length, dtype=np.int64)}
    for row in rows:
        if row["month"] >= first:
            own = series.setdefault(row["family"], np.zeros(length, dtype=np.int64))
            own[row["month"] - first] += row["rows"]
            if row["is_crime"]:
                series[EVERYTHING][row["month"] - first] += row["rows"]
    return _Monthly(first, dict(sorted(series.items(), key=lambda item: -int(item[1].sum()))))


def _month_number(name: str) -> int:
    return int(name[:4]) * 12 + int(name[5:]) - 1


def _at_break(known: Break, counts: _Monthly, settings: QualitySettings) -> dict[str, Any]:
    position = _month_number(known.month) - counts.first
    result: dict[str, Any] = {
        "name": known.name,
        "month": known.month,
        "says": known.says,
        "source": known.source,
        "verified": known.verified,
        "families": [],
    }
    for family, series in counts.series.items():
        before = series[max(0, position - settings.window) : max(0, position)]
        after = series[max(0, position) : max(0, position + settings.window)]
        if min(len(before), len(after)) < settings.window:
            continue
        ratio = rate_ratio(before, after, settings.level)
        if ratio.before + ratio.after >= settings.fewest_events:
            expected = known.expected.get(family)
            verdict = _verdict(ratio, expected)
            result["families"].append({"family": family, **ratio.to_dict(), "expected": expected, "verdict": verdict})
    result["covered"] = bool(result["families"])
    return result


def _verdict(ratio: Ratio, expected: Expect | None) -> str:
    """Say what a ratio shows: as expected, no clear change, against expectation, or a change nobody announced."""
    direction = _direction(ratio)
    if expected is None:
        return "no clear change" if direction is None else "changed, not announced"
    if direction is None:
        return NOT_SEEN
    fits = direction == expected or (expected == "start" and direction == "rise")
    return "as expected" if fits else "against expectation"


def _direction(ratio: Ratio) -> Expect | None:
    if ratio.value is None:
        return "start" if ratio.after else "fall"
    if ratio.low is not None and ratio.low > 1:
        return "rise"
    return "fall" if ratio.high is not None and ratio.high < 1 else None


def _elsewhere(counts: _Monthly, settings: QualitySettings) -> list[dict[str, Any]]:
    """Return months at which a family's level changed most, away from known breaks.

    Every month with a whole window on both sides is tried, so the interval is that of the level corrected for the
    number of tries (Bonferroni); a change counts from the ratio `change` on. Of neighbouring months the one that
    splits the counts best is given.
    """
    window, found = settings.window, []
    tries = sum(max(0, len(series) - 2 * window + 1) for series in counts.series.values())
    level = 1 - (1 - settings.level) / max(1, tries)
    for family, series in counts.series.items():
        steps = [
            (month, ratio)
            for month in range(window, len(series) - window + 1)
            if (ratio := rate_ratio(series[month - window : month], series[month : month + window], level)).before
            + ratio.after
            >= settings.fewest_events
        ]
        found += [
            {"family": family, "month": month_name(counts.first + month), **ratio.to_dict(), **_near(month, counts)}
            for month, ratio in _peaks(steps, settings)
        ]
    return found


def _peaks(steps: Sequence[tuple[int, Ratio]], settings: QualitySettings) -> list[tuple[int, Ratio]]:
    kept: list[tuple[int, Ratio]] = []
    clear = [(month, ratio) for month, ratio in steps if _large(ratio, settings.change)]
    for month, ratio in sorted(clear, key=lambda step: (-_sharpness(step[1]), step[0])):
        if all(abs(month - other) >= settings.window for other, _ in kept):
            kept.append((month, ratio))
    return sorted(kept, key=lambda step: step[0])


def _large(ratio: Ratio, change: float) -> bool:
    if ratio.value is None:
        return True
    return _direction(ratio) is not None and max(ratio.value, 1 / ratio.value) >= change


def _sharpness(ratio: Ratio) -> float:
    """Return how far the ratio lies from 1 in units of its interval: largest where the two sides split best."""
    if ratio.value is None or ratio.low is None or ratio.high is None:
        return float(ratio.before + ratio.after)
    return abs(math.log(ratio.value)) / math.log(ratio.high / ratio.low)


def _near(month: int, counts: _Monthly) -> dict[str, Any]:
    """Name the known break that lies within two months, if there is one."""
    for known in BREAKS:
        if abs(_month_number(known.month) - counts.first - month) <= 2:
            return {"known": known.name}
    return {"known": None}


def risk_tool(source: Source, settings: QualitySettings) -> dict[str, Any]:
    """Find the month from which most graded incidents name DARA, and compare the share graded high around it."""
    if not source.has("incidents.risk_tool"):
        return {"available": False}
    rows = source.rows(
        "SELECT year(day) * 12 + month(day) - 1 AS month, count(*) AS incidents, "
        "count(*) FILTER (risk_tool = 'dash') AS dash, count(*) FILTER (risk_tool = 'dara') AS dara, "
        "count(risk_grade) AS graded, count(*) FILTER (risk_grade = 'high') AS high "
        "FROM incidents WHERE domestic AND risk_tool IS NOT NULL AND day IS NOT NULL GROUP BY ALL ORDER BY month"
    )
    switch = next((row["month"] for row in rows if row["dara"] > row["incidents"] / 2), None)
    result: dict[str, Any] = {
        "available": bool(rows),
        "dash": sum(row["dash"] for row in rows),
        "dara": sum(row["dara"] for row in rows),
        "month": None if switch is None else month_name(switch),
    }
    if switch is None or switch == rows[0]["month"]:
        return result
    sides = {}
    for side, inside in (
        ("before", range(switch - settings.window, switch)),
        ("after", range(switch, switch + settings.window)),
    ):
        chosen = [row for row in rows if row["month"] in inside]
        graded, high = sum(row["graded"] for row in chosen), sum(row["high"] for row in chosen)
        sides[side] = {"graded": graded, "high": high, "share_high": high / graded if graded else None}
    return {**result, **sides}


def _regime_label(source: Source) -> dict[str, Any]:
    """Count incidents whose stated counting regime contradicts the day of their report."""
    if not source.has("incidents.counting_regime", "incidents.reported_on"):
        return {"available": False}
    counts = source.row(
        "SELECT count(*) AS of, count(*) FILTER ((counting_regime = 'before_2023_06') <> "
        "(reported_on < DATE '2023-06-01')) AS contradicting FROM incidents "
        "WHERE counting_regime IN ('before_2023_06', 'from_2023_06') AND reported_on IS NOT NULL"
    )
    return {"available": True, **counts}
