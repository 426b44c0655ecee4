"""Offence families whose pattern a sum of harm hides, and breaches of orders."""

from __future__ import annotations

from features.entries.vocabulary import DOMESTIC, NO_CODES, TWO_YEARS
from features.indicator import Indicator
from features.kinds import Flag, Kind
from features.measures import Count
from features.selection import Selection

_PATTERN = "Known to precede grave harm, and ranked low by harm weights alone."


def _family(name: str, what: str, families: tuple[str, ...], why: str = _PATTERN) -> Indicator:
    return Indicator(
        name,
        f"How many domestic incidents of the last 730 days were {what}?",
        "incidents",
        "offence families",
        Count(Selection(Kind.INCIDENT, flags=Flag.DOMESTIC, families=families), TWO_YEARS),
        "+",
        why,
        "Home Office offence codes, grouped in the offence reference",
        NO_CODES,
    )


INDICATORS = (
    _family("coercive_control_730", "controlling or coercive behaviour", ("coercive_control",)),
    _family("stalking_harassment_730", "stalking or harassment", ("stalking_fear", "stalking", "harassment")),
    Indicator(
        "strangulation_730",
        "How many domestic incidents of the last 730 days involved strangulation or suffocation?",
        "incidents",
        "offence families",
        Count(Selection(Kind.INCIDENT, flags=DOMESTIC.flags | Flag.STRANGULATION), TWO_YEARS),
        "+",
        "Known to precede homicide.",
        "The flag of the incident, or the offence of section 75A Serious Crime Act 2015",
        "Neither the flag nor offence codes are recorded at all.",
    ),
    _family("sexual_730", "rape or another sexual offence", ("rape", "sexual"), "Grave harm."),
    _family("threats_730", "threats", ("threats",)),
    _family("breach_offences_730", "breaches of an order", ("breach",), "Orders do not stop the abuse."),
    Indicator(
        "order_breaches_730",
        "How many orders or bail conditions were recorded as breached in the last 730 days?",
        "orders",
        "orders",
        Count(Selection(Kind.BREACH), TWO_YEARS),
        "+",
        "Orders do not stop the abuse.",
        "Orders table: day of the breach",
        "No orders were delivered, or no breach is recorded for anybody.",
    ),
)
