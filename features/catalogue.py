"""The catalogue: every indicator, checked against the data contract before it can be used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property

from features import entries
from features.errors import CatalogueError
from features.indicator import GROUPS, Indicator
from features.overwritten import COLUMNS as STATED
from features.plan import Formula, Plan, Program
from records import contract
from records.purposes import Sources, load_sources
from values import Hash, digest

SEMANTICS = 2  # raised when the event stream or a measure comes to mean something else

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NEVER = {
    "persons": "names, dates of birth and identifiers",
    "communities": "protected characteristics",
    "addresses": "postcodes and areas",
    "needs": "health needs",
    "safety_checks": "victim-safety checks",
    "restricted": "restricted cases",
    "management": "other schemes",
    "referrals": "what panels did",
    "interventions": "what panels did",
    "abuse_assessments": "outcomes",
}
_NEVER_COLUMNS = {
    "incidents.area": "where somebody lives or is policed",
    "incidents.force": "where somebody lives or is policed",
    "incidents.outcome_code": "outcomes, which are labels",
    "incidents.outcome_at": "outcomes, which are labels",
    "involvements.status": "outcomes, which are labels",
    "involvements.status_at": "outcomes, which are labels",
    "involvements.arrested_at": "arrests, which are labels",
    "marac_hearings.area": "where somebody lives or is policed",
}


class Catalogue:
    """An ordered set of indicators that may be computed together.

    Parameters
    ----------
    indicators
        In the order of the columns they fill.

    Raises
    ------
    CatalogueError
        If a name occurs twice or is malformed, or if an indicator reads an unknown column, one that is never an
        input (protected characteristics, identifiers, places, outcomes), or one that record systems overwrite
        without a date other than through the flags that count from the day they were stated. The message names
        indicator and column.
    PurposeBreach
        If an indicator reads a column that may not be used for ranking.
    """

    def __init__(self, indicators: Iterable[Indicator]) -> None:
        self.indicators = tuple(indicators)
        _check_names(self.indicators)
        for indicator in self.indicators:
            for column in indicator.reads:
                _check_column(indicator, column)
        self.require(load_sources())

    def require(self, sources: Sources) -> None:
        """Pass if every column that an indicator reads may be used for ranking.

        Raises
        ------
        PurposeBreach
            Naming indicator and column.
        """
        for indicator in self.indicators:
            sources.require("rank", indicator.reads, f"The indicator {indicator.name}")

    def __iter__(self) -> Iterator[Indicator]:
        return iter(self.indicators)

    def __len__(self) -> int:
        return len(self.indicators)

    def __getitem__(self, name: str) -> Indicator:
        if name not in self._by_name:
            raise CatalogueError(f"There is no indicator {name!r}.", f"Choose from: {', '.join(self.names)}.")
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Indicator]:
        return {indicator.name: indicator for indicator in self.indicators}

    def __repr__(self) -> str:
        return f"Catalogue({len(self)} indicators, version {self.version.short})"

    @property
    def names(self) -> tuple[str, ...]:
        """The indicators' names in order."""
        return tuple(indicator.name for indicator in self.indicators)

    @cached_property
    def version(self) -> Hash:
        """The hash of everything declared and of the meaning of the stream it is computed on."""
        return digest({"semantics": SEMANTICS, "indicators": [one.declaration() for one in self.indicators]})

    @property
    def monotone(self) -> dict[str, int]:
        """For each indicator the direction in which it may push a score: 1, -1, or 0 for either."""
        return {indicator.name: indicator.monotone for indicator in self.indicators}

    def reads_of(self, name: str) -> tuple[str, ...]:
        """Return the contract's columns that an indicator reads, as "table.column"."""
        return self[name].reads

    def group_of(self, name: str) -> str:
        """Return the group of an indicator."""
        return self[name].group

    def only(self, names: Iterable[str]) -> Catalogue:
        """Return the catalogue of these indicators, in the given order."""
        return Catalogue(self[name] for name in names)

    @cached_property
    def compiled(self) -> tuple[Program, tuple[Formula, ...]]:
        """The fold's program and one formula an indicator."""
        plan = Plan()
        formulas = tuple(indicator.measure.compile(plan) for indicator in self.indicators)
        return plan.finish(), formulas


def _check_names(indicators: tuple[Indicator, ...]) -> None:
    for name, times in Counter(indicator.name for indicator in indicators).items():
        if times > 1:
            raise CatalogueError(f"The indicator {name} is declared {times} times.", "Rename one of them.")
        if not _NAME.fullmatch(name):
            raise CatalogueError(f"{name!r} is no indicator name.", "Use lower snake case.")
    for indicator in indicators:
        if indicator.group not in GROUPS:
            raise CatalogueError(
                f"The indicator {indicator.name} has the unknown group {indicator.group!r}.",
                f"Choose from: {', '.join(GROUPS)}.",
            )


def _check_column(indicator: Indicator, column: str) -> None:
    table_name, _, name = column.partition(".")
    told = f"The indicator {indicator.name} reads {column}"
    table = contract.TABLES.get(table_name)
    if table is None or name not in {declared.name for declared in table.columns}:
        raise CatalogueError(f"{told}, which the data contract does not have.", "Correct its `reads`.")
    declared = table.column(name)
    if table_name in _NEVER or column in _NEVER_COLUMNS or declared.protected or declared.sealed:
        what = _NEVER.get(table_name) or _NEVER_COLUMNS.get(column, "protected characteristics")
        raise CatalogueError(f"{told}: {what} are never an input.", "Remove the column or the indicator.")
    if column in STATED and column in indicator.measure.columns:
        return  # a selection reads it, and counts it only from the day it was stated
    if declared.overwritten and (declared.dated_by is None or declared.dated_by == name):
        raise CatalogueError(
            f"{told}, which record systems overwrite without a date: what it said at T is not known.",
            "Show it, but do not compute with it.",
        )
    if declared.overwritten and f"{table_name}.{declared.dated_by}" not in indicator.reads:
        raise CatalogueError(
            f"{told} but not {table_name}.{declared.dated_by}, which says since when it holds.",
            "Read both columns.",
        )


CATALOGUE = Catalogue(entries.ALL)
