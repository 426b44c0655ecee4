"""How one value of a person record goes wrong: typing errors, short forms, dates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from synthetic.names import given_root
from synthetic.people import Bools, Ints

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_KINDS = 4  # another letter, a letter left out, a letter too many, two letters exchanged


def typing_errors(names: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Return each name with one typing error; the first letter stays a capital.

    >>> typing_errors(["Ashdale"], np.random.default_rng(1)) != ["Ashdale"]
    True
    """
    size = len(names)
    kind, place, letter = rng.integers(0, _KINDS, size), rng.random(size), rng.integers(0, len(_LETTERS), size)
    return [_mistype(name, int(k), float(p), int(x)) for name, k, p, x in zip(names, kind, place, letter, strict=True)]


def _mistype(name: str, kind: int, place: float, letter: int) -> str:
    text = name.lower()
    at = int(place * len(text))
    new = _LETTERS[letter]
    if kind == 1 and len(text) > 2:
        text = text[:at] + text[at + 1 :]
    elif kind == 2:
        text = text[:at] + new + text[at:]
    elif kind == 3 and text[at : at + 1] != text[at + 1 : at + 2] and at + 1 < len(text):
        text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    else:
        new = new if new != text[at] else _LETTERS[(letter + 1) % len(_LETTERS)]
        text = text[:at] + new + text[at + 1 :]
    return text.capitalize()


def other_forms(names: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Return a short or pet form of each given name: its first syllable, or that with an ending."""
    ending = rng.choice(np.array(["", "", "ie", "y"]), len(names))
    return [given_root(name) + end for name, end in zip(names, ending, strict=True)]


def _parts(birth: Ints) -> tuple[Ints, Ints, Ints]:
    index = pd.DatetimeIndex(birth.astype("datetime64[D]").astype("datetime64[s]"))
    return (index.year.to_numpy(np.int64), index.month.to_numpy(np.int64), index.day.to_numpy(np.int64))


def _day_numbers(year: Ints, month: Ints, day: Ints) -> tuple[Ints, Bools]:
    """Return the day numbers, and which of the dates exist."""
    first = ((year - 1970) * 12 + (month - 1)).astype("datetime64[M]")
    length = ((first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")).astype(np.int64)
    exists = (day >= 1) & (day <= length)
    return first.astype("datetime64[D]").astype(np.int64) + day - 1, np.asarray(exists)


def can_swap(birth: Ints) -> Bools:
    """Say for which dates of birth day and month can be exchanged and give another date."""
    _, month, day = _parts(birth)
    return np.asarray((day <= 12) & (day != month))


def swapped_dates(birth: Ints) -> Ints:
    """Return the dates with day and month exchanged; each must be one that `can_swap` allows."""
    year, month, day = _parts(birth)
    return _day_numbers(year, day, month)[0]


def one_digit_wrong(birth: Ints, rng: np.random.Generator) -> Ints:
    """Return the dates with one digit changed: the last of the year, or the last of the day."""
    year, month, day = _parts(birth)
    wrong, todo = birth.copy(), np.arange(len(birth))
    while len(todo):  # a day that does not exist is drawn again; another year's digit always comes in the end
        step, in_year = rng.integers(1, 10, len(todo)), rng.random(len(todo)) < 0.5
        y, m, d = year[todo], month[todo], day[todo]
        found, exists = _day_numbers(
            np.where(in_year, y // 10 * 10 + (y + step) % 10, y),
            m,
            np.where(in_year, d, d // 10 * 10 + (d + step) % 10),
        )
        wrong[todo[exists]] = found[exists]
        todo = todo[~exists]
    return wrong
