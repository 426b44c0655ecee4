"""From a delivered folder to a snapshot: read, parse, check, keep out what breaks the contract, publish the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from records.contract import ASSUMED, MANDATORY, TABLES, Column, Table
from records.errors import ExtractError
from records.manifest import Manifest, read_manifest
from records.mapping import Made, SourceMapping, check_columns, load_mapping, make_table
from records.quarantine import Faults, quarantine_csv
from records.reading import SUFFIXES, Delivered, find_file, read_file
from records.reference import Reference
from records.report import LoadReport, Tally, merged
from records.snapshot import store_snapshot
from records.split import FOLDER as COMMUNITIES
from records.split import split_off
from records.storage import private_folder, write_private
from records.validation import Parsed, parse_table, validate
from values import Progress, digest, digest_file


@dataclass
class Delivery:
    """What a folder delivered, as tables of the contract before parsing.

    Parameters
    ----------
    manifest
        Where it comes from.
    name
        Extract date and a hash of the delivered bytes; names the quarantine folder.
    tables
        The rows of each table.
    notes
        What a reader must know so far.
    sources
        The delivered files where a mapping made the tables from them.
    made
        How each table was made from them.
    """

    manifest: Manifest
    name: str
    tables: dict[str, Delivered]
    notes: list[str] = field(default_factory=list)
    sources: dict[str, Delivered] = field(default_factory=dict)
    made: dict[str, Made] = field(default_factory=dict)


def read_extract(folder: Path, progress: Progress) -> Delivery:
    """Read a folder that follows the contract.

    Raises
    ------
    ExtractError
        If the folder, its manifest, a mandatory table or a required column is missing, or a file cannot be read.
    """
    if not folder.is_dir():
        raise ExtractError(f"There is no extract folder {folder.name!r}.", "Check the path.")
    manifest = read_manifest(folder / "manifest.yaml")
    files = {name: path for name in TABLES if (path := find_file(folder, name)) is not None}
    for name in MANDATORY:
        if name not in files:
            wanted = " or ".join(f"{name}{suffix}" for suffix in SUFFIXES)
            raise ExtractError(f"The extract lacks the mandatory table {name}.", f"Deliver {wanted}.")
    tables, notes = {}, []
    for done, (name, path) in enumerate(files.items()):
        progress("read", done, len(files))
        tables[name] = read_file(path)
        notes += _check_columns(TABLES[name], tables[name])
    progress("read", len(files), len(files))
    return Delivery(manifest, delivery_name(manifest.extract_date, files), tables, notes)


def read_mapped(folder: Path, mapping_file: Path, progress: Progress) -> Delivery:
    """Read a folder of a source's own files through a mapping.

    Raises
    ------
    MappingError
        If the mapping cannot work or does not fit the files.
    ExtractError
        If a file it names is missing or cannot be read.
    """
    mapping = load_mapping(mapping_file)
    if not folder.is_dir():
        raise ExtractError(f"There is no extract folder {folder.name!r}.", "Check the path.")
    own = folder / "manifest.yaml"
    manifest = read_manifest(own) if own.is_file() or mapping.manifest is None else mapping.manifest
    files = {name: folder / name for name in mapping.files}
    sources: dict[str, Delivered] = {}
    for done, (name, path) in enumerate(files.items()):
        progress("read", done, len(files))
        if not path.is_file():
            raise ExtractError(f"The extract lacks the file {name} that {mapping.name} names.", "Deliver it.")
        sources[name] = read_file(path)
    check_columns(mapping, sources)
    withheld = {name: _only_communities(mapping, name) for name in files}
    made = {
        how.table.name: make_table(
            how,
            sources[how.file],
            mapping.missing,
            withheld[how.file] if how.table.name != COMMUNITIES else frozenset(),
        )
        for how in mapping.tables
    }
    progress("read", len(files), len(files))
    files[mapping.name] = mapping_file  # another mapping makes another delivery of the same files
    name = delivery_name(manifest.extract_date, files)
    tables = {name: each.delivered for name, each in made.items()}
    return Delivery(manifest, name, tables, _mapping_notes(mapping, sources, made), sources, made)


def _only_communities(mapping: SourceMapping, file: str) -> frozenset[str]:
    """Return the columns of a file that are read for communities and for nothing else."""
    used: dict[bool, set[str]] = {True: set(), False: set()}
    for table in mapping.tables:
        if table.file == file:
            used[table.table.name == COMMUNITIES] |= {each.column for each in table.used()}
    return frozenset(used[True] - used[False])


def _mapping_notes(mapping: SourceMapping, sources: Mapping[str, Delivered], made: Mapping[str, Made]) -> list[str]:
    notes = []
    for name, source in sources.items():
        used = {each.column for table in mapping.tables if table.file == name for each in table.used()}
        unused = sorted(set(source.columns) - used)
        if unused:
            notes.append(f"{name}: columns that the mapping does not use were not read: {', '.join(unused)}.")
    for name, each in made.items():
        for column, keys in each.contradictions.items():
            notes.append(
                f"{name}.{column}: the source contradicts itself for {keys} of {len(each.delivered)} rows; the "
                "most frequent value was taken, the first in the alphabet where several are as frequent."
            )
    return notes


def delivery_name(extract_date: date, files: Mapping[str, Path]) -> str:
    """Name a delivery after its extract date and its bytes, so that the same files name the same delivery."""
    digests = {name: digest_file(path) for name, path in files.items()}
    return f"{extract_date.isoformat()}-{digest(digests).short}"


def _check_columns(table: Table, delivered: Delivered) -> list[str]:
    declared = {column.name for column in table.all_columns}
    for column in table.columns:
        if column.required and column.name not in delivered.columns:
            raise ExtractError(
                f"{delivered.file}, line 1: the required column {column.name!r} is missing.",
                "Add it, or name the column it comes from in a mapping.",
            )
    unknown = sorted(set(delivered.columns) - declared)
    if not unknown:
        return []
    return [f"{delivered.file}: columns that the contract does not know were not read: {', '.join(unknown)}."]


def ingest_delivery(root: Path, delivery: Delivery, reference: Reference, progress: Progress) -> LoadReport:
    """Parse, check, quarantine and publish a delivery.

    Parameters
    ----------
    root
        The record store's folder.
    delivery
        The tables as delivered.
    reference
        The reference tables whose codes count as known.
    progress
        Told of each table.
    """
    tables: dict[str, Parsed] = {}
    for done, (name, delivered) in enumerate(delivery.tables.items()):
        progress("parse", done, len(delivery.tables))
        tables[name] = parse_table(TABLES[name], delivered)
    validate(tables, delivery.manifest.extract_date)
    for parsed in tables.values():
        parsed.table.schema().validate(_accepted(parsed))
    progress("parse", len(delivery.tables), len(delivery.tables))
    files = _quarantine(root, delivery, tables)
    snapshot = store_snapshot(
        root / "snapshots",
        delivery.manifest,
        {name: (_accepted(parsed), parsed.columns) for name, parsed in tables.items() if name != COMMUNITIES},
        reference,
    )
    if COMMUNITIES in tables:
        split_off(root, snapshot.hash, _accepted(tables[COMMUNITIES]))
    progress("publish", 1, 1)
    by_table = {name: _tally(parsed.faults) for name, parsed in tables.items()}
    found = [parsed.faults.reasons() for parsed in tables.values()]
    return LoadReport(
        snapshot=snapshot.hash,
        synthetic=delivery.manifest.synthetic,
        by_table=by_table,
        by_file=_by_file(delivery, tables),
        reasons=merged([*found, *(source.faults.reasons() for source in delivery.sources.values())]),
        unmapped=_unmapped(tables, reference),
        contradictions={
            f"{name}.{column}": keys
            for name, made in delivery.made.items()
            for column, keys in made.contradictions.items()
        },
        notes=[*delivery.notes, *_notes(tables, delivery.manifest.extract_date)],
        quarantine_files=files,
    )


def _by_file(delivery: Delivery, tables: Mapping[str, Parsed]) -> dict[str, Tally]:
    """Count rows of files: where a mapping made tables, a row is accepted if everything made from it was."""
    if not delivery.sources:
        return {parsed.delivered.file: _tally(parsed.faults) for parsed in tables.values()}
    bad = {name: source.faults.bad.copy() for name, source in delivery.sources.items()}
    for name, made in delivery.made.items():
        went = made.row_of >= 0
        bad[made.file][went] |= tables[name].faults.bad[made.row_of[went]]
    return {name: Tally(len(rows), int(rows.sum())) for name, rows in bad.items()}


def _accepted(parsed: Parsed) -> pd.DataFrame:
    return parsed.good[list(parsed.table.names)].reset_index(drop=True)


def _tally(faults: Faults) -> Tally:
    return Tally(len(faults.bad), int(faults.bad.sum()))


def _quarantine(root: Path, delivery: Delivery, tables: Mapping[str, Parsed]) -> list[Path]:
    """Write the faulty rows of each table and file; what shows a protected characteristic stays with communities."""
    plain, guarded = root / "quarantine", root / COMMUNITIES / "quarantine"
    kept = [
        (guarded if name == COMMUNITIES else plain, f"{name}.csv", parsed.delivered) for name, parsed in tables.items()
    ]
    communities = delivery.made.get(COMMUNITIES)
    for name, source in delivery.sources.items():
        home = guarded if communities is not None and communities.file == name else plain
        kept.append((home, f"file-{name.partition('.')[0]}.csv", source))
    files = []
    for home, name, delivered in kept:
        if delivered.faults.found:
            private_folder(home)
            path = private_folder(home / delivery.name) / name
            content = quarantine_csv(delivered.faults, delivered.file, delivered.lines, delivered.row_text)
            write_private(path, content)
            files.append(path)
    return files


def _unmapped(tables: Mapping[str, Parsed], reference: Reference) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for name, parsed in tables.items():
        good = parsed.good
        for column in parsed.table.columns:
            known = _known(column, reference)
            if known is None:
                continue
            counts = good[column.name].value_counts()
            counts = counts[[code not in known for code in counts.index]]
            if len(counts):
                found[f"{name}.{column.name}"] = {str(code): int(number) for code, number in counts.items()}
    return found


def _known(column: Column, reference: Reference) -> frozenset[str] | None:
    if column.reference is not None:
        return reference.codes(column.reference)
    return column.codes


def _notes(tables: Mapping[str, Parsed], extract_date: date) -> list[str]:
    notes = [note for parsed in tables.values() for note in parsed.notes]
    for name, parsed in tables.items():
        good = parsed.good
        if good.empty:
            notes.append(f"{name}: no row was accepted.")
        assumed: NDArray[np.bool_] = good[ASSUMED].to_numpy()
        for column in parsed.table.columns:
            if column.overwritten:
                notes += _undated(name, column, parsed, assumed, extract_date)
    return notes


def _undated(name: str, column: Column, parsed: Parsed, assumed: NDArray[np.bool_], extract_date: date) -> list[str]:
    """Say for which rows an overwritten column is known only from the extract date."""
    good = parsed.good
    undated = assumed & good[column.name].notna().to_numpy()
    if column.dated_by is not None:
        undated &= good[column.dated_by].isna().to_numpy()
    if not undated.any():
        return []
    return [
        f"{name}.{column.name}: {int(undated.sum())} of {len(good)} rows hold a value that is overwritten without "
        f"a date; it is known only from {extract_date.isoformat()}, may be shown, and feeds no indicator or "
        f"label for an earlier date. Deliver known_from with the versions of the row to use its history."
    ]
