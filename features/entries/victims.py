"""How many different victims, new ones, and the definitions of serial abuse, each for itself."""

from __future__ import annotations

from features.entries.vocabulary import EVER, NO_VICTIM, PAIR, PAIR_CRIME, THREE_YEARS, TWO_YEARS, YEAR, over
from features.indicator import Indicator
from features.measures import Distinct, Measure, Meets, New

_SERIAL = "Serial abuse is a ground for Drive; agencies' definitions differ, so each stands alone."
_SPREADS = "A further victim means that the harm spreads."
_BRISTOL = "Serial (Bristol evaluation of Drive): perpetrates against different victims"


def _serial(name: str, question: str, source: str, *minima: tuple[Measure, int]) -> Indicator:
    return Indicator(name, question, "1 = met", "victims", Meets(minima), "+", _SERIAL, source, NO_VICTIM)


INDICATORS = (
    *over(
        (YEAR, TWO_YEARS, THREE_YEARS, EVER),
        "victims",
        "How many different victims do the domestic incidents {when} have?",
        "victims",
        "victims",
        lambda window: Distinct(PAIR, window),
        "+",
        _SERIAL,
        f"{_BRISTOL}; MATAC RFGV: victims",
        NO_VICTIM,
    ),
    *over(
        (THREE_YEARS,),
        "crime_victims",
        "How many different victims do the domestic crimes {when} have?",
        "victims",
        "victims",
        lambda window: Distinct(PAIR_CRIME, window),
        "+",
        _SERIAL,
        f"{_BRISTOL}; crimes only",
        NO_VICTIM,
    ),
    *over(
        (YEAR, TWO_YEARS),
        "new_victims",
        "How many victims of domestic incidents {when} are in no domestic incident before that time?",
        "victims",
        "victims",
        lambda window: New(PAIR, window),
        "+",
        _SPREADS,
        "Drive: serial; distinct victims ever less distinct victims older than the window",
        NO_VICTIM,
    ),
    *over(
        (YEAR,),
        "new_victims_reported",
        "How many victims of domestic incidents reported {when} are in none that was reported before that time?",
        "victims",
        "victims",
        lambda window: New(PAIR, window, clock="reported"),
        "+",
        "A victim who comes forward late is new knowledge, whenever it happened.",
        "Drive: serial; by day of report",
        NO_VICTIM,
    ),
    _serial(
        "serial_northumbria",
        "Are there two or more domestic incidents, crimes or not, against two or more victims in the last 1095 days?",
        "Northumbria MATAC definition, without its age limit: ages are never read",
        (Distinct(PAIR, THREE_YEARS), 2),
        (Distinct(PAIR, THREE_YEARS, of="event"), 2),
    ),
    _serial(
        "serial_college",
        "Are there domestic crimes against two or more victims in the last 1095 days?",
        "ACPO and College of Policing: two or more victims in three years; whether unconnected is not recorded",
        (Distinct(PAIR_CRIME, THREE_YEARS), 2),
    ),
    _serial(
        "serial_bristol",
        "Are there domestic incidents against two or more victims in all that is known?",
        _BRISTOL,
        (Distinct(PAIR, EVER), 2),
    ),
    _serial(
        "named_twice_v100",
        "Were two or more domestic crimes with an identified victim reported in the last 365 days?",
        "V100: suspects named by victims and accused of more than one crime in a rolling year; domestic crimes only",
        (Distinct(PAIR_CRIME, YEAR, clock="reported", of="event"), 2),
    ),
)
