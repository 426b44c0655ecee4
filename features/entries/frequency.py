"""How often: domestic incidents and crimes over several windows, and other offending beside them."""

from __future__ import annotations

import dataclasses

from features.entries.vocabulary import (
    ANY,
    DAYS_30,
    DAYS_90,
    DAYS_180,
    DOMESTIC,
    DOMESTIC_CRIME,
    EVER,
    NEVER_MISSING,
    TWO_YEARS,
    YEAR,
    over,
)
from features.measures import Count, Difference

_OFTEN = "More recorded incidents go with more later ones; recorded counts also follow police attention."
_LINKED = "Drive's referral criteria look at other offending beside domestic abuse."
_NON_CRIME = dataclasses.replace(DOMESTIC, families=("non_crime",))

INDICATORS = (
    *over(
        (DAYS_30, DAYS_90, DAYS_180, YEAR, TWO_YEARS, EVER),
        "domestic_incidents",
        "How many domestic incidents {when} have the person as suspect?",
        "incidents",
        "frequency",
        lambda window: Count(DOMESTIC, window),
        "+",
        _OFTEN,
        "MATAC RFG: frequency",
        NEVER_MISSING,
    ),
    *over(
        (DAYS_90, YEAR, TWO_YEARS, EVER),
        "domestic_crimes",
        "How many domestic crimes {when} have the person as suspect?",
        "crimes",
        "frequency",
        lambda window: Count(DOMESTIC_CRIME, window),
        "+",
        _OFTEN,
        "MATAC RFG: frequency, crimes only; counting rules changed in June 2023",
        NEVER_MISSING,
    ),
    *over(
        (YEAR, TWO_YEARS),
        "domestic_non_crimes",
        "How many domestic incidents {when} were recorded as no crime?",
        "incidents",
        "frequency",
        lambda window: Count(_NON_CRIME, window),
        "none",
        "What counts as a crime changed in June 2023 and differs by force.",
        "Non-crime domestic abuse incidents; harm indices weigh them nothing",
        NEVER_MISSING,
    ),
    *over(
        (YEAR, EVER),
        "incidents_any",
        "How many incidents of any kind, domestic or not, {when} have the person as suspect?",
        "incidents",
        "frequency",
        lambda window: Count(ANY, window),
        "+",
        _LINKED,
        "PPIT item: linked offending",
        NEVER_MISSING,
    ),
    *over(
        (TWO_YEARS, EVER),
        "other_incidents",
        "How many incidents that are not domestic {when} have the person as suspect?",
        "incidents",
        "frequency",
        lambda window: Difference(Count(ANY, window), Count(DOMESTIC, window)),
        "none",
        "Recorded more often where police look more often; no direction is imposed on it alone.",
        "PPIT item: linked offending; all incidents less the domestic ones",
        NEVER_MISSING,
    ),
)
