"""What an indicator can be: a small set of measures, each compiled to slots and a formula.

Counts and sums are exact integers; a formula turns them into one float64 column afterwards. A number that is
not known is NaN, never zero: the harm of crimes none of which has a weight, the victims of incidents none of
which has an identified victim, the days since something that is not recorded.
"""

# ruff: noqa: D102 -- the overridden methods are documented on Measure
from __future__ import annotations

import dataclasses
import functools
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from features import kernel
from features.events import EventStream, Mask
from features.kinds import Flag, Kind
from features.plan import Column, Floats, Formula, Plan, Slots
from features.selection import Clock, Selection, Span
from values import Window

_HUNDREDTHS = 100.0
_DAYS_A_YEAR = 365.25
_KEYS = {"counterpart": kernel.BY_COUNTERPART, "event": kernel.BY_EVENT, "family": kernel.BY_FAMILY}


@dataclass(frozen=True)
class Known:
    """One person's rows known at T, to find the events behind a number."""

    events: EventStream
    day: int

    def select(self, selection: Selection, span: Span) -> Mask:
        """Say which rows the selection counts in the span."""
        age = self.day - self.events.occurred.astype(np.int64)
        if span.clock == "reported":
            age = self.day - self.events.reported.astype(np.int64)
        stated = self.events.stated <= self.day
        held = np.where(stated, selection.rows(self.events), selection.rows(self.events, stated=False))
        rows = held & (age >= span.low)
        return rows if span.high is None else rows & (age < span.high)


@dataclass(frozen=True)
class Measure(ABC):
    """One question asked of a person's events; subclasses are frozen, so equal measures are equal."""

    @abstractmethod
    def compile(self, plan: Plan) -> Formula:
        """Ask `plan` for slots and return the formula from slots to one column."""

    @abstractmethod
    def counted(self, known: Known) -> Mask:
        """Say which rows stand behind the number."""

    @property
    @abstractmethod
    def selections(self) -> tuple[Selection, ...]:
        """Every selection that is looked at."""

    @property
    @abstractmethod
    def span(self) -> Span:
        """The days that are counted (of a composed measure: of its main part)."""

    @property
    def columns(self) -> frozenset[str]:
        """The contract's columns that the number depends on."""
        return frozenset[str]().union(*(selection.columns for selection in self.selections))

    @property
    def requires(self) -> frozenset[str]:
        """Optional columns of which at least one value must be known at T, else the number is not available."""
        return frozenset[str]().union(*(selection.requires for selection in self.selections))

    @property
    def zero_if_none(self) -> bool:
        """Whether no event at all is a zero: then NaN says that what is recorded does not tell."""
        return True

    def declaration(self) -> dict[str, Any]:
        """Return the measure as plain values; the catalogue's version is taken over it."""
        return {"measure": type(self).__name__, **_plain(self)}


def _plain(value: Any) -> Any:
    if isinstance(value, Measure) or dataclasses.is_dataclass(value):
        fields = {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"measure": type(value).__name__, **fields} if isinstance(value, Measure) else fields
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _known_if(known: Mask, values: Column) -> Column:
    return np.where(known, values, np.nan)


def _divided(numerator: Column, denominator: Column) -> Floats:
    """Divide, NaN where the denominator is zero."""
    result = np.full(len(numerator), np.nan)
    np.divide(numerator, denominator, out=result, where=denominator > 0)
    return result


def _mask(values: Any) -> Mask:
    return np.asarray(values, dtype=np.bool_)


def _floats(values: Any) -> Floats:
    return np.asarray(values, dtype=np.float64)


