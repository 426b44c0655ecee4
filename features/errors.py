"""What a user can get wrong in this room.

DrivePanelError
└── FeaturesError
├── CatalogueError     an indicator reads what it may not read, or is declared twice
├── SpineError         the table of persons and dates is not usable
├── NothingKnown       the records say nothing as of a date, so nothing can be proved of it
├── StreamUnusable     a stored stream is unfinished, was changed, or is of another version
├── SnapshotUnusable   a file is no indicator snapshot, or was changed
├── DatesUnmatched     two snapshots have no dates that can be compared as asked
├── PlaceUnusable      a file or folder cannot be read or written where it was asked for
└── ClusterFailed      Spark is not installed, or could not do the work
"""

from __future__ import annotations

from values import DrivePanelError


class FeaturesError(DrivePanelError):
    """An indicator, a person-and-date table or a date is wrong."""


class CatalogueError(FeaturesError):
    """An indicator may not be declared like this; the message names the indicator and the column."""


class SpineError(FeaturesError):
    """A table of persons and dates lacks a column or a value."""


class NothingKnown(FeaturesError):
    """Nothing is known as of a date: a proof over empty records would hold without having looked at anything."""


class StreamUnusable(FeaturesError):
    """A stored stream is unfinished, no longer holds what was written, or was written by another version."""


class SnapshotUnusable(FeaturesError):
    """A file is no snapshot of indicators, or no longer holds what was written."""


class DatesUnmatched(FeaturesError):
    """A date that is to be compared is not in its snapshot."""


class PlaceUnusable(FeaturesError):
    """A file or folder cannot be read or written at the place that was named."""


class ClusterFailed(FeaturesError):
    """Spark is not installed, cannot start, or could not compute a part."""
