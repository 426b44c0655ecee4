"""What reading hands on: one delivered file as a DuckDB relation of text, with the rows that could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from records.storage.database import quoted

_OWN = ("row", "file", "line")


@dataclass(frozen=True)
class Staged:
    """One delivered file, or one table a mapping made from files, as text and before parsing.

    Attributes
    ----------
    file
        The name people know it by: ``incidents.csv``, ``book.xlsx [Sheet1]``, ``query persons``.
    relation
        Name of a DuckDB table or view: ``row`` BIGINT (from 0, in delivered order), ``file`` VARCHAR, ``line``
        BIGINT, then one VARCHAR column for every source column (``''`` is missing, never NULL), named as
        `column_names` says. It holds only the rows that could be split into fields.
    columns
        The source columns as delivered, in order.
    rows
        Rows read, those that could not be split included.
    faults
        Name of a DuckDB table: ``row`` BIGINT, ``file`` VARCHAR, ``line`` BIGINT, ``column_name`` VARCHAR
        (``''`` = the row as a whole), ``reason`` VARCHAR, ``text`` VARCHAR (the raw row where it could not be split).
    """

    file: str
    relation: str
    columns: tuple[str, ...]
    rows: int
    faults: str

    def identifier(self, column: str) -> str:
        """Return the quoted SQL identifier of a source column in `relation`."""
        return quoted(column_names(self.columns)[self.columns.index(column)])


def column_names(columns: Sequence[str]) -> tuple[str, ...]:
    """Name source columns so that DuckDB can tell them apart: it ignores case, and three names are taken.

    >>> column_names(["Line", "Name", "name"])
    ('Line_2', 'Name', 'name_2')
    """
    taken, names = set(_OWN), []
    for column in columns:
        name, number = column, 1
        while name.lower() in taken:
            number += 1
            name = f"{column}_{number}"
        taken.add(name.lower())
        names.append(name)
    return tuple(names)
