"""Text that a spreadsheet opens as text, whatever it begins with.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-`` or ``@`` as a formula. Such text is legal data and is
loaded as given. Where it leaves in a file that people open, an apostrophe goes in front, as it does in front of text
that itself begins with an apostrophe; taking one leading apostrophe away restores every text exactly.
"""

from __future__ import annotations

_WIDE = (
    "\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"  # run too
)
_RUN = tuple("=+-@\t\r\n'" + _WIDE)


def neutral(text: str) -> str:
    """Return `text` so that no spreadsheet runs it.

    >>> neutral("=1+1")
    "'=1+1"
    """
    return f"'{text}" if text.startswith(_RUN) else text


def restored(text: str) -> str:
    """Return what `neutral` was given.

    >>> restored(neutral("=1+1")), restored("plain")
    ('=1+1', 'plain')
    """
    return text.removeprefix("'")
