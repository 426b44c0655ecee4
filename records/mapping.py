"""Mappings: from a source's own files, columns and codes to the contract, declared in YAML and checked at load.

source: Northshire crime export
extract_date: 2024-03-31        # unless the folder holds a manifest.yaml
file: crimes.csv                # the file that tables are made from; a table may name another with `from`
missing: ["-", Unknown]         # what the source writes for nothing
tables:
  persons:
    unique: key                 # one row a person: the most frequent value wins, contradictions are counted
    columns: {person_id: nominal, source: {constant: northshire}}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from records.contract import MANDATORY, TABLES, Table
from records.expressions import Condition, Expression, Used, read_condition, read_expression
from records.manifest import Manifest, manifest_from
from records.nodes import Node
from records.quarantine import Faults
from records.reading import SUFFIXES, Delivered, Text, as_csv

_MANIFEST = ("source", "extract_date", "period", "synthetic")


@dataclass(frozen=True)
class TableMapping:
    """How one table of the contract is made from one file.

    Parameters
    ----------
    table
        The declaration of the table.
    file
        Name of the source file.
    columns
        The expression behind each column.
    unique
        True to make one row for each distinct key.
    where
        Only source rows for which this holds make a row.
    """

    table: Table
    file: str
    columns: Mapping[str, Expression]
    unique: bool = False
    where: Condition | None = None

    def used(self) -> Iterator[Used]:
        """Yield the source columns it reads."""
        for expression in self.columns.values():
            yield from expression.used()
        if self.where is not None:
            yield self.where.source


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
    """

    name: str
    missing: frozenset[str]
    tables: tuple[TableMapping, ...]
    manifest: Manifest | None

    @property
    def files(self) -> tuple[str, ...]:
        """The source files, each once."""
        return tuple(dict.fromkeys(table.file for table in self.tables))


def load_mapping(path: Path) -> SourceMapping:
    """Read and check a mapping.

    Raises
    ------
    MappingError
        If anything in it cannot work, with file and line.
    """
    root = Node.read(path)
    keys = root.block(["source", "tables"], ["file", "missing", *_MANIFEST[1:]])
    default = keys["file"].text() if "file" in keys else None
    named = keys["tables"].entries()
    for name, node in named.items():
        if name not in TABLES:
            raise node.wrong(f"the contract has no table {name!r}", f"Use {', '.join(TABLES)}.")
    for name in MANDATORY:
        if name not in named:
            raise keys["tables"].wrong(f"the mandatory table {name!r} is not made", "Add it.")
    tables = tuple(_table(TABLES[name], named[name], default) for name in TABLES if name in named)
    missing = frozenset(keys["missing"].texts()) if "missing" in keys else frozenset()
    return SourceMapping(path.name, missing, tables, _manifest(path.name, keys))


def _manifest(name: str, keys: Mapping[str, Node]) -> Manifest | None:
    if "extract_date" not in keys:
        return None
    content: dict[str, object] = {key: keys[key].text() for key in _MANIFEST if key in keys and keys[key].is_text}
    if "period" in keys and not keys["period"].is_text:
        content["period"] = keys["period"].texts()
    if "synthetic" in content:
        content["synthetic"] = {"true": True, "false": False}.get(str(content["synthetic"]), content["synthetic"])
    return manifest_from(content, name)


def _table(table: Table, node: Node, default: str | None) -> TableMapping:
    keys = node.block(["columns"], ["from", "unique", "where"])
    file = keys["from"].text() if "from" in keys else default
    if file is None:
        raise node.wrong(f"no file is named for {table.name}", "Add from, or file at the top.")
    if Path(file).name != file or not file.endswith(SUFFIXES):
        at = keys.get("from", node)
        raise at.wrong(f"{file!r} is no file name", f"Name a file of the folder that ends in {SUFFIXES}.")
    if "unique" in keys and keys["unique"].text() != "key":
        raise keys["unique"].wrong("unique can only be key", "Write unique: key.")
    columns = _columns(table, keys["columns"])
    where = read_condition(keys["where"]) if "where" in keys else None
    return TableMapping(table, file, columns, "unique" in keys, where)


def _columns(table: Table, node: Node) -> dict[str, Expression]:
    named = node.entries()
    known = [column.name for column in table.all_columns]
    for name, each in named.items():
        if name not in known:
            raise each.wrong(f"{table.name} has no column {name!r}", f"Use {', '.join(known)}.")
    for column in table.columns:
        if column.required and column.name not in named:
            raise node.wrong(f"{table.name} needs the column {column.name!r}", "Say where it comes from.")
    return {name: read_expression(each) for name, each in named.items()}


