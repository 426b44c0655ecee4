"""The catalogue as questions that any table engine can be asked.

Each declared measure is read here a second time, from its declaration alone: nothing of how this project computes it
is used.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any, Literal, TypeVar

from benchmarks.indicators.terms import (
    MISSING,
    Across,
    AskedOn,
    CannotExpress,
    Choose,
    Fold,
    Followed,
    Gaps,
    Groups,
    IsMissing,
    Key,
    Number,
    Root,
    Term,
    overwritten,
)
from features import Indicator
from features import measures as declared
from features.kinds import GRADES, NO_FLAG, OVERWRITTEN, RELATIONSHIPS, TOOLS, Flag, Kind
from features.measures import Measure
from features.selection import Selection, Span
from values import Window

HUNDREDTHS, DAYS_A_YEAR = 100, 365.25

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
    if selection is None or not overwritten(selection) or getattr(measure, "unknown_as_zero", False):
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


_KEYS: dict[str, Key] = {"counterpart": "counterpart", "event": "event_id", "family": "family"}


@_answers(declared.Distinct, *_SIMPLE, "of", "unknown_as_zero")
def _(measure: declared.Distinct) -> Term:
    groups = Groups("distinct", measure.selection, measure.span, _KEYS[measure.of])
    if measure.unknown_as_zero:
        return groups
    if measure.of != "family":
        return _if_victims_known(measure, groups)
    of_any = dataclasses.replace(measure.selection, families=())
    return groups.where((_count(measure) > 0) | _count(measure, of_any).is_(0))


@_answers(declared.New, *_SIMPLE)
def _(measure: declared.New) -> Term:
    ever = Span(Window(None), measure.clock)
    before = Span(Window(None), measure.clock, skip=measure.window.days or 0)
    new = [Groups("distinct", measure.selection, span, "counterpart") for span in (ever, before)]
    return _if_victims_known(measure, new[0] - new[1])


@_answers(declared.MostWithOne, *_SIMPLE)
def _(measure: declared.MostWithOne) -> Term:
    return _if_victims_known(measure, Groups("most", measure.selection, measure.span, "counterpart"))


@_answers(declared.Repeated, *_SIMPLE, "least")
def _(measure: declared.Repeated) -> Term:
    groups = Groups("distinct", measure.selection, measure.span, "counterpart", measure.least)
    return _if_victims_known(measure, groups)


@_answers(declared.DaysSince, *_SIMPLE, "which")
def _(measure: declared.DaysSince) -> Term:
    return Fold("min" if measure.which == "last" else "max", measure.selection, measure.span)


@_answers(declared.Gap, *_SIMPLE, "how")
def _(measure: declared.Gap) -> Term:
    if measure.how in ("min", "max", "last"):
        return Gaps(measure.how, measure.selection, measure.span)
    gaps = _count(measure) - 1
    first, last = Fold("max", measure.selection, measure.span), Fold("min", measure.selection, measure.span)
    if measure.how == "mean":
        return ((first - last) / gaps).where(gaps > 0)
    squares = Gaps("squares", measure.selection, measure.span)
    return (Root(gaps * squares - (first - last) * (first - last)) / gaps).where(gaps > 0)


@_answers(declared.Delay, *_SIMPLE, "how")
def _(measure: declared.Delay) -> Term:
    dated = dataclasses.replace(measure.selection, flags=measure.selection.flags | Flag.REPORT_DATED)
    if measure.how == "max":
        return Fold("max", dated, measure.span, "delay")
    return Fold("sum", dated, measure.span, "delay") / _count(measure, dated)


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
    own = Across(measure.other, measure.selection, measure.span) if measure.how == "balance" else _count(measure)
    return opposed / (opposed + own)


@_answers(declared.Difference, "one", "other")
def _(measure: declared.Difference) -> Term:
    return question(measure.one) - question(measure.other)


@_answers(declared.Ratio, "part", "whole", "rest")
def _(measure: declared.Ratio) -> Term:
    whole = [question(one) for one in measure.whole]
    ratio = question(measure.part) / reduce(Term.__add__, whole)
    return Number(1) - ratio if measure.rest else ratio


@_answers(declared.Meets, "minima")
def _(measure: declared.Meets) -> Term:
    asked = [(question(one), least) for one, least in measure.minima]
    missed = reduce(Term.__or__, [value < least for value, least in asked])
    missing: list[Term] = [IsMissing(value) for value, _ in asked]
    return Choose(missed, Number(0), Choose(reduce(Term.__or__, missing), MISSING, Number(1)))
