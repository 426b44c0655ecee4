"""Whether the files that live releases rest on are still those that were reviewed."""

from __future__ import annotations

import json

from sqlalchemy import select

from serving.storage import tables
from serving.storage.stores import Stores


def changed_files(stores: Stores) -> list[str]:
    """Return the runs with a release that is neither withdrawn nor expired, and a pinned file that was changed."""
    ended = select(tables.withdrawals.c.release)
    query = (
        select(tables.runs.c.run, tables.runs.c.files)
        .join(tables.releases, tables.releases.c.run == tables.runs.c.run)
        .where(tables.releases.c.expires >= stores.today().isoformat(), tables.releases.c.release.not_in(ended))
    )
    with stores.panel.read() as connection:
        found = [(row.run, json.loads(row.files)) for row in connection.execute(query)]
    return [run for run, pins in found if stores.watch.changed(run, pins)]
