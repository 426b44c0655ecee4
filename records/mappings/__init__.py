"""Mappings: a source's own files, columns and codes, declared in YAML and made into tables of the contract in SQL."""

from records.mappings.declaration import SourceMapping, TableMapping
from records.mappings.loading import check_columns, load_mapping
from records.mappings.making import Made, make_table
from records.mappings.sources import Source

__all__ = [
    "Made",
    "Source",
    "SourceMapping",
    "TableMapping",
    "check_columns",
    "load_mapping",
    "make_table",
]
