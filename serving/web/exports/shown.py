"""Text as a file may hold it: nothing that a program obeys or that looks like an address, no endless field."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup

from serving import whereabouts

LONGEST_CELL = 32_000
"""A cell of a workbook holds 32,767 characters."""
LONGEST_ON_PAPER = 2_000
NOTHING = "\ufffd"

# Characters that print nothing, end a text, or turn the order in which it is read; half of a pair is no character.
_COMMANDS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


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
    kept = whereabouts.without(_COMMANDS.sub(NOTHING, value[: longest + whereabouts.LONGEST]))
    if len(value) <= longest:
        return kept
    return f"{kept[:longest]} … ({len(value) - longest:,} more characters stand in the service)"


def in_words(value: Any) -> list[str]:
    """Return every text in a document, however deep."""
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [text for each in inside for text in in_words(each)]
