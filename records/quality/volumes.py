# ruff: noqa: S608 - every name in the SQL is written here
"""Rows a month by table and area, with the months that are blank or unlike the months before them.

The method, in the order in which it works on one series of monthly counts y:

1. The usual month m is the median of the 12 months before that are not blank (of the first 12 others where fewer
   than 6 came before). A median does not follow a single odd month.
2. The deviation is e = 2 (sqrt(y + 3/8) - sqrt(m + 3/8)): Anscombe's transform, under which a Poisson count has
   variance 1 whatever its level (Anscombe 1948, Biometrika 35).
3. How much counts vary is measured in the series: phi = (1.4826 x median |e - median e|)^2, at least 1. It takes
   season, trend and clustering into account, and a few odd months do not raise it.
4. A month is flagged where |e| exceeds the normal quantile for `false_alarm`, times sqrt(phi), and y differs from
   m by the ratio `change` or more.
5. A month without a row is blank where the usual month holds `blank_from` rows or more.

Flags in a row are one change. It says that something changed, never why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from records.quality.settings import QualitySettings
from records.quality.source import Source

Counts = NDArray[np.int64]

CLOCKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "incidents": ("SELECT day, area FROM incidents", "day of report (of the incident where not recorded)"),
        "involvements": (
            "SELECT i.day, i.area FROM now_involvements JOIN incidents i USING (incident_id)",
            "day of the incident's report",
        ),
        "dyads": (
            "SELECT i.day, i.area FROM now_dyads JOIN incidents i USING (incident_id)",
            "day of the incident's report",
        ),
        "marac_hearings": ("SELECT heard_at AS day, area FROM now_marac_hearings", "day of the meeting"),
        "orders": ("SELECT starts_on AS day, NULL AS area FROM now_orders", "first day"),
        "custody": ("SELECT starts_on AS day, NULL AS area FROM now_custody", "first day"),
        "management": ("SELECT starts_on AS day, NULL AS area FROM now_management", "first day"),
        "safety_checks": ("SELECT checked_on AS day, NULL AS area FROM now_safety_checks", "day of the check"),
        "referrals": ("SELECT referred_at AS day, area FROM now_referrals", "day of the referral"),
        "interventions": ("SELECT decided_at AS day, NULL AS area FROM now_interventions", "day of the decision"),
        "abuse_assessments": ("SELECT assessed_on AS day, NULL AS area FROM now_abuse_assessments", "day assessed"),
    }
)
"""For each table that has a clock: its days (and areas), and what they are. The other tables have none."""
_BY_AREA = ("incidents", "marac_hearings")
_STRAY = 0.001  # the share of rows before the first month drawn: single rows of decades ago are no series


@dataclass(frozen=True)
class Change:
    """Months in a row that are unlike the months before them.

    Parameters
    ----------
    kind
        ``blank``, ``fall`` or ``rise``.
    first, last
        Positions in the series.
    ratio
        Rows a month in these months, relative to the usual month at their beginning.
    """

    kind: str
    first: int
    last: int
    ratio: float


def usual(counts: Counts, window: int) -> NDArray[np.float64]:
    """Return the usual month at every month: the median of the `window` months before that are not blank."""
    filled = np.flatnonzero(counts)
    level = np.zeros(len(counts))
    for month in range(len(counts)):
        before = filled[filled < month][-window:]
        if len(before) < window // 2:
            before = filled[filled != month][:window]
        level[month] = np.median(counts[before]) if len(before) else 0.0
    return level


def changes(counts: Counts, settings: QualitySettings) -> list[Change]:
    """Return what is unlike the months before, by the method above; nothing where the series is too short.

    >>> months = np.array([40, 44, 39, 41, 38, 42, 40, 43, 0, 0, 41, 39, 42, 40, 44, 38, 41, 40])
    >>> changes(months, QualitySettings())
    [Change(kind='blank', first=8, last=9, ratio=0.0)]
    """
    if len(counts) < settings.fewest_months:
        return []
    level = usual(counts, settings.window)
    deviation = 2 * (np.sqrt(counts + 0.375) - np.sqrt(level + 0.375))
    filled = counts > 0
    spread = 1.4826 * np.median(np.abs(deviation[filled] - np.median(deviation[filled]))) if filled.any() else 1.0
    limit = norm.isf(settings.false_alarm / 2) * max(1.0, float(spread))
    blank = ~filled & (level >= settings.blank_from)
    fall = (deviation < -limit) & (counts <= level / settings.change) & ~blank
    rise = (deviation > limit) & (counts >= level * settings.change)
    kind = np.select([blank, fall, rise], ["blank", "fall", "rise"], "")
    found = []
    for name, group in groupby(range(len(kind)), key=lambda month: str(kind[month])):
        months = list(group)
        if name:
            ratio = float(counts[months].mean() / level[months[0]])
            found.append(Change(name, months[0], months[-1], ratio))
    return found


def month_name(number: int) -> str:
    """Return a month counted from year 0 as ``YYYY-MM``."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def volumes(source: Source, settings: QualitySettings) -> dict[str, Any]:
    """Count rows a month for every table that has a clock, and by area for incidents and hearings.

    The month of the extract counts only if the extract was taken on its last day or later.
    """
    end = source.snapshot.extract_date
    tables = []
    for name, (sql, clock) in CLOCKS.items():
        if name in source.snapshot.tables:
            tables.append({"table": name, "clock": clock, **_table(source, sql, end, name in _BY_AREA, settings)})
    return {"method": _method(settings), "tables": tables}


