"""Roles that were reversed: the person as victim, of anybody and of those they are recorded against."""

from __future__ import annotations

import dataclasses

from features.entries.vocabulary import (
    AS_VICTIM,
    DOMESTIC,
    EVER,
    NO_MARAC,
    NO_VICTIM,
    PAIR,
    PAIR_AS_VICTIM,
    PAIR_CRIME,
    TWO_YEARS,
    over,
)
from features.indicator import Indicator
from features.kinds import Flag, Kind, Role
from features.measures import Count, Ratio, Reversed
from features.selection import Selection

_REVERSED = (
    "A share near a half or above asks who the primary perpetrator is; it must never raise a rank. "
    "Women are arrested more often after counter-allegations (Hester)."
)
_BOTH_WAYS = "Both primary perpetrators and victims have such records; the shares say more."
_NO_GROUND = "Having been a victim is no ground to be ranked earlier or later."
_HESTER = "Counter-allegations (Hester 2013)"
_NOBODY = "Nobody is recorded as a victim at all."
_CRIME_AS_VICTIM = dataclasses.replace(PAIR_AS_VICTIM, flags=PAIR_CRIME.flags)

INDICATORS = (
    *over(
        (TWO_YEARS, EVER),
        "counter_allegations",
        "How often {when} is the person recorded as victim of somebody against whom they are suspect then too?",
        "incidents",
        "counter-allegation",
        lambda window: Reversed(PAIR, window, other=PAIR_AS_VICTIM, how="count"),
        "none",
        _BOTH_WAYS,
        _HESTER,
        NO_VICTIM,
    ),
    *over(
        (EVER,),
        "counter_allegation_crimes",
        "How often {when} is the person victim of a crime by somebody against whom they are suspect of a crime?",
        "crimes",
        "counter-allegation",
        lambda window: Reversed(PAIR_CRIME, window, other=_CRIME_AS_VICTIM, how="count"),
        "none",
        _BOTH_WAYS,
        f"{_HESTER}; crimes both ways",
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
        f"{_HESTER}; balance per pair, summed over the pairs",
        "No victim is identified.",
    ),
    Indicator(
        "counter_allegation_balance",
        "Where two people are each recorded as suspect against the other, in what share are they the victim?",
        "share",
        "counter-allegation",
        Reversed(PAIR, EVER, other=PAIR_AS_VICTIM, how="balance"),
        "-",
        _REVERSED,
        f"{_HESTER}; only pairs recorded both ways, summed over these pairs",
        "No pair is recorded both ways.",
    ),
    *over(
        (TWO_YEARS, EVER),
        "victim_incidents",
        "How many domestic incidents {when} have the person as a victim?",
        "incidents",
        "counter-allegation",
        lambda window: Count(AS_VICTIM, window),
        "none",
        _NO_GROUND,
        "Prior victim history (SafeLives)",
        _NOBODY,
    ),
    *over(
        (TWO_YEARS,),
        "victim_injured",
        "How many domestic incidents {when} have the person as a victim and are recorded with an injury?",
        "incidents",
        "counter-allegation",
        lambda window: Count(dataclasses.replace(AS_VICTIM, flags=AS_VICTIM.flags | Flag.INJURY), window),
        "none",
        _NO_GROUND,
        "Prior victim history (SafeLives); whose injury it is is not recorded",
        f"{_NOBODY[:-1]}, or injuries are not recorded at all.",
    ),
    *over(
        (TWO_YEARS,),
        "victim_share",
        "Of the times {when} that the person is suspect or victim in a domestic incident, what share is as victim?",
        "share",
        "counter-allegation",
        lambda window: Ratio(Count(AS_VICTIM, window), (Count(AS_VICTIM, window), Count(DOMESTIC, window))),
        "-",
        "Who is mostly recorded as a victim must never be raised by it.",
        f"{_HESTER}; with anybody, not only the same people",
        f"No domestic incident in either role, or {_NOBODY[0].lower()}{_NOBODY[1:]}",
    ),
    *over(
        (EVER,),
        "marac_as_victim",
        "How many MARAC hearings {when} were about the person as the victim?",
        "hearings",
        "counter-allegation",
        lambda window: Count(Selection(Kind.HEARING, Role.VICTIM), window),
        "none",
        _NO_GROUND,
        "SafeLives MARAC",
        NO_MARAC,
    ),
)
