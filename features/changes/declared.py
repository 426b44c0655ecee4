"""How two catalogues differ: which indicators were added, removed or declared anew, and in which fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Declaration = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """One field that was declared anew; `name` is dotted inside the measure."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class DeclaredChange:
    """How the declarations of two files differ.

    Attributes
    ----------
    added, removed
        Names that only the later, or only the earlier, catalogue has.
    redeclared
        For each indicator of both that differs, its fields that do.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    redeclared: Mapping[str, tuple[Field, ...]]

    @property
    def measured_anew(self) -> frozenset[str]:
        """The redeclared indicators whose measure differs, so that the same events can give another number."""
        return frozenset(
            name for name, fields in self.redeclared.items() if any(each.name.startswith("measure") for each in fields)
        )

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.redeclared)


def declared_change(before: Sequence[Declaration], after: Sequence[Declaration]) -> DeclaredChange:
    """Compare the indicators that two catalogues declare.

    Parameters
    ----------
    before, after
        `Indicator.declaration` of each, as plain values.
    """
    old, new = ({str(each["name"]): each for each in side} for side in (before, after))
    redeclared = {name: tuple(_fields("", old[name], new[name])) for name in new if name in old}
    return DeclaredChange(
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        redeclared={name: fields for name, fields in redeclared.items() if fields},
    )


def _fields(name: str, before: Any, after: Any) -> Iterator[Field]:
    """Yield what differs, as deep inside the declaration as both sides have the same shape."""
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping) and before.keys() == after.keys():
        for key in before:
            yield from _fields(f"{name}.{key}" if name else key, before[key], after[key])
    else:
        yield Field(name, before, after)
