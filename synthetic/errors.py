"""What can be wrong with an order for a made-up force.

DrivePanelError
└── SyntheticError
    ├── SettingsError      a setting out of range, an unknown area
    ├── PlantError         an unknown plant, an option it does not take, an unknown area or community
    └── OutputError        the output folder already holds something else
"""

from __future__ import annotations

from values import DrivePanelError


class SyntheticError(DrivePanelError):
    """A made-up force cannot be made as asked."""


class SettingsError(SyntheticError):
    """A setting is out of range."""


class PlantError(SyntheticError):
    """A plant is unknown or cannot be planted in this force."""


class OutputError(SyntheticError):
    """The output folder cannot be used."""
