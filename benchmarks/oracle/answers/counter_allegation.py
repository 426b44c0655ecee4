"""Roles that were reversed, and the person as a victim."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.oracle.person import EVER, NAN, Person, share
from benchmarks.oracle.world import Incident


def against(person: Person, incidents: Sequence[Incident]) -> list[tuple[Incident, str]]:
    """Return each domestic incident in which the person is the victim of a pair, with the suspect."""
    return [
        (each, pair.suspect)
        for each in incidents
        for pair in each.pairs
        if each.domestic and pair.victim == person.name
    ]


def answers(person: Person) -> dict[str, float]:
    """Answer the questions of this group."""
    dv, last, ask = person.dv, person.last, person.with_victims
    by = against(person, person.world.naming(person.name))
    accusers = {suspect for _, suspect in by}
    as_victim = [each for each in person.world.incidents(person.name, "victim") if each.domestic]
    victim_2y, injured = last(730, as_victim), [each for each in last(730, as_victim) if each.row["injury"]]

    def reversed_(days: int | None, crimes: bool = False) -> float:
        mine = person.crimes if crimes else dv
        wronged = {pair.victim for _, pair in person.met(last(days, mine))}
        recent = last(days, [each for each, _ in by])
        opposed = [each for each, suspect in by if suspect in wronged and each in recent and (each.crime or not crimes)]
        return ask(last(days, mine), lambda met: len(opposed))

    victims = {pair.victim for _, pair in person.met(dv)}
    opposed = len([1 for _, suspect in by if suspect in victims])
    own_both_ways = len([1 for _, pair in person.met(dv) if pair.victim in accusers])
    told = {
        "counter_allegations_730": reversed_(730),
        "counter_allegations_ever": reversed_(EVER),
        "counter_allegation_crimes_ever": reversed_(EVER, crimes=True),
        "counter_allegation_share": ask(dv, lambda met: share(opposed, opposed + len(met))),
        "counter_allegation_balance": ask(
            dv, lambda met: share(opposed, opposed + own_both_ways) if own_both_ways else NAN
        ),
    }
    counted: dict[str, float] = {
        "victim_incidents_730": len(victim_2y),
        "victim_incidents_ever": len(as_victim),
        "victim_injured_730": person.if_recorded(len(injured), "incidents.injury"),
        "victim_share_730": share(len(victim_2y), len(victim_2y) + len(last(730, dv))),
    }
    return {**told, **{name: value if person.world.anybody_victim else NAN for name, value in counted.items()}}