@dataclass(frozen=True)
class _Simple(Measure):
    """A measure of one selection over one span of days."""

    selection: Selection
    window: Window
    clock: Clock = "occurred"
    skip: int = 0

    @property
    def selections(self) -> tuple[Selection, ...]:
        return (self.selection,)

    @property
    def span(self) -> Span:
        return Span(self.window, self.clock, self.skip)

    @abstractmethod
    def formula(self, plan: Plan) -> Formula:
        """Ask `plan` for slots and return the formula, before what is overwritten is looked at."""

    def compile(self, plan: Plan) -> Formula:
        formula = self.formula(plan)
        if not self.selection.overwritten or self._zero_if_unknown:
            return formula
        victims, stated = self._victims_known(plan), self._stated(plan)
        return lambda slots: _known_if(victims(slots) & stated(slots), formula(slots))

    def counted(self, known: Known) -> Mask:
        return known.select(self.selection, self.span)

    @property
    def _zero_if_unknown(self) -> bool:
        """Whether what is not stated counts as none, so that completeness can be told."""
        return False

    def _slot(self, plan: Plan, operation: int, selection: Selection | None = None) -> int:
        return plan.slot(operation, selection or self.selection, self.span)

    def _victims_known(self, plan: Plan) -> Callable[[Slots], Mask]:
        """Unknown where there are incidents but not one identified counterpart."""
        if self.selection.kind != Kind.DYAD:
            return lambda slots: np.ones(len(slots), dtype=np.bool_)
        pair = self.selection.whatever_is_stated
        pairs, incidents = self._slot(plan, kernel.COUNT, pair), self._slot(plan, kernel.COUNT, pair.of(Kind.INCIDENT))
        return plan.told(pairs, incidents)

    def _families_known(self, plan: Plan) -> Callable[[Slots], Mask]:
        """Unknown where there are events but not one of a family asked for."""
        named = self._slot(plan, kernel.COUNT)
        events = self._slot(plan, kernel.COUNT, dataclasses.replace(self.selection, families=()))
        return plan.told(named, events)

    def _stated(self, plan: Plan) -> Callable[[Slots], Mask]:
        """Unknown where there are events but of none of them a relationship (a risk grade) is stated."""
        stated = self._slot(plan, kernel.COUNT, self.selection.with_any_stated)
        events = self._slot(plan, kernel.COUNT, self.selection.whatever_is_stated)
        return plan.told(stated, events)


@dataclass(frozen=True)
class Count(_Simple):
    """How many events."""

    def formula(self, plan: Plan) -> Formula:
        at = self._slot(plan, kernel.COUNT)
        return lambda slots: slots[:, at]


@dataclass(frozen=True)
class _Harm(_Simple):
    """A fold of harm; NaN where there are events and the harm of every one is unknown."""

    operation: ClassVar[int]

    @property
    def columns(self) -> frozenset[str]:
        return super().columns | {"incidents.offence_code", "incidents.is_crime"}

    @property
    def requires(self) -> frozenset[str]:
        return super().requires | {"incidents.offence_code"}

    def formula(self, plan: Plan) -> Formula:
        at, events = self._slot(plan, self.operation), self._slot(plan, kernel.COUNT)
        known = plan.told(self._slot(plan, kernel.COUNT, self.selection.whose_harm_is("known")), events)
        return lambda slots: _known_if(known(slots), np.maximum(slots[:, at], 0) / _HUNDREDTHS)


@dataclass(frozen=True)
class Total(_Harm):
    """The sum of harm days; unknown weights add nothing."""

    operation = kernel.HARM_SUM


@dataclass(frozen=True)
class Largest(_Harm):
    """The harm days of the most harmful event."""

    operation = kernel.HARM_MAX

    def counted(self, known: Known) -> Mask:
        rows = super().counted(known) & (known.events.harm >= 0)
        return _mask(rows & (known.events.harm == known.events.harm[rows].max(initial=-1)))


@dataclass(frozen=True)
class Distinct(_Simple):
    """How many different counterparts, events or offence families.

    NaN where there are incidents but no identified counterpart, unless `unknown_as_zero`; of families, where there
    are incidents but the family of none of them is among those asked for.
    """

    of: Literal["counterpart", "event", "family"] = "counterpart"
    unknown_as_zero: bool = False

    @property
    def _zero_if_unknown(self) -> bool:
        return self.unknown_as_zero

    def formula(self, plan: Plan) -> Formula:
        at = plan.distinct(self.selection, self.span, _KEYS[self.of])
        if self.unknown_as_zero:
            return lambda slots: slots[:, at]
        known = self._families_known(plan) if self.of == "family" else self._victims_known(plan)
        return lambda slots: _known_if(known(slots), slots[:, at])


