"""What plots are drawn of: lines, rectangles and words of an SVG that tells in words what it shows."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

WIDTH = 640


def svg(name: str, title: str, says: str, height: float, parts: Iterable[Markup]) -> Markup:
    """Return a drawing with its title and what it says in words; `name` makes its ids."""
    head = Markup(
        '<svg class="plot" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" '
        'aria-labelledby="{2}-title {2}-desc" focusable="false"><title id="{2}-title">{3}</title>'
        '<desc id="{2}-desc">{4}</desc>'
    ).format(WIDTH, round(height), name, title, says)
    return head + Markup("").join(parts) + Markup("</svg>")


def text(x: float, y: float, text: object, anchor: str = "start") -> Markup:
    """Write a text that starts, ends or has its middle (`anchor`) at a place."""
    return Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(round(x, 1), round(y, 1), anchor, text)


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """Draw a line of a class of the style sheet."""
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        kind, round(x1, 1), round(y1, 1), round(x2, 1), round(y2, 1)
    )


def rect(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    """Draw a rectangle of a class of the style sheet."""
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        kind, round(x, 1), round(y, 1), round(max(0.0, width), 1), round(height, 1)
    )


def short(text: str, most: int = 27) -> str:
    """Cut a label that has no room."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
