"""The rows of a query on a source's own database as text in DuckDB."""

from __future__ import annotations

import duckdb
import pyarrow

from records.errors import ExtractError
from records.reading.columnar import add_batch, plain_text
from records.reading.header import header_names
from records.reading.staged import Staged
from records.reading.staging import Staging
from values import Progress, silent

ROWS = 10_000
"""Rows fetched at once."""
_REMEDY = "Check the URL, the account and the query; run the query with the database's own client."


def stage_query(
    db: duckdb.DuckDBPyConnection, url: str, query: str, name: str = "", progress: Progress = silent
) -> Staged:
    """Read what a query gives, row by row; a row's line is its number. Nothing is ever committed.

    No message holds the URL or what the database says: either may hold a password or a person's data.

    Parameters
    ----------
    db
        A `records.storage.database.workbench`.
    url
        A SQLAlchemy URL.
    query
        What to ask, in the database's own SQL.
    name
        What people call it.
    progress
        Told of rows.

    Raises
    ------
    ExtractError
        If the URL, the driver, the database or the query is no good.
    """
    import sqlalchemy
    from sqlalchemy.exc import SQLAlchemyError

    title = f"query {name}".strip()
    try:
        engine = sqlalchemy.create_engine(url, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise ExtractError(
            f"{title}: the database driver {error.name!r} is not installed.", "Install it, or deliver files."
        ) from None
    except (SQLAlchemyError, ValueError) as error:
        why = type(error).__name__
        raise ExtractError(f"{title}: the database URL cannot be used ({why}).", "Write dialect://...") from None
    try:
        with engine.connect() as connection:
            streamed = connection.execution_options(stream_results=True, yield_per=ROWS)
            result = streamed.exec_driver_sql(query)
            if not result.returns_rows:
                raise ExtractError(f"{title} gives no rows.", "Write a SELECT.")
            header = header_names(title, list(result.keys()))
            with Staging(db, title, header) as staging:
                for part in result.partitions(ROWS):
                    texts = [[plain_text(value) for value in column] for column in zip(*part, strict=True)]
                    add_batch(staging, [pyarrow.array(each, pyarrow.string()) for each in texts], len(part))
                    progress(f"read {title}", staging.rows, staging.rows)
    except SQLAlchemyError as error:
        why = type(getattr(error, "orig", None) or error).__name__
        raise ExtractError(f"{title}: the database gave no rows ({why}).", _REMEDY) from None
    finally:
        engine.dispose()
    return staging.staged()
