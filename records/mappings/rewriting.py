"""What may be done to one text on its way into the contract: each step is a piece of DuckDB SQL.

A step gets the SQL of a text (NULL where missing) and returns the SQL of the changed one. Every value that a
mapping writes enters as a quoted literal: it is data, whatever it holds.
"""

# ruff: noqa: S608 - names enter through quoted(), values through literal()
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from records.storage.database import literal

KEEP, MISSING = "keep", "missing"
EXCEL = "excel"
# What Python's str.strip() takes away; DuckDB's own trim knows spaces only, or is slow with a set of characters.
_SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\pZ]"
_EARLIEST = "TIMESTAMP '1899-12-31'"  # the day before the first that the contract takes


def trimmed(text: str) -> str:
    """Return the SQL of `text` without the white space around it; it names its text twice."""
    return f"CASE WHEN regexp_matches({text}, '^{_SPACE}|{_SPACE}$') THEN {_stripped(text)} ELSE {text} END"


def _stripped(text: str) -> str:
    return f"regexp_replace({text}, '^{_SPACE}+|{_SPACE}+$', '', 'g')"


def literals(texts: tuple[str, ...]) -> str:
    """Return texts as the inside of an SQL list."""
    return ", ".join(literal(each) for each in texts)


def _piece(text: str) -> str:
    return f"nullif({_stripped(text)}, '')"


class Step(Protocol):
    """One change of a text."""

    def sql(self, text: str) -> str:
        """Return the SQL of the changed text."""


@dataclass(frozen=True)
class Replace:
    """Every occurrence of a text becomes another, one after the other."""

    pairs: Mapping[str, str]

    def sql(self, text: str) -> str:
        """Return the text with everything replaced."""
        for old, new in self.pairs.items():
            text = f"replace({text}, {literal(old)}, {literal(new)})"
        return _piece(text)


@dataclass(frozen=True)
class Split:
    """The part at a place between separators; counted from the end where the place is negative."""

    sep: str
    part: int

    def sql(self, text: str) -> str:
        """Return the part; missing where there are fewer."""
        return _piece(f"split_part({text}, {literal(self.sep)}, {self.part})")


@dataclass(frozen=True)
class Positions:
    """The characters from one place to another, both counted from 1 and included."""

    first: int
    last: int

    def sql(self, text: str) -> str:
        """Return those characters."""
        return _piece(f"substr({text}, {self.first}, {self.last - self.first + 1})")


@dataclass(frozen=True)
class Extract:
    """What a regular expression (RE2) finds first: its first group, or all of it where it has none."""

    pattern: str
    group: int

    def sql(self, text: str) -> str:
        """Return what is found; missing where nothing is."""
        return _piece(f"regexp_extract({text}, {literal(self.pattern)}, {self.group})")


@dataclass(frozen=True)
class Absent:
    """Texts that mean, as the whole of this text, that nothing was written."""

    texts: tuple[str, ...]

    def sql(self, text: str) -> str:
        """Return the text; missing where it is one of them."""
        return f"CASE WHEN {text} IN ({literals(self.texts)}) THEN NULL ELSE {text} END"


@dataclass(frozen=True)
class Pad:
    """Digits filled up with zeros on the left; a text that holds anything else, or is as long, stays as it is."""

    width: int

    def sql(self, text: str) -> str:
        """Return the filled text."""
        short = f"regexp_full_match({text}, '[0-9]{{1,{self.width}}}')"
        return f"CASE WHEN {short} THEN lpad({text}, {self.width}, '0') ELSE {text} END"


@dataclass(frozen=True)
class Case:
    """All letters small (``lower``) or capital (``upper``)."""

    to: str

    def sql(self, text: str) -> str:
        """Return the text in that case."""
        return f"{'upper' if self.to == 'upper' else 'lower'}({text})"


@dataclass(frozen=True)
class Codes:
    """Each code becomes another; one that is not listed is kept, dropped or becomes `otherwise`."""

    codes: Mapping[str, str]
    otherwise: str = KEEP
    ignore_case: bool = False

    def sql(self, text: str) -> str:
        """Return the translated code."""
        # a joined list: measured twelve times faster than CASE for 500 codes and two million rows
        listed = ", ".join(f"({self._cased(literal(code))}, {literal(to)})" for code, to in self.codes.items())
        found = f"(SELECT t.v FROM (VALUES {listed}) t(k, v) WHERE t.k = {self._cased(text)})" if listed else "NULL"
        if self.otherwise == KEEP:
            return f"nullif(coalesce({found}, {text}), '')"
        other = "''" if self.otherwise == MISSING else literal(self.otherwise)
        return f"nullif(coalesce({found}, CASE WHEN {text} IS NULL THEN '' ELSE {other} END), '')"

    def _cased(self, text: str) -> str:
        return f"lower({text})" if self.ignore_case else text


@dataclass(frozen=True)
class Dates:
    """The day that the first fitting format reads; a text that none fits is kept, and checking refuses it."""

    formats: tuple[str, ...]

    def sql(self, text: str) -> str:
        """Return the day as YYYY-MM-DD, in Europe/London where a time comes with an offset."""
        read = [_day(text, each) for each in self.formats]
        return f"coalesce({', '.join([*read, text])})"


def _day(text: str, date_format: str) -> str:
    if date_format == EXCEL:  # days since 30 December 1899, as spreadsheets count them
        number = rf"regexp_extract({text}, '^(\d{{5}})(?:\.\d+)?$', 1)"
        return f"strftime(DATE '1899-12-30' + try_cast({number} AS INTEGER), '%Y-%m-%d')"
    moment = f"try_strptime({text}, {literal(date_format)})"
    if "%z" in date_format:
        moment = f"timezone('Europe/London', {moment})"
    # %Y would read 23 as the year 23: too early a day counts as no match, so that a later format gets its turn
    return f"strftime(nullif(greatest({moment}, {_EARLIEST}), {_EARLIEST}), '%Y-%m-%d')"


@dataclass(frozen=True)
class IfMissing:
    """A text for what is still missing."""

    text: str

    def sql(self, text: str) -> str:
        """Return the text or what stands in for it."""
        return f"coalesce({text}, nullif({literal(self.text)}, ''))"
