"""A made-up police force with known truth and plantable defects; no real person, place or force is in it."""

from synthetic.force import ForceSummary, make_force
from synthetic.settings import DEFAULT_AREAS, EXTRACT_DATE, PLANTS, ForceSettings, Plant

__all__ = [
    "DEFAULT_AREAS",
    "EXTRACT_DATE",
    "PLANTS",
    "ForceSettings",
    "ForceSummary",
    "Plant",
    "make_force",
]
