"""What a row alone cannot show: the order of its dates, since when it was known, copies, and what it points to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from records.contract import ASSUMED, TABLES, Table
from records.parsing import absent, parse
from records.quarantine import Faults
from records.reading import Delivered


@dataclass
class Parsed:
    """One table on its way into a snapshot: typed rows, where they came from, what is wrong with which.

    Parameters
    ----------
    table
        Its declaration.
    frame
        Every column of the declaration; rows in delivered order.
    delivered
        The rows as they came.
    columns
        The declared columns that the file held.
    notes
        What a reader must know about the whole table.
    """

    table: Table
    frame: pd.DataFrame
    delivered: Delivered
    columns: tuple[str, ...]
    notes: list[str] = field(default_factory=list)

    @property
    def faults(self) -> Faults:
        """The faults of its rows."""
        return self.delivered.faults

    @property
    def good(self) -> pd.DataFrame:
        """The rows without a fault so far."""
        return self.frame[~self.faults.bad]


def parse_table(table: Table, delivered: Delivered) -> Parsed:
    """Parse every declared column; a column that the file lacks is all missing."""
    series = {
        column.name: (
            parse(column, delivered.columns[column.name], delivered.faults)
            if column.name in delivered.columns
            else absent(column, len(delivered))
        )
        for column in table.all_columns
    }
    frame = pd.DataFrame(series)
    frame[ASSUMED] = frame["known_from"].isna().to_numpy()
    columns = tuple(column.name for column in table.all_columns if column.name in delivered.columns)
    return Parsed(table, frame, delivered, columns)


def validate(tables: Mapping[str, Parsed], extract_date: date) -> None:
    """Check all rows of an extract together and settle since when each was known; faults stay in the tables."""
    for parsed in tables.values():
        _check_future(parsed, extract_date)
    for name in sorted(tables, key=lambda name: TABLES[name].recorded_with is not None):
        # involvements and dyads take their date from incidents, persons from involvements: in that order
        if name != "persons":
            _assume_known_from(tables[name], tables, extract_date)
    _assume_known_from(tables["persons"], tables, extract_date)
    for parsed in tables.values():
        _check_order(parsed)
        _check_copies(parsed)
    for name in TABLES:
        if name in tables:
            _check_orphans(tables[name], tables)
    for parsed in tables.values():
        _close_versions(parsed)


def _check_future(parsed: Parsed, extract_date: date) -> None:
    last = np.datetime64(extract_date, "s")
    for column in parsed.table.all_columns:
        if column.kind == "date" and not column.may_be_future:
            late = (parsed.frame[column.name] > last).to_numpy()
            parsed.faults.add(late, column.name, "future_date")


def _assume_known_from(parsed: Parsed, tables: Mapping[str, Parsed], extract_date: date) -> None:
    """Fill a missing `known_from` from the date the contract names, else from the extract date."""
    frame, table = parsed.frame, parsed.table
    stand_in = pd.Series(np.datetime64("NaT", "s"), index=frame.index, dtype="datetime64[s]")
    if table.recorded_by:
        stand_in = frame[table.recorded_by]
    elif table.recorded_with and table.recorded_with in tables:
        first = tables[table.recorded_with].good.groupby(table.recorded_on)["known_from"].min()
        stand_in = pd.Series(first.reindex(frame[table.recorded_on]).to_numpy(), index=frame.index)
    filled = frame["known_from"].fillna(stand_in)
    unusable = filled.isna().to_numpy() & ~parsed.faults.bad
    frame["known_from"] = filled.fillna(pd.Timestamp(extract_date)).astype("datetime64[s]")
    if unusable.any():
        parsed.notes.append(
            f"{table.name}: {int(unusable.sum())} of {len(frame)} rows do not say since when they were known; "
            f"they count from the extract date {extract_date.isoformat()} and are unusable for any earlier date."
        )


def _check_order(parsed: Parsed) -> None:
    frame = parsed.frame
    for earlier, later in (*parsed.table.in_order, ("known_from", "known_to")):
        wrong = (frame[later] < frame[earlier]).to_numpy()
        if later == "known_to":  # a version that held for no day never was
            wrong = (frame[later] <= frame[earlier]).to_numpy()
        parsed.faults.add(wrong, later, "impossible_order")


def _check_copies(parsed: Parsed) -> None:
    """Keep one of identical rows; keep none of rows that contradict each other about the same thing and day."""
    good = parsed.good.sort_values(ASSUMED, kind="stable")  # of two copies keep the one that says when
    copies = good.duplicated([name for name in good.columns if name != ASSUMED])
    parsed.faults.add(_mask(parsed, copies[copies].index), parsed.table.key[0], "duplicate_row")
    good = good[~copies]
    rivals = good.duplicated([*parsed.table.key, "known_from"], keep=False)
    parsed.faults.add(_mask(parsed, rivals[rivals].index), parsed.table.key[0], "conflicting_duplicate")


def _mask(parsed: Parsed, index: pd.Index[Any]) -> NDArray[np.bool_]:
    mask = np.zeros(len(parsed.frame), dtype=bool)
    mask[index.to_numpy()] = True
    return mask


def _check_orphans(parsed: Parsed, tables: Mapping[str, Parsed]) -> None:
    for column in parsed.table.columns:
        if column.points_to is None or column.points_to not in tables:
            continue
        target = tables[column.points_to]
        known = set(target.good[target.table.key[0]].tolist())  # a set: isin on strings is an order slower
        found = np.array([each in known for each in parsed.frame[column.name].tolist()], dtype=bool)
        lost = ~found & ~parsed.faults.bad
        parsed.faults.add(lost, column.name, "orphan")


def _close_versions(parsed: Parsed) -> None:
    """End each version where the next of the same key begins, if it did not end before."""
    key = list(parsed.table.key)
    ordered = parsed.good.sort_values("known_from", kind="stable")
    following = ordered.groupby(key, dropna=False, sort=False)["known_from"].shift(-1)
    given = ordered["known_to"]
    earlier = given.where(following.isna() | (given < following), following)
    parsed.frame["known_to"] = earlier.reindex(parsed.frame.index).astype("datetime64[s]")
