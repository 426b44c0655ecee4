"""Harm: sums, the worst, and how far one crime makes up the whole.

Harm days are the starting-point sentence for a first offender. They rank stalking and coercive control low,
so these stand beside harm as indicators of their own.
"""

from __future__ import annotations

from features.entries.vocabulary import (
    DOMESTIC_CRIME,
    EVER,
    NO_HARM,
    NO_VICTIM,
    PAIR_CRIME,
    TWO_YEARS,
    YEAR,
    over,
)
from features.measures import Count, Distinct, Largest, Ratio, Total

_HARM = "More harm known is never a reason to rank somebody later."
_CHI = "Cambridge Crime Harm Index: starting-point days"
_NO_WEIGHT = "No domestic crime with known harm."

INDICATORS = (
    *over(
        (YEAR,),
        "harm_reported",
        "How many harm days do the domestic crimes reported {when} add up to?",
        "harm days",
        "harm",
        lambda window: Total(DOMESTIC_CRIME, window, clock="reported"),
        "+",
        _HARM,
        "V100: sum of sentence days per allegation reported in a rolling year; here domestic crimes only",
        NO_HARM,
    ),
    *over(
        (YEAR,),
        "crimes_reported",
        "How many domestic crimes with an identified victim were reported {when}?",
        "crimes",
        "harm",
        lambda window: Distinct(PAIR_CRIME, window, clock="reported", of="event"),
        "+",
        _HARM,
        "V100: suspects named by victims and accused of more than one crime; named = a victim is identified",
        NO_VICTIM,
    ),
    *over(
        (YEAR, TWO_YEARS, EVER),
        "harm",
        "How many harm days do the domestic crimes {when} add up to?",
        "harm days",
        "harm",
        lambda window: Total(DOMESTIC_CRIME, window),
        "+",
        _HARM,
        f"{_CHI}, summed",
        NO_HARM,
    ),
    *over(
        (YEAR, TWO_YEARS, EVER),
        "harm_max",
        "How many harm days does the most harmful domestic crime {when} have?",
        "harm days",
        "harm",
        lambda window: Largest(DOMESTIC_CRIME, window),
        "+",
        _HARM,
        f"{_CHI} (PPIT item: highly harmful)",
        NO_HARM,
    ),
    *over(
        (TWO_YEARS,),
        "harm_mean",
        "How many harm days do the domestic crimes {when} have on average, those of known harm?",
        "harm days",
        "harm",
        lambda window: Ratio(Total(DOMESTIC_CRIME, window), (Count(DOMESTIC_CRIME.whose_harm_is("known"), window),)),
        "none",
        "A further crime of little harm lowers the average and is no reason to rank somebody later.",
        f"{_CHI}, averaged",
        _NO_WEIGHT,
    ),
    *over(
        (TWO_YEARS, EVER),
        "harm_concentration",
        "What share of the harm days of all domestic crimes {when} does the most harmful one make up?",
        "share",
        "harm",
        lambda window: Ratio(Largest(DOMESTIC_CRIME, window), (Total(DOMESTIC_CRIME, window),)),
        "none",
        "One grave crime and many small ones are different patterns; neither is lesser.",
        "Concentration of harm (Barnham et al. 2017)",
        _NO_WEIGHT,
    ),
)
