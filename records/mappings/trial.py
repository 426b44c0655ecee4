"""What a mapping would make of an extract, without storing anything."""
# ruff: noqa: S608 - names enter through quoted(), values through literal()

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from records.checking import check
from records.contract import MANDATORY
from records.database import literal, quoted, workbench
from records.declaration import Column, Table
from records.errors import ManifestError
from records.manifest import read_manifest
from records.mappings.accounts import mapping_notes, source_tallies, unused_rows
from records.mappings.declaration import SourceMapping
from records.mappings.loading import check_columns, load_mapping
from records.mappings.making import Made, make_table
from records.mappings.staging import stage_sources
from records.reference import Reference, load_reference
from records.staged import Staged
from values import Progress, silent

ROWS_SHOWN = 3
CODES_SHOWN = 20
_MASKED = frozenset({"postcode", "related_user"})


@dataclass(frozen=True)
class Trial:
    """What would happen; see `to_dict`."""

    mapping: SourceMapping
    extract_date: date
    files: Mapping[str, Any]
    tables: Mapping[str, Any]
    reasons: Mapping[str, int]
    unmapped: Mapping[str, Mapping[str, int]]
    unused_columns: Mapping[str, list[str]]
    unused_rows: Mapping[str, int]
    notes: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Return the trial as plain values for JSON.

        Keys: `mapping`, `extract_date`, `files` (as the mapping names them) and `tables` (read, accepted, quarantined;
        tables also the columns that are made and not made, and the first rows with what names or describes a person
        masked), `reasons`, `unmapped` (codes that no list knows, by column), `unused_columns`, `unused_rows`, `awaited`
        (mandatory tables that this mapping does not make: another delivery must), `notes`.
        """
        return {
            "mapping": self.mapping.name,
            "extract_date": self.extract_date.isoformat(),
            "files": dict(self.files),
            "tables": dict(self.tables),
            "reasons": dict(self.reasons),
            "unmapped": {name: dict(codes) for name, codes in self.unmapped.items()},
            "unused_columns": dict(self.unused_columns),
            "unused_rows": dict(self.unused_rows),
            "awaited": [name for name in MANDATORY if name not in self.tables],
            "notes": list(self.notes),
        }


def try_mapping(
    mapping_file: Path,
    extract: Path,
    reference_dir: Path | None = None,
    progress: Progress = silent,
    environment: Mapping[str, str] = os.environ,
) -> Trial:
    """Make and check the tables of an extract in a private folder that is gone afterwards.

    Raises
    ------
    RecordsError
        If the mapping cannot work, or the extract as a whole cannot be read.
    """
    mapping = load_mapping(mapping_file)
    day = _extract_date(mapping, extract)
    reference = load_reference(reference_dir)
    with tempfile.TemporaryDirectory(prefix="drive-panel-trial-") as folder, workbench(Path(folder)) as db:
        sources = stage_sources(db, mapping, extract, progress, environment)
        check_columns(mapping, sources)
        made: dict[str, Made] = {}
        for done, how in enumerate(mapping.tables):
            progress("make", done, len(mapping.tables))
            made[how.table.name] = make_table(db, how, sources, mapping.missing)
        progress("make", len(mapping.tables), len(mapping.tables))
        return _looked_at(db, mapping, day, sources, made, reference)


def _extract_date(mapping: SourceMapping, extract: Path) -> date:
    own = extract / "manifest.yaml"
    if own.is_file():
        return read_manifest(own).extract_date
    if mapping.manifest is None:
        raise ManifestError(
            f"Neither the extract nor {mapping.name} says when it was taken.",
            "Write extract_date: YYYY-MM-DD at the top of the mapping, or a manifest.yaml beside the files.",
        )
    return mapping.manifest.extract_date


def _looked_at(
    db: duckdb.DuckDBPyConnection,
    mapping: SourceMapping,
    day: date,
    sources: Mapping[str, Staged],
    made: Mapping[str, Made],
    reference: Reference,
) -> Trial:
    checked = check(db, {name: each.staged for name, each in made.items()}, day)
    counted = "SELECT table_name, row, arg_min(reason, position) AS reason FROM faults GROUP BY table_name, row"
    reasons = db.execute(f"SELECT reason, count(*) FROM ({counted}) GROUP BY reason ORDER BY 2 DESC, 1").fetchall()
    tables = {how.table.name: _table(db, how.table, made[how.table.name]) for how in mapping.tables}
    unmapped = {}
    for how in mapping.tables:
        for column in how.table.columns:
            if found := _unmapped(db, checked.relations[how.table.name], column, reference):
                unmapped[f"{how.table.name}.{column.name}"] = found
    tallies = source_tallies(db, sources, made)
    return Trial(
        mapping,
        day,
        {key: tally.to_dict() for key, tally in tallies.items()},
        tables,
        {str(reason): int(count) for reason, count in reasons},
        unmapped,
        {
            key: unused
            for key, source in sources.items()
            if (unused := [name for name in source.columns if name not in mapping.used(key)])
        },
        unused_rows(db, mapping, sources, made),
        [*mapping_notes(db, mapping, sources, made), *checked.notes],
    )


def _table(db: duckdb.DuckDBPyConnection, table: Table, made: Made) -> dict[str, Any]:
    kept_out = db.execute(
        f"SELECT count(DISTINCT row) FROM faults WHERE table_name = {literal(table.name)}"
    ).fetchone() or (0,)
    rows = db.execute(
        f'SELECT * EXCLUDE ("row", "file", "line") FROM {quoted(made.staged.relation)} '
        f'ORDER BY "row" LIMIT {ROWS_SHOWN}'
    ).fetchall()
    columns = made.staged.columns
    return {
        "read": made.staged.rows,
        "accepted": made.staged.rows - int(kept_out[0]),
        "quarantined": int(kept_out[0]),
        "columns": list(columns),
        "not_made": [column.name for column in table.all_columns if column.name not in columns],
        "rows": [
            {name: _shown(table.column(name), text) for name, text in zip(columns, row, strict=True)} for row in rows
        ],
    }


def _shown(column: Column, text: str) -> str:
    """Return a value, or only its shape where it names or describes a person: P-123 becomes x-000."""
    if column.sealed or column.protected or column.kind == "id" or column.name in _MASKED:
        return re.sub(r"\d", "0", re.sub(r"[^\W\d_]", "x", text))
    return text


def _unmapped(
    db: duckdb.DuckDBPyConnection, relation: str, column: Column, reference: Reference
) -> dict[str, int] | None:
    known = column.codes if column.reference is None else reference.codes(column.reference)
    if known is None:
        return None
    name = quoted(column.name)
    found = db.execute(
        f"SELECT {name}, count(*) FROM {quoted(relation)} WHERE {name} IS NOT NULL AND NOT list_contains(?, {name}) "
        f"GROUP BY ALL ORDER BY 2 DESC, 1 LIMIT {CODES_SHOWN}",
        [sorted(known)],
    ).fetchall()
    return {str(code): int(count) for code, count in found}
