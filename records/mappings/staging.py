"""Reads the sources that a mapping names, each once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import duckdb

from records.mappings.declaration import SourceMapping
from records.mappings.sources import Source
from records.reading.files import stage_file
from records.reading.queries import stage_query
from records.reading.staged import Staged
from values import Progress, silent


def stage_sources(
    db: duckdb.DuckDBPyConnection,
    mapping: SourceMapping,
    folder: Path,
    progress: Progress = silent,
    environment: Mapping[str, str] = os.environ,
) -> dict[str, Staged]:
    """Stage every source of a mapping, by key.

    Parameters
    ----------
    db
        A `records.storage.database.workbench`.
    mapping
        What names them.
    folder
        The extract, which holds the files.
    progress
        Told how much has been read.
    environment
        Holds the addresses of record systems.

    Raises
    ------
    ExtractError
        If a source is missing or cannot be read as a whole.
    """
    for source in mapping.sources.values():  # before anything is read, which may take long
        _ = source.path(folder) if source.file is not None else source.url(environment)
    return {key: _stage(db, source, folder, progress, environment) for key, source in mapping.sources.items()}


def _stage(
    db: duckdb.DuckDBPyConnection, source: Source, folder: Path, progress: Progress, environment: Mapping[str, str]
) -> Staged:
    if source.file is not None:
        return stage_file(db, source.path(folder), progress, source.sheet, source.header_row)
    return stage_query(db, source.url(environment), str(source.sql), source.key, progress)
