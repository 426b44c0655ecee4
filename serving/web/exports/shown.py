"""Text as a file may hold it: nothing that a program obeys, nobody's whereabouts, no endless field."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from markupsafe import Markup

LEFT_OUT = "[left out: it looks like where somebody lives]"
LONGEST_CELL = 32_000
"""A cell of a workbook holds 32,767 characters."""
LONGEST_ON_PAPER = 2_000
NOTHING = "\ufffd"

# Characters that print nothing, end a text, or turn the order in which it is read; half of a pair is no character.
_COMMANDS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
# UK postcodes, however their halves are held apart: by a space of any width, a line break, a stroke, a dot, or what
# prints nothing. A pseudonym or a record's number, of which hyphens join further parts, is none.
_APART = r"[\s\u00ad\u200b-\u200d\u2010-\u2015\u2060\u2212\ufeff\ufffd._-]{0,3}"
_POSTCODE = re.compile(rf"(?<![\w-])[A-Z]{{1,2}}\d[A-Z\d]?{_APART}\d[A-Z]{{2}}(?![\w-])", re.IGNORECASE)
_LONGEST_POSTCODE = 12


def shown(value: Any, longest: int = LONGEST_ON_PAPER) -> Any:
    r"""Return a text as a file may hold it; what is no text, and what a template drew, is returned as it is.

    Parameters
    ----------
    longest
        Characters kept; how many were left out is said.

    >>> shown("Moved to ZZ99 9ZZ\u202e")
    'Moved to [left out: it looks like where somebody lives]\ufffd'
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    kept = _without_postcodes(_COMMANDS.sub(NOTHING, value[: longest + _LONGEST_POSTCODE]))
    if len(value) <= longest:
        return kept
    return f"{kept[:longest]} … ({len(value) - longest:,} more characters stand in the service)"


def _without_postcodes(text: str) -> str:
    """Return a text with its postcodes left out, whatever letters they are written in, and otherwise as it was."""
    kept, after = [], 0
    for found in _POSTCODE.finditer(text if text.isascii() else _folded(text)):
        kept += [text[after : found.start()], LEFT_OUT]
        after = found.end()
    return "".join([*kept, text[after:]])


def _folded(text: str) -> str:
    """Return a text of the same length, its full-width and other fancy letters and spaces as plain ones (NFKC)."""
    folded = ((each, unicodedata.normalize("NFKC", each)) for each in text)
    return "".join(plain if len(plain) == 1 else each for each, plain in folded)


def in_words(value: Any) -> list[str]:
    """Return every text in a document, however deep."""
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [text for each in inside for text in in_words(each)]
