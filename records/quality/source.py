# ruff: noqa: S608 - every name in the SQL comes from the contract
"""A snapshot as DuckDB views: verified, typed as the contract says, nothing read into memory at once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import duckdb
import pyarrow
import pyarrow.parquet

from records.contract import ASSUMED, KNOWN, TABLES
from records.declaration import Table
from records.errors import SnapshotCorrupt
from records.history.content import hash_pieces
from records.intake.kinds import SQL_TYPES
from records.purposes import Reading, for_purpose
from records.snapshot import Snapshot
from records.storage.database import literal, quoted, workbench

NEEDED: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "persons": ("person_id",),
        "incidents": ("incident_id", "area", "occurred_from", "reported_on", "domestic", "is_crime", "offence_code"),
        "involvements": ("incident_id", "person_id", "role"),
    }
)
"""The columns without which there is no report."""
_REMEDY = "Restore the snapshot from backup, or ingest the extract again into a fresh store."


@dataclass(frozen=True)
class Source:
    """What the report is made from.

    Parameters
    ----------
    db
        Holds for each table of the snapshot the views ``all_<table>`` (every version of every row) and
        ``now_<table>`` (the version that stands at the extract). Beside each column ``c`` stands the flag ``has c``.
        A column that may not be used to audit is missing throughout; of it only the flag is told.
    snapshot
        Where the rows come from, opened for the purpose audit.
    linking
        The same, opened for the purpose link: whether two records are one person.
    """

    db: duckdb.DuckDBPyConnection
    snapshot: Reading
    linking: Reading

    def has(self, *names: str) -> bool:
        """Say whether the extract delivered all these tables or ``table.column`` columns, and they may be read."""
        return all(self.snapshot.has(name) for name in names)

    def delivered(self, *names: str) -> bool:
        """Say whether the extract delivered all these, so that it can be counted how often they are recorded."""
        return all(self.snapshot.snapshot.has(name) for name in names)

    @property
    def stored(self) -> frozenset[str]:
        """The tables that were delivered."""
        return self.snapshot.snapshot.tables

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Return the answer to a query, one mapping a row."""
        answer = self.db.execute(sql, list(parameters))
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> dict[str, Any]:
        """Return the one row that a query answers with."""
        (only,) = self.rows(sql, parameters)
        return only


@contextlib.contextmanager
def opened(snapshot: Snapshot) -> Iterator[Source]:
    """Open a snapshot's tables for questions; each file is verified before any is asked.

    The columns on which everything rests have to be open for audit. Names and national ids are not: it is counted
    how often they are recorded, and, for the purpose link, how many people share them.

    Raises
    ------
    PurposeBreach
        If a site forbids a needed column for audit.
    SnapshotCorrupt
        If a stored file no longer holds what was stored.
    """
    audit: Reading = for_purpose(snapshot, "audit", "The data-quality report", NEEDED)
    linking: Reading = for_purpose(snapshot, "link", "The data-quality report")
    with workbench(snapshot.path.parents[1]) as db:
        for name in sorted(snapshot.tables):
            _verify(snapshot, name)
            _views(db, snapshot, TABLES[name], audit)
        offences = snapshot.offences[["offence_code", "family"]]
        db.register("offence_frame", offences)
        db.execute("CREATE TABLE offences AS SELECT * FROM offence_frame")
        db.unregister("offence_frame")
        _incidents(db)
        _people_to_link(db, linking)
        yield Source(db, audit, linking)


def _verify(snapshot: Snapshot, name: str) -> None:
    """Compare the stored rows with the snapshot's hash, in pieces: no table is held in memory whole."""
    path, entry = snapshot.path / f"{name}.parquet", snapshot.card["tables"][name]
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            found = hash_pieces(file.iter_batches(), file.schema_arrow.names)
    except (pyarrow.ArrowException, ValueError, TypeError, OSError) as error:
        raise SnapshotCorrupt(f"{path.name} cannot be read ({type(error).__name__}).", _REMEDY) from error
    if found != (entry["columns"], entry["rows"]):
        raise SnapshotCorrupt(f"{path.name} does not hold what was stored.", _REMEDY)


def _views(db: duckdb.DuckDBPyConnection, snapshot: Snapshot, table: Table, audit: Reading) -> None:
    file = literal(str(snapshot.path / f"{table.name}.parquet"))
    permitted = {column.name for column in KNOWN} | set(audit.sources.permitted(table.name, "audit"))
    columns = []
    for column in table.all_columns:
        name, kind = quoted(column.name), SQL_TYPES[column.kind]
        columns.append(f"CAST({name if column.name in permitted else 'NULL'} AS {kind}) AS {name}")
        columns.append(f"{name} IS NOT NULL AS {quoted(f'has {column.name}')}")
    chosen = ", ".join([*columns, f"CAST({ASSUMED} AS BOOLEAN) AS {ASSUMED}"])
    db.execute(f"CREATE VIEW stored_{table.name} AS SELECT * FROM read_parquet({file})")
    db.execute(f"CREATE VIEW all_{table.name} AS SELECT {chosen} FROM stored_{table.name}")
    stands = _stands(snapshot)
    db.execute(f"CREATE VIEW now_{table.name} AS SELECT * FROM all_{table.name} WHERE {stands}")


def _stands(snapshot: Reading | Snapshot) -> str:
    extract = f"DATE {literal(snapshot.extract_date.isoformat())}"
    return f"CAST(known_from AS DATE) <= {extract} AND (known_to IS NULL OR CAST(known_to AS DATE) > {extract})"


def _people_to_link(db: duckdb.DuckDBPyConnection, linking: Reading) -> None:
    """Hold what may be compared to find two records of one person, apart from everything that audits."""
    names = ", ".join(
        quoted(name) if linking.has(f"persons.{name}") else f"NULL AS {quoted(name)}"
        for name in ("given_name", "family_name", "date_of_birth", "pnc_id")
    )
    db.execute(f"CREATE VIEW link_persons AS SELECT {names} FROM stored_persons WHERE {_stands(linking)}")


def _incidents(db: duckdb.DuckDBPyConnection) -> None:
    """Keep the narrow table that most sections ask: one row an incident, with its family and its day."""
    db.execute(
        f"""
        CREATE TABLE incidents AS
        SELECT i.incident_id, i.area, i.domestic, i.is_crime, i.occurred_from, i.reported_on, i.known_from,
               i.{ASSUMED} AS assumed, i.offence_code, i.risk_tool, i.risk_grade, i."has risk_grade" AS graded,
               i.counting_regime,
               coalesce(i.reported_on, i.occurred_from) AS day,
               CASE WHEN o.family IS NOT NULL THEN o.family
                    WHEN NOT i.is_crime THEN 'non_crime'
                    WHEN i.offence_code IS NULL THEN 'not recorded' ELSE 'unmapped' END AS family
        FROM now_incidents i LEFT JOIN offences o USING (offence_code)
        """
    )
