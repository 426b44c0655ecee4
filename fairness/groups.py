"""Communities: from the columns of a table to groups in which everybody has a place.

Four states are never merged with each other or with a stated value (domain facts: `NS` is a refusal, blank is a
record nobody made, an officer's IC code is the officer's opinion): ``not stated``, ``not recorded``,
``observed only: CODE`` and, for victims, ``no identified victim``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairness.errors import TableError
from fairness.reference_tables import unstated_values

Codes = npt.NDArray[np.int64]

NOT_STATED = "not stated"
NOT_RECORDED = "not recorded"
OBSERVED_ONLY = "observed only"
NO_VICTIM = "no identified victim"
UNMAPPED = "unmapped"
MOST_GROUPS = 200
TOO_MANY_GROUPS = "Column {column!r} has {count} different values, so it is no characteristic of a community."


@dataclass(frozen=True)
class Characteristic:
    """One characteristic of every row: `codes[i]` is the place of row i's group in `groups`.

    Two characteristics never share a group, even where the words are the same: cells are keyed by table,
    characteristic, group and metric.
    """

    name: str
    groups: tuple[str, ...]
    codes: Codes

    def __post_init__(self) -> None:
        if len(set(self.groups)) != len(self.groups):
            raise ValueError(f"{self.name} names a group twice.")
        if self.codes.size and (self.codes.min() < 0 or self.codes.max() >= len(self.groups)):
            raise ValueError(f"{self.name} has a row without a group.")

    @property
    def unstated_share(self) -> float:
        """Share of rows whose group is not known from the person's own statement."""
        if not self.codes.size:
            return 1.0
        unstated = np.array([not is_stated(group) for group in self.groups])
        return float(unstated[self.codes].mean())

    def take(self, rows: Codes) -> Characteristic:
        """Return the same characteristic of some rows, without groups that no longer occur."""
        codes = self.codes[rows]
        kept = np.flatnonzero(np.bincount(codes, minlength=len(self.groups)))
        place = np.zeros(len(self.groups), dtype=np.int64)
        place[kept] = np.arange(kept.size)
        return Characteristic(self.name, tuple(self.groups[code] for code in kept), place[codes])


def is_stated(group: str) -> bool:
    """Say whether `group` is a stated value rather than one of the four states of not knowing.

    >>> is_stated("B2"), is_stated("observed only: IC3"), is_stated("not stated")
    (True, False, False)
    """
    return group not in (NOT_STATED, NOT_RECORDED, NO_VICTIM, OBSERVED_ONLY) and not group.startswith(
        f"{OBSERVED_ONLY}: "
    )


def is_unrecorded(group: str) -> bool:
    """Say whether nobody recorded the person's own answer; to decline one is an answer.

    >>> is_unrecorded("not recorded"), is_unrecorded("observed only: IC3"), is_unrecorded("not stated")
    (True, True, False)
    """
    return group == NOT_RECORDED or group.startswith(OBSERVED_ONLY)


def plain(value: Any) -> str:
    """Return `value` as text without outer and repeated white space; missing is the empty text.

    >>> [plain(v) for v in (" a  b ", None, float("nan"), 1.0, True)]
    ['a b', '', '', '1', 'True']
    """
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    return " ".join(str(value).split())


def label(value: Any) -> str:
    """Return the group of one raw value; blank and missing are ``not recorded``.

    >>> [label(v) for v in ("B2", " ", None, "NS", 1.0, "Not stated")]
    ['B2', 'not recorded', 'not recorded', 'not stated', '1', 'not stated']
    """
    text = plain(value)
    return unstated_values().get(text.casefold().replace("_", " "), text) if text else NOT_RECORDED


