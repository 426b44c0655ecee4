"""Columns of named categories as the whole numbers that a booster reads.

A column is one of categories where the data frame says so (pandas ``category``). What is kept of it are the names
that a tree asks for and their codes: a name so rare that no tree asks for it could be one person's own, and is read
like any name never seen, as not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from models.errors import UnusableTable
from models.trees import Tree

Codes = Mapping[str, Mapping[Any, int]]


def codes_of(X: Any) -> Codes:
    """Return each category column's names with a code, in an order that does not depend on how they were declared.

    Raises
    ------
    UnusableTable
        If a category is not a word, a whole number or a truth value, or its column has no name.
    """
    if not isinstance(X, pd.DataFrame):
        return {}
    return {_named(name): _coded(name, X[name].cat.categories) for name in X.columns[_categorical(X)]}


def encoded(X: Any, codes: Codes) -> Any:
    """Return the table with codes in place of names; a name without a code is NaN."""
    if not codes or not isinstance(X, pd.DataFrame):
        return X
    present = {name: code for name, code in codes.items() if name in X}
    return X.assign(
        **{name: X[name].astype("object").map(dict(code)).astype("float64") for name, code in present.items()}
    )


def asked_for(codes: Codes, trees: Sequence[Tree], columns: Sequence[str]) -> Codes:
    """Return the codes that a tree asks for."""
    asked: dict[str, set[int]] = {name: set() for name in codes}
    for split in (split for tree in trees for split in tree.splits if split.categories is not None):
        asked[columns[split.feature]] |= split.categories or set()
    return {
        name: {category: code for category, code in named.items() if code in asked[name]}
        for name, named in codes.items()
    }


def plain(codes: Codes) -> dict[str, list[list[Any]]]:
    """Return the codes as values that JSON keeps: a name may be a number."""
    return {name: [[category, code] for category, code in named.items()] for name, named in codes.items()}


def from_plain(kept: Mapping[str, Sequence[Sequence[Any]]]) -> Codes:
    """Return what `plain` was made from."""
    return {name: {category: int(code) for category, code in named} for name, named in kept.items()}


def _categorical(X: pd.DataFrame) -> list[bool]:
    return [isinstance(dtype, pd.CategoricalDtype) for dtype in X.dtypes]


def _named(name: Any) -> str:
    if not isinstance(name, str):
        raise UnusableTable(f"The column {name!r} of categories has no name.", "Name the columns by words.")
    return name


def _coded(name: str, categories: pd.Index) -> Mapping[Any, int]:
    values = categories.tolist()
    if not all(isinstance(value, (str, int)) for value in values):
        raise UnusableTable(
            f"The column {name} has categories that are neither words nor whole numbers.",
            "Name its categories by words, or give it as a number.",
        )
    ordered = sorted(values, key=lambda value: (isinstance(value, str), value))
    return {value: code for code, value in enumerate(ordered)}
