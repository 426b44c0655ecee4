"""Ratios with their intervals over an agreed range, as an SVG that says in words what it shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from records.quality.shapes import WIDTH, line, rect, short, svg, text

_LABEL, _VERDICT, _ROW, _TOP = 210, 110, 30, 26
_LOWEST, _HIGHEST = 0.25, 4.0
_TICKS = (0.25, 0.5, 1.0, 2.0, 4.0)
_DOT = Markup('<circle class="dot" cx="{}" cy="{}" r="5"/>')
_ARROW = Markup('<path class="mark" d="M{} {} l{} -5 v10 z"/>')


def intervals(name: str, block: Mapping[str, Any]) -> Markup:
    """Draw one line a community on a logarithmic scale from a quarter to four times; a longer one ends in an arrow.

    Parameters
    ----------
    name
        Makes the drawing's ids.
    block
        ``title``, ``says``, ``margin`` (low, high) and ``rows`` of ``label``, ``ratio``, ``low``, ``high``,
        ``verdict`` and ``withheld``.
    """
    rows: Sequence[Mapping[str, Any]] = block["rows"]
    bottom = _TOP + len(rows) * _ROW
    low, high = block["margin"]
    parts = [rect(_x(low), _TOP - 4, _x(high) - _x(low), bottom - _TOP + 4, "agreed")]
    for tick in _TICKS:
        parts.append(line(_x(tick), _TOP - 4, _x(tick), bottom, "break" if tick == 1 else "grid"))
        parts.append(text(_x(tick), _TOP - 10, f"{tick:g}", "middle"))
    for place, row in enumerate(rows):
        parts += _line(row, _TOP + place * _ROW + _ROW / 2)
    parts.append(text(_x(1.0), bottom + 18, "times as often as everybody else", "middle"))
    return svg(name, block["title"], block["says"], bottom + 28, parts)


def _x(ratio: float) -> float:
    span = WIDTH - _LABEL - _VERDICT
    clipped = min(max(ratio, _LOWEST), _HIGHEST)
    return _LABEL + span * math.log(clipped / _LOWEST) / math.log(_HIGHEST / _LOWEST)


def _line(row: Mapping[str, Any], y: float) -> list[Markup]:
    parts = [text(_LABEL - 12, y + 5, short(row["label"]), "end"), text(WIDTH - _VERDICT + 12, y + 5, row["verdict"])]
    if row["low"] is None:
        return [*parts, text(_x(1.0) + 6, y + 5, "withheld" if row["withheld"] else "no interval")]
    high = math.inf if row["high"] is None else row["high"]
    parts.append(line(_x(row["low"]), y, _x(high), y, "interval"))
    if row["low"] < _LOWEST:
        parts.append(_ARROW.format(round(_x(_LOWEST), 1), y, 7))
    if high > _HIGHEST:
        parts.append(_ARROW.format(round(_x(_HIGHEST), 1), y, -7))
    if row["ratio"] is not None:
        parts.append(_DOT.format(round(_x(row["ratio"]), 1), y))
    return parts
