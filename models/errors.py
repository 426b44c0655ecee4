"""What can go wrong with a ranker, a bundle or an explanation.

    values.DrivePanelError
    └── ModelsError
        ├── UnusableTable (also a ValueError)   the table cannot be fitted or scored as it is
        │   └── MissingIndicators               columns that the ranker reads are not in the table
        ├── CalibrationError                    margins and grades do not allow a calibration
        ├── BundleCorrupt                       a bundle's files are not the ones it was saved with
        └── CatalogueMismatch                   a bundle and a catalogue do not belong together

No message carries a person's identity or value.
"""

from __future__ import annotations

from values import DrivePanelError


class ModelsError(DrivePanelError):
    """A bundle, ranker or explanation is wrong."""


class UnusableTable(ModelsError, ValueError):
    """The table, target or weights cannot be fitted or scored as they are.

    Also a `ValueError`, as scikit-learn's estimator contract asks.
    """


class MissingIndicators(UnusableTable):
    """Columns that the ranker reads are not in the table."""


class CalibrationError(ModelsError):
    """Margins and grades do not allow a calibration."""


class BundleCorrupt(ModelsError):
    """A bundle's files are not the ones it was saved with; the message names the file."""


class CatalogueMismatch(ModelsError):
    """A bundle was made with another catalogue than the one in use."""
