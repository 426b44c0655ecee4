"""How a mapping makes one column of the contract from the columns of a source; text in, text out.

occurred_from: date                                        the source column of that name
sex: {column: gender, codes: {F: female, M: male}, otherwise: missing}
occurred_from: {column: date, date_format: "%d/%m/%Y"}
area: {column: beat, if_missing: unknown}
force: {constant: northshire}
incident_id: {join: [year, number], sep: "/"}
domestic: {any_contains: {columns: [call], text: [DV], unless: [NON DV]}}
arrested_at: {when: {column: result, equals: Arrest}, then: date}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from records.nodes import Node
from records.reading import Text

Columns = Mapping[str, Text]
KEEP, MISSING = "keep", "missing"


@dataclass(frozen=True)
class Used:
    """A source column that a mapping reads, and where the mapping says so."""

    column: str
    at: Node


class Expression(Protocol):
    """Makes one column of the contract."""

    def used(self) -> Iterator[Used]:
        """Yield the source columns it reads."""

    def make(self, columns: Columns, size: int) -> Text:
        """Return its text for each of `size` source rows; blank is missing."""


def _each(values: Text, change: Callable[[str], str]) -> Text:
    """Apply `change` once to each distinct value."""
    codes, uniques = pd.factorize(values)
    changed = np.empty(len(uniques), dtype=object)
    changed[:] = [change(value) for value in uniques]
    return changed[codes]


def _filled(text: str, size: int) -> Text:
    column = np.empty(size, dtype=object)
    column[:] = text
    return column


@dataclass(frozen=True)
class Take:
    """A source column, with its codes or dates rewritten."""

    source: Used
    codes: Mapping[str, str] | None = None
    otherwise: str = KEEP
    date_format: str | None = None
    if_missing: str = ""

    def used(self) -> Iterator[Used]:
        """Yield the source column."""
        yield self.source

    def make(self, columns: Columns, size: int) -> Text:
        """Return the rewritten column."""
        return _each(columns[self.source.column], self._change)

    def _change(self, text: str) -> str:
        if not text:
            return self.if_missing
        if self.date_format is not None:
            return _iso(text, self.date_format)
        if self.codes is None:
            return text
        if text in self.codes:
            return self.codes[text]
        return {KEEP: text, MISSING: ""}.get(self.otherwise, self.otherwise)


def _iso(text: str, date_format: str) -> str:
    try:
        return datetime.strptime(text, date_format).isoformat()
    except ValueError:
        return text  # not a date of that form: parsing will refuse it and say so


@dataclass(frozen=True)
class Constant:
    """The same value in every row."""

    value: str

    def used(self) -> Iterator[Used]:
        """Yield nothing."""
        yield from ()

    def make(self, columns: Columns, size: int) -> Text:
        """Return the value for every row."""
        return _filled(self.value, size)


@dataclass(frozen=True)
class Join:
    """Several source columns, one after the other; blank where any of them is."""

    parts: tuple[Used, ...]
    sep: str

    def used(self) -> Iterator[Used]:
        """Yield the parts."""
        yield from self.parts

    def make(self, columns: Columns, size: int) -> Text:
        """Return the joined text."""
        parts = [columns[part.column].tolist() for part in self.parts]
        joined = np.empty(size, dtype=object)
        joined[:] = [self.sep.join(row) if all(row) else "" for row in zip(*parts, strict=True)]
        return joined


@dataclass(frozen=True)
class AnyContains:
    """True where any of the columns holds one of the texts as whole words and none of the exceptions."""

    sources: tuple[Used, ...]
    text: tuple[str, ...]
    unless: tuple[str, ...]

    def used(self) -> Iterator[Used]:
        """Yield the columns that are searched."""
        yield from self.sources

    def make(self, columns: Columns, size: int) -> Text:
        """Return true or false; a column with an exception does not speak against another without."""
        found: NDArray[np.bool_] = np.zeros(size, dtype=bool)
        for source in self.sources:
            found |= _each(columns[source.column], self._holds) == "true"
        return np.where(found, "true", "false").astype(object)

    def _holds(self, value: str) -> str:
        return "true" if _any_words(self.text, value) and not _any_words(self.unless, value) else "false"


def _any_words(texts: tuple[str, ...], value: str) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(text)}(?!\w)", value) for text in texts)


@dataclass(frozen=True)
class Condition:
    """A source column equals one of some values, or is present where no value is given."""

    source: Used
    equals: tuple[str, ...] | None

    def holds(self, columns: Columns) -> NDArray[np.bool_]:
        """Say for each source row whether it holds."""
        values = columns[self.source.column]
        if self.equals is None:
            return np.asarray(values != "", dtype=bool)
        return np.array([value in self.equals for value in values.tolist()], dtype=bool)


@dataclass(frozen=True)
class When:
    """One expression where a condition holds, another (or nothing) elsewhere."""

    condition: Condition
    then: Expression
    otherwise: Expression

    def used(self) -> Iterator[Used]:
        """Yield the columns of the condition and of both branches."""
        yield self.condition.source
        yield from self.then.used()
        yield from self.otherwise.used()

    def make(self, columns: Columns, size: int) -> Text:
        """Return the branch that applies to each row."""
        holds = self.condition.holds(columns)
        chosen = np.where(holds, self.then.make(columns, size), self.otherwise.make(columns, size))
        return chosen.astype(object)


def read_expression(node: Node) -> Expression:
    """Read one expression of a mapping.

    Raises
    ------
    MappingError
        If it is none; names the line.
    """
    if node.is_text:
        return Take(Used(node.text(), node))
    keys = node.entries()
    for name, reader in _READERS.items():
        if name in keys:
            return reader(node)
    raise node.wrong("this makes no column", f"Use one of {', '.join(_READERS)}.")


def _read_take(node: Node) -> Expression:
    keys = node.block(["column"], ["codes", "otherwise", "date_format", "if_missing"])
    if "codes" in keys and "date_format" in keys:
        raise node.wrong("codes and date_format exclude each other", "Keep one of them.")
    if "otherwise" in keys and "codes" not in keys:
        raise keys["otherwise"].wrong("otherwise needs codes", "Add codes, or drop it.")
    codes = keys["codes"].entries() if "codes" in keys else None
    return Take(
        Used(keys["column"].text(), keys["column"]),
        None if codes is None else {name: value.text() for name, value in codes.items()},
        _optional(keys, "otherwise", KEEP),
        keys["date_format"].text() if "date_format" in keys else None,
        _optional(keys, "if_missing", ""),
    )


def _read_constant(node: Node) -> Expression:
    return Constant(node.block(["constant"])["constant"].text())


def _read_join(node: Node) -> Expression:
    keys = node.block(["join"], ["sep"])
    return Join(_many(keys["join"]), _optional(keys, "sep", "-"))


def _read_contains(node: Node) -> Expression:
    keys = node.block(["any_contains"])["any_contains"].block(["columns", "text"], ["unless"])
    unless = tuple(keys["unless"].texts()) if "unless" in keys else ()
    return AnyContains(_many(keys["columns"]), tuple(keys["text"].texts()), unless)


def _read_when(node: Node) -> Expression:
    keys = node.block(["when", "then"], ["otherwise"])
    otherwise = read_expression(keys["otherwise"]) if "otherwise" in keys else Constant("")
    return When(read_condition(keys["when"]), read_expression(keys["then"]), otherwise)


def read_condition(node: Node) -> Condition:
    """Read ``{column: c, equals: value or list}``; without `equals` it asks whether the column is present."""
    keys = node.block(["column"], ["equals"])
    equals = tuple(keys["equals"].texts()) if "equals" in keys else None
    return Condition(Used(keys["column"].text(), keys["column"]), equals)


def _many(node: Node) -> tuple[Used, ...]:
    names = node.texts()
    if not names:
        raise node.wrong("no column is named", "Name at least one.")
    return tuple(Used(name, node) for name in names)


def _optional(keys: Mapping[str, Node], name: str, default: str) -> str:
    return keys[name].text() if name in keys else default


_READERS: dict[str, Callable[[Node], Expression]] = {
    "column": _read_take,
    "constant": _read_constant,
    "join": _read_join,
    "any_contains": _read_contains,
    "when": _read_when,
}
