"""Partners and family apart: abuse of an intimate partner (IPV) and of other family.

The relationship is overwritten by record systems and counts from the day it was stated. Counts are of incidents with
at least one such victim; the pair, not the incident, has a relationship.
"""

from __future__ import annotations

import dataclasses

from features.entries.vocabulary import (
    EVER,
    NO_INCIDENT,
    OPEN,
    PAIR,
    PAIR_CRIME,
    RECENCY,
    THREE_YEARS,
    TWO_YEARS,
    YEAR,
    over,
    since,
)
from features.indicator import Indicator
from features.kinds import Flag
from features.measures import Distinct, Largest, Meets, Ratio
from features.selection import Selection
from values import Window

_SOURCE = "Data contract: what the victim is to the suspect, recorded or inferred"
_ABSENCE = (
    "There are such incidents, but of none of them is a victim identified or a relationship stated yet (or of nobody's "
    "at all)."
)
_NO_CODES = f"{_ABSENCE} Or offence codes are not recorded at all."
_OFTEN = "More recorded incidents go with more later ones."
_EX = "Harassment and stalking after a separation are graded too low by officers (College of Policing on DARA)."


def _with(flag: Flag, selection: Selection = PAIR, *families: str) -> Selection:
    return dataclasses.replace(selection, flags=selection.flags | flag, families=families)


def _incidents(name: str, what: str, selection: Selection, why: str, *windows: Window) -> tuple[Indicator, ...]:
    coded = selection.families or Flag.STRANGULATION in selection.flags
    return over(
        windows,
        name,
        f"How many domestic incidents {{when}} {what}?",
        "incidents",
        "partners and family",
        lambda window: Distinct(selection, window, of="event"),
        "+",
        why,
        _SOURCE,
        _NO_CODES if coded else _ABSENCE,
    )


def _both(name: str, who: str, flag: Flag) -> tuple[Indicator, ...]:
    """Return the same indicators for partners and for other family."""
    crimes = _with(flag, PAIR_CRIME)
    return (
        *_incidents(f"{name}_incidents", f"were against {who}", _with(flag), _OFTEN, YEAR, TWO_YEARS),
        *_incidents(f"{name}_crimes", f"were crimes against {who}", crimes, _OFTEN, TWO_YEARS),
        *over(
            (THREE_YEARS,),
            f"{name}_victims",
            f"How many different victims who are {who} do the domestic incidents {{when}} have?",
            "victims",
            "partners and family",
            lambda window: Distinct(_with(flag), window),
            "+",
            "Serial abuse is a ground for Drive.",
            _SOURCE,
            _ABSENCE,
        ),
        Indicator(
            f"{name}_harm_max_ever",
            f"How many harm days does the most harmful domestic crime against {who} have, in all that is known?",
            "harm days",
            "partners and family",
            Largest(crimes, EVER),
            "+",
            "More harm known is never a reason to rank somebody later.",
            f"Cambridge Crime Harm Index: starting-point days. {_SOURCE}",
            f"{_ABSENCE} Or no harm weight is known.",
        ),
        since(
            name,
            f"domestic incident against {who}",
            _with(flag),
            _SOURCE,
            "partners and family",
            why=RECENCY,
            absence=f"{NO_INCIDENT} {_ABSENCE}",
        ),
    )


INDICATORS = (
    *_both("ipv", "a partner or former partner", Flag.IPV),
    *_both("familial", "a parent, child, brother, sister or other family", Flag.FAMILIAL),
    *_incidents("ex_partner_incidents", "were against a former partner", _with(Flag.EX_PARTNER), _EX, TWO_YEARS),
    *_incidents(
        "ex_partner_stalking",
        "were stalking or harassment of a former partner",
        _with(Flag.EX_PARTNER, PAIR, "stalking_fear", "stalking", "harassment"),
        _EX,
        TWO_YEARS,
    ),
    *_incidents(
        "ipv_coercive_control",
        "were controlling or coercive behaviour against a partner or former partner",
        _with(Flag.IPV, PAIR, "coercive_control"),
        "Known to precede grave harm, and ranked low by harm weights alone.",
        TWO_YEARS,
    ),
    *_incidents(
        "ipv_strangulation",
        "involved strangulation or suffocation of a partner or former partner",
        _with(Flag.IPV | Flag.STRANGULATION),
        "Known to precede homicide.",
        EVER,
    ),
    Indicator(
        "serial_partners",
        "Are there domestic incidents against two or more partners or former partners in the last 1095 days?",
        "1 = met",
        "partners and family",
        Meets(((Distinct(_with(Flag.IPV), THREE_YEARS), 2),)),
        "+",
        "Serial abuse is a ground for Drive; agencies' definitions differ, so each stands alone.",
        f"Serial, partners only: two or more in three years. {_SOURCE}",
        _ABSENCE,
    ),
    *over(
        (TWO_YEARS,),
        "ipv_share",
        "Of the domestic incidents {when} with a stated relationship, what share is against a partner or former one?",
        "share",
        "partners and family",
        lambda window: Ratio(
            Distinct(_with(Flag.IPV), window, of="event"), (Distinct(_with(Flag.RELATIONSHIP), window, of="event"),)
        ),
        "none",
        OPEN,
        _SOURCE,
        _ABSENCE,
    ),
)
