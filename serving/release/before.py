"""The list that an area's panel had before this one, as it was released: what has changed is told against it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from serving.release.past import rows_of
from serving.release.reading import ReleasedList
from serving.release.rules import State
from serving.release.standing import run_row, standing
from serving.storage import tables
from serving.storage.stores import Stores
from values import Hash


@dataclass(frozen=True)
class Before:
    """The list that panels read before.

    Parameters
    ----------
    found
        The list; its release may have ended since, so that of a row no more may be shown than what changed.
    published_at
        When panels could first read it.
    ended
        Whether its release has expired.
    """

    found: ReleasedList
    published_at: str
    ended: bool


def list_before(stores: Stores, run: str) -> Before | None:
    """Return the list of an area that was published last before a published one; None where there was none.

    One that was withdrawn is passed over: what was wrong with it would be told as a change.

    Raises
    ------
    ListChanged
        If it is not what was released.
    """
    with stores.panel.read() as connection:
        for earlier, header, published_at in _published_before(connection, run):
            found = standing(stores, connection, run_row(connection, earlier, audit=False))
            release = found.release
            if release is None or found.state is State.WITHDRAWN:
                continue
            document = json.loads(header)
            rows, erased = rows_of(stores, connection, earlier, document, release["list_hash"])
            listed = ReleasedList(
                run=earlier,
                area=found.row["area"],
                release=release["release"],
                list_hash=Hash(release["list_hash"]),
                expires=date.fromisoformat(release["expires"]),
                header=document,
                rows=rows,
                not_shown=erased,
            )
            return Before(listed, published_at, found.state is State.EXPIRED)
    return None


def _published_before(connection: Connection, run: str) -> list[tuple[str, str, str]]:
    """Return run, header and time of each list of the area that was published before this one, the last first."""
    runs, published = tables.runs.c, tables.published.c
    joined = select(runs.area, published.published_at).join(tables.published, published.run == runs.run)
    this = connection.execute(joined.where(runs.run == run)).one()
    query = (
        select(runs.run, published.header, published.published_at)
        .join(tables.published, published.run == runs.run)
        .where(runs.area == this.area, runs.run != run, published.published_at <= this.published_at)
        .order_by(published.published_at.desc(), runs.as_of.desc(), runs.run.desc())
    )
    return [(row.run, row.header, row.published_at) for row in connection.execute(query)]