def texts(column: pd.Series, read: Callable[[Any], str] = plain) -> npt.NDArray[np.object_]:
    """Return `read` of every value of `column`, whatever its type."""
    if isinstance(column.dtype, pd.StringDtype):  # nothing but text: to take it out value by value is what takes long
        codes, distinct = pd.factorize(column)
        return np.array([*map(read, distinct.to_numpy(dtype=object)), read(None)], dtype=object)[codes]
    # Going through text first keeps 1, True and "1" from being merged by the first one seen.
    known: dict[tuple[type, Any], str] = {}
    out = np.empty(len(column), dtype=object)
    for i, value in enumerate(column.tolist()):
        key = (type(value), value)
        if key not in known:
            known[key] = read(value)
        out[i] = known[key]
    return out


def labels(column: pd.Series) -> npt.NDArray[np.object_]:
    """Return the group of every row of `column`."""
    return texts(column, label)


def from_labels(name: str, rows: npt.NDArray[np.object_], most: int = MOST_GROUPS) -> Characteristic:
    """Return a characteristic with the groups of `rows` numbered: stated ones by name, then the states of not knowing.

    Raises
    ------
    TableError
        If there are more than `most` groups; identifiers and free text must not reach a report.
    """
    codes, uniques = pd.factorize(pd.Series(rows, dtype=object))
    found = [str(value) for value in uniques]
    if len(found) > most:
        raise TableError(
            TOO_MANY_GROUPS.format(column=name, count=len(found)),
            "Leave it out of the table, or put its values into bands.",
        )
    order = sorted(range(len(found)), key=lambda i: (not is_stated(found[i]), found[i]))
    place = np.empty(len(found), dtype=np.int64)
    place[order] = np.arange(len(found))
    return Characteristic(name, tuple(found[i] for i in order), place[codes])


def combine_observed(
    self_defined: npt.NDArray[np.object_], observed: npt.NDArray[np.object_]
) -> npt.NDArray[np.object_]:
    """Return one label a row from a self-defined and an officer-observed column, never merging the two.

    A refusal (``not stated``) stays a refusal whatever an officer wrote.
    """
    only = (self_defined == NOT_RECORDED) & np.array([is_stated(o) for o in observed], dtype=bool)
    return np.where(only, np.array([f"{OBSERVED_ONLY}: {o}" for o in observed], dtype=object), self_defined)


def regroup(source: Characteristic, name: str, groups: Mapping[str, str]) -> Characteristic:
    """Return `source` with codes replaced by their groups, and all observed-only codes in one group.

    A code outside the table keeps its own group ``unmapped: CODE``.
    """

    def group(code: str) -> str:
        if code.startswith(f"{OBSERVED_ONLY}: "):
            return OBSERVED_ONLY
        if not is_stated(code):
            return code
        return groups.get(code) or groups.get(code.upper()) or f"{UNMAPPED}: {code}"

    new = np.array([group(code) for code in source.groups], dtype=object)
    return from_labels(name, new[source.codes])


def build_characteristics(frame: pd.DataFrame, columns: list[str]) -> dict[str, Characteristic]:
    """Return the characteristics that `columns` of `frame` hold, by name, in column order.

    ``X_self`` with or without ``X_observed`` is the one characteristic X.

    Raises
    ------
    TableError
        If X stands beside ``X_self`` or ``X_observed``, or a column has too many values.
    """
    names = dict.fromkeys(_base(column) for column in columns)
    out: dict[str, Characteristic] = {}
    for name in names:
        parts = [c for c in (f"{name}_self", f"{name}_observed") if c in columns]
        if name in columns and parts:
            raise TableError(
                f"Columns {name!r} and {parts[0]!r} both give {name!r}.", f"Leave out one of {[name, *parts]}."
            )
        if not parts:
            rows = labels(frame[name])
        else:
            blank = np.full(len(frame), NOT_RECORDED, dtype=object)
            own, seen = (labels(frame[c]) if c in columns else blank for c in (f"{name}_self", f"{name}_observed"))
            rows = combine_observed(own, seen)
        out[name] = from_labels(name, rows)
    return out


def _base(column: str) -> str:
    return column.removesuffix("_self").removesuffix("_observed")
