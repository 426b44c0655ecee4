"""What ingesting an extract through a mapping would do: it is done, in a private folder that is gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from records.contract import MANDATORY
from records.errors import ManifestError
from records.history.deliveries import Delivery
from records.intake.ingest import Ingest
from records.intake.kept_out import KeptOut
from records.intake.quarantine import REMEDIES
from records.intake.report import Tally
from records.mappings.accounts import unused_rows
from records.mappings.declaration import COMMUNITIES, SourceMapping, TableMapping
from records.mappings.loading import load_mapping
from records.mappings.showing import FEWEST, OTHER, counted_codes, shown_rows
from records.reading.extract import Extract, read_extract
from records.reference import Reference, load_reference
from records.storage.database import workbench
from values import Progress, silent

CODES_SHOWN = 20
PLACES_SHOWN = 3
_ALONE = "Orphans are judged by this extract alone; in the store a row may point to one of another delivery."


@dataclass(frozen=True)
class Trial:
    """What would happen; see `to_dict`."""

    mapping: SourceMapping
    extract_date: date
    files: Mapping[str, Tally]
    tables: Mapping[str, Mapping[str, Any]]
    reasons: Mapping[str, int]
    problems: list[dict[str, Any]]
    unmapped: Mapping[str, Mapping[str, int]]
    unused_columns: Mapping[str, list[str]]
    unused_rows: Mapping[str, int]
    notes: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Return the trial as plain values for JSON.

        Keys: `mapping`, `extract_date`, `files` (as the mapping names them) and `tables` (read, accepted, quarantined;
        tables also the columns that are made and not made, and `rows`: a few that differ, with what names or describes
        a person masked; of communities `codes` with their counts instead), `reasons` (rows by the first thing that is
        wrong with each), `problems` (the same with table or file, column, remedy and the first places; no values),
        `unmapped` (codes that no list knows, by column), `unused_columns`, `unused_rows`, `awaited` (mandatory tables
        that this mapping does not make: another delivery must), `notes`.
        """
        return {
            "mapping": self.mapping.name,
            "extract_date": self.extract_date.isoformat(),
            "files": {name: tally.to_dict() for name, tally in self.files.items()},
            "tables": {name: dict(table) for name, table in self.tables.items()},
            "reasons": dict(self.reasons),
            "problems": list(self.problems),
            "unmapped": {name: dict(codes) for name, codes in self.unmapped.items()},
            "unused_columns": dict(self.unused_columns),
            "unused_rows": dict(self.unused_rows),
            "awaited": [name for name in MANDATORY if name not in self.tables],
            "notes": list(self.notes),
        }


def try_mapping(
    mapping_file: Path, extract: Path, reference_dir: Path | None = None, progress: Progress = silent
) -> Trial:
    """Ingest an extract into an empty store that is gone afterwards.

    What depends on earlier deliveries cannot be known: a row that points to one of theirs counts as an orphan here.

    Raises
    ------
    RecordsError
        If the mapping cannot work, or the extract as a whole cannot be read.
    """
    mapping = load_mapping(mapping_file)
    if mapping.manifest is None and not (extract / "manifest.yaml").is_file():
        raise ManifestError(
            f"Neither the extract nor {mapping.name} says when it was taken.",
            "Write extract_date: YYYY-MM-DD at the top of the mapping, or a manifest.yaml beside the files.",
        )
    reference = load_reference(reference_dir)
    with tempfile.TemporaryDirectory(prefix="drive-panel-trial-") as folder, workbench(Path(folder) / "work") as db:
        arrived = read_extract(db, extract, mapping_file, progress)
        delivery = Ingest(db, Path(folder) / "records", arrived, reference).store(lambda _, __: None, progress)
        return _looked_at(db, mapping, arrived, delivery, reference)


def _looked_at(
    db: duckdb.DuckDBPyConnection, mapping: SourceMapping, arrived: Extract, delivery: Delivery, reference: Reference
) -> Trial:
    kept = KeptOut(db, delivery)
    tallies = kept.by_table()
    return Trial(
        mapping,
        arrived.manifest.extract_date,
        kept.by_file(),
        {how.table.name: _table(db, how, arrived, tallies, reference) for how in mapping.tables},
        kept.reasons(),
        [
            {
                "table": table,
                "column": column,
                "reason": reason,
                "rows": rows,
                "remedy": REMEDIES[reason],
                "places": [{"file": file, "line": line} for file, line in places],
            }
            for table, reason, column, rows, places in kept.places(PLACES_SHOWN)
        ],
        {name: _listed(name, codes, arrived.manifest.synthetic) for name, codes in delivery.card["unmapped"].items()},
        {
            key: unused
            for key, source in arrived.sources.items()
            if (unused := [name for name in source.columns if name not in mapping.used(key)])
        },
        unused_rows(db, mapping, arrived.sources, arrived.made),
        [*delivery.card["notes"], *(_ALONE for reason in kept.reasons() if reason == "orphan")],
    )


def _table(
    db: duckdb.DuckDBPyConnection,
    how: TableMapping,
    arrived: Extract,
    tallies: Mapping[str, Tally],
    reference: Reference,
) -> dict[str, Any]:
    name, made = how.table.name, arrived.tables[how.table.name]
    found: dict[str, Any] = {
        **tallies[name].to_dict(),
        "columns": list(made.columns),
        "not_made": [column.name for column in how.table.all_columns if column.name not in made.columns],
    }
    if name == COMMUNITIES:
        return {**found, "codes": counted_codes(db, how.table, made, reference, arrived.manifest.synthetic)}
    return {**found, "rows": shown_rows(db, how.table, made)}


def _listed(column: str, codes: Mapping[str, int], synthetic: bool) -> dict[str, int]:
    """Return the most frequent codes; of communities those that few people have are counted together."""
    if synthetic or column.partition(".")[0] != COMMUNITIES:
        return dict(list(codes.items())[:CODES_SHOWN])
    named = {code: rows for code, rows in codes.items() if rows >= FEWEST}
    rest = sum(codes.values()) - sum(named.values())
    return dict(list(named.items())[:CODES_SHOWN]) | ({OTHER: rest} if rest else {})
