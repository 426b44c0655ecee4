"""Records: the contract, ingest with quarantine, and immutable snapshots of what agencies delivered.

`RecordStore.ingest` turns a delivered folder into a `Snapshot` and says in a `LoadReport` what became of every
row. `records.communities` is left out here: it is read by the front door only.
"""

from records import contract, reference
from records.errors import RecordsError
from records.keyring import Keyring
from records.report import LoadReport
from records.snapshot import Snapshot
from records.store import RecordStore

__all__ = ["Keyring", "LoadReport", "RecordStore", "RecordsError", "Snapshot", "contract", "reference"]
