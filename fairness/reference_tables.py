"""The room's reference tables: which codes make which group, and which values say that nothing was stated."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_FOLDER = Path(__file__).parent / "reference"


@cache
def code_groups(name: str) -> Mapping[str, str]:
    """Return code -> group of the reference table `name`, such as ``ethnicity_groups``.

    Self-defined ethnicity follows the 18+1 list (19+1 and 16+1 codes included); the five groups are those of
    the England and Wales census.

    >>> code_groups("ethnicity_groups")["B2"]
    'black'
    """
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return MappingProxyType({row["code"]: row["group"] for row in csv.DictReader(file)})


@cache
def unstated_values() -> Mapping[str, str]:
    """Return value (lower case, blanks for underscores) -> the group ``not stated`` or ``not recorded``."""
    with (_FOLDER / "unstated.csv").open(encoding="utf-8", newline="") as file:
        return MappingProxyType({row["value"]: row["state"] for row in csv.DictReader(file)})


def reference_names() -> list[str]:
    """Return the names of the tables that a grouping may use, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*_groups.csv"))
