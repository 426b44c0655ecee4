"""The same victim again: how often, how many such victims, and the definitions of repeat abuse."""

from __future__ import annotations

from features.entries.vocabulary import EVER, NO_VICTIM, PAIR, PAIR_CRIME, TWO_YEARS, YEAR, over
from features.indicator import Indicator
from features.measures import Count, Meets, MostWithOne, Ratio, Repeated

_REPEAT = "Repeated abuse of one victim is a ground for Drive."
_BRISTOL = "Repeat (Bristol evaluation of Drive): perpetrates against the same victim"


def _met(name: str, question: str, measure: Meets, source: str) -> Indicator:
    return Indicator(name, question, "1 = met", "same victim", measure, "+", _REPEAT, source, NO_VICTIM)


INDICATORS = (
    *over(
        (YEAR, TWO_YEARS, EVER),
        "same_victim_most",
        "How many domestic incidents {when} have the same victim, at most?",
        "incidents",
        "same victim",
        lambda window: MostWithOne(PAIR, window),
        "+",
        _REPEAT,
        _BRISTOL,
        NO_VICTIM,
    ),
    *over(
        (TWO_YEARS,),
        "same_victim_crimes_most",
        "How many domestic crimes {when} have the same victim, at most?",
        "crimes",
        "same victim",
        lambda window: MostWithOne(PAIR_CRIME, window),
        "+",
        _REPEAT,
        f"{_BRISTOL}; crimes only",
        NO_VICTIM,
    ),
    *over(
        (TWO_YEARS, EVER),
        "repeat_victims",
        "How many victims have two or more domestic incidents {when}?",
        "victims",
        "same victim",
        lambda window: Repeated(PAIR, window),
        "+",
        _REPEAT,
        f"{_BRISTOL}; how many such victims",
        NO_VICTIM,
    ),
    *over(
        (TWO_YEARS,),
        "one_victim_share",
        "Of the domestic incidents {when}, counted once for each victim, what share has the most frequent victim?",
        "share",
        "same victim",
        lambda window: Ratio(MostWithOne(PAIR, window), (Count(PAIR, window),)),
        "none",
        "One victim again and again and many victims are different patterns; neither is lesser.",
        "Repeat against serial (Bristol evaluation of Drive)",
        NO_VICTIM,
    ),
    _met(
        "repeat_bristol",
        "Are there two or more domestic incidents against the same victim in the last 365 days?",
        Meets(((MostWithOne(PAIR, YEAR), 2),)),
        f"{_BRISTOL}; within a year",
    ),
    _met(
        "potential_escalation",
        "Are there three or more domestic incidents against the same victim in the last 365 days?",
        Meets(((MostWithOne(PAIR, YEAR), 3),)),
        "MARAC threshold: potential escalation, commonly three call-outs in 12 months",
    ),
)
