"""What table engines are asked: folds of rows for each person and date, and formulas over the folds.

Each engine answers a fold (`Fold`, `Groups`, `Across`, `Followed`, `Gaps`) in its own way; a formula over folds is
arithmetic that every engine has.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from features.kinds import OVERWRITTEN, SORT_CODE, Kind
from features.selection import Selection, Span

Key = Literal["counterpart", "event_id", "family"]
Sign = Literal["+", "-", "*", "/", ">", ">=", "<", "==", "&", "|"]
FAR = 1 << 16  # more days than any age


class CannotExpress(Exception):
    """A measure was declared that the other engines are not asked yet; `questions.py` must learn it."""


class Term:
    """A number for each person and date: a fold, or a formula over folds."""

    def __add__(self, other: Term | float) -> Term:
        return Operation("+", self, _term(other))

    def __sub__(self, other: Term | float) -> Term:
        return Operation("-", self, _term(other))

    def __mul__(self, other: Term | float) -> Term:
        return Operation("*", self, _term(other))

    def __truediv__(self, other: Term | float) -> Term:
        """Divide; missing where `other` is zero."""
        return Operation("/", self, _term(other))

    def __gt__(self, other: Term | float) -> Term:
        return Operation(">", self, _term(other))

    def __ge__(self, other: Term | float) -> Term:
        return Operation(">=", self, _term(other))

    def __lt__(self, other: Term | float) -> Term:
        return Operation("<", self, _term(other))

    def is_(self, other: Term | float) -> Term:
        """Say where the two are equal."""
        return Operation("==", self, _term(other))

    def __and__(self, other: Term) -> Term:
        return Operation("&", self, other)

    def __or__(self, other: Term) -> Term:
        return Operation("|", self, other)

    def where(self, condition: Term) -> Term:
        """Keep the number where `condition` holds; missing elsewhere."""
        return Choose(condition, self, MISSING)

    def or_zero(self) -> Term:
        """Put zero where the number is missing."""
        return Choose(IsMissing(self), Number(0), self)


@dataclass(frozen=True)
class Number(Term):
    """The same number for everybody; None is missing."""

    value: float | None


MISSING = Number(None)


@dataclass(frozen=True)
class Operation(Term):
    """Two numbers joined; ``/`` is missing where the right one is zero."""

    sign: Sign
    left: Term
    right: Term


@dataclass(frozen=True)
class Choose(Term):
    """One number where a condition holds, another where it does not or is missing."""

    condition: Term
    value: Term
    otherwise: Term


@dataclass(frozen=True)
class IsMissing(Term):
    """Where a number is missing."""

    value: Term


@dataclass(frozen=True)
class Root(Term):
    """The square root."""

    value: Term


@dataclass(frozen=True)
class AskedOn(Term):
    """Where the date asked is one of these days."""

    days: tuple[int, ...]


@dataclass(frozen=True)
class Fold(Term):
    """Of the selected rows a count, a sum (0 or missing where none), the smallest or largest value (missing)."""

    how: Literal["count", "sum", "min", "max"]
    selection: Selection
    span: Span
    of: Literal["age", "age_squared", "harm", "age_harm", "delay"] = "age"


@dataclass(frozen=True)
class Groups(Term):
    """The selected rows counted by a key: how many groups have `least` rows, or the rows of the largest (0 if none)."""

    how: Literal["distinct", "most"]
    selection: Selection
    span: Span
    key: Key
    least: int = 1


@dataclass(frozen=True)
class Across(Term):
    """The rows of `other` whose counterpart also occurs in the selection; 0 where none."""

    selection: Selection
    other: Selection
    span: Span


@dataclass(frozen=True)
class Followed(Term):
    """The selected rows that occurred 1 to `within` days after the report of an anchor with that counterpart."""

    selection: Selection
    anchor: Selection
    span: Span
    within: int


@dataclass(frozen=True)
class Gaps(Term):
    """The days between neighbouring rows: smallest, largest, those before the last row, sum of squares."""

    how: Literal["min", "max", "last", "squares"]
    selection: Selection
    span: Span


KEYS: tuple[Key, ...] = ("counterpart", "event_id", "family")
FOLDS = (Fold, Groups, Across, Followed, Gaps)
Condition = tuple[Literal["flags", "family", "harm", "late"], Any]


def selections_of(fold: Term) -> tuple[Selection, ...]:
    """Return the selections whose rows a fold joins with the dates asked."""
    if isinstance(fold, Across):
        return fold.selection, fold.other
    return (fold.selection,) if isinstance(fold, Fold | Groups | Gaps) else ()


def kind_of(fold: Term) -> Kind | None:
    """Return the kind of rows that a fold reads; None for one that reads two."""
    kinds = {selection.kind for selection in selections_of(fold)}
    return kinds.pop() if len(kinds) == 1 else None


def counts(fold: Term) -> bool:
    """Say whether a fold is 0, not missing, where there is no row."""
    return not isinstance(fold, Gaps) and not (isinstance(fold, Fold) and fold.how != "count")


def groups_by(fold: Term, key: Key) -> bool:
    """Say whether a fold groups rows by `key` before it counts."""
    return fold.key == key if isinstance(fold, Groups) else isinstance(fold, Across) and key == "counterpart"


def _term(value: Term | float) -> Term:
    return value if isinstance(value, Term) else Number(value)


_NARROWED_BY = {"kind", "role", "flags", "families", "harm", "late_by"}


def conditions(selection: Selection) -> tuple[Condition, ...]:
    """Return what a selection asks of a row of its part: all flags of a mask, one of some families, and so on.

    Raises
    ------
    CannotExpress
        If selections can be narrowed by something that is not known here.
    """
    unknown = {field.name for field in dataclasses.fields(selection)} - _NARROWED_BY
    if unknown:
        raise CannotExpress(f"Selections are narrowed by {', '.join(sorted(unknown))}.")
    asked: list[Condition] = []
    if selection.flags:
        asked.append(("flags", int(selection.flags)))
    if selection.families:
        asked.append(("family", tuple(sorted(SORT_CODE[selection.kind][name] for name in selection.families))))
    if selection.harm != "any":
        asked.append(("harm", selection.harm == "known"))
    if selection.late_by is not None:
        asked.append(("late", selection.late_by))
    return tuple(asked)


def overwritten(selection: Selection) -> bool:
    """Say whether a selection asks for values that count only from the day they were stated."""
    return bool(selection.flags & OVERWRITTEN)


def folds_in(terms: Iterable[Term]) -> list[Term]:
    """Return every fold that the terms need, each once, in the order of first need."""
    return list(dict.fromkeys(fold for term in terms for fold in _folds(term)))


def _folds(term: Term) -> Iterator[Term]:
    if isinstance(term, FOLDS):
        yield term
        return
    for field in dataclasses.fields(term):  # type: ignore[arg-type]
        value = getattr(term, field.name)
        if isinstance(value, Term):
            yield from _folds(value)
