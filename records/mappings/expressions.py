"""How a mapping makes one column of the contract from the columns of a source: small trees that become SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from records.mappings.conditions import Condition
from records.mappings.rewriting import Step
from records.reading.nodes import Node
from records.storage.database import literal

Names = Callable[[str], str]
"""Gives the SQL of a source column: its text, NULL where missing."""
_LONGEST = 500_000


@dataclass(frozen=True)
class Used:
    """A source column that a mapping reads, and where the mapping says so."""

    column: str
    at: Node


class Expression(Protocol):
    """Makes one column of the contract."""

    def used(self) -> Iterator[Used]:
        """Yield the source columns it reads."""

    def sql(self, names: Names) -> str:
        """Return the SQL of its text; NULL is missing."""


@dataclass(frozen=True)
class Take:
    """A source column as it is."""

    source: Used

    def used(self) -> Iterator[Used]:
        """Yield the source column."""
        yield self.source

    def sql(self, names: Names) -> str:
        """Return the column."""
        return names(self.source.column)


@dataclass(frozen=True)
class Constant:
    """The same text in every row."""

    text: str

    def used(self) -> Iterator[Used]:
        """Yield nothing."""
        yield from ()

    def sql(self, names: Names) -> str:
        """Return the text."""
        return literal(self.text) if self.text else "CAST(NULL AS VARCHAR)"


@dataclass(frozen=True)
class Join:
    """Several texts, one after the other; missing where one of them is, unless those are skipped."""

    parts: tuple[Expression, ...]
    sep: str
    skip_missing: bool = False

    def used(self) -> Iterator[Used]:
        """Yield the columns of all parts."""
        for part in self.parts:
            yield from part.used()

    def sql(self, names: Names) -> str:
        """Return the joined text."""
        texts = [part.sql(names) for part in self.parts]
        if self.skip_missing:
            return f"nullif(concat_ws({literal(self.sep)}, {', '.join(texts)}), '')"
        return "(" + f" || {literal(self.sep)} || ".join(texts) + ")"


@dataclass(frozen=True)
class FirstOf:
    """The first of several texts that is not missing."""

    parts: tuple[Expression, ...]

    def used(self) -> Iterator[Used]:
        """Yield the columns of all parts."""
        for part in self.parts:
            yield from part.used()

    def sql(self, names: Names) -> str:
        """Return the first text there is."""
        return f"coalesce({', '.join(part.sql(names) for part in self.parts)})"


@dataclass(frozen=True)
class Flag:
    """True where a condition holds, else false."""

    condition: Condition

    def used(self) -> Iterator[Used]:
        """Yield the columns of the condition."""
        yield from self.condition.used()

    def sql(self, names: Names) -> str:
        """Return ``true`` or ``false``."""
        return f"CASE WHEN {self.condition.sql(names)} THEN 'true' ELSE 'false' END"


@dataclass(frozen=True)
class When:
    """One expression where a condition holds, another (or nothing) elsewhere."""

    condition: Condition
    then: Expression
    otherwise: Expression

    def used(self) -> Iterator[Used]:
        """Yield the columns of the condition and of both branches."""
        yield from self.condition.used()
        yield from self.then.used()
        yield from self.otherwise.used()

    def sql(self, names: Names) -> str:
        """Return the branch that applies."""
        then, otherwise = self.then.sql(names), self.otherwise.sql(names)
        return f"CASE WHEN {self.condition.sql(names)} THEN {then} ELSE {otherwise} END"


@dataclass(frozen=True)
class Rewritten:
    """A text that goes through steps."""

    source: Expression
    steps: tuple[Step, ...]
    at: Node

    def used(self) -> Iterator[Used]:
        """Yield the columns behind the text."""
        yield from self.source.used()

    def sql(self, names: Names) -> str:
        """Return the text after the last step."""
        text = self.source.sql(names)
        for step in self.steps:
            if len(text) > _LONGEST:  # steps that use their text twice double it at each level
                raise self.at.wrong("this nests too deeply", "Make it in fewer levels.")
            text = step.sql(text)
        return text
