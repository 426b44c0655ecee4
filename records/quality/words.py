"""How the report writes numbers, dates and texts that came with the data."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

NOT_AVAILABLE = "not available"
WITHHELD = "withheld"


def number(value: float | None) -> str:
    """Write a count or a number of days; what is not known is never written as zero."""
    if value is None:
        return NOT_AVAILABLE
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"


def share(value: float | None) -> str:
    """Write a share as a percentage that rounds neither to nothing nor to everything."""
    if value is None:
        return NOT_AVAILABLE
    if 0 < value < 0.001:
        return "under 0.1%"
    if 0.999 < value < 1:
        return "over 99.9%"
    return f"{100 * value:.1f}%"


def withheld(value: float | None, write: Any = number) -> str:
    """Write a count of people, or that it is withheld."""
    return WITHHELD if value is None else str(write(value))


def ratio(value: float | None) -> str:
    """Write a ratio with two digits after the point."""
    return NOT_AVAILABLE if value is None else f"{value:.2f}"


def day(text: str) -> str:
    """Write an ISO day as ``31 March 2026``."""
    found = date.fromisoformat(text)
    return f"{found.day} {found:%B %Y}"


def words(name: str) -> str:
    """Write a name of the contract in words."""
    return name.replace("_", " ")


def visible(value: Any) -> Any:
    r"""Make invisible characters readable, in every text of a document.

    A right-to-left mark in a code would turn the page's own words round; it is shown as ‹U+202E›.

    >>> visible("abc\u202edef")
    'abc‹U+202E›def'
    """
    if isinstance(value, str):
        return "".join(f"‹U+{ord(each):04X}›" if unicodedata.category(each) in _UNSEEN else each for each in value)
    if isinstance(value, dict):
        return {visible(key): visible(item) for key, item in value.items()}
    if isinstance(value, list):
        return [visible(item) for item in value]
    return value


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
