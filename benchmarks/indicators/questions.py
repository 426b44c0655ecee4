"""The catalogue as questions that any table engine can be asked: folds of rows, and formulas over the folds.

Each declared measure is read here a second time, from its declaration alone: nothing of how this project computes it
is used. A fold of rows (`Fold`, `Groups`, `Across`, `Followed`, `Gaps`) is answered by an engine in its own way; a
formula over folds is arithmetic that every engine has.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal, TypeVar

from features import Indicator
from features import measures as declared
from features.kinds import FAMILY_CODE, GRADES, NO_FLAG, OVERWRITTEN, RELATIONSHIPS, TOOLS, Flag, Kind
from features.measures import Measure
from features.selection import Selection, Span
from values import Window

Key = Literal["counterpart", "event_id"]
Sign = Literal["+", "-", "*", "/", ">", ">=", "<", "==", "&", "|"]
HUNDREDTHS, DAYS_A_YEAR = 100, 365.25
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
    """A count (0 where no row), sum, smallest or largest value (missing where no row) of the selected rows."""

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


KEYS: tuple[Key, ...] = ("counterpart", "event_id")
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
        asked.append(("family", tuple(sorted(FAMILY_CODE[name] for name in selection.families))))
    if selection.harm != "any":
        asked.append(("harm", selection.harm == "known"))
    if selection.late_by is not None:
        asked.append(("late", selection.late_by))
    return tuple(asked)


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


_M = TypeVar("_M", bound=Measure)
_ANSWERS: dict[type[Measure], tuple[set[str], Callable[[Any], Term]]] = {}


def _answers(measure: type[_M], *fields: str) -> Callable[[Callable[[_M], Term]], Callable[[_M], Term]]:
    """Register how a measure with exactly these fields is asked."""

    def register(answer: Callable[[_M], Term]) -> Callable[[_M], Term]:
        _ANSWERS[measure] = ({*fields}, answer)
        return answer

    return register


def question(measure: Measure) -> Term:
    """Return the formula that answers a measure.

    Raises
    ------
    CannotExpress
        Naming the measure, or the fields of it that are not known here.
    """
    name = type(measure).__name__
    if type(measure) not in _ANSWERS:
        raise CannotExpress(f"The measure {name} has no question.")
    fields, answer = _ANSWERS[type(measure)]
    changed = fields ^ {field.name for field in dataclasses.fields(measure)}
    if changed:
        raise CannotExpress(f"The measure {name} is asked without regard to {', '.join(sorted(changed))}.")
    return _where_stated(measure, answer(measure))


def _where_stated(measure: Measure, value: Term) -> Term:
    """Keep a number that rests on overwritten values where the victims are known and any such value is stated."""
    selection = getattr(measure, "selection", None)
    if selection is None or not overwritten(selection):
        return value
    plain = _plain(selection)
    asked = NO_FLAG
    if selection.flags & RELATIONSHIPS:
        asked |= Flag.RELATIONSHIP
    if selection.flags & (GRADES | TOOLS):
        asked |= Flag.GRADED
    stated = dataclasses.replace(plain, flags=plain.flags | asked)
    told = (_count(measure, stated) > 0) | _count(measure, plain).is_(0)
    return _if_victims_known(measure, value).where(told)


def overwritten(selection: Selection) -> bool:
    """Say whether a selection asks for values that count only from the day they were stated."""
    return bool(selection.flags & OVERWRITTEN)


def _plain(selection: Selection) -> Selection:
    return dataclasses.replace(selection, flags=selection.flags & ~OVERWRITTEN)


def questions(
    catalogue: Iterable[Indicator], available: frozenset[str], recorded: Mapping[str, Any], days: list[int]
) -> dict[str, Term]:
    """Return each indicator's formula for the dates asked, missing where nothing it needs was delivered or recorded."""
    return {one.name: _where_available(one, available, recorded, days) for one in catalogue}


def _where_available(
    indicator: Indicator, available: frozenset[str], recorded: Mapping[str, Any], days: list[int]
) -> Term:
    term = question(indicator.measure)
    told = [] if not indicator.tables <= available else [day for day in days if _told(indicator, recorded, day)]
    if len(told) == len(days):
        return term
    return term.where(AskedOn(tuple(told))) if told else MISSING


def _told(indicator: Indicator, recorded: Mapping[str, Any], day: int) -> bool:
    return all(any(low <= day < high for low, high in recorded.get(name, ())) for name in indicator.requires)


# ---- what the measures ask

_SIMPLE = ("selection", "window", "clock", "skip")


def _count(measure: Any, selection: Selection | None = None, span: Span | None = None) -> Term:
    return Fold("count", selection or measure.selection, span or measure.span)


