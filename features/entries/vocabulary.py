"""Selections that several entries share, and what absence means for them."""

from __future__ import annotations

from features.kinds import Flag, Kind, Role
from features.selection import Selection
from values import Window

DAYS_90, DAYS_180, YEAR, TWO_YEARS, THREE_YEARS, EVER = (
    Window(90),
    Window(180),
    Window(365),
    Window(730),
    Window(1095),
    Window(None),
)

ANY = Selection(Kind.INCIDENT)
DOMESTIC = Selection(Kind.INCIDENT, flags=Flag.DOMESTIC)
DOMESTIC_CRIME = Selection(Kind.INCIDENT, flags=Flag.DOMESTIC | Flag.CRIME)
AS_VICTIM = Selection(Kind.INCIDENT, Role.VICTIM, flags=Flag.DOMESTIC)
PAIR = Selection(Kind.DYAD, flags=Flag.DOMESTIC)
PAIR_CRIME = Selection(Kind.DYAD, flags=Flag.DOMESTIC | Flag.CRIME)
PAIR_AS_VICTIM = Selection(Kind.DYAD, Role.VICTIM, flags=Flag.DOMESTIC)
HEARING = Selection(Kind.HEARING)

NEVER_MISSING = "Never missing: no such incident is a count of 0, which says what was recorded, not what happened."
NO_INCIDENT = "No such incident is known."
NO_VICTIM = "There are such incidents, but no victim of any of them is identified (or nobody's is at all)."
NO_HARM = "There are such crimes, but none has a known harm weight; or offence codes are not recorded at all."
NO_CODES = "Offence codes are not recorded at all."
NO_MARAC = "No MARAC records were delivered."
NOT_RECORDED = "The column is not recorded at all."
