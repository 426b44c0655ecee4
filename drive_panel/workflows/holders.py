"""Whose records a line about a person rests on, beside those that every member of a panel is shown.

Documents carry it as ``held_by``; who reads them decides what is shown (`serving.redaction`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from features import CATALOGUE
from models import Bundle
from models.wording import not_known
from records.purposes import Sources

CRITERIA: Mapping[str, tuple[str, ...]] = {
    "high_harm": ("incidents", "marac_hearings"),
    "marac_repeat_older": ("incidents", "marac_hearings"),
    "marac_repeat_current": ("incidents", "marac_hearings"),
    "custody": ("custody",),
    "already_managed": ("management",),
    "restart": ("incidents", "referrals"),
}
"""The tables that each criterion tells of; the others tell of the incidents alone."""
_KEYS = {"marac_hearings": "hearing_id", "orders": "order_id", "referrals": "referral_id", "incidents": "incident_id"}


class Holders:
    """The agencies, by what is told; none where it rests on nothing but what everybody at the panel is shown.

    Parameters
    ----------
    sources
        Whose each column is, and whose records are shared.
    bundle
        The ranker, whose groups of indicators are told of.
    """

    def __init__(self, sources: Sources, bundle: Bundle) -> None:
        self._sources, self._bundle = sources, bundle

    def of_columns(self, columns: Iterable[str]) -> list[str]:
        """Return the agencies of some ``table.column``, in alphabetical order."""
        return sorted({self._sources.of(column).controller for column in columns} - self._sources.shared)

    def of_tables(self, tables: Iterable[str]) -> list[str]:
        """Return the agencies of some tables."""
        return self.of_columns(f"{table}.{_KEYS.get(table, 'person_id')}" for table in tables)

    def of_record_system(self, source: str, agencies: Collection[str]) -> list[str]:
        """Return the agency of a record system's person records: itself, where it is called as one of `agencies`."""
        named = "_".join(source.casefold().split())
        agency = named if named in agencies else self._sources.of("persons.person_id").controller
        return sorted({agency} - self._sources.shared)

    def of_indicators(self, names: Iterable[str]) -> list[str]:
        """Return the agencies of what some indicators read."""
        return self.of_columns(column for name in names for column in CATALOGUE.reads_of(name))

    def of_group(self, group: str) -> list[str]:
        """Return the agencies of what a group's indicators read, as far as the bundle has them."""
        return self.of_indicators(name for name in self._bundle.indicators if CATALOGUE.group_of(name) == group)

    def of_criterion(self, name: str) -> list[str]:
        """Return the agencies of what a criterion tells of."""
        return self.of_tables(CRITERIA.get(name, ("incidents",)))

    @cached_property
    def of_facts(self) -> dict[str, list[str]]:
        """The agencies of each indicator that rests on any but the shared records."""
        found = {name: self.of_indicators([name]) for name in CATALOGUE.names}
        return {name: agencies for name, agencies in found.items() if agencies}

    @cached_property
    def of_sentences(self) -> dict[str, list[str]]:
        """The agencies of each such indicator, by its question and by the sentence that says it is not known."""
        told = {CATALOGUE[name].question: agencies for name, agencies in self.of_facts.items()}
        return told | {not_known(CATALOGUE[name]): agencies for name, agencies in self.of_facts.items()}

    def of_those(self, sentences: Iterable[str]) -> dict[str, list[str]]:
        """Return the agencies of some sentences, by sentence; those that rest on shared records alone are left out."""
        return {each: self.of_sentences[each] for each in sentences if each in self.of_sentences}