def _if_victims_known(measure: Any, value: Term) -> Term:
    """Missing where there are incidents but not one identified counterpart."""
    if measure.selection.kind != Kind.DYAD:
        return value
    pairs = _plain(measure.selection)
    incidents = dataclasses.replace(pairs, kind=Kind.INCIDENT)
    return value.where((_count(measure, pairs) > 0) | _count(measure, incidents).is_(0))


def _known_harm(selection: Selection) -> Selection:
    return dataclasses.replace(selection, harm="known")


@_answers(declared.Count, *_SIMPLE)
def _(measure: declared.Count) -> Term:
    return _count(measure)


def _harm_days(measure: Any, how: Literal["sum", "max"]) -> Term:
    weighed = _known_harm(measure.selection)
    days = Fold(how, weighed, measure.span, "harm").or_zero() / HUNDREDTHS
    return days.where((_count(measure, weighed) > 0) | _count(measure).is_(0))


@_answers(declared.Total, *_SIMPLE)
def _(measure: declared.Total) -> Term:
    return _harm_days(measure, "sum")


@_answers(declared.Largest, *_SIMPLE)
def _(measure: declared.Largest) -> Term:
    return _harm_days(measure, "max")


@_answers(declared.Distinct, *_SIMPLE, "of", "unknown_as_zero")
def _(measure: declared.Distinct) -> Term:
    key: Key = {"counterpart": "counterpart", "event": "event_id"}[measure.of]  # type: ignore[assignment]
    groups = Groups("distinct", measure.selection, measure.span, key)
    return groups if measure.unknown_as_zero else _if_victims_known(measure, groups)


@_answers(declared.New, *_SIMPLE)
def _(measure: declared.New) -> Term:
    ever = Span(Window(None), measure.clock)
    before = Span(Window(None), measure.clock, skip=measure.window.days or 0)
    new = [Groups("distinct", measure.selection, span, "counterpart") for span in (ever, before)]
    return _if_victims_known(measure, new[0] - new[1])


@_answers(declared.MostWithOne, *_SIMPLE)
def _(measure: declared.MostWithOne) -> Term:
    return _if_victims_known(measure, Groups("most", measure.selection, measure.span, "counterpart"))


@_answers(declared.DaysSince, *_SIMPLE, "which")
def _(measure: declared.DaysSince) -> Term:
    return Fold("min" if measure.which == "last" else "max", measure.selection, measure.span)


@_answers(declared.Gap, *_SIMPLE, "how")
def _(measure: declared.Gap) -> Term:
    if measure.how == "min":
        return Gaps("min", measure.selection, measure.span)
    gaps = _count(measure) - 1
    first, last = Fold("max", measure.selection, measure.span), Fold("min", measure.selection, measure.span)
    if measure.how == "mean":
        return ((first - last) / gaps).where(gaps > 0)
    squares = Gaps("squares", measure.selection, measure.span)
    return (Root(gaps * squares - (first - last) * (first - last)) / gaps).where(gaps > 0)


@_answers(declared.Slope, *_SIMPLE, "least_days")
def _(measure: declared.Slope) -> Term:
    weighed, span = _known_harm(measure.selection), measure.span
    n = Fold("count", weighed, span)
    first, last = Fold("max", weighed, span), Fold("min", weighed, span)
    age, squares = Fold("sum", weighed, span), Fold("sum", weighed, span, "age_squared")
    harm, products = Fold("sum", weighed, span, "harm"), Fold("sum", weighed, span, "age_harm")
    slope = (age * harm - n * products) * (DAYS_A_YEAR / HUNDREDTHS) / (n * squares - age * age)
    return slope.where(first - last >= measure.least_days)


@_answers(declared.After, *_SIMPLE, "anchor", "within")
def _(measure: declared.After) -> Term:
    return _if_victims_known(measure, Followed(measure.selection, measure.anchor, measure.span, measure.within))


@_answers(declared.Reversed, *_SIMPLE, "other", "how")
def _(measure: declared.Reversed) -> Term:
    opposed = Across(measure.selection, measure.other, measure.span)
    if measure.how == "count":
        return _if_victims_known(measure, opposed)
    return opposed / (opposed + _count(measure))


@_answers(declared.Ratio, "part", "whole", "rest")
def _(measure: declared.Ratio) -> Term:
    whole = [question(one) for one in measure.whole]
    ratio = question(measure.part) / reduce(Term.__add__, whole)
    return Number(1) - ratio if measure.rest else ratio


@_answers(declared.Meets, "minima")
def _(measure: declared.Meets) -> Term:
    asked = [(question(one), least) for one, least in measure.minima]
    missed = reduce(Term.__or__, [value < least for value, least in asked])
    unknown = reduce(Term.__or__, [IsMissing(value) for value, _ in asked])
    return Choose(missed, Number(0), Choose(unknown, MISSING, Number(1)))
