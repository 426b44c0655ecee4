"""Whether what two records say can be true of one person: the same tests as the model's levels, for groups."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import NamedTuple, TypeVar


class Name(NamedTuple):
    """A person's names as a record gives them: other forms of the given name, its root, how many records have it.

    `listed` says that it is a name in common use in Britain.
    """

    given: str
    family: str
    forms: tuple[str, ...]
    root: str
    records: int
    listed: bool = False

    @property
    def in_use(self) -> bool:
        """Whether it is a name and not somebody's slip."""
        return self.listed or self.records >= IN_USE


Value = TypeVar("Value")
YEARS_APART = 10
IN_USE = 4


@lru_cache(maxsize=1 << 16)
def one_slip(left: str, right: str) -> bool:
    """Say whether one letter was changed, left out, added or swapped with its neighbour."""
    if abs(len(left) - len(right)) > 1 or min(len(left), len(right)) < 3:
        return left == right
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    rest, other = left[start:], right[start:]
    swapped = rest[:2] == other[1::-1] and rest[2:] == other[2:] if len(rest) == len(other) >= 2 else False
    return rest[1:] == other[1:] or rest == other[1:] or rest[1:] == other or swapped


@lru_cache(maxsize=1 << 16)
def births_agree(left: str, right: str) -> bool:
    """Say whether two ISO dates of birth are the same but for one digit or for day and month swapped."""
    if left == right or left[:5] + left[8:] + "-" + left[5:7] == right:
        return True
    return (
        sum(a != b for a, b in zip(left, right, strict=True)) == 1 and abs(int(left[:4]) - int(right[:4])) < YEARS_APART
    )


@lru_cache(maxsize=1 << 16)
def names_agree(left: Name, right: Name) -> bool:
    """Say whether two given names can be one person's: the same, swapped with the family name, a form, or a slip."""
    if left.given == right.given or (one_slip(left.given, right.family) and one_slip(left.family, right.given)):
        return True
    if not set(left.forms).isdisjoint(right.forms):
        return True
    syllable = left.given.startswith(right.root) or right.given.startswith(left.root)
    if syllable and not (left.listed and right.listed):
        return True
    return one_slip(left.given, right.given) and not both_in_use(left, right)


def both_in_use(left: Name, right: Name) -> bool:
    """Say whether names that differ by a slip are two names: both are listed, or neither is rare beside the other."""
    fewer, more = sorted((left.records, right.records))
    return (left.listed and right.listed) or (fewer >= IN_USE and fewer >= 0.03 * more)


def names_consistent(names: Collection[Name]) -> bool:
    """Say whether given names can be one person's.

    A slip of another of the names says nothing, and so cannot bridge two: ``Rya`` is a slip of ``Ray`` and of ``Ryan``
    and does not make them one.
    """
    slips = {
        name
        for name in names
        for other in names
        if name.records < other.records and one_slip(name.given, other.given) and not both_in_use(name, other)
    }
    return all_agree(set(names) - slips, names_agree)


def all_agree(values: Iterable[Value], agree: Callable[[Value, Value], bool]) -> bool:
    """Say whether every two values agree, directly or because a third agrees with both.

    A date with a wrong digit and the same date with day and month swapped disagree with each other, and both agree with
    the true date: one person.
    """
    distinct = sorted(set(values), key=repr)
    near = {value: {other for other in distinct if agree(value, other)} for value in distinct}
    return all(
        other in near[value] or near[value] & near[other]
        for place, value in enumerate(distinct)
        for other in distinct[:place]
    )
