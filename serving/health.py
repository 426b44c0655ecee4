"""Whether each part of the service can do its work."""

from __future__ import annotations

from sqlalchemy import literal, select

from serving.release.watching import changed_files
from serving.storage.migrating import head, revision
from serving.storage.stores import Stores


def reachable(stores: Stores) -> bool:
    """Say whether the panel's database answers."""
    with stores.panel.read() as connection:
        return connection.execute(select(literal(1))).scalar() == 1


def schema_holds(stores: Stores) -> bool:
    """Say whether the panel's database is at the revision that this version works with."""
    return revision(stores.panel) == head(stores.panel.tables)


def files_hold(stores: Stores) -> bool:
    """Say whether the files of every live release are those that were reviewed."""
    return not changed_files(stores)


def ledger_head_holds(stores: Stores) -> bool:
    """Say whether the newest entry of the ledger is whole and signed by this service's key."""
    with stores.panel.read() as connection:
        newest = stores.ledger.entries(connection, 1)
    return all(stores.ledger.holds(entry) for entry in newest)
