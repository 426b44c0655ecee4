"""What a folder delivers: its manifest and its tables as text, by the contract's own names or through a mapping."""

# ruff: noqa: S608 - names enter through quoted()
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from records.contract import MANDATORY, TABLES, Table
from records.errors import ExtractError
from records.mappings import Made, SourceMapping, check_columns, load_mapping, make_table
from records.mappings.accounts import mapping_notes
from records.mappings.staging import stage_sources
from records.reading.files import SUFFIXES, find_file, stage_file
from records.reading.manifest import Manifest, read_manifest
from records.reading.staged import Staged, column_names
from records.storage.database import quoted
from values import Hash, Progress, digest, digest_bytes, digest_file


@dataclass(frozen=True)
class Extract:
    """A delivered folder before its rows are checked.

    Parameters
    ----------
    manifest
        Where it comes from.
    name
        Extract date and a hash of the delivered bytes.
    tables
        The rows of each table of the contract.
    sources
        The delivered files by key: the table's name, or what the mapping calls the file.
    mapping, made
        How a mapping made the tables from the files; None and empty where they follow the contract.
    texts
        The mapping and its code tables as written, by file name.
    notes
        What a reader must know so far.
    """

    manifest: Manifest
    name: str
    tables: Mapping[str, Staged]
    sources: Mapping[str, Staged]
    mapping: SourceMapping | None = None
    made: Mapping[str, Made] = field(default_factory=dict)
    texts: Mapping[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def name_extract(folder: Path, mapping_file: Path | None) -> tuple[Manifest, SourceMapping | None, str | None]:
    """Return the manifest of a folder, its mapping, and the delivery's name where its files alone tell it.

    Raises
    ------
    ExtractError
        If the folder, its manifest, or every table is missing.
    MappingError
        If the mapping cannot work.
    """
    mapping = None if mapping_file is None else load_mapping(mapping_file)
    if not folder.is_dir():
        raise ExtractError(f"There is no extract folder {folder.name!r}.", "Check the path.")
    own = folder / "manifest.yaml"
    if mapping is None or mapping_file is None:
        manifest = read_manifest(own)
        return manifest, None, delivery_name(manifest, _digests(_contract_files(folder)))
    manifest = read_manifest(own) if own.is_file() or mapping.manifest is None else mapping.manifest
    if any(source.file is None for source in mapping.sources.values()):
        return manifest, mapping, None  # what a query gives is known once it has been read
    files = {str(source.file): source.path(folder) for source in mapping.sources.values()}
    return manifest, mapping, delivery_name(manifest, _digests(files) | _said(mapping, mapping_file))


def read_extract(db: duckdb.DuckDBPyConnection, folder: Path, mapping_file: Path | None, progress: Progress) -> Extract:
    """Read a delivered folder.

    Raises
    ------
    ExtractError
        If a required column is missing, or a file cannot be read.
    MappingError
        If the mapping does not fit the files.
    """
    manifest, mapping, name = name_extract(folder, mapping_file)
    if mapping is not None and mapping_file is not None:
        sources = stage_sources(db, mapping, folder, progress)
        if name is None:
            name = delivery_name(manifest, _staged(db, sources) | _said(mapping, mapping_file))
        return made_extract(db, manifest, name, mapping, sources, _texts(mapping, mapping_file))
    tables, notes = {}, _unread(folder)
    for table, path in _contract_files(folder).items():
        tables[table] = stage_file(db, path, progress)
        notes += check_header(TABLES[table], tables[table])
    return Extract(manifest, str(name), tables, tables, notes=notes)


def made_extract(
    db: duckdb.DuckDBPyConnection,
    manifest: Manifest,
    name: str,
    mapping: SourceMapping,
    sources: Mapping[str, Staged],
    texts: Mapping[str, bytes],
) -> Extract:
    """Make the tables of the contract from staged sources.

    Raises
    ------
    MappingError
        If the mapping does not fit the files.
    """
    check_columns(mapping, sources)
    made = {how.table.name: make_table(db, how, sources, mapping.missing) for how in mapping.tables}
    tables = {table: each.staged for table, each in made.items()}
    return Extract(manifest, name, tables, sources, mapping, made, texts, mapping_notes(db, mapping, sources, made))


def delivery_name(manifest: Manifest, digests: Mapping[str, Hash]) -> str:
    """Name a delivery after its extract date and its bytes, so that the same files name the same delivery."""
    return f"{manifest.extract_date.isoformat()}-{digest({'files': dict(digests), **manifest.to_dict()}).short}"


def check_header(table: Table, staged: Staged) -> list[str]:
    """Return notes on columns that the contract does not know.

    Raises
    ------
    ExtractError
        If a required column is missing.
    """
    for column in table.columns:
        if column.required and column.name not in staged.columns:
            raise ExtractError(
                f"{staged.file}, line 1: the required column {column.name!r} is missing.",
                "Add it, or name the column it comes from in a mapping.",
            )
    unknown = sorted(set(staged.columns) - {column.name for column in table.all_columns})
    if not unknown:
        return []
    return [f"{staged.file}: columns that the contract does not know were not read: {', '.join(unknown)}."]


def _contract_files(folder: Path) -> dict[str, Path]:
    files = {name: path for name in TABLES if (path := find_file(folder, name)) is not None}
    if not files:
        raise ExtractError(
            "The extract holds no table of the contract.",
            f"Deliver {', '.join(MANDATORY)} as {' or '.join(SUFFIXES)}, or use a mapping.",
        )
    return files


def _unread(folder: Path) -> list[str]:
    """Name the files that look like tables and are none."""
    known = {f"{table}{suffix}" for table in TABLES for suffix in SUFFIXES}
    names = sorted(path.name for path in folder.iterdir() if path.name.endswith((*SUFFIXES, ".xlsx")))
    unread = [name for name in names if name not in known]
    return [f"Files that are named after no table were not read: {', '.join(unread)}."] if unread else []


def _digests(files: Mapping[str, Path]) -> dict[str, Hash]:
    return {name: digest_file(path) for name, path in files.items()}


def _said(mapping: SourceMapping, file: Path) -> dict[str, Hash]:
    """Return what makes another delivery of the same files: another mapping."""
    return {f"mapping {name}": digest_bytes(text) for name, text in _texts(mapping, file).items()}


def _texts(mapping: SourceMapping, file: Path) -> dict[str, bytes]:
    return {mapping.name: file.read_bytes(), **mapping.code_tables}


def _staged(db: duckdb.DuckDBPyConnection, sources: Mapping[str, Staged]) -> dict[str, Hash]:
    found = {}
    for key, source in sources.items():
        columns = ", ".join(f"t.{quoted(name)}" for name in ("row", *column_names(source.columns)))
        said = db.execute(
            f"SELECT count(*), bit_xor(md5_number(row({columns})::VARCHAR))::VARCHAR FROM {quoted(source.relation)} t"
        ).fetchall()
        found[key] = digest([list(source.columns), *map(str, said[0])])
    return found
