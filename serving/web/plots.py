"""Small plots as SVG without styles, one a row of the table that holds the numbers; lines take the page's colours."""

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


def span(told: str, row: Mapping[str, Any], ends: tuple[float, float]) -> Markup:
    """Draw a value with its interval on a straight scale, with a dashed line at nought where the scale holds it.

    Parameters
    ----------
    told
        What it is, for those who do not see it; the figures are added.
    row
        ``value``, ``low`` and ``high``, any of them None.
    ends
        The two ends of the scale, which all rows of a table share.
    """
    value, low, high = (row.get(name) for name in ("value", "low", "high"))
    if value is None:
        return Markup("")
    middle, parts, reach = _HEIGHT // 2, [], ""
    if ends[0] <= 0.0 <= ends[1]:
        parts.append(_LINE.format("one", _at(0.0, ends), _at(0.0, ends), 2, _HEIGHT - 2))
    if low is not None and high is not None:
        parts.append(_LINE.format("interval", _at(low, ends), _at(high, ends), middle, middle))
        reach = f", interval {low:,.4g} to {high:,.4g}"
    parts.insert(0, _opened(f"{told}: {value:,.4g}{reach}."))
    parts.append(_DOT.format(_at(value, ends), middle))
    return Markup("").join([*parts, _CLOSED])


def share_bar(told: str, share: float) -> Markup:
    """Draw a share from 0 to 1 as a bar on a pale whole."""
    whole = _WIDTH - 2 * _EDGE
    bar = Markup('<rect class="dp-plot__{}" x="{}" y="8" width="{}" height="12"/>')
    parts = [_opened(f"{told}: {share:.1%}."), bar.format("margin", _EDGE, whole)]
    return Markup("").join([*parts, bar.format("ratio", _EDGE, round(whole * min(max(share, 0.0), 1.0), 1)), _CLOSED])


_LINE = Markup('<line class="dp-plot__{}" x1="{}" x2="{}" y1="{}" y2="{}"/>')
_DOT = Markup('<circle class="dp-plot__ratio" cx="{}" cy="{}" r="4"/>')
_CLOSED = Markup("</svg>")


def _opened(told: str) -> Markup:
    svg = Markup('<svg class="dp-plot" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">')
    return svg.format(_WIDTH, _HEIGHT, told)


def _at(value: float, ends: tuple[float, float]) -> float:
    width = (ends[1] - ends[0]) or 1.0
    share = (min(max(value, ends[0]), ends[1]) - ends[0]) / width
    return round(_EDGE + share * (_WIDTH - 2 * _EDGE), 1)
