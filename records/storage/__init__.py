"""Storage: private files published whole, one writer at a time, and the DuckDB that works beside them."""
