"""Charts of the linkage report as SVG that says its content in words too; every chart stands beside its table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup, escape

_WIDE, _ROW, _LABEL = 720, 22, 300


def _framed(name: str, title: str, says: str, height: float, parts: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg role="img" aria-labelledby="{0}-t {0}-d" viewBox="0 0 {1} {2:.0f}"><title id="{0}-t">{3}</title>'
        '<desc id="{0}-d">{4}</desc>{5}</svg>'
    ).format(name, _WIDE, height, title, says, Markup("").join(parts))


def _text(x: float, y: float, text: object, anchor: str = "start") -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, escape(str(text)))


def _rect(x: float, y: float, width: float, kind: str) -> Markup:
    return Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="14"/>').format(
        kind, x, y, max(width, 0.5)
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str = "axis") -> Markup:
    return Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(kind, x1, y1, x2, y2)


def weights(name: str, rows: Sequence[tuple[str, float]]) -> Markup:
    """Draw the weight of each level: to the right what speaks for one person, to the left what speaks against."""
    most = max(1.0, *(abs(weight) for _, weight in rows))
    zero, unit = _LABEL + (_WIDE - _LABEL) / 2, ((_WIDE - _LABEL) / 2 - 45) / most
    parts = [_line(zero, 0, zero, len(rows) * _ROW)]
    for place, (label, weight) in enumerate(rows):
        y = place * _ROW + 4
        length = abs(weight) * unit
        parts.append(_text(_LABEL - 8, y + 11, label, "end"))
        parts.append(_rect(zero if weight >= 0 else zero - length, y, length, "for" if weight >= 0 else "against"))
        side = zero + length + 4 if weight >= 0 else zero - length - 4
        parts.append(_text(side, y + 11, f"{weight:+.1f}", "start" if weight >= 0 else "end"))
    says = "Bars to the right speak for one person, bars to the left against; the numbers are in the table below."
    return _framed(name, "Weight of each kind of agreement, in bits", says, len(rows) * _ROW + 6, parts)


def counts(name: str, title: str, rows: Sequence[tuple[str, int]]) -> Markup:
    """Draw counts as bars on a logarithmic scale, each with its number."""
    most = max(1.0, *(math.log10(count + 1) for _, count in rows)) if rows else 1.0
    unit = (_WIDE - _LABEL - 90) / most
    parts = []
    for place, (label, count) in enumerate(rows):
        y = place * _ROW + 4
        length = math.log10(count + 1) * unit
        parts += [_text(_LABEL - 8, y + 11, label, "end"), _rect(_LABEL, y, length, "for")]
        parts.append(_text(_LABEL + length + 4, y + 11, f"{count:,}"))
    return _framed(
        name, title, "Bar lengths are logarithmic; the numbers stand beside them.", len(rows) * _ROW + 6, parts
    )


def curve(name: str, points: Sequence[tuple[float, float, float]]) -> Markup:
    """Draw recall (across) against precision (up) for a list of (threshold, precision, recall)."""
    low_x, low_y = min(point[2] for point in points), min(point[1] for point in points)
    left, top, width, height = 70.0, 10.0, _WIDE - 100.0, 240.0
    span_x, span_y = max(1 - low_x, 0.01), max(1 - low_y, 0.001)

    def at(point: tuple[float, float, float]) -> tuple[float, float]:
        return left + (point[2] - low_x) / span_x * width, top + (1 - point[1]) / span_y * height

    parts = [_line(left, top, left, top + height), _line(left, top + height, left + width, top + height)]
    parts += [_text(left - 6, top + 10, "1.000", "end"), _text(left - 6, top + height, f"{low_y:.3f}", "end")]
    parts += [_text(left, top + height + 18, f"{low_x:.3f}"), _text(left + width, top + height + 18, "1.000", "end")]
    parts += [_text(left + width / 2, top + height + 34, "recall (up: precision)", "middle")]
    for one, other in pairwise(points):
        parts.append(_line(*at(one), *at(other), "curve"))
    parts += [Markup('<circle cx="{:.1f}" cy="{:.1f}" r="4"/>').format(*at(point)) for point in points]
    says = "Each point is a threshold; from the right, low thresholds find more, from the left, high ones err less."
    return _framed(name, "Precision and recall of direct links by threshold", says, top + height + 44, parts)