@dataclass(frozen=True)
class Made:
    """A table made from a source file.

    Parameters
    ----------
    delivered
        Its rows; line and text are those of the (first) source row behind each.
    file
        Name of the source file.
    row_of
        For each source row the row it went into, -1 for none.
    contradictions
        For each column the keys for which a value had to be chosen.
    """

    delivered: Delivered
    file: str
    row_of: NDArray[np.intp]
    contradictions: dict[str, int]


def check_columns(mapping: SourceMapping, sources: Mapping[str, Delivered]) -> None:
    """Check that the files hold the columns that the mapping reads.

    Raises
    ------
    MappingError
        If one does not; names the line of the mapping.
    """
    for table in mapping.tables:
        held = sources[table.file].columns
        for used in table.used():
            if used.column not in held:
                raise used.at.wrong(
                    f"{table.file} has no column {used.column!r}", f"Use one of {', '.join(sorted(held))}."
                )


def make_table(how: TableMapping, source: Delivered, missing: frozenset[str], withheld: frozenset[str]) -> Made:
    """Make one table from a source file.

    Parameters
    ----------
    how
        The table's mapping.
    source
        The source file; rows that could not be split into fields make no row.
    missing
        Texts that count as nothing.
    withheld
        Source columns left out of the text that a quarantined row is shown with.
    """
    size = len(source)
    columns = {used.column: _without(source.columns[used.column], missing) for used in how.used()}
    text = {name: expression.make(columns, size) for name, expression in how.columns.items()}
    wanted = ~source.faults.bad
    if how.where is not None:
        wanted &= how.where.holds(columns)
    rows = np.flatnonzero(wanted)
    text = {name: values[rows] for name, values in text.items()}
    contradictions: dict[str, int] = {}
    group, first = np.arange(len(rows)), rows
    if how.unique:
        text, group, first, contradictions = _one_a_key(text, rows, how.table)
    row_of = np.full(size, -1, dtype=np.intp)
    row_of[rows] = group
    shown = as_csv({name: values for name, values in source.columns.items() if name not in withheld})
    delivered = Delivered(
        source.file, text, source.lines[first], lambda row: shown(int(first[row])), Faults(len(first))
    )
    return Made(delivered, how.file, row_of, contradictions)


def _without(values: Text, missing: frozenset[str]) -> Text:
    codes, uniques = pd.factorize(values)
    cleaned = np.empty(len(uniques), dtype=object)
    cleaned[:] = ["" if (text := value.strip()) in missing else text for value in uniques]
    return cleaned[codes]


def _one_a_key(
    text: dict[str, Text], rows: NDArray[np.intp], table: Table
) -> tuple[dict[str, Text], NDArray[np.intp], NDArray[np.intp], dict[str, int]]:
    """Merge rows of one key: the most frequent value wins, ties go to the first in the alphabet.

    Neither depends on the order of the source rows. A missing value never outvotes a recorded one.
    """
    numbers: dict[tuple[str, ...], int] = {}
    keys = zip(*(text[name].tolist() for name in table.key if name in text), strict=True)
    group = np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.intp)
    first = np.full(len(numbers), -1, dtype=np.intp)
    first[group[::-1]] = rows[::-1]
    merged: dict[str, Text] = {}
    contradictions: dict[str, int] = {}
    for name, values in text.items():
        merged[name], differing = _most_frequent(values, group, len(numbers))
        if differing:
            contradictions[name] = differing
    return merged, group, first, contradictions


def _most_frequent(values: Text, group: NDArray[np.intp], count: int) -> tuple[Text, int]:
    """Return the winning value of each group, and for how many groups there was a choice."""
    votes: list[dict[str, int]] = [{} for _ in range(count)]
    for number, value in zip(group.tolist(), values.tolist(), strict=True):
        if value:
            votes[number][value] = votes[number].get(value, 0) + 1
    chosen = np.empty(count, dtype=object)
    chosen[:] = [_winner(tally) for tally in votes]
    return chosen, sum(len(tally) > 1 for tally in votes)


def _winner(tally: dict[str, int]) -> str:
    return min(tally, key=lambda value: (-tally[value], value), default="")
