"""The closed lists behind the small integers of the event stream."""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Final

from records import codes

FOREVER: Final = 2**31 - 1  # known_to of a row version that is still current


class Kind(IntEnum):
    """What one row of the stream stands for."""

    INCIDENT = 0  # one person in one role in one incident
    DYAD = 1  # one suspect-victim pair of an incident, and its mirror
    HEARING = 2  # one MARAC hearing, and its mirror
    ORDER = 3  # one civil or bail order starting
    BREACH = 4  # one recorded breach of such an order
    CUSTODY = 5  # one spell in custody starting


class Role(IntEnum):
    """The part that the row's person takes; unknown role codes count as other."""

    SUSPECT = 0
    VICTIM = 1
    WITNESS = 2
    OTHER = 3


class Flag(IntFlag):
    """What is recorded about the event; an unset bit means no or not recorded."""

    DOMESTIC = 1
    CRIME = 2
    WEAPON = 4
    INJURY = 8
    STRANGULATION = 16  # the flag, or an offence of the strangulation family
    CHILDREN = 32
    VICTIM_REPORTED = 64
    THIRD_PARTY_REPORTED = 128
    POLICE_REPORTED = 256
    ALCOHOL = 512
    DRUGS = 1024
    REPEAT = 2048  # a MARAC hearing that the coordinator marked as a repeat
    DERIVED = 4096  # the pair was derived from one suspect and one victim, not recorded


NO_FLAG: Final = Flag(0)

FAMILIES: Final[tuple[str, ...]] = codes.FAMILIES  # the contract's list; a family's place in it is its code
FAMILY_CODE: Final[dict[str, int]] = {name: code for code, name in enumerate(FAMILIES)}
NO_FAMILY: Final = -1  # hearings, orders, custody
