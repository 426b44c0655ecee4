"""What a profile is made from: a table of indicators read one column at a time, and what is declared of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
import numpy.typing as npt

from features.catalogue import Catalogue
from features.profile.bins import Values


class IndicatorColumns(Protocol):
    """Numbers of people as of dates: one row a person and date, one column an indicator."""

    @property
    def names(self) -> Sequence[str]:
        """The indicators in order."""

    @property
    def days(self) -> npt.NDArray[np.int32]:
        """The day number of each row's date."""

    def column(self, name: str) -> Values:
        """Return an indicator's number in each row; NaN is missing."""


@dataclass(frozen=True)
class Facts:
    """What a profile says about an indicator without looking at numbers.

    Parameters
    ----------
    group, question, unit
        As declared.
    window
        Days that it counts, up to and including the date; None for all of history, or where nothing is declared.
    reads
        Columns of the contract.
    """

    group: str
    question: str
    unit: str
    window: int | None
    reads: frozenset[str]


NOTHING_DECLARED = Facts(
    "not in this catalogue", "Not declared by this version of the catalogue.", "", None, frozenset()
)


def facts_of(catalogue: Catalogue) -> dict[str, Facts]:
    """Return what a catalogue declares of each indicator."""
    return {
        each.name: Facts(each.group, each.question, each.unit, each.measure.span.high, frozenset(each.reads))
        for each in catalogue
    }


@dataclass(frozen=True)
class RuleChange:
    """A day from which something is recorded differently.

    Parameters
    ----------
    name, says, source
        What changed, in words, and where that comes from.
    first
        The first day of the new rule; None where it is not known whether or when it came.
    columns
        Columns of the contract whose content it changes.
    """

    name: str
    says: str
    source: str
    first: date | None
    columns: frozenset[str]
