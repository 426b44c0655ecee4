# ruff: noqa: S608 - every name in the SQL comes from the contract
"""What it costs that record systems overwrite columns without saying since when the value holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from records.contract import ASSUMED, TABLES
from records.quality.settings import QualitySettings
from records.quality.source import Source
from records.storage.database import quoted


@dataclass(frozen=True)
class Reads:
    """What one indicator reads.

    Parameters
    ----------
    columns
        ``table.column`` names.
    tables
        Tables without which it is not available.
    requires
        Optional columns each of which must hold some value.
    """

    columns: Sequence[str]
    tables: Sequence[str] = ()
    requires: Sequence[str] = ()


def undated(source: Source, settings: QualitySettings, indicators: Mapping[str, Reads]) -> dict[str, Any]:
    """Count values that hold only from the extract date on, and say which indicators lack what they read.

    In a first bulk load a column that is overwritten in place is known from the extract date only, unless another
    column dates it or the row says since when it was known: before that day it may be shown but feeds nothing.
    """
    columns = [
        _column(source, name, column.name, column.dated_by)
        for name in sorted(source.stored)
        for column in TABLES[name].columns
        if column.overwritten and source.delivered(f"{name}.{column.name}")
    ]
    no_history = [_without_history(source, name) for name in sorted(source.stored)]
    wanted = sorted({column for reads in indicators.values() for column in reads.columns})
    held = frozenset(column for column in wanted if source.delivered(column) and _holds(source, column))
    costs = {f"{row['table']}.{row['column']}": row["undated"] for row in columns if row["undated"]}
    return {
        "columns": columns,
        "no_history": [row for row in no_history if row["rows"]],
        "indicators": [_indicator(source, name, reads, costs, held) for name, reads in indicators.items()],
    }


def _column(source: Source, table: str, column: str, dated_by: str | None) -> dict[str, Any]:
    recorded = quoted(f"has {column}")
    lost = f"{recorded} AND {ASSUMED}" + (f" AND NOT {quoted(f'has {dated_by}')}" if dated_by else "")
    counts = source.row(
        f"SELECT count(*) AS rows, count(*) FILTER ({recorded}) AS recorded, count(*) FILTER ({lost}) AS undated "
        f"FROM now_{table}"
    )
    share = counts["undated"] / counts["recorded"] if counts["recorded"] else None
    return {"table": table, "column": column, "dated_by": dated_by, **counts, "share_undated": share}


def _without_history(source: Source, table: str) -> dict[str, Any]:
    """Count rows that say in no way since when they were known: none of them exists before the extract."""
    extract = source.snapshot.extract_date
    counts = source.row(
        f"SELECT count(*) AS of, count(*) FILTER ({ASSUMED} AND known_from = CAST(? AS DATE)) AS rows FROM now_{table}",
        [extract],
    )
    return {"table": table, **counts}


def _indicator(
    source: Source, name: str, reads: Reads, costs: Mapping[str, int], held: frozenset[str]
) -> dict[str, Any]:
    """Say whether an indicator has what it reads: fed, in part or not fed."""
    absent_tables = [table for table in reads.tables if table not in source.stored]
    absent = [column for column in reads.columns if not source.delivered(column)]
    empty = [column for column in reads.columns if column not in absent and column not in held]
    lacking = {*absent, *empty}
    otherwise = {
        "dyads.victim_id": not source.delivered("dyads"),  # pairs that were not delivered are derived from the roles
        "incidents.strangulation": "incidents.offence_code" in held,  # the offence says it too
    }
    no_value = any(column in lacking and not otherwise.get(column) for column in reads.requires)
    state = "not fed" if absent_tables or no_value else "in part" if lacking else "fed"
    return {
        "indicator": name,
        "state": state,
        "absent_tables": absent_tables,
        "absent": absent,
        "empty": empty,
        "undated": {column: costs[column] for column in reads.columns if column in costs},
    }


def _holds(source: Source, column: str) -> bool:
    table, _, name = column.partition(".")
    return bool(source.rows(f"SELECT 1 AS one FROM now_{table} WHERE {quoted(f'has {name}')} LIMIT 1"))