def _method(settings: QualitySettings) -> str:
    return (
        f"A month is compared with the median of the {settings.window} months before it. It is flagged where it is "
        f"at least {settings.change:g} times higher or lower and lies further away than all but "
        f"{settings.false_alarm:.1%} of months would if nothing had changed, given how much this series varies "
        f"anyway. A month without a row is blank where a usual month holds {settings.blank_from:g} or more. Series of "
        f"fewer than {settings.fewest_months} months are not searched."
    )


def _table(source: Source, sql: str, end: date, by_area: bool, settings: QualitySettings) -> dict[str, Any]:
    cells = source.rows(
        f"SELECT year(day) * 12 + month(day) - 1 AS month, area, count(*) AS rows FROM ({sql}) "
        "WHERE day IS NOT NULL AND day <= CAST(? AS DATE) GROUP BY ALL",
        [end],
    )
    undated = source.row(f"SELECT count(*) AS rows FROM ({sql}) WHERE day IS NULL")["rows"]
    last = _last_full_month(end)
    full = [cell for cell in cells if cell["month"] <= last]
    if not full:
        return {"available": False, "undated": undated, "before": 0, "months": [], "series": []}
    first = _beginning(full)
    inside = [cell for cell in full if cell["month"] >= first]
    months = [month_name(number) for number in range(first, last + 1)]
    series = [_series("all areas", _fill(inside, first, last), months, settings)]
    if by_area:
        series += _areas(inside, first, last, months, settings)
    before = sum(cell["rows"] for cell in full) - sum(cell["rows"] for cell in inside)
    return {"available": True, "undated": undated, "before": before, "months": months, "series": series}


def _last_full_month(end: date) -> int:
    following = date.fromordinal(end.toordinal() + 1)
    return following.year * 12 + following.month - 2


def _beginning(cells: Sequence[Mapping[str, Any]]) -> int:
    """Return the month before which almost no row lies."""
    rows = sum(cell["rows"] for cell in cells)
    seen = 0
    for cell in sorted(cells, key=lambda cell: int(cell["month"])):
        seen += cell["rows"]
        if seen > _STRAY * rows:
            break
    return int(cell["month"])


def _fill(cells: Sequence[Mapping[str, Any]], first: int, last: int) -> Counts:
    counts = np.zeros(last - first + 1, dtype=np.int64)
    for cell in cells:
        counts[cell["month"] - first] += cell["rows"]
    return counts


def _areas(
    cells: Sequence[Mapping[str, Any]], first: int, last: int, months: Sequence[str], settings: QualitySettings
) -> list[dict[str, Any]]:
    parts: dict[str, list[Mapping[str, Any]]] = {}
    for cell in cells:
        parts.setdefault(cell["area"] or "not recorded", []).append(cell)
    if len(parts) < 2:
        return []
    ordered = sorted(parts, key=lambda area: (-sum(cell["rows"] for cell in parts[area]), area))
    series = [_series(area, _fill(parts[area], first, last), months, settings) for area in ordered[: settings.areas]]
    if rest := ordered[settings.areas :]:
        cells_of_rest = [cell for area in rest for cell in parts[area]]
        series.append(_series(f"{len(rest)} other areas", _fill(cells_of_rest, first, last), months, settings))
    return series


def _series(area: str, counts: Counts, months: Sequence[str], settings: QualitySettings) -> dict[str, Any]:
    return {
        "area": area,
        "rows": int(counts.sum()),
        "counts": counts.tolist(),
        "searched": len(counts) >= settings.fewest_months,
        "changes": [
            {
                "kind": change.kind,
                "from": months[change.first],
                "to": months[change.last],
                "months": change.last - change.first + 1,
                "ratio": change.ratio,
            }
            for change in changes(counts, settings)
        ],
    }
