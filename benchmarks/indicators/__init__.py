"""How fast the catalogue is computed, beside the best that DuckDB, polars and pandas do with the same questions."""
