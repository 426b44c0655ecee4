"""Harm: sums, the worst, and how far one crime makes up the whole.

Harm days are the starting-point sentence for a first offender. They rank stalking and coercive control low,
so these stand beside harm as indicators of their own.
"""

from __future__ import annotations

from features.entries.vocabulary import DOMESTIC_CRIME, EVER, NO_HARM, NO_VICTIM, PAIR_CRIME, TWO_YEARS, YEAR
from features.indicator import Indicator
from features.measures import Distinct, Largest, Ratio, Total

_HARM = "More harm known is never a reason to rank somebody later."

INDICATORS = (
    Indicator(
        "harm_reported_365",
        "How many harm days do the domestic crimes reported in the last 365 days add up to?",
        "harm days",
        "harm",
        Total(DOMESTIC_CRIME, YEAR, clock="reported"),
        "+",
        _HARM,
        "V100: sum of sentence days per allegation reported in a rolling year; here domestic crimes only",
        NO_HARM,
    ),
    Indicator(
        "crimes_reported_365",
        "How many domestic crimes with an identified victim were reported in the last 365 days?",
        "crimes",
        "harm",
        Distinct(PAIR_CRIME, YEAR, clock="reported", of="event"),
        "+",
        _HARM,
        "V100: suspects named by victims and accused of more than one crime; named = a victim is identified",
        NO_VICTIM,
    ),
    Indicator(
        "harm_730",
        "How many harm days do the domestic crimes of the last 730 days add up to?",
        "harm days",
        "harm",
        Total(DOMESTIC_CRIME, TWO_YEARS),
        "+",
        _HARM,
        "Cambridge Crime Harm Index: sum of starting-point days",
        NO_HARM,
    ),
    Indicator(
        "harm_max_ever",
        "How many harm days does the most harmful domestic crime known have?",
        "harm days",
        "harm",
        Largest(DOMESTIC_CRIME, EVER),
        "+",
        _HARM,
        "Cambridge Crime Harm Index: starting-point days",
        NO_HARM,
    ),
    Indicator(
        "harm_concentration_ever",
        "What share of all known harm days does the most harmful domestic crime make up?",
        "share",
        "harm",
        Ratio(Largest(DOMESTIC_CRIME, EVER), (Total(DOMESTIC_CRIME, EVER),)),
        "none",
        "One grave crime and many small ones are different patterns; neither is lesser.",
        "Concentration of harm (Barnham et al. 2017)",
        "No domestic crime with known harm.",
    ),
)
