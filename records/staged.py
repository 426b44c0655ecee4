"""What reading hands on: one delivered file as a DuckDB relation of text, with the rows that could not be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Staged:
    """One delivered file, or one table a mapping made from files, as text and before parsing.

    Attributes
    ----------
    file
        The name people know it by: ``incidents.csv``, ``book.xlsx [Sheet1]``, ``query persons``.
    relation
        Name of a DuckDB table or view: ``row`` BIGINT (from 0, in delivered order), ``file`` VARCHAR, ``line``
        BIGINT, then one VARCHAR column for every source column (``''`` is missing, never NULL). It holds only
        the rows that could be split into fields.
    columns
        The source columns in delivered order. They may hold spaces and quotes: always quote them in SQL.
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
