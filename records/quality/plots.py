"""Plots as SVG that say in words what they show. Shapes and positions carry the meaning, never colour alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from records.quality.shapes import WIDTH, line, rect, short, svg, text

_LABEL, _ROW = 210, 24


def bars(name: str, title: str, says: str, rows: Sequence[tuple[str, float | None, float, str]]) -> Markup:
    """Draw shares of 1: a filled part, a hatched part after it, the outline of the whole.

    Parameters
    ----------
    name, title, says
        Id, title and description.
    rows
        Label, filled share (None draws nothing), hatched share, and the number in words.
    """
    span = WIDTH - _LABEL - 130
    parts = [
        Markup(
            '<defs><pattern id="{}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><path class="hatch" d="M0 0V6"/></pattern></defs>'
        ).format(name)
    ]
    for number, (label, share, hatched, told) in enumerate(rows):
        y = number * _ROW
        parts.append(text(_LABEL - 8, y + 16, short(label), "end"))
        if share is not None:
            parts.append(rect(_LABEL, y + 4, span * share, 15, "bar"))
            hatch = Markup('<rect x="{}" y="{}" width="{}" height="15" fill="url(#{}-hatch)"/>')
            parts.append(hatch.format(round(_LABEL + span * share, 1), y + 4, round(span * hatched, 1), name))
            parts.append(rect(_LABEL, y + 4, span, 15, "outline"))
        parts.append(text(_LABEL + (span + 8 if share is not None else 0), y + 16, told))
    return svg(name, title, says, len(rows) * _ROW + 4, parts)


def ranges(name: str, title: str, says: str, rows: Sequence[tuple[str, Mapping[str, float]]]) -> Markup:
    """Draw quartiles as a box, the median as a dot and the 90th percentile as a tick, on a scale of days from 0.

    The scale is that of log(1 + days), so that a lag of a year leaves room for one of a day.
    """
    most = max([row["ninetieth"] for _, row in rows] + [1.0])
    span = WIDTH - _LABEL - 30

    def x(days: float) -> float:
        return _LABEL + span * math.log1p(max(0.0, days)) / math.log1p(most)

    bottom = len(rows) * _ROW
    parts = []
    for tick in (0, 1, 7, 30, 90, 365, 3650):
        if tick <= most:
            parts += [line(x(tick), 0, x(tick), bottom, "grid"), text(x(tick), bottom + 16, tick, "middle")]
    for number, (label, row) in enumerate(rows):
        middle = number * _ROW + 12
        parts += [
            text(_LABEL - 8, middle + 4, short(label), "end"),
            line(x(row["upper_quartile"]), middle, x(row["ninetieth"]), middle, "thin"),
            rect(x(row["lower_quartile"]), middle - 6, x(row["upper_quartile"]) - x(row["lower_quartile"]), 12, "box"),
            line(x(row["ninetieth"]), middle - 7, x(row["ninetieth"]), middle + 7, "tick"),
            Markup('<circle class="dot" cx="{}" cy="{}" r="4"/>').format(round(x(row["median"]), 1), middle),
        ]
    return svg(name, title, says, bottom + 22, parts)


def ratios(name: str, title: str, says: str, rows: Sequence[tuple[str, float, float, float]]) -> Markup:
    """Draw ratios with intervals on a logarithmic scale around the line of no change."""
    lowest = min([0.5, *(max(0.05, low) for _, _, low, _ in rows)])
    highest = max([2.0, *(min(20.0, high) for _, _, _, high in rows)])
    span = WIDTH - _LABEL - 30

    def x(ratio: float) -> float:
        clipped = min(max(ratio, lowest), highest)
        return _LABEL + span * math.log(clipped / lowest) / math.log(highest / lowest)

    bottom = len(rows) * _ROW
    parts = []
    for tick in (0.1, 0.25, 0.5, 1, 2, 4, 10):
        if lowest <= tick <= highest:
            parts += [
                line(x(tick), 0, x(tick), bottom, "break" if tick == 1 else "grid"),
                text(x(tick), bottom + 16, f"{tick:g}", "middle"),
            ]
    for number, (label, value, low, high) in enumerate(rows):
        middle = number * _ROW + 12
        parts += [
            text(_LABEL - 8, middle + 4, short(label), "end"),
            line(x(low), middle, x(high), middle, "interval"),
            Markup('<circle class="dot" cx="{}" cy="{}" r="4"/>').format(round(x(value), 1), middle),
        ]
    return svg(name, title, says, bottom + 22, parts)


def months(
    name: str,
    title: str,
    says: str,
    labels: Sequence[str],
    counts: Sequence[int],
    changes: Sequence[Mapping[str, Any]],
    marks: Mapping[str, str],
    height: int = 150,
) -> Markup:
    """Draw rows a month from 0, with flagged months and the months of known breaks.

    Parameters
    ----------
    labels, counts
        Months (``YYYY-MM``) and their rows.
    changes
        Flagged runs: ``kind``, ``from``, ``to``. Squares mark blank months, triangles pointing down falls and
        triangles pointing up rises.
    marks
        A letter for each month from which a known rule changed.
    """
    left, top, base = 56.0, 16.0, height - 24.0
    most = max([*counts, 1])
    step = (WIDTH - left - 12) / max(1, len(counts) - 1)

    def x(position: int) -> float:
        return left + position * step

    def y(count: float) -> float:
        return base - (base - top) * count / most

    parts = [line(left, base, WIDTH - 12, base, "axis")]
    for level in (0, most):
        parts.append(text(left - 6, y(level) + 4, f"{level:,}", "end"))
    years = [position for position, label in enumerate(labels) if label.endswith("-01")]
    for position in years[:: max(1, math.ceil(len(years) / 10))]:
        parts += [line(x(position), base, x(position), base + 5, "axis")]
        parts.append(text(x(position), base + 18, labels[position][:4], "middle"))
    for month, letter in marks.items():
        if month in labels:
            at = x(labels.index(month))
            parts += [line(at, top, at, base, "break"), text(at, top - 4, letter, "middle")]
    points = " ".join(f"{x(position):.1f},{y(count):.1f}" for position, count in enumerate(counts))
    parts.append(Markup('<polyline class="line" points="{}"/>').format(points))
    for change in changes:
        for position in range(labels.index(change["from"]), labels.index(change["to"]) + 1):
            parts.append(_mark(change["kind"], x(position), y(counts[position])))
    return svg(name, title, says, height, parts)


def _mark(kind: str, x: float, y: float) -> Markup:
    shapes = {"blank": "m-5 -5h10v10h-10z", "fall": "m-6 -4h12l-6 10z", "rise": "m-6 4h12l-6 -10z"}
    return Markup('<path class="mark" d="M{} {}{}"/>').format(round(x, 1), round(y, 1), shapes[kind])
