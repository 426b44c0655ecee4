"""Harm found against a ratio of missed harm, as an SVG of one numbered cross an alternative."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from records.quality.shapes import WIDTH, line, rect, svg, text

_LEFT, _RIGHT, _TOP, _HEIGHT = 92, 24, 30, 300
_LOWEST, _HIGHEST = 0.25, 4.0
_TICKS = (0.25, 0.5, 1.0, 2.0, 4.0)
_STEPS = 5
_DOT = Markup('<circle class="dot" cx="{}" cy="{}" r="5"/>')
Ends = tuple[float, float | None, float | None]


@dataclass(frozen=True)
class Point:
    """One alternative: its number, and (value, low, high) of its ratio and of the harm that it finds; None: no end."""

    number: str
    ratio: Ends
    harm: Ends


def exchange(
    name: str, title: str, says: str, unit: str, margin: tuple[float, float], points: Sequence[Point]
) -> Markup:
    """Draw each point with both its intervals; the agreed range of the ratio is shaded.

    Parameters
    ----------
    name, title, says
        Id, title and what the drawing says in words.
    unit
        What the vertical axis counts.
    margin
        The agreed range of the ratio.
    points
        At least one.
    """
    ends = [end for point in points for end in point.harm if end is not None]
    low, high = min(ends), max(ends)
    room = 0.08 * (high - low or abs(high) or 1.0)
    low, high = low - room, high + room
    bottom = _TOP + _HEIGHT

    def y(value: float) -> float:
        return bottom - _HEIGHT * (value - low) / (high - low)

    parts = [rect(_x(margin[0]), _TOP, _x(margin[1]) - _x(margin[0]), _HEIGHT, "agreed")]
    for tick in _TICKS:
        parts.append(line(_x(tick), _TOP, _x(tick), bottom, "break" if tick == 1 else "grid"))
        parts.append(text(_x(tick), bottom + 18, f"{tick:g}", "middle"))
    for step in range(_STEPS):
        value = low + (high - low) * step / (_STEPS - 1)
        parts.append(line(_LEFT, y(value), WIDTH - _RIGHT, y(value), "grid"))
        parts.append(text(_LEFT - 8, y(value) + 5, figure(value), "end"))
    parts.append(text(_LEFT - 60, _TOP - 12, unit))
    parts.append(text(_x(1.0), bottom + 40, "harm missed, times as often as everybody else's", "middle"))
    for point in _joined(points):
        parts += _cross(point, y(point.harm[0]), [y(value) for value in point.harm[1:] if value is not None])
    return svg(name, title, says, bottom + 54, parts)


def figure(value: float) -> str:
    """Write a figure without more digits than say something.

    >>> figure(5134.6), figure(0.5714)
    ('5,135', '0.571')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _joined(points: Sequence[Point]) -> list[Point]:
    """Join points that lie in one place; their numbers stand beside each other."""
    numbers: dict[tuple[Ends, Ends], list[str]] = {}
    for point in points:
        numbers.setdefault((point.ratio, point.harm), []).append(point.number)
    return [Point(", ".join(named), ratio, harm) for (ratio, harm), named in numbers.items()]


def _x(ratio: float) -> float:
    clipped = min(max(ratio, _LOWEST), _HIGHEST)
    return _LEFT + (WIDTH - _LEFT - _RIGHT) * math.log(clipped / _LOWEST) / math.log(_HIGHEST / _LOWEST)


def _cross(point: Point, height: float, ends: Sequence[float]) -> list[Markup]:
    ratio, low, high = point.ratio
    at = _x(ratio)
    parts = [line(_x(low or 0.0), height, _x(math.inf if high is None else high), height, "thin")]
    if len(ends) == 2:
        parts.append(line(at, ends[0], at, ends[1], "thin"))
    return [*parts, _DOT.format(round(at, 1), round(height, 1)), text(at + 7, height - 7, point.number)]
