"""The column names on the first line of a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from records.errors import ExtractError

MOST_COLUMNS = 5000
"""Columns of one file; record systems export tens to a few hundred."""


def header_names(file: str, fields: Sequence[str]) -> tuple[str, ...]:
    """Return the column names of a header, blank where a column has none.

    Raises
    ------
    ExtractError
        If there are none at all, one appears twice, or there are more than `MOST_COLUMNS`.
    """
    if len(fields) > MOST_COLUMNS:
        raise ExtractError(
            f"{file}, line 1: the header has {len(fields):,} columns, more than the {MOST_COLUMNS:,} that are read.",
            "Deliver the columns that the contract or the mapping uses.",
        )
    names = [name.strip().encode("utf-8", errors="backslashreplace").decode("utf-8") for name in fields]
    twice = sorted(name for name, count in Counter(names).items() if name and count > 1)
    if twice:
        raise ExtractError(f"{file}, line 1: the column {twice[0]!r} appears twice.", "Keep one of them.")
    if not any(names):
        raise ExtractError(f"{file} has no header line.", "Write the column names on its first line.")
    return tuple(names)
