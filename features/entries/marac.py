"""MARAC hearings in which the person is named as causing the harm."""

from __future__ import annotations

from features.entries.vocabulary import EVER, HEARING, NO_MARAC, PAIR, PAIR_CRIME, TWO_YEARS, YEAR
from features.indicator import Indicator
from features.measures import After, Count, DaysSince, Distinct

_HEARD = "A hearing means that agencies saw a high risk of serious harm or murder."
_NO_PAIR = f"{NO_MARAC[:-1]}, or no victim of the person's incidents is identified."

INDICATORS = (
    Indicator(
        "days_since_last_marac",
        "How many days ago was the last MARAC hearing?",
        "days",
        "marac",
        DaysSince(HEARING, EVER),
        "-",
        _HEARD,
        "SafeLives MARAC",
        f"No hearing is known. {NO_MARAC}",
    ),
    Indicator(
        "marac_hearings_365",
        "How many MARAC hearings were held in the last 365 days?",
        "hearings",
        "marac",
        Count(HEARING, YEAR),
        "+",
        _HEARD,
        "SafeLives MARAC",
        NO_MARAC,
    ),
    Indicator(
        "marac_hearings_ever",
        "How many MARAC hearings are known at all?",
        "hearings",
        "marac",
        Count(HEARING, EVER),
        "+",
        _HEARD,
        "SafeLives MARAC",
        NO_MARAC,
    ),
    Indicator(
        "marac_victims_ever",
        "How many different victims were heard at a MARAC?",
        "victims",
        "marac",
        Distinct(HEARING, EVER),
        "+",
        _HEARD,
        "SafeLives: a MARAC case is a victim and the person causing harm",
        NO_MARAC,
    ),
    Indicator(
        "marac_repeat_current_730",
        "How many domestic incidents of the last 730 days followed a MARAC referral of that victim within a year?",
        "incidents",
        "marac",
        After(PAIR, TWO_YEARS, anchor=HEARING, within=365),
        "+",
        "Abuse went on after agencies had acted.",
        "SafeLives, current definition: any instance of abuse within 12 months of the last referral",
        _NO_PAIR,
    ),
    Indicator(
        "marac_repeat_older_730",
        "How many domestic crimes of the last 730 days followed a MARAC referral of that victim within a year?",
        "crimes",
        "marac",
        After(PAIR_CRIME, TWO_YEARS, anchor=HEARING, within=365),
        "+",
        "Abuse went on after agencies had acted.",
        "SafeLives, older definition: a further incident that is criminal within 12 months of the last referral",
        _NO_PAIR,
    ),
)
