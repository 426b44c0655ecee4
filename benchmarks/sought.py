"""What must not be found in logs, metrics, error pages and MLflow stores: identifiers, names, dates of birth, scores.

What cannot be told apart, and is not looked for: an identifier of up to six digits outside of a place that says it is
one (it may be any count or day); a score of few digits (a simple list counts: ``7`` or ``0.5`` may be anything), and a
score that was rounded to so few digits that other numbers of the same text meet it by chance.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

PSEUDONYM = re.compile(r"\bP-(?:[0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}\b|\bP-[0-9A-Z]{4}-TEST-\d{4}\b")
MADE_UP = re.compile(r"\bNumber\d+\b|Made Up Road|\b1990-01-01\b")  # the people of the tests of serving
IN_LINES, IN_STORES = 5, 9
"""Digits from which a rounded score is looked for: among the few numbers of a line or a page, and among the many
thousands of a store, where seven digits are met by chance."""
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'/\-]*")
_COUNT = re.compile(r"\d{1,6}")
_NUMBER = re.compile(r"(?<![\w.])\d+\.\d+(?:[eE][+-]?\d+)?(?![\w.]\d)")
_WHO = r"(?:person|subject|suspect|victim|perpetrator|offender|case|pnc|cro)s?"
_SAYS_WHO = re.compile(
    rf"\b{_WHO}(?:[_ ]?id)?[\"']?\s*[=:]\s*[\"']?(\d{{1,6}})\b"  # person=17, "person_id": "17", victim: 17
    rf"|/{_WHO}/(\d{{1,6}})\b"  # /cases/17
    rf"|\b{_WHO}(?:[_ ]id)? (\d{{1,6}})\b"  # person 17
    r"|(?<=[\[,])\s*[\"'](\d{1,6})[\"'](?=\s*[,\]])"  # "17" in a list, the identifiers of several people
)


@dataclass
class People:
    """What identifies the people of a workspace.

    Parameters
    ----------
    words
        Identifiers and dates of birth that are like nothing else.
    counts
        Identifiers that are numbers of up to six digits: told only where a text says that it names somebody.
    names
        Given and family name side by side, in small letters.
    """

    words: set[str] = field(default_factory=set)
    counts: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def identified_by(self, identifier: str) -> None:
        """Look for an identifier from now on."""
        (self.counts if _COUNT.fullmatch(identifier) else self.words).add(identifier)

    def told_in(self, text: str) -> list[str]:
        """Return what a text tells of them."""
        words = _WORD.findall(text)
        pairs = {f"{first} {second}".lower() for first, second in itertools.pairwise(words)}
        said = {next(filter(None, found.groups())) for found in _SAYS_WHO.finditer(text)} if self.counts else set()
        return sorted(self.words.intersection(words)) + sorted(self.counts & said) + sorted(self.names & pairs)


class Scores:
    """Scores of people, and the ways in which one may be written: in full, rounded, or as eight bytes."""

    def __init__(self, values: Iterable[float] = ()) -> None:
        self._values: set[float] = set()
        self._written: dict[int, frozenset[str]] = {}
        self.add(values)

    def add(self, values: Iterable[float]) -> None:
        """Look for these too, but for those of few digits."""
        fresh = {abs(float(value)) for value in values if math.isfinite(value)}
        self._values |= {value for value in fresh if _digits(repr(value)) >= IN_LINES}
        self._written.clear()

    @property
    def values(self) -> NDArray[np.float64]:
        """The scores without their signs, sorted."""
        return np.array(sorted(self._values), dtype=np.float64)

    def told_in(self, text: str, digits: int = IN_LINES) -> list[str]:
        """Return the numbers of a text that are a score, in full or rounded to at least so many digits."""
        if not self._values:
            return []
        numbers = {found[0] for found in _NUMBER.finditer(text)}
        return sorted(number for number in numbers if _digits(number) >= digits and self._is_one(number))

    def told_in_bytes(self, data: bytes) -> list[str]:
        """Return the scores that stand among bytes as SQLite or NumPy store a number, at any offset and of any sign."""
        values = self.values[self.values > 0]
        found: set[float] = set()
        for offset, order in itertools.product(range(min(8, len(data))), "><"):
            there = np.frombuffer(data, f"{order}f8", (len(data) - offset) // 8, offset)
            with np.errstate(invalid="ignore"):
                found |= set(np.intersect1d(np.abs(there), values).tolist())
        return [repr(value) for value in sorted(found) if _digits(repr(value)) >= IN_STORES]

    def _is_one(self, number: str) -> bool:
        if "e" in number.lower():
            return float(number) in self._values
        places = len(number.partition(".")[2])
        if places not in self._written:
            # Rounded to more digits than a score has, it would say no more than its few own.
            rounded = {f"{value:.{places}f}" for value in self._values if _digits(repr(value)) >= places}
            self._written[places] = frozenset(rounded)
        return number in self._written[places]


def told_in(text: str) -> list[str]:
    """Return the pseudonyms and the people of the serving tests that a text tells of."""
    return [found[0] for pattern in (PSEUDONYM, MADE_UP) for found in pattern.finditer(text)]


def _digits(number: str) -> int:
    """Return how many digits of a number say something: not the zeros before and after, nor the exponent."""
    return len(number.lower().partition("e")[0].replace(".", "").strip("0"))


def all_told(text: str, scores: Scores, people: Collection[People] = (), digits: int = IN_LINES) -> list[str]:
    """Return everything that a text tells of anybody."""
    return [*told_in(text), *scores.told_in(text, digits), *(told for each in people for told in each.told_in(text))]
