"""A large text file in blocks that end with a line, and which of their lines are plain.

Nearly every line of a real extract is plain: right number of fields, sound UTF-8, quotes well formed on that line.
Those are found with a few passes over the bytes and read at the speed of Arrow; `records.reading.rows` reads the
others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from records.errors import ExtractError

BLOCK = 8 << 20
"""Bytes read at once."""
LONG_LINE = 64 << 10
"""Bytes from which a line is read with care instead of speed."""
LONGEST_LINE = 64 << 20
"""Bytes from which it is no line of a table."""
_NEWLINE, _RETURN, _COMMA, _QUOTE = b'\n\r,"'
_MARK = "\ufeff".encode()

Bytes = NDArray[np.uint8]
Positions = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int, /) -> bytes:
        """Return the next `size` bytes, fewer at the end."""


@dataclass(frozen=True)
class Block:
    """Whole lines of a file.

    Attributes
    ----------
    content
        Their bytes; ends with a line feed.
    starts, stops
        Where each line begins and where its text ends (its line end excluded).
    plain
        The lines that are one row of the expected number of fields, beyond doubt.
    blank
        The lines without a character: no rows.
    """

    content: bytes
    starts: Positions
    stops: Positions
    plain: Mask
    blank: Mask

    def __len__(self) -> int:
        return len(self.starts)

    def only(self, lines: Mask) -> bytes:
        """Return the bytes of some lines."""
        if lines.all():
            return self.content
        lengths = np.diff(self.starts, append=len(self.content))
        return bytes(np.frombuffer(self.content, dtype=np.uint8)[np.repeat(lines, lengths)].tobytes())


def whole_lines(file: Readable, name: str, carried: bytes = b"") -> Iterator[tuple[bytes, bool]]:
    """Yield a file's bytes cut after a line feed, and whether it was the last; the end of the file ends a line.

    Parameters
    ----------
    file
        The file, open for reading.
    name
        Its name, for errors.
    carried
        What was read before and belongs in front.

    Raises
    ------
    ExtractError
        If a line is too long to be one.
    """
    while chunk := file.read(BLOCK):
        content = carried + chunk
        cut = content.rfind(b"\n") + 1
        carried = content[cut:]
        if len(carried) > LONGEST_LINE:
            raise ExtractError(
                f"{name} has a line of more than {LONGEST_LINE >> 20} MB.", "Deliver a CSV file with one row a line."
            )
        if cut:
            yield content[:cut], False
    yield (carried + b"\n" if carried else b""), True


def find_lines(content: bytes, width: int) -> Block:
    """Find the lines of `content`, which ends with a line feed, and which of them are plain rows of `width` fields."""
    view = np.frombuffer(content, dtype=np.uint8)
    stops = np.flatnonzero(view == _NEWLINE)
    starts = np.concatenate(([0], stops[:-1] + 1)).astype(np.int64)
    ends = stops
    plain = (stops - starts) < LONG_LINE
    if b"\r" in content:
        stops = stops - ((view[stops - 1] == _RETURN) & (stops > starts))
        returns = np.flatnonzero(view == _RETURN)
        line = np.searchsorted(ends, returns)
        plain[line[returns != stops[line]]] = False
    commas = np.flatnonzero(view == _COMMA)
    separators = np.diff(np.searchsorted(commas, ends), prepend=0)
    if b'"' in content:
        separators = separators - _quoted_commas(view, commas, starts, stops, ends, plain)
    plain &= separators == width - 1
    if not content.isascii():
        _sound_text(content, view, starts, stops, ends, plain)
    blank = starts == stops
    plain &= ~blank
    return Block(content, starts, stops, plain, blank)


def _quoted_commas(
    view: Bytes, commas: Positions, starts: Positions, stops: Positions, ends: Positions, plain: Mask
) -> Positions:
    """Count the commas inside the quotes of each line; take lines with malformed or open quotes out of `plain`.

    Within a line the quotes open and close in turn. One that opens follows a comma, the start of the line or a quote
    that closed (then both are one quotation mark inside the value); one that closes stands before a comma, the end
    of the line or a quote that opens.
    """
    quotes = np.flatnonzero(view == _QUOTE)
    line = np.searchsorted(ends, quotes)
    held = np.bincount(line, minlength=len(ends))
    rank = np.arange(len(quotes)) - (np.cumsum(held) - held)[line]
    opens = rank % 2 == 0
    previous, following = view[quotes - 1], view[np.minimum(quotes + 1, len(view) - 1)]
    sound = np.where(
        opens,
        (quotes == starts[line]) | (previous == _COMMA) | (previous == _QUOTE),
        (quotes + 1 == stops[line]) | (following == _COMMA) | (following == _QUOTE),
    )
    plain[line[~sound]] = False
    plain[held % 2 == 1] = False
    before = np.searchsorted(commas, quotes)
    inside = np.bincount(line, weights=np.where(opens, -before, before), minlength=len(ends))
    return inside.astype(np.int64)


def _sound_text(content: bytes, view: Bytes, starts: Positions, stops: Positions, ends: Positions, plain: Mask) -> None:
    """Take lines that are not UTF-8, or begin with a byte order mark that Arrow would drop, out of `plain`."""
    if _MARK in content:
        for line in np.flatnonzero(view[starts] == _MARK[0]).tolist():
            plain[line] &= content[starts[line] : starts[line] + len(_MARK)] != _MARK
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        for line in np.unique(np.searchsorted(ends, np.flatnonzero(view >= 128))).tolist():
            try:
                content[starts[line] : stops[line]].decode("utf-8")
            except UnicodeDecodeError:
                plain[line] = False
