"""One declared indicator: the question, the number, and what it may do to a score."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from features.measures import Measure
from features.selection import Clock
from values import Window

Push = Literal["+", "-", "none"]
GROUPS = (
    "recency",
    "frequency",
    "harm",
    "victims",
    "same victim",
    "escalation",
    "offence families",
    "partners and family",
    "marac",
    "counter-allegation",
    "orders",
    "risk grades",
    "children",
    "context",
    "reporting",
    "newly reported",
    "completeness",
)


@dataclass(frozen=True)
class Indicator:
    """One number about a person as of a date.

    Parameters
    ----------
    name
        Column name in lower snake case.
    question
        What it answers, in plain English.
    unit
        Of the number: incidents, days, harm days, victims, share ...
    group
        One of `GROUPS`; reasons are told by group.
    measure
        How it is computed.
    push
        The direction in which a higher value may move the score; "none" leaves it to the model.
    why
        The reason for `push`.
    source
        Where the definition comes from.
    absence
        What a missing number means.
    reads
        Columns of the contract ("table.column") read besides those that `measure` implies; after construction
        the two together.
    """

    name: str
    question: str
    unit: str
    group: str
    measure: Measure
    push: Push
    why: str
    source: str
    absence: str
    reads: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "reads", tuple(sorted({*self.reads, *self.measure.columns})))

    @property
    def clock(self) -> Clock:
        """Whether its days are those of occurrence or of report."""
        return self.measure.span.clock

    @property
    def window(self) -> Window:
        """The days it counts."""
        return self.measure.span.window

    @property
    def monotone(self) -> int:
        """The push as a number: 1, -1 or 0."""
        return {"+": 1, "-": -1, "none": 0}[self.push]

    @property
    def tables(self) -> frozenset[str]:
        """Tables without which it is not available."""
        return frozenset[str]().union(*(selection.tables for selection in self.measure.selections))

    @property
    def requires(self) -> frozenset[str]:
        """Optional columns of which at least one value must be known at T."""
        return self.measure.requires

    @property
    def zero_if_none(self) -> bool:
        """Whether nothing recorded is a zero; if not, it measures what is recorded and is missing where nothing is."""
        return self.measure.zero_if_none

    def declaration(self) -> dict[str, Any]:
        """Return everything declared as plain values."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {**fields, "reads": list(self.reads), "measure": self.measure.declaration()}
