"""What betrays one person, in texts, rows, lines and bytes.

A trace that other people share proves nothing alone: a common name, a date that is also the day of an incident. Such
traces count only together, in one row, line or object. What is so short that random bytes hold it by chance (keys,
hashes, sealed values) is not looked for in them.
"""

from __future__ import annotations

import base64
import json
import mmap
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from records.contract import TABLES
from records.erasing.tombstones import fields_of, naming, plain_id

PERSON_COLUMNS = frozenset(column for table in TABLES.values() for column in naming(table, "persons")) | frozenset(
    {"record_id", "record_l", "record_r", "person_l", "person_r"}
)
"""Columns that name a person, in tables of the contract and in crosswalks."""
NAMING = PERSON_COLUMNS | {"pnc_id", "cro_id"}
"""Columns, or keys of an object, where a value that is nothing special elsewhere is the person's."""

SHORTEST = 4
"""Characters below which a trace is looked for in decoded values only: shorter ones occur in any noise."""
UNLIKELY = 6
"""Characters from which a trace does not stand in random bytes by chance, in a key, a hash or a sealed value."""

_CODED = re.compile(rb"[0-9A-Za-z+/_-]{12,}={0,2}")
_PLAIN_ALPHABET = bytes.maketrans(b"-_", b"+/")
_KEPT_OUT = {"file", "reason", "remedy", "row"}
_IN_HASHES = re.compile(r"[0-9a-fA-F]{,7}")  # so short that the hash of something else may hold it
_ESCAPED = re.compile(r"\\[ux]([0-9a-f]{4}|[0-9a-f]{2})")  # as a quarantine file shows what cannot be seen
_PLACES = _KEPT_OUT | {"line", "column", "also", "raw_text"}


@dataclass(frozen=True)
class Sought:
    """What would betray one person.

    Parameters
    ----------
    alone
        Strings that no other person shares: ids, national ids, a name or birth date nobody else has.
    together
        Groups of alternatives, such as (given name, family name, spellings of the birth date): one of each in the same
        row, line or object betrays the person.
    named
        Ids, however plain ("7" is also a count): they count as a whole value of a column or key that names people, and
        as a field of a row kept as it was delivered.
    """

    alone: frozenset[str]
    together: tuple[tuple[frozenset[str], ...], ...] = ()
    named: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_alone", _any_of(self.alone))
        object.__setattr__(self, "_together", tuple(tuple(map(_any_of, group)) for group in self.together))
        object.__setattr__(self, "_raw", _raw(self.alone, self.together))

    _alone: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _together: tuple[tuple[re.Pattern[str], ...], ...] = field(init=False, repr=False, compare=False)
    _raw: re.Pattern[bytes] | None = field(init=False, repr=False, compare=False)

    def betrayed_by(self, text: str) -> bool:
        """Say whether one row, line or object betrays the person."""
        return bool(self._alone.search(text)) or any(all(one.search(text) for one in group) for group in self._together)

    def betrayed_by_row(self, row: Mapping[str, Any]) -> bool:
        """Say whether a row or object betrays the person: by its texts, or by what stands where people are named."""
        texts = [as_text(each) for key, each in row.items() if key in NAMING or not isinstance(each, (int, float))]
        return self.betrayed_by("\n".join(texts)) or self._named_in(row)

    def betrayed_by_line(self, line: str) -> bool:
        """Say whether a line of JSON, or of anything else, betrays the person."""
        if self.betrayed_by(line):
            return True
        try:
            return any(map(self.betrayed_by_row, mappings_of(json.loads(line))))
        except (ValueError, RecursionError):
            return False

    def _named_in(self, row: Mapping[str, Any]) -> bool:
        if not self.named:
            return False
        if "raw_text" in row or set(row) >= _KEPT_OUT:  # a row as delivered, under whatever names
            text = (
                row["raw_text"] if "raw_text" in row else _ESCAPED.sub(lambda each: chr(int(each[1], 16)), row["row"])
            )
            raw = fields_of(text or "")
            own = NAMING.intersection(row)
            cells = [each for key, each in row.items() if key in own or (not own and key not in _PLACES)]
        else:
            raw, cells = set(), [each for key, each in row.items() if key in NAMING]
        values = {plain_id(as_text(each)) for each in cells if not isinstance(each, (dict, list))}
        return not self.named.isdisjoint(raw | values)

    def lone_in(self, text: str) -> bool:
        """Say whether a text of any size holds a trace that counts alone."""
        return bool(self._alone.search(text))

    @cached_property
    def by_no_chance(self) -> Sought:
        """What of it is long enough not to stand in random bytes by chance."""
        long = (each for each in self.alone if len(each.strip()) >= UNLIKELY)
        groups = (group for group in self.together if all(len(each) >= SHORTEST for part in group for each in part))
        return Sought(frozenset(long), tuple(groups))

    def in_bytes(self, content: bytes | mmap.mmap) -> bool:
        """Say whether bytes hold a trace in any spelling."""
        return self._written_in(content) or any(map(self._in_uncoded, _uncoded(content)))

    def in_noise(self, content: bytes | mmap.mmap) -> bool:
        """Say whether bytes that are no text, such as keys, hold a trace that does not stand there by chance."""
        return self.by_no_chance._written_in(content)

    def _written_in(self, content: bytes | mmap.mmap) -> bool:
        return self._raw is not None and self._raw.search(content) is not None

    def _in_uncoded(self, content: bytes) -> bool:
        """Say whether what was perhaps Base64 holds a trace: a hash looks the same, and turns into noise."""
        try:
            return self.betrayed_by(content.decode("utf-8"))
        except UnicodeDecodeError:
            return self.by_no_chance.betrayed_by(content.decode("utf-8", "replace"))


