"""What a mapping asks of a source row; every answer is yes or no, never unknown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from records.mappings.rewriting import literals
from records.storage.database import literal

if TYPE_CHECKING:
    from records.mappings.expressions import Expression, Used


class Condition(Protocol):
    """Holds for a source row or does not."""

    def used(self) -> Iterator[Used]:
        """Yield the source columns it reads."""

    def sql(self, names: Callable[[str], str]) -> str:
        """Return the SQL of true or false."""


@dataclass(frozen=True)
class Present:
    """A text is there."""

    subject: Expression

    def used(self) -> Iterator[Used]:
        """Yield the columns of the text."""
        yield from self.subject.used()

    def sql(self, names: Callable[[str], str]) -> str:
        """Return whether it is."""
        return f"({self.subject.sql(names)} IS NOT NULL)"


@dataclass(frozen=True)
class Equals:
    """A text is one of several."""

    subject: Expression
    texts: tuple[str, ...]
    ignore_case: bool = False

    def used(self) -> Iterator[Used]:
        """Yield the columns of the text."""
        yield from self.subject.used()

    def sql(self, names: Callable[[str], str]) -> str:
        """Return whether it is; a missing text equals nothing."""
        text = self.subject.sql(names)
        if self.ignore_case:
            listed = ", ".join(f"lower({literal(each)})" for each in self.texts)
            return f"coalesce(lower({text}) IN ({listed}), false)"
        return f"coalesce({text} IN ({literals(self.texts)}), false)"


@dataclass(frozen=True)
class Matches:
    """A regular expression (RE2) finds something in a text."""

    subject: Expression
    pattern: str
    ignore_case: bool = False

    def used(self) -> Iterator[Used]:
        """Yield the columns of the text."""
        yield from self.subject.used()

    def sql(self, names: Callable[[str], str]) -> str:
        """Return whether it does."""
        return _found(self.subject.sql(names), self.pattern, self.ignore_case)


@dataclass(frozen=True)
class Contains:
    """One of several texts stands in another as whole words, and none of the exceptions does."""

    subject: Expression
    texts: tuple[str, ...]
    unless: tuple[str, ...] = ()
    ignore_case: bool = False

    def used(self) -> Iterator[Used]:
        """Yield the columns of the text."""
        yield from self.subject.used()

    def sql(self, names: Callable[[str], str]) -> str:
        """Return whether it does."""
        text = self.subject.sql(names)
        found = _found(text, _words(self.texts), self.ignore_case)
        return f"({found} AND NOT {_found(text, _words(self.unless), self.ignore_case)})" if self.unless else found


def _words(texts: tuple[str, ...]) -> str:
    any_of = "|".join(re.escape(each) for each in texts)
    return rf"(?:^|[^\pL\pN_])(?:{any_of})(?:$|[^\pL\pN_])"


def _found(text: str, pattern: str, ignore_case: bool) -> str:
    return f"coalesce(regexp_matches({text}, {literal(pattern)}, {literal('i' if ignore_case else 'c')}), false)"


@dataclass(frozen=True)
class Before:
    """A date (YYYY-MM-DD) lies before a day."""

    subject: Expression
    day: str

    def used(self) -> Iterator[Used]:
        """Yield the columns of the date."""
        yield from self.subject.used()

    def sql(self, names: Callable[[str], str]) -> str:
        """Return whether it does; what is no date lies before nothing."""
        return f"coalesce(try_cast({self.subject.sql(names)} AS DATE) < DATE {literal(self.day)}, false)"


@dataclass(frozen=True)
class Same:
    """Two texts are equal and there."""

    left: Expression
    right: Expression

    def used(self) -> Iterator[Used]:
        """Yield the columns of both."""
        yield from self.left.used()
        yield from self.right.used()

    def sql(self, names: Callable[[str], str]) -> str:
        """Return whether they are."""
        return f"coalesce({self.left.sql(names)} = {self.right.sql(names)}, false)"


@dataclass(frozen=True)
class Both:
    """All of several conditions hold, or any of them does."""

    conditions: tuple[Condition, ...]
    word: str

    def used(self) -> Iterator[Used]:
        """Yield the columns of all."""
        for condition in self.conditions:
            yield from condition.used()

    def sql(self, names: Callable[[str], str]) -> str:
        """Return whether they do."""
        joined = " AND " if self.word == "and" else " OR "
        return "(" + joined.join(condition.sql(names) for condition in self.conditions) + ")"


@dataclass(frozen=True)
class Not:
    """A condition does not hold."""

    condition: Condition

    def used(self) -> Iterator[Used]:
        """Yield its columns."""
        yield from self.condition.used()

    def sql(self, names: Callable[[str], str]) -> str:
        """Return whether it does not."""
        return f"(NOT {self.condition.sql(names)})"
