"""Records: the contract, ingest with quarantine, and immutable snapshots of what agencies delivered.

`RecordStore.ingest` turns a delivered folder into a `Snapshot` and says in a `LoadReport` what became of every
row. `records.communities` is left out here: it is read by the front door only.

The way of a delivery: `records.reading` (files as text, with `records.mappings` where they are a source's own)
-> `records.intake` (against the contract; what breaks it waits in quarantine) -> `records.history` (what all
deliveries say was known when) -> a `Snapshot`. Beside it stand `records.linkage` (which records are one person),
`records.quality` (the data-quality report) and `records.erasing`; `records.storage` lies below them all.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from records.errors import RecordsError

if TYPE_CHECKING:
    from records import contract, reference
    from records.erasing.keyring import Keyring
    from records.intake.report import LoadReport
    from records.snapshot import Snapshot
    from records.store import RecordStore

__all__ = ["Keyring", "LoadReport", "RecordStore", "RecordsError", "Snapshot", "contract", "reference"]

_WHEN_ASKED = {
    "Keyring": "records.erasing.keyring",
    "LoadReport": "records.intake.report",
    "RecordStore": "records.store",
    "Snapshot": "records.snapshot",
}
"""Where what is not needed to read a declaration lies: a database engine is loaded once somebody wants it."""


def __getattr__(name: str) -> Any:
    if name in _WHEN_ASKED:
        return getattr(import_module(_WHEN_ASKED[name]), name)
    if name in __all__:
        return import_module(f"records.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
