"""Reading: a delivered folder as tables of text in DuckDB, each row with its file and line.

The first step of the way: `extract` takes the manifest and the files, by the contract's own names or through a
mapping; `files` chooses the reader (CSV, Parquet, workbook, query); what cannot be read is handed on beside the rest.
"""
