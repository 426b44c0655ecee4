"""What a mapping says, once it has been read and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from records.declaration import Table
from records.mappings.conditions import Condition
from records.mappings.expressions import Expression, Used
from records.mappings.sources import Source
from records.mappings.voting import Rule
from records.reading.manifest import Manifest
from records.reading.nodes import Node

COMMUNITIES = "communities"


@dataclass(frozen=True)
class Lookup:
    """Columns of another file, found by key; at most one row of it goes with each row.

    Parameters
    ----------
    source
        Key of the other file.
    name
        What stands before its columns: ``name.column``.
    on
        Pairs of the column that is looked up and the column of the other file that it must equal.
    at
        Where the mapping says so.
    """

    source: str
    name: str
    on: tuple[tuple[Used, Used], ...]
    at: Node

    @property
    def start(self) -> str:
        """What stands before its columns."""
        return f"{self.name}."

    def starts(self, column: str) -> bool:
        """Say whether a name stands for one of its columns."""
        return column.startswith(self.start)


@dataclass(frozen=True)
class Part:
    """Rows of one table made from one source.

    Parameters
    ----------
    source
        Key of the source.
    columns
        The expression behind each column of the contract.
    where
        Only source rows for which this holds make a row.
    lookups
        Columns of other files that are found by key.
    each_value
        A column that holds several values, and what stands between them: each value makes a row.
    group
        Parts of one group are variants of the same rows (`each`); they come out row by row.
    at
        Where the mapping says so.
    """

    source: str
    columns: Mapping[str, Expression]
    where: Condition | None
    lookups: tuple[Lookup, ...]
    each_value: tuple[Used, str] | None
    group: int
    at: Node

    def names(self) -> Iterator[Used]:
        """Yield the columns it reads, those of lookups as ``name.column``."""
        for expression in self.columns.values():
            yield from expression.used()
        if self.where is not None:
            yield from self.where.used()
        for lookup in self.lookups:
            for own, _ in lookup.on:
                yield own
        if self.each_value is not None:
            yield self.each_value[0]

    def resolve(self, column: str) -> tuple[str, str]:
        """Return the source and its own column that a name stands for."""
        for lookup in self.lookups:
            if lookup.starts(column):
                return lookup.source, column[len(lookup.start) :]
        return self.source, column

    def used(self) -> Iterator[tuple[str, Used]]:
        """Yield every source column it reads, with the key of its source."""
        for used in self.names():
            source, column = self.resolve(used.column)
            yield source, Used(column, used.at)
        for lookup in self.lookups:
            for _, theirs in lookup.on:
                yield lookup.source, theirs


@dataclass(frozen=True)
class TableMapping:
    """How one table of the contract is made.

    Parameters
    ----------
    table
        Its declaration.
    parts
        Where its rows come from.
    unique
        True to make one row for each distinct key.
    settling
        How one value is settled on where a key then has several.
    """

    table: Table
    parts: tuple[Part, ...]
    unique: bool = False
    settling: Rule = Rule()  # noqa: RUF009 - frozen

    @property
    def rule(self) -> Rule:
        """How one value is settled on; what the contract requires is never left blank."""
        return replace(self.settling, firm=frozenset(each.name for each in self.table.columns if each.required))

    @property
    def columns(self) -> tuple[str, ...]:
        """The contract's columns that it makes, in the contract's order."""
        made = {name for part in self.parts for name in part.columns}
        return tuple(column.name for column in self.table.all_columns if column.name in made)

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the sources whose rows become its rows, each once."""
        return tuple(dict.fromkeys(part.source for part in self.parts))

    def used(self) -> Iterator[tuple[str, Used]]:
        """Yield every source column it reads, with the key of its source."""
        for part in self.parts:
            yield from part.used()


@dataclass(frozen=True)
class SourceMapping:
    """A source's way into the contract.

    Parameters
    ----------
    name
        Name of the mapping file.
    missing
        Texts that the source writes for nothing.
    tables
        How each table is made, in the contract's order.
    manifest
        What stands in for a manifest; None where the mapping gives no extract date.
    sources
        The sources that it reads, by key.
    code_tables
        The files beside the mapping that it took codes from, by name: they are part of what it says.
    """

    name: str
    missing: frozenset[str]
    tables: tuple[TableMapping, ...]
    manifest: Manifest | None
    sources: Mapping[str, Source]
    code_tables: Mapping[str, bytes]

    @property
    def files(self) -> tuple[str, ...]:
        """The files of the extract that it reads, each once."""
        return tuple(dict.fromkeys(each.file for each in self.sources.values() if each.file is not None))

    @property
    def only_looked_up(self) -> frozenset[str]:
        """Keys of sources whose rows become no rows of their own."""
        return frozenset(self.sources) - {key for table in self.tables for key in table.sources}

    def used(self, source: str) -> frozenset[str]:
        """Return the columns of a source that anything is made from."""
        return frozenset(used.column for table in self.tables for key, used in table.used() if key == source)

    @property
    def guarded(self) -> frozenset[str]:
        """Keys of sources that hold something of communities: their raw rows may be seen by few."""
        return frozenset(key for table in self.tables if table.table.name == COMMUNITIES for key, _ in table.used())

    def withheld(self, source: str) -> frozenset[str]:
        """Return the columns of a source that are read for communities and for nothing else."""
        used: dict[bool, set[str]] = {True: set(), False: set()}
        for table in self.tables:
            used[table.table.name == COMMUNITIES] |= {each.column for key, each in table.used() if key == source}
        return frozenset(used[True] - used[False])
