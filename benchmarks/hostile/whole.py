"""Every kind of file that is hostile as a whole."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from benchmarks.hostile.books import books, xlsx_bomb
from benchmarks.hostile.extracts import Extract
from benchmarks.hostile.giants import gzip_bomb, long_field, many_lines, open_quotation
from benchmarks.hostile.no_tables import another_kind, cut_off, folders, headers, stray_quotes
from benchmarks.hostile.parquets import parquet_shapes, parquet_types
from benchmarks.hostile.yamls import manifests, mappings

Make = Callable[[random.Random], Extract]
KINDS: tuple[Callable[[random.Random], Iterator[Extract]], ...] = (
    cut_off,
    another_kind,
    headers,
    parquet_types,
    parquet_shapes,
    books,
    manifests,
    mappings,
    folders,
    stray_quotes,
)
GIANTS: tuple[Make, ...] = (long_field, gzip_bomb, many_lines, xlsx_bomb, open_quotation)
