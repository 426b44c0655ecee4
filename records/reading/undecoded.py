"""Bytes that are not UTF-8, carried through tables that hold only UTF-8.

Each such byte travels as one character of a private plane that no real text uses, so that a mapping moves it like any
other character, checking finds it, and the quarantine shows which byte it was.
"""

from __future__ import annotations

import re

_FIRST = 0x10FE80  # stands for the byte 0x80
PATTERN = r"[\x{10FE80}-\x{10FEFF}]"
"""Matches a carried byte in DuckDB's regular expressions."""
_CARRIED = re.compile("[\U0010fe80-\U0010feff]")
_SURROGATE = re.compile("[\udc80-\udcff]")


def decoded(content: bytes) -> str:
    """Return `content` as text with each byte that is not UTF-8 carried."""
    return carried(content.decode("utf-8", errors="surrogateescape"))


def carried(text: str) -> str:
    """Return `text` with surrogate escapes as carried bytes."""
    if text.isascii():
        return text
    return _SURROGATE.sub(lambda found: chr(ord(found[0]) - 0xDC80 + _FIRST), text)


def shown(text: str) -> str:
    r"""Return `text` with carried bytes backslash-escaped, for people.

    >>> shown(decoded(b"Zo\xeb"))
    'Zo\\xeb'
    """
    if text.isascii():
        return text
    return _CARRIED.sub(lambda found: f"\\x{ord(found[0]) - _FIRST + 0x80:02x}", text)
