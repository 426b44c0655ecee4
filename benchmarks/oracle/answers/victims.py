"""How many victims, the same victim again, and roles that were reversed."""

from __future__ import annotations

from collections import Counter

from benchmarks.oracle.person import Pair, Person, share


def _victims(pairs: list[Pair]) -> int:
    return len({victim for _, victim in pairs})


def _events(pairs: list[Pair]) -> int:
    return len({key for key, _ in pairs})


def answers(person: Person) -> dict[str, float]:
    """Answer the questions of these groups."""
    dv, last, ask = person.dv, person.last, person.with_victims
    three_years = last(1095, dv)
    before = {victim for _, victim in person.victims(dv)} & {
        victim for _, victim in person.victims([each for each in dv if person.world.age(each.on) >= 365])
    }
    against = {victim for _, victim in person.victims(dv)}
    opposed = [
        (each.key, suspect)
        for each in person.world.naming(person.name)
        for suspect, victim, _ in each.pairs
        if each.domestic and victim == person.name and suspect in against
    ]
    as_victim = [each for each in person.world.incidents(person.name, "victim") if each.domestic]
    return {
        "victims_1095": ask(three_years, _victims),
        "victims_ever": ask(dv, _victims),
        "serial_northumbria": ask(three_years, lambda pairs: _victims(pairs) >= 2 and _events(pairs) >= 2),
        "serial_college": ask([each for each in three_years if each.crime], lambda pairs: _victims(pairs) >= 2),
        "new_victims_365": ask(last(365, dv), lambda pairs: len({victim for _, victim in pairs} - before)),
        "same_victim_most_730": ask(
            last(730, dv), lambda pairs: max(Counter(victim for _, victim in pairs).values(), default=0)
        ),
        "counter_allegations_ever": ask(dv, lambda pairs: len(opposed)),
        "counter_allegation_share": ask(dv, lambda pairs: share(len(opposed), len(opposed) + len(pairs))),
        "victim_incidents_730": len(last(730, as_victim)) if person.world.anybody_victim else float("nan"),
    }
