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
    RELATIONSHIP = 1 << 13  # of the pair, what the victim is to the suspect is recorded
    IPV = 1 << 14  # intimate partner violence: partner or former partner
    EX_PARTNER = 1 << 15
    FAMILIAL = 1 << 16  # parent, child, brother or sister, other family
    GRADED = 1 << 17  # a risk grade is recorded
    HIGH = 1 << 18
    MEDIUM = 1 << 19
    STANDARD = 1 << 20
    DASH = 1 << 21  # the tool behind the grade
    DARA = 1 << 22
    OTHER_TOOL = 1 << 23
    REPORT_DATED = 1 << 24  # the day of the report is recorded
    REPORTER = 1 << 25  # who reported is recorded
    POLICE_REFERRED = 1 << 26  # of a MARAC hearing
    PARTNER_REFERRED = 1 << 27  # by any other agency


NO_FLAG: Final = Flag(0)
RELATIONSHIPS: Final = Flag.RELATIONSHIP | Flag.IPV | Flag.EX_PARTNER | Flag.FAMILIAL
GRADES: Final = Flag.GRADED | Flag.HIGH | Flag.MEDIUM | Flag.STANDARD
TOOLS: Final = Flag.DASH | Flag.DARA | Flag.OTHER_TOOL
OVERWRITTEN: Final = RELATIONSHIPS | GRADES | TOOLS
"""What record systems overwrite without a date: known only from the extract that told it (a row's `stated`) on."""

FAMILIES: Final[tuple[str, ...]] = codes.FAMILIES  # the contract's list; a family's place in it is its code
FAMILY_CODE: Final[dict[str, int]] = {name: code for code, name in enumerate(FAMILIES)}
NO_FAMILY: Final = -1  # no incident, and nothing recorded that would tell its sort


def _sorts(names: frozenset[str], first: int) -> dict[str, int]:
    return {name: first - place for place, name in enumerate(sorted(names))}


_ORDER_CODE = _sorts(codes.ORDERS, -10)
SORT_CODE: Final[dict[Kind, dict[str, int]]] = {
    Kind.INCIDENT: FAMILY_CODE,
    Kind.DYAD: FAMILY_CODE,
    Kind.HEARING: _sorts(codes.CRITERIA, -2),
    Kind.ORDER: _ORDER_CODE,
    Kind.BREACH: _ORDER_CODE,
    Kind.CUSTODY: _sorts(codes.CUSTODIES, -30),
}
"""What stands in the stream's `family`: the offence family, of a hearing the route, of an order or custody its kind.

Only offence families are not negative, so that nothing else is ever taken for one.
"""
