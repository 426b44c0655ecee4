"""Splits over time, and what followed beside what was expected, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from markupsafe import Markup

from records.quality.shapes import WIDTH, line, rect, svg, text
from values import day_number

_LABEL, _ROW, _TOP = 100, 34, 24
_HATCH = Markup(
    '<defs><pattern id="{}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path class="hatch" d="M0 0V6"/></pattern></defs>'
)
_DOT = Markup('<circle class="dot" cx="{}" cy="{}" r="{}"/>')


def timeline(
    name: str, title: str, says: str, splits: Sequence[Mapping[str, Any]], marks: Mapping[str, str], end: str
) -> Markup:
    """Draw each split: a pale bar of training outcomes, hatched lag, a dot at the test date, a dark bar of outcomes.

    Parameters
    ----------
    name, title, says
        Id, title and what the drawing says in words.
    splits
        ``test``, ``train`` and the days ``train_until``, ``train_known``, ``until``, ``known`` (ISO).
    marks
        A letter by the first day (ISO) of each change of recording rules.
    end
        Day of the extract (ISO).
    """
    first, last = min(_day(split["train"][0]) for split in splits), _day(end)
    scale = (WIDTH - _LABEL - 16) / max(1, last - first)

    def x(day: str) -> float:
        return _LABEL + (_day(day) - first) * scale

    bottom = _TOP + len(splits) * _ROW
    parts = [_HATCH.format(name), *_years(first, last, scale, bottom)]
    for day, letter in marks.items():
        if first <= _day(day) <= last:
            parts += [line(x(day), _TOP - 6, x(day), bottom, "break"), text(x(day), _TOP - 10, letter, "middle")]
    for number, split in enumerate(splits):
        y = _TOP + number * _ROW + 8
        parts.append(text(_LABEL - 8, y + 13, split["test"], "end"))
        parts.append(rect(x(split["train"][0]), y, x(split["train_until"]) - x(split["train"][0]), 16, "box"))
        parts += [line(x(day), y + 2, x(day), y + 14, "tick") for day in split["train"]]
        parts.append(_hatched(name, x(split["train_until"]), x(split["train_known"]), y))
        parts.append(rect(x(split["test"]), y, x(split["until"]) - x(split["test"]), 16, "bar"))
        parts.append(_hatched(name, x(split["until"]), x(split["known"]), y))
        parts.append(_DOT.format(round(x(split["test"]), 1), y + 8, 6))
    return svg(name, title, says, bottom + 26, parts)


def _day(iso: str) -> int:
    return day_number(date.fromisoformat(iso))


def _years(first: int, last: int, scale: float, bottom: int) -> list[Markup]:
    """Draw a line at each new year, and write every year, or every second where there are many."""
    epoch = date(1970, 1, 1).toordinal()
    years = range(date.fromordinal(first + epoch).year + 1, date.fromordinal(last + epoch).year + 1)
    parts = [line(_LABEL, bottom, WIDTH - 16, bottom, "axis")]
    for year in years:
        at = _LABEL + (day_number(date(year, 1, 1)) - first) * scale
        parts.append(line(at, _TOP, at, bottom, "grid"))
        if len(years) <= 8 or year % 2 == 0:
            parts.append(text(at, bottom + 18, year, "middle"))
    return parts


def _hatched(name: str, start: float, end: float, y: float) -> Markup:
    shape = Markup('<rect x="{}" y="{}" width="{}" height="16" fill="url(#{}-hatch)"/>')
    return shape.format(round(start, 1), y, round(max(0.0, end - start), 1), name)


def borne_out(name: str, title: str, says: str, bins: Sequence[Mapping[str, Any]]) -> Markup:
    """Draw the mean grade that followed against the expected one, with intervals, and the line where both are equal.

    Parameters
    ----------
    name, title, says
        Id, title and what the drawing says in words.
    bins
        ``expected``, ``observed``, ``low``, ``high`` (None where no interval is stated), lowest first.
    """
    left, top, side = 70.0, 12.0, 330.0
    most = max([0.1, *(value for part in bins for value in (part["expected"], part["observed"], part["high"] or 0.0))])
    step = next(size for size in (0.02, 0.05, 0.1, 0.2) if size * 6 >= most or size == 0.2)

    def at(value: float) -> float:
        return side * value / most

    bottom = top + side
    parts = [line(left, bottom, left + side, top, "break")]
    for tick in range(int(most / step + 1e-9) + 1):
        value = tick * step
        parts += [
            line(left + at(value), bottom, left + at(value), bottom + 5, "axis"),
            text(left + at(value), bottom + 20, f"{value:g}", "middle"),
            line(left, bottom - at(value), left + side, bottom - at(value), "grid"),
            text(left - 8, bottom - at(value) + 5, f"{value:g}", "end"),
        ]
    parts += [line(left, bottom, left + side, bottom, "axis"), line(left, top, left, bottom, "axis")]
    parts += [text(left + side / 2, bottom + 42, "mean expected grade", "middle"), text(left + 6, top + 10, "followed")]
    for part in bins:
        x = left + at(part["expected"])
        if part["low"] is not None:
            parts.append(line(x, bottom - at(part["low"]), x, bottom - at(part["high"]), "interval"))
        parts.append(_DOT.format(round(x, 1), round(bottom - at(part["observed"]), 1), 4))
    return svg(name, title, says, bottom + 52, parts)
