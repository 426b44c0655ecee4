"""The list that an area's panel reads after this one: where both may be read, the panel decides on the newer."""

from __future__ import annotations

from sqlalchemy import Connection, and_, or_, select

from serving.errors import NoLiveRelease, NotFound
from serving.release.reading import ReleasedList, case_in
from serving.storage import tables
from serving.storage.stores import Stores


def newer_list(stores: Stores, connection: Connection, run: str, person: str) -> ReleasedList | None:
    """Return the newest list of the area, of a later date or published later, that may be read and holds somebody."""
    for later in _newer(connection, run, person):
        try:
            return case_in(stores, connection, later, person).released
        except (NoLiveRelease, NotFound):
            continue
    return None


def _newer(connection: Connection, run: str, person: str) -> list[str]:
    """Return the published lists of the area that are newer than one and hold somebody, the newest first."""
    runs, published, rows = tables.runs.c, tables.published.c, tables.published_rows.c
    joined = select(runs.area, runs.as_of, published.published_at).join(tables.published, published.run == runs.run)
    this = connection.execute(joined.where(runs.run == run)).one()
    same_day = and_(runs.as_of == this.as_of, published.published_at > this.published_at)
    query = (
        select(runs.run)
        .join(tables.published, published.run == runs.run)
        .join(tables.published_rows, and_(rows.run == runs.run, rows.person == person))
        .where(runs.area == this.area, or_(runs.as_of > this.as_of, same_day))
        .order_by(runs.as_of.desc(), published.published_at.desc(), runs.run.desc())
    )
    return list(connection.execute(query).scalars())
