"""Offence families."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.oracle.person import EVER, NAN, Person
from benchmarks.oracle.world import Incident

STALKING_HARASSMENT = ("stalking", "stalking_fear", "harassment")
SEXUAL = ("rape", "sexual")
COUNTED = {
    "coercive_control": (("coercive_control",), (365, 730, EVER)),
    "stalking_harassment": (STALKING_HARASSMENT, (365, 730, EVER)),
    "stalking": (("stalking", "stalking_fear"), (730,)),
    "stalking_fear": (("stalking_fear",), (EVER,)),
    "harassment": (("harassment",), (730,)),
    "sexual": (SEXUAL, (730, EVER)),
    "rape": (("rape",), (EVER,)),
    "homicide": (("homicide",), (EVER,)),
    "threats": (("threats",), (730, EVER)),
    "breach_offences": (("breach",), (730, EVER)),
    "assault_injury": (("violence_injury",), (730, EVER)),
    "assault_no_injury": (("violence_no_injury",), (730,)),
    "malicious_communications": (("malicious_communications",), (730,)),
    "damage": (("damage",), (730,)),
    "kidnap": (("kidnap",), (EVER,)),
    "child_cruelty": (("child_cruelty",), (EVER,)),
    "public_order": (("public_order",), (730,)),
    "robbery_burglary": (("robbery_burglary",), (EVER,)),
    "emergency_worker": (("emergency_worker",), (730,)),
    "other_offences": (("other",), (730,)),
}
SINCE_LAST = {
    "coercive_control": ("coercive_control",),
    "stalking_harassment": STALKING_HARASSMENT,
    "sexual": SEXUAL,
    "threats": ("threats",),
    "breach_offence": ("breach",),
}


def strangled(incident: Incident) -> bool:
    """Say whether the flag or the offence says so."""
    return bool(incident.row["strangulation"]) or incident.family == "strangulation"


def _different(crimes: Sequence[Incident]) -> float:
    mapped = {each.family for each in crimes} - {"unmapped"}
    return NAN if crimes and not mapped else len(mapped)


def answers(person: Person) -> dict[str, float]:
    """Answer the questions of this group."""
    dv, last = person.dv, person.last
    coded: dict[str, float] = {
        f"{name}_{days or 'ever'}": len([each for each in last(days, dv) if each.family in families])
        for name, (families, windows) in COUNTED.items()
        for days in windows
    }
    for name, families in SINCE_LAST.items():
        coded[f"days_since_last_{name}"] = person.ago(each.on for each in dv if each.family in families)
    coded["offence_families_730"] = _different(last(730, person.crimes))
    coded["offence_families_ever"] = _different(person.crimes)
    chokings = [each for each in dv if strangled(each)]
    either = {
        **{f"strangulation_{days or 'ever'}": len(last(days, chokings)) for days in (365, 730, EVER)},
        "days_since_last_strangulation": person.ago(each.on for each in chokings),
    }
    return {
        **{name: person.if_recorded(value, "incidents.offence_code") for name, value in coded.items()},
        **{
            name: person.if_recorded(value, "incidents.strangulation", "incidents.offence_code")
            for name, value in either.items()
        },
    }
