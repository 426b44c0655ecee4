"""What a user can get wrong in this room.

DrivePanelError
└── FeaturesError
├── CatalogueError     an indicator reads what it may not read, or is declared twice
├── SpineError         the table of persons and dates is not usable
└── NothingKnown       the records say nothing as of a date, so nothing can be proved of it
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