@dataclass(frozen=True)
class New(_Simple):
    """How many counterparts in the window who do not occur before it."""

    def formula(self, plan: Plan) -> Formula:
        ever = plan.distinct(self.selection, Span(Window(None), self.clock), kernel.BY_COUNTERPART)
        older = plan.distinct(self.selection, self._older, kernel.BY_COUNTERPART)
        known = self._victims_known(plan)
        return lambda slots: _known_if(known(slots), slots[:, ever] - slots[:, older])

    def counted(self, known: Known) -> Mask:
        rows = super().counted(known)
        before = known.select(self.selection, self._older)
        return rows & ~np.isin(known.events.counterpart, known.events.counterpart[before])

    @property
    def _older(self) -> Span:
        return Span(Window(None), self.clock, skip=self.window.days or 0)


@dataclass(frozen=True)
class MostWithOne(_Simple):
    """The largest number of events with the same counterpart."""

    def formula(self, plan: Plan) -> Formula:
        at = plan.most(self.selection, self.span, kernel.BY_COUNTERPART)
        known = self._victims_known(plan)
        return lambda slots: _known_if(known(slots), slots[:, at])

    def counted(self, known: Known) -> Mask:
        rows = super().counted(known)
        people, counts = np.unique(known.events.counterpart[rows], return_counts=True)
        return rows & np.isin(known.events.counterpart, people[counts == counts.max(initial=0)])


@dataclass(frozen=True)
class Repeated(_Simple):
    """How many counterparts occur in at least `least` events."""

    least: int = 2

    def formula(self, plan: Plan) -> Formula:
        at = plan.at_least(self.selection, self.span, kernel.BY_COUNTERPART, self.least)
        known = self._victims_known(plan)
        return lambda slots: _known_if(known(slots), slots[:, at])

    def counted(self, known: Known) -> Mask:
        rows = super().counted(known)
        people, counts = np.unique(known.events.counterpart[rows], return_counts=True)
        return rows & np.isin(known.events.counterpart, people[(counts >= self.least) & (people >= 0)])


@dataclass(frozen=True)
class DaysSince(_Simple):
    """Days since the last or the first event; NaN where there is none."""

    which: Literal["last", "first"] = "last"

    @property
    def zero_if_none(self) -> bool:
        return False

    def formula(self, plan: Plan) -> Formula:
        at = self._slot(plan, kernel.NEAREST if self.which == "last" else kernel.FARTHEST)
        events = self._slot(plan, kernel.COUNT)
        return lambda slots: _known_if(slots[:, events] > 0, slots[:, at])

    def counted(self, known: Known) -> Mask:
        rows = super().counted(known)
        days = known.events.reported if self.clock == "reported" else known.events.occurred
        if not rows.any():
            return rows
        wanted = days[rows].max() if self.which == "last" else days[rows].min()
        return _mask(rows & (days == wanted))


_ONE_GAP = {"min": kernel.GAP_MIN, "max": kernel.GAP_MAX, "last": kernel.GAP_LAST}


@dataclass(frozen=True)
class Gap(_Simple):
    """Days between neighbouring events: mean, smallest, largest, last, standard deviation; NaN below two events."""

    how: Literal["mean", "min", "max", "last", "std"] = "mean"

    def __post_init__(self) -> None:
        if self.clock != "occurred":
            raise ValueError("Gaps are measured between days of occurrence, the order of the stream.")

    @property
    def zero_if_none(self) -> bool:
        return False

    def formula(self, plan: Plan) -> Formula:
        events = self._slot(plan, kernel.COUNT)
        last, first = self._slot(plan, kernel.NEAREST), self._slot(plan, kernel.FARTHEST)
        one = self._slot(plan, _ONE_GAP[self.how]) if self.how in _ONE_GAP else -1
        squares = self._slot(plan, kernel.GAP_SQUARES) if self.how == "std" else -1

        def formula(slots: Slots) -> Column:
            gaps = slots[:, events] - 1
            enough = gaps > 0
            total = np.where(enough, slots[:, first] - slots[:, last], 0)
            if self.how in _ONE_GAP:
                return _known_if(enough, slots[:, one])
            if self.how == "mean":
                return _known_if(enough, _divided(total, gaps))
            spread = np.where(enough, gaps * slots[:, squares] - total * total, 0)
            return _known_if(enough, _divided(np.sqrt(spread), gaps))

        return formula


