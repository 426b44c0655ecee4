"""What can be wrong with an extract, a mapping or the record store.

    values.DrivePanelError
    └── RecordsError
        ├── ExtractError            an extract as a whole cannot be read (a missing table, no header, cut off)
        │   └── ManifestError       manifest.yaml is missing, malformed or says nothing usable
        ├── MappingError            a mapping breaks its own rules; names the YAML line
        ├── ReferenceTableError     a reference table is missing, malformed or contradicts itself
        ├── NoSnapshot              nothing has been ingested, or not the snapshot asked for
        ├── TableNotAvailable       the extract held no such table or column, or it may not leave records
        ├── SnapshotCorrupt         a stored file no longer holds what was stored
        ├── CommunitiesUnreadable   the communities store may not or cannot be read
        ├── KeyringUnreadable       the pseudonym keys may not or cannot be read
        ├── PurposeBreach           a column was asked for a purpose for which it may not be read
        ├── SourcesError            sources.yaml says too little, too much or something unknown; names the line
        ├── TombstonesUnreadable    the keyed hashes of erased people may not or cannot be read
        ├── NoDelivery              there is no such delivery, or nothing about it to confirm
        ├── DeliveryUnreadable      a stored delivery may not or cannot be read
        ├── StoreBusy               another ingest, link or erasure works in the same store
        ├── ReplayError             a mended file does not belong to the delivery, or has lost its leading columns
        └── ErasureUnfinished       an erasure could not be completed, or something of the person is left

A single bad row is never an error: it goes to quarantine with its reason. No message holds a name, a date of
birth or any other value of a person's row.
"""

from __future__ import annotations

from values import DrivePanelError


class RecordsError(DrivePanelError):
    """An extract, mapping or store is wrong."""


class ExtractError(RecordsError):
    """An extract cannot be read as a whole."""


class ManifestError(ExtractError):
    """The manifest is missing or malformed."""


class MappingError(RecordsError):
    """A mapping breaks its own rules."""


class ReferenceTableError(RecordsError):
    """A reference table is missing or malformed."""


class NoSnapshot(RecordsError):
    """There is no such snapshot."""


class TableNotAvailable(RecordsError):
    """A table or column is not in the snapshot, or does not leave the room."""


class SnapshotCorrupt(RecordsError):
    """A stored file no longer holds what was stored."""


class CommunitiesUnreadable(RecordsError):
    """The communities of a snapshot cannot be read."""


class KeyringUnreadable(RecordsError):
    """The pseudonym keys cannot be read."""


class PurposeBreach(RecordsError):
    """A column was asked for a purpose for which it may not be read."""


class SourcesError(RecordsError):
    """The declaration of purposes is incomplete or malformed."""


class TombstonesUnreadable(RecordsError):
    """The keyed hashes of erased people cannot be read."""


class ErasureUnfinished(RecordsError):
    """Something of an erased person is left."""


class LinkageError(RecordsError):
    """Linkage settings, a clerical decision or a stored crosswalk is wrong."""


class NoDelivery(RecordsError):
    """There is no such delivery, or nothing about it to confirm."""


class DeliveryUnreadable(RecordsError):
    """A stored delivery cannot be read."""


class StoreBusy(RecordsError):
    """Another command works in the same store."""


class ReplayError(RecordsError):
    """A mended file cannot be replayed."""
