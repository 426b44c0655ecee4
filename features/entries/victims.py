"""How many victims, the same victim again, and roles that were reversed."""

from __future__ import annotations

from features.entries.vocabulary import (
    AS_VICTIM,
    EVER,
    NO_VICTIM,
    PAIR,
    PAIR_AS_VICTIM,
    PAIR_CRIME,
    THREE_YEARS,
    TWO_YEARS,
    YEAR,
)
from features.indicator import Indicator
from features.measures import Count, Distinct, Meets, MostWithOne, New, Reversed

_SERIAL = "Serial abuse is a ground for Drive; agencies' definitions differ, so each stands alone."
_REVERSED = (
    "A share near a half or above asks who the primary perpetrator is; it must never raise a rank. "
    "Women are arrested more often after counter-allegations (Hester)."
)

INDICATORS = (
    Indicator(
        "victims_1095",
        "How many different victims do the domestic incidents of the last three years have?",
        "victims",
        "victims",
        Distinct(PAIR, THREE_YEARS),
        "+",
        _SERIAL,
        "Serial (Bristol evaluation): perpetrates against different victims",
        NO_VICTIM,
    ),
    Indicator(
        "serial_northumbria",
        "Are there two or more domestic incidents, crimes or not, against two or more victims in three years?",
        "1 = met",
        "victims",
        Meets(((Distinct(PAIR, THREE_YEARS), 2), (Distinct(PAIR, THREE_YEARS, of="event"), 2))),
        "+",
        _SERIAL,
        "Northumbria MATAC definition, without its age limit: ages are never read",
        NO_VICTIM,
    ),
    Indicator(
        "serial_college",
        "Are there domestic crimes against two or more victims in three years?",
        "1 = met",
        "victims",
        Meets(((Distinct(PAIR_CRIME, THREE_YEARS), 2),)),
        "+",
        _SERIAL,
        "ACPO and College of Policing: two or more victims in three years; whether they are unconnected is "
        "not recorded",
        NO_VICTIM,
    ),
    Indicator(
        "victims_ever",
        "How many different victims do all known domestic incidents have?",
        "victims",
        "victims",
        Distinct(PAIR, EVER),
        "+",
        _SERIAL,
        "Serial (Bristol evaluation): perpetrates against different victims",
        NO_VICTIM,
    ),
    Indicator(
        "new_victims_365",
        "How many victims of the last 365 days do not occur in any earlier domestic incident?",
        "victims",
        "victims",
        New(PAIR, YEAR),
        "+",
        "A further victim means that the harm spreads.",
        "Drive: serial; distinct victims ever less distinct victims older than the window",
        NO_VICTIM,
    ),
    Indicator(
        "same_victim_most_730",
        "How many domestic incidents of the last 730 days have the same victim, at most?",
        "incidents",
        "same victim",
        MostWithOne(PAIR, TWO_YEARS),
        "+",
        "Repeated abuse of one victim is a ground for Drive.",
        "Repeat (Bristol evaluation): perpetrates against the same victim",
        NO_VICTIM,
    ),
    Indicator(
        "counter_allegations_ever",
        "How often is the person recorded as victim of somebody against whom they are recorded as suspect?",
        "incidents",
        "counter-allegation",
        Reversed(PAIR, EVER, other=PAIR_AS_VICTIM, how="count"),
        "none",
        "Both primary perpetrators and victims have such records; the share below says more.",
        "Counter-allegations (Hester 2013)",
        NO_VICTIM,
    ),
    Indicator(
        "counter_allegation_share",
        "Of all domestic incidents with the people against whom they are suspect, in what share are they victim?",
        "share",
        "counter-allegation",
        Reversed(PAIR, EVER, other=PAIR_AS_VICTIM, how="share"),
        "-",
        _REVERSED,
        "Counter-allegations (Hester 2013); balance per pair, summed over the pairs",
        "No victim is identified.",
    ),
    Indicator(
        "victim_incidents_730",
        "How many domestic incidents of the last 730 days have the person as a victim?",
        "incidents",
        "counter-allegation",
        Count(AS_VICTIM, TWO_YEARS),
        "none",
        "Having been a victim is no ground to be ranked earlier or later.",
        "Prior victim history (SafeLives)",
        "Nobody is recorded as a victim at all.",
    ),
)
