"""Small interval plots as SVG without styles: text and lines take the page's colours by class."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from serving.web.words import number, words

_WIDTH, _HEIGHT, _EDGE = 220, 28, 8
_LOWEST, _HIGHEST = 0.4, 2.5


def _x(ratio: float) -> float:
    clipped = min(max(ratio, _LOWEST), _HIGHEST)
    share = math.log(clipped / _LOWEST) / math.log(_HIGHEST / _LOWEST)
    return round(_EDGE + share * (_WIDTH - 2 * _EDGE), 1)


def describe(cell: Mapping[str, Any], margin: Sequence[float] | None) -> str:
    """Say in a sentence what the plot of a cell shows."""
    group = f"{words(cell['characteristic'])}, {words(cell['group'])}"
    if cell.get("ratio") is None or cell.get("ratio_low") is None or cell.get("ratio_high") is None:
        return f"{group}: no ratio can be given."
    sentence = (
        f"{group}: ratio {number(cell['ratio'])}, interval {number(cell['ratio_low'])} to {number(cell['ratio_high'])}"
    )
    return f"{sentence}; margin {number(margin[0])} to {number(margin[1])}." if margin else f"{sentence}."


def interval(cell: Mapping[str, Any], margin: Sequence[float] | None) -> Markup:
    """Draw a cell's ratio with its interval over the margin, on a logarithmic scale from 0.4 to 2.5.

    An interval that runs off the scale ends in an arrow; a cell without a ratio is drawn as the margin alone.
    """
    low, high, ratio = cell.get("ratio_low"), cell.get("ratio_high"), cell.get("ratio")
    return _drawn(describe(cell, margin), low, high, ratio, tuple(margin) if margin else None)


@lru_cache(2000)  # an audit has hundreds of them, and is read again and again
def _drawn(
    told: str, low: float | None, high: float | None, ratio: float | None, margin: tuple[float, ...] | None
) -> Markup:
    parts = [
        Markup('<svg class="dp-plot" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">').format(
            _WIDTH, _HEIGHT, told
        ),
        Markup('<line class="dp-plot__one" x1="{0}" x2="{0}" y1="2" y2="{1}"/>').format(_x(1.0), _HEIGHT - 2),
    ]
    if margin:
        shade = Markup('<rect class="dp-plot__margin" x="{}" y="2" width="{}" height="{}"/>')
        parts.insert(1, shade.format(_x(margin[0]), round(_x(margin[1]) - _x(margin[0]), 1), _HEIGHT - 4))
    if low is not None and high is not None:
        middle = _HEIGHT // 2
        parts.append(
            Markup('<line class="dp-plot__interval" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
                _x(low), _x(high), middle, middle
            )
        )
        if low < _LOWEST:
            parts.append(_arrow(_x(low), middle, 6))
        if high > _HIGHEST:
            parts.append(_arrow(_x(high), middle, -6))
        if ratio is not None:
            parts.append(Markup('<circle class="dp-plot__ratio" cx="{}" cy="{}" r="4"/>').format(_x(ratio), middle))
    return Markup("").join([*parts, Markup("</svg>")])


def _arrow(x: float, y: int, back: int) -> Markup:
    return Markup('<path class="dp-plot__arrow" d="M{} {} l{} -5 v10 z"/>').format(x, y, back)
