"""The rows of a table as they stood at the end of a day: what a page may show as of T."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import pandas as pd

from records.contract import TABLES
from records.declaration import ASSUMED, Column
from values import AsOf


class _Snapshot(Protocol):
    @property
    def extract_date(self) -> object: ...

    def table(self, name: str) -> pd.DataFrame: ...


def as_known(snapshot: _Snapshot, table: str, as_of: AsOf) -> pd.DataFrame:
    """Return the row versions of `table` that were known at `as_of`, without values learnt later.

    A row version counts if and only if ``known_from <= T < known_to``. In a version whose `known_from` is only
    assumed, a column that record systems overwrite is blank before the day that dates it, or before the extract
    date where nothing dates it: what stood there at T is not known.

    Returns
    -------
    DataFrame
        The columns of the table's contract; one row a key.
    """
    day = pd.Timestamp(as_of.day)
    rows = snapshot.table(table)
    rows = rows[(rows["known_from"] <= day) & (rows["known_to"].isna() | (rows["known_to"] > day))].copy()
    stored = rows.copy()  # dates as stored: a date blanked below must still date the columns that hang on it
    before_extract = day < pd.Timestamp(str(snapshot.extract_date))
    columns: Mapping[str, Column] = {column.name: column for column in TABLES[table].columns}
    for name, column in columns.items():
        if name not in rows:
            continue
        if column.dated_by is not None and column.dated_by in stored:
            dates = stored[column.dated_by]
            unknown = (dates > day) | (dates.isna() & rows[ASSUMED] & before_extract & column.overwritten)
        elif column.overwritten:
            unknown = rows[ASSUMED] & before_extract
        else:
            continue
        rows[name] = rows[name].mask(unknown)
    return rows
