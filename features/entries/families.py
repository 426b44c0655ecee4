"""Each offence family for itself: patterns that a sum of harm hides, and how varied the offences are."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from features.entries.vocabulary import DOMESTIC, DOMESTIC_CRIME, EVER, NO_CODES, TWO_YEARS, YEAR, over, since
from features.indicator import Indicator, Push
from features.kinds import FAMILIES, Flag, Kind
from features.measures import Count, Distinct
from features.selection import Selection
from values import Window

_SOURCE = "Home Office offence codes, grouped in the offence reference"
_PATTERN = "Known to precede grave harm, and ranked low by harm weights alone."
_GRAVE = "Grave harm."
_ORDERS = "Orders do not stop the abuse."
_VIOLENT = "Violence against a partner or family member."
_AROUND = "Common beside domestic abuse and recorded unevenly; no direction is imposed."
_NO_SUCH = f"No such incident is known, or {NO_CODES[0].lower()}{NO_CODES[1:]}"
_STRANGLED = Selection(Kind.INCIDENT, flags=DOMESTIC.flags | Flag.STRANGULATION)
_STRANGLED_SOURCE = "The flag of the incident, or the offence of section 75A Serious Crime Act 2015"


def _of(*families: str) -> Selection:
    return Selection(Kind.INCIDENT, flags=Flag.DOMESTIC, families=families)


def _family(
    name: str, what: str, windows: Iterable[Window], families: tuple[str, ...], why: str = _PATTERN, push: Push = "+"
) -> tuple[Indicator, ...]:
    return over(
        windows,
        name,
        f"How many domestic incidents {{when}} were {what}?",
        "incidents",
        "offence families",
        lambda window: Count(_of(*families), window),
        push,
        why,
        _SOURCE,
        NO_CODES,
    )


def _since(name: str, what: str, *families: str) -> Indicator:
    return since(name, f"domestic incident of {what}", _of(*families), _SOURCE, "offence families", absence=_NO_SUCH)


_BOTH, _ALL = (TWO_YEARS, EVER), (YEAR, TWO_YEARS, EVER)
_HARASSING = ("stalking_fear", "stalking", "harassment")
_NAMED = tuple(name for name in FAMILIES if name not in ("non_crime", "unmapped"))
_NAMED_CRIME = dataclasses.replace(DOMESTIC_CRIME, families=_NAMED)

INDICATORS = (
    *_family("coercive_control", "controlling or coercive behaviour", _ALL, ("coercive_control",)),
    _since("coercive_control", "controlling or coercive behaviour", "coercive_control"),
    *_family("stalking_harassment", "stalking or harassment", _ALL, _HARASSING),
    _since("stalking_harassment", "stalking or harassment", *_HARASSING),
    *_family("stalking", "stalking, with or without fear of violence", (TWO_YEARS,), ("stalking_fear", "stalking")),
    *_family("stalking_fear", "stalking that causes fear of violence or serious alarm", (EVER,), ("stalking_fear",)),
    *_family("harassment", "harassment", (TWO_YEARS,), ("harassment",)),
    *over(
        _ALL,
        "strangulation",
        "How many domestic incidents {when} involved strangulation or suffocation?",
        "incidents",
        "offence families",
        lambda window: Count(_STRANGLED, window),
        "+",
        "Known to precede homicide.",
        _STRANGLED_SOURCE,
        "Neither the flag nor offence codes are recorded at all.",
    ),
    since(
        "strangulation",
        "domestic incident with strangulation or suffocation",
        _STRANGLED,
        _STRANGLED_SOURCE,
        "offence families",
        absence="No such incident is known, or neither the flag nor offence codes are recorded at all.",
    ),
    *_family("sexual", "rape or another sexual offence", _BOTH, ("rape", "sexual"), _GRAVE),
    _since("sexual", "rape or another sexual offence", "rape", "sexual"),
    *_family("rape", "rape", (EVER,), ("rape",), _GRAVE),
    *_family("homicide", "homicide or an attempt of it", (EVER,), ("homicide",), _GRAVE),
    *_family("threats", "threats", _BOTH, ("threats",)),
    _since("threats", "threats", "threats"),
    *_family("breach_offences", "breaches of an order", _BOTH, ("breach",), _ORDERS),
    _since("breach_offence", "a breach of an order", "breach"),
    *_family("assault_injury", "assaults with injury", _BOTH, ("violence_injury",), _VIOLENT),
    *_family("assault_no_injury", "assaults without injury", (TWO_YEARS,), ("violence_no_injury",), _VIOLENT),
    *_family("malicious_communications", "malicious communications", (TWO_YEARS,), ("malicious_communications",)),
    *_family("damage", "damage to property or arson", (TWO_YEARS,), ("damage",), _AROUND, "none"),
    *_family("kidnap", "kidnap or false imprisonment", (EVER,), ("kidnap",), _GRAVE),
    *_family("child_cruelty", "cruelty to a child", (EVER,), ("child_cruelty",), _GRAVE),
    *_family("public_order", "public order offences", (TWO_YEARS,), ("public_order",), _AROUND, "none"),
    *_family("robbery_burglary", "robbery or burglary", (EVER,), ("robbery_burglary",), _AROUND, "none"),
    *_family("emergency_worker", "assaults on emergency workers", (TWO_YEARS,), ("emergency_worker",), _AROUND, "none"),
    *_family(
        "other_offences",
        "offences that the reference puts into the family `other` (a code that it does not know is not counted)",
        (TWO_YEARS,),
        ("other",),
        _AROUND,
        "none",
    ),
    *over(
        _BOTH,
        "offence_families",
        "How many different offence families do the domestic crimes {when} belong to?",
        "families",
        "offence families",
        lambda window: Distinct(_NAMED_CRIME, window, of="family"),
        "none",
        "Versatility goes with persistence in general; for domestic abuse no direction is agreed.",
        f"{_SOURCE}; versatility of offending",
        "There are crimes, but none of a known code (no crime at all is 0); or offence codes are not recorded at all.",
    ),
)