def birth_dates(day: date) -> frozenset[str]:
    """Return the usual spellings of a date of birth.

    >>> "29/02/1980" in birth_dates(date(1980, 2, 29)), "29 Feb 1980" in birth_dates(date(1980, 2, 29))
    (True, True)
    """
    parts = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d", "%d%m%Y", "%d %B %Y", "%d %b %Y")
    written = {day.strftime(each) for each in parts}
    short = {f"{day.day}/{day.month}/{day.year}", f"{day.day} {day:%B %Y}", f"{day.day} {day:%b %Y}"}
    return frozenset(written | short | {day.strftime("%d/%m/%y")})


def mappings_of(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a JSON document without what is nested in it."""
    if isinstance(value, dict):
        yield {key: each for key, each in value.items() if not isinstance(each, (dict, list))}
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from mappings_of(each)


def as_text(value: Any) -> str:
    """Return one value as the search reads it; nothing for what is missing."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value.isoformat()[:10] if hasattr(value, "isoformat") else str(value)


def _any_of(strings: Iterable[str]) -> re.Pattern[str]:
    """Match any of the strings as a word of its own, in any case; nothing where there are none."""
    parts = sorted({_spaced(each.strip()) for each in strings if each.strip()}, key=len, reverse=True)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(parts)})(?![^\W_])" if parts else r"(?!)", re.IGNORECASE)


def _spaced(text: str) -> str:
    return r"\s+".join(re.escape(part) for part in text.split())


def _raw(alone: Iterable[str], together: Iterable[tuple[frozenset[str], ...]]) -> re.Pattern[bytes] | None:
    """Match the strings in bytes; a group only where its parts stand beside each other, as in a database record."""
    spellings: set[bytes] = set()
    for text in alone:
        spellings |= _spelt(text.strip())
    for group in together:
        spellings |= _beside(group)
    parts = sorted(spellings, key=len, reverse=True)
    return re.compile(rb"|".join(parts), re.DOTALL) if parts else None


def _spelt(text: str) -> set[bytes]:
    """Return the patterns of one string in bytes."""
    if len(text) < SHORTEST or _IN_HASHES.fullmatch(text):
        return set()
    found: set[bytes] = set()
    for each in {text, text.upper(), text.lower()}:
        for encoding, letters in (("utf-8", rb"[0-9A-Za-z]"), ("latin-1", rb"[0-9A-Za-z]")):
            try:
                core = re.escape(each.encode(encoding))
            except UnicodeEncodeError:
                continue
            # SQLite writes values end to end, so only a digit beside a digit says that the id is another one
            before = rb"(?<![0-9])" if each[0].isdigit() else rb""
            after = rb"(?![0-9])" if each[-1].isdigit() else (b"(?!" + letters + b")" if each.isalpha() else b"")
            found.add(before + core + after)
        for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
            digit = "9".encode(encoding).replace(b"9", b"[0-9]").replace(b"\0", rb"\x00")
            after = b"(?!" + digit + b")" if each[-1].isdigit() else b""
            found.add(re.escape(each.encode(encoding)) + after)
    return found


def _uncoded(content: bytes | mmap.mmap) -> Iterator[bytes]:
    """Yield the bytes behind each run of Base64, in either alphabet."""
    for run in _CODED.finditer(content):
        coded = run[0].translate(_PLAIN_ALPHABET).rstrip(b"=")
        for start in range(0, 4):  # what stands right before may belong to the alphabet too
            part = coded[start:]
            yield base64.b64decode(part[: len(part) // 4 * 4] + _padded(part))


def _padded(part: bytes) -> bytes:
    rest = part[len(part) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def _beside(group: tuple[frozenset[str], ...]) -> set[bytes]:
    """Return patterns for the first two parts of a group side by side, in either order."""
    first, second = group[0], group[1] if len(group) > 1 else frozenset()
    third = rb"(?s:.{0,40}?)" if len(group) > 2 else b""
    ends = rb"(?:" + rb"|".join(re.escape(e.encode()) for e in sorted(group[2])) + rb")" if len(group) > 2 else b""
    found = set()
    for one in first:
        for other in second:
            for left, right in ((one, other), (other, one)):
                for case in (str, str.upper):
                    pair = re.escape(case(left).encode()) + rb"[^0-9A-Za-z]{0,4}" + re.escape(case(right).encode())
                    found.add(pair + rb"(?![A-Za-z])" * (not third) + third + ends)
    return found
