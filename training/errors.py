"""What can go wrong in training, each with what to do about it.

values.DrivePanelError
└── TrainingError
├── SettingsError        the training configuration is not usable (names file and field)
├── NotEnoughHistory     the records do not reach back far enough for a test date whose labels are known
├── NotEnoughOutcomes    too few people or outcomes at a date to train or compare on
├── LabelNotMature       a label was asked for before its outcomes can be known
├── MissingRecords       a table that a label reads was not handed over
├── NoRoom               the disk has no room for what a run keeps until it is finished
├── RunBusy              another process is at work on the same training run
├── RunRemoved           the folder of an unfinished run was taken away while it was at work
├── MirrorFailed         MLflow's store cannot be read or written
├── PersonInTable        a table for a registered model says who its rows are about
├── LibraryMissing       something needs a library that is not installed here
└── PdfUnavailable       what draws a PDF is not installed
"""

from __future__ import annotations

from values import DrivePanelError


class TrainingError(DrivePanelError):
    """There is not enough to train or compare on, or it was asked for wrongly."""


class SettingsError(TrainingError):
    """The training configuration is not usable."""


class NotEnoughHistory(TrainingError):
    """The records do not reach back far enough."""


class NotEnoughOutcomes(TrainingError):
    """Too few people or outcomes to train or compare on."""


class LabelNotMature(TrainingError):
    """A label was asked for before its outcomes can be known."""


class MissingRecords(TrainingError):
    """A table that a label reads was not handed over."""


class RunBusy(TrainingError):
    """Another process is at work on the same training run."""


class RunRemoved(TrainingError):
    """The folder of an unfinished run was taken away while it was at work."""


class MirrorFailed(TrainingError):
    """MLflow's store cannot be read or written; nothing but the mirror is affected."""


class PersonInTable(TrainingError):
    """A table for a registered model says who its rows are about."""


class PdfUnavailable(TrainingError):
    """What draws a PDF is not installed."""


class NoRoom(TrainingError):
    """The disk has no room for what a training run keeps until it is finished."""


class LibraryMissing(TrainingError):
    """Something needs a library that this installation does not have."""
