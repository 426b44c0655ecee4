"""Reports of plain values as pages, drawn as the reports on data quality and on evaluation are."""
