"""Partners and family: what is stated about the relationship of a pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.oracle.answers.families import STALKING_HARASSMENT, strangled
from benchmarks.oracle.answers.victims import different, events
from benchmarks.oracle.person import EVER, NAN, Met, Person, harm, share
from benchmarks.oracle.world import Incident

PARTNERS = ("partner", "ex_partner")
FAMILY = ("parent", "child", "sibling", "other_family")


def among(
    person: Person, incidents: Sequence[Incident], related: Sequence[str], answer: Callable[[list[Met]], float]
) -> float:
    """Answer of the pairs so related; NaN where there are incidents but of no pair is a relationship stated."""
    stated = [one for one in person.met(incidents) if one[1].relationship]
    if not person.world.anybody_identified or (incidents and not stated):
        return NAN
    return person.if_recorded(answer([one for one in stated if one[1].relationship in related]), "dyads.relationship")


def _worst(met: list[Met]) -> float:
    return harm([each for each, _ in met], max)


def answers(person: Person) -> dict[str, float]:
    """Answer the questions of this group."""
    dv, crimes, last = person.dv, person.crimes, person.last
    two_years, crimes_2y = last(730, dv), last(730, crimes)

    def ask(incidents: Sequence[Incident], related: Sequence[str], answer: Callable[[list[Met]], float]) -> float:
        return among(person, incidents, related, answer)

    def since(met: list[Met]) -> float:
        return person.ago(each.on for each, _ in met)

    told: dict[str, float] = {}
    for name, related in (("ipv", PARTNERS), ("familial", FAMILY)):
        told |= {
            f"{name}_incidents_365": ask(last(365, dv), related, events),
            f"{name}_incidents_730": ask(two_years, related, events),
            f"{name}_crimes_730": ask(crimes_2y, related, events),
            f"{name}_victims_1095": ask(last(1095, dv), related, different),
            f"{name}_harm_max_ever": person.if_recorded(ask(crimes, related, _worst), "incidents.offence_code"),
            f"days_since_last_{name}": ask(last(EVER, dv), related, since),
        }
    stalked = [each for each in two_years if each.family in STALKING_HARASSMENT]
    controlled = [each for each in two_years if each.family == "coercive_control"]
    choked = [each for each in dv if strangled(each)]
    return {
        **told,
        "ex_partner_incidents_730": ask(two_years, ("ex_partner",), events),
        "ex_partner_stalking_730": person.if_recorded(ask(stalked, ("ex_partner",), events), "incidents.offence_code"),
        "ipv_coercive_control_730": person.if_recorded(ask(controlled, PARTNERS, events), "incidents.offence_code"),
        "ipv_strangulation_ever": person.if_recorded(
            ask(choked, PARTNERS, events), "incidents.strangulation", "incidents.offence_code"
        ),
        "serial_partners": ask(last(1095, dv), PARTNERS, lambda met: different(met) >= 2),
        "ipv_share_730": share(ask(two_years, PARTNERS, events), ask(two_years, (*PARTNERS, *FAMILY), events)),
    }