@dataclass(frozen=True)
class Delay(_Simple):
    """Days from the conduct to its report: mean or largest; NaN where no event has a recorded day of report."""

    how: Literal["mean", "max"] = "mean"

    @property
    def zero_if_none(self) -> bool:
        return False

    @property
    def selections(self) -> tuple[Selection, ...]:
        return (self._dated,)

    def formula(self, plan: Plan) -> Formula:
        events = self._slot(plan, kernel.COUNT, self._dated)
        operation = kernel.DELAY_SUM if self.how == "mean" else kernel.DELAY_MAX
        days = self._slot(plan, operation, self._dated)
        if self.how == "max":
            return lambda slots: _known_if(slots[:, events] > 0, slots[:, days])
        return lambda slots: _divided(slots[:, days], slots[:, events])

    def counted(self, known: Known) -> Mask:
        rows = known.select(self._dated, self.span)
        if self.how == "mean":
            return rows
        days = known.events.reported.astype(np.int64) - known.events.occurred
        return _mask(rows & (days == days[rows].max(initial=-1)))

    @property
    def _dated(self) -> Selection:
        return dataclasses.replace(self.selection, flags=self.selection.flags | Flag.REPORT_DATED)


@dataclass(frozen=True)
class Slope(_Simple):
    """Least-squares change of harm over time, harm days a year.

    NaN where the events of known harm span fewer than `least_days`: a trend over a few days is none.
    """

    least_days: int = 90

    @property
    def zero_if_none(self) -> bool:
        return False

    @property
    def columns(self) -> frozenset[str]:
        return super().columns | {"incidents.offence_code", "incidents.is_crime"}

    @property
    def requires(self) -> frozenset[str]:
        return super().requires | {"incidents.offence_code"}

    def formula(self, plan: Plan) -> Formula:
        weighed = self.selection.whose_harm_is("known")
        events = self._slot(plan, kernel.COUNT, weighed)
        last, first = self._slot(plan, kernel.NEAREST, weighed), self._slot(plan, kernel.FARTHEST, weighed)
        age, squares = self._slot(plan, kernel.AGE_SUM), self._slot(plan, kernel.AGE_SQUARES)
        harm, products = self._slot(plan, kernel.HARM_SUM), self._slot(plan, kernel.AGE_HARM)

        def formula(slots: Slots) -> Column:
            n = slots[:, events]
            spread = n * slots[:, squares] - slots[:, age] * slots[:, age]
            rising = slots[:, age] * slots[:, harm] - n * slots[:, products]  # age runs against time
            long_enough = slots[:, first] - slots[:, last] >= self.least_days
            slope = _divided(_floats(rising) * _DAYS_A_YEAR / _HUNDREDTHS, _floats(spread))
            return _known_if(long_enough, slope)

        return formula

    def counted(self, known: Known) -> Mask:
        return super().counted(known) & (known.events.harm >= 0)


@dataclass(frozen=True)
class After(_Simple):
    """How many events followed the report of an `anchor` event with the same counterpart within some days."""

    anchor: Selection = dataclasses.field(kw_only=True)
    within: int = dataclasses.field(kw_only=True)

    @property
    def selections(self) -> tuple[Selection, ...]:
        return (self.selection, self.anchor)

    def formula(self, plan: Plan) -> Formula:
        at = plan.after(self.selection, self.anchor, self.span, self.within)
        known = self._victims_known(plan)
        return lambda slots: _known_if(known(slots), slots[:, at])

    def counted(self, known: Known) -> Mask:
        rows = super().counted(known)
        anchors = known.select(self.anchor, Span(Window(None)))
        events = known.events
        since = events.occurred[:, None].astype(np.int64) - events.reported[None, anchors]
        same = events.counterpart[:, None] == events.counterpart[None, anchors]
        return _mask(rows & (same & (since > 0) & (since <= self.within)).any(axis=1))


