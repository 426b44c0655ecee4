"""The events behind a number add up to it, whatever sort of number it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import isnan
from random import Random

import pandas as pd
import pytest

from benchmarks.oracle.histories import history
from benchmarks.oracle.source import PlainSource
from features import CATALOGUE, build_stream, compute, events_behind
from features.evidence import EventFact
from features.indicator import Indicator
from features.measures import (
    After,
    Count,
    Distinct,
    Largest,
    MostWithOne,
    New,
    Repeated,
    Reversed,
    Total,
)
from values import AsOf

Facts = list[EventFact]


def counterparts(facts: Facts) -> set[str | None]:
    return {fact.counterpart for fact in facts}


ADDED: dict[type, Callable[[Facts], float]] = {
    Count: len,
    After: len,
    Total: lambda facts: sum(fact.harm for fact in facts if fact.harm is not None),
    Largest: lambda facts: max((fact.harm for fact in facts if fact.harm is not None), default=0),
    New: lambda facts: len(counterparts(facts)),
    Repeated: lambda facts: len(counterparts(facts)),
    MostWithOne: lambda facts: max(Counter(fact.counterpart for fact in facts).values(), default=0),
}
DISTINCT: dict[str, Callable[[Facts], float]] = {
    "counterpart": lambda facts: len(counterparts(facts)),
    "event": lambda facts: len({fact.event_ref for fact in facts}),
    "family": lambda facts: len({fact.family for fact in facts}),
}


def added(indicator: Indicator) -> Callable[[Facts], float] | None:
    measure = indicator.measure
    if isinstance(measure, Distinct):
        return DISTINCT[measure.of]
    if isinstance(measure, Reversed):
        return len if measure.how == "count" else None
    return ADDED.get(type(measure))


@pytest.mark.parametrize("seed", [204, 205, 207])
def test_the_events_behind_each_number_add_up_to_it(seed: int) -> None:
    made = history(Random(seed))
    stream = build_stream(PlainSource(made.rows, made.extract_date))
    day = max(made.asked)
    people = list(made.people[:3])
    told = compute(stream, pd.DataFrame({"person_id": people, "as_of": day})).set_index("person_id")
    compared = 0
    for indicator in CATALOGUE:
        fold = added(indicator)
        for person, value in told[indicator.name].items():
            facts = events_behind(stream, indicator, str(person), AsOf(day))
            assert all(fact.occurred <= day for fact in facts), (indicator.name, person)
            if fold is not None and not isnan(value):
                assert fold(facts) == pytest.approx(value), (indicator.name, person)
                compared += bool(facts)
    assert compared > 50