@dataclass(frozen=True)
class Reversed(_Simple):
    """Events in which the roles were reversed: `other` events with counterparts of the selection.

    ``how="share"`` divides by all events of both kinds with these counterparts; ``how="balance"`` looks only at pairs
    in which both are recorded as suspect of the other. NaN where there are none.
    """

    other: Selection = dataclasses.field(kw_only=True)
    how: Literal["count", "share", "balance"] = "share"

    @property
    def zero_if_none(self) -> bool:
        return self.how == "count"

    @property
    def selections(self) -> tuple[Selection, ...]:
        return (self.selection, self.other)

    def formula(self, plan: Plan) -> Formula:
        across, known = plan.across(self.selection, self.other, self.span), self._victims_known(plan)
        balance = self.how == "balance"
        own = plan.across(self.other, self.selection, self.span) if balance else self._slot(plan, kernel.COUNT)

        def formula(slots: Slots) -> Column:
            opposed = _floats(slots[:, across])
            if self.how == "count":
                return _known_if(known(slots), opposed)
            return _divided(opposed, opposed + slots[:, own])

        return formula

    def counted(self, known: Known) -> Mask:
        own, other = super().counted(known), known.select(self.other, self.span)
        counterpart = known.events.counterpart
        opposed = other & np.isin(counterpart, counterpart[own])
        if self.how == "count":
            return opposed
        return opposed | (own & np.isin(counterpart, counterpart[opposed]) if self.how == "balance" else own)


@dataclass(frozen=True)
class Difference(Measure):
    """One measure less another; NaN where one of them is not known."""

    one: Measure
    other: Measure

    @property
    def zero_if_none(self) -> bool:
        return self.one.zero_if_none and self.other.zero_if_none

    @property
    def selections(self) -> tuple[Selection, ...]:
        return (*self.one.selections, *self.other.selections)

    @property
    def span(self) -> Span:
        return self.one.span

    @property
    def columns(self) -> frozenset[str]:
        return self.one.columns | self.other.columns

    @property
    def requires(self) -> frozenset[str]:
        return self.one.requires | self.other.requires

    def compile(self, plan: Plan) -> Formula:
        one, other = self.one.compile(plan), self.other.compile(plan)
        return lambda slots: one(slots) - other(slots)

    def counted(self, known: Known) -> Mask:
        return _mask(self.one.counted(known) | self.other.counted(known))


@dataclass(frozen=True)
class Ratio(Measure):
    """One measure divided by the sum of others; NaN where that sum is zero or unknown.

    ``rest=True`` gives what is missing to one: 1 - ratio.
    """

    part: Measure
    whole: tuple[Measure, ...]
    rest: bool = False

    @property
    def zero_if_none(self) -> bool:
        return False

    @property
    def selections(self) -> tuple[Selection, ...]:
        return tuple(selection for measure in (self.part, *self.whole) for selection in measure.selections)

    @property
    def span(self) -> Span:
        return self.part.span

    @property
    def columns(self) -> frozenset[str]:
        return self.part.columns.union(*(measure.columns for measure in self.whole))

    @property
    def requires(self) -> frozenset[str]:
        return self.part.requires.union(*(measure.requires for measure in self.whole))

    def compile(self, plan: Plan) -> Formula:
        part, whole = self.part.compile(plan), [measure.compile(plan) for measure in self.whole]

        def formula(slots: Slots) -> Column:
            ratio = _divided(part(slots), functools.reduce(operator.add, [term(slots) for term in whole]))
            return 1.0 - ratio if self.rest else ratio

        return formula

    def counted(self, known: Known) -> Mask:
        rows = np.logical_or.reduce([measure.counted(known) for measure in self.whole])
        part = self.part.counted(known)
        if not self.rest:
            return _mask(rows | part)
        return _mask(rows & ~np.isin(known.events.event_id, known.events.event_id[part]))


@dataclass(frozen=True)
class Meets(Measure):
    """1 where every measure reaches its minimum, 0 where one is known not to, NaN where that is not known."""

    minima: tuple[tuple[Measure, int], ...]

    @property
    def selections(self) -> tuple[Selection, ...]:
        return tuple(selection for measure, _ in self.minima for selection in measure.selections)

    @property
    def span(self) -> Span:
        return self.minima[0][0].span

    def compile(self, plan: Plan) -> Formula:
        parts = [(measure.compile(plan), minimum) for measure, minimum in self.minima]

        def formula(slots: Slots) -> Column:
            values = np.array([part(slots) for part, _ in parts])
            least = np.array([[minimum] for _, minimum in parts])
            missed, unknown = (values < least).any(axis=0), np.isnan(values).any(axis=0)
            return np.where(missed, 0.0, np.where(unknown, np.nan, 1.0))

        return formula

    def counted(self, known: Known) -> Mask:
        return _mask(np.logical_or.reduce([measure.counted(known) for measure, _ in self.minima]))
