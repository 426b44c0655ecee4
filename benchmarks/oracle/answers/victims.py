"""How many victims, and the same victim again."""

from __future__ import annotations

from collections import Counter

from benchmarks.oracle.person import EVER, Met, Person, share


def different(met: list[Met]) -> int:
    """Return how many different victims there are."""
    return len({pair.victim for _, pair in met})


def events(met: list[Met]) -> int:
    """Return how many different incidents there are."""
    return len({each.key for each, _ in met})


def most(met: list[Met]) -> int:
    """Return how many incidents the victim met most often has."""
    return max(times(met).values(), default=0)


def times(met: list[Met]) -> Counter[str]:
    """Return how many incidents each victim has."""
    return Counter(pair.victim for _, pair in met)


def again(met: list[Met]) -> int:
    """Return how many victims have two or more incidents."""
    return len([victim for victim, number in times(met).items() if number >= 2])


def _new(person: Person, days: int, clock: str = "on") -> float:
    older = [each for each in person.dv if person.world.age(getattr(each, clock)) >= days]
    known = {pair.victim for _, pair in person.met(older)}
    recent = person.last(days, person.dv, clock)
    return person.with_victims(recent, lambda met: len({pair.victim for _, pair in met} - known))


def answers(person: Person) -> dict[str, float]:
    """Answer the questions of these groups."""
    dv, crimes, last, ask = person.dv, person.crimes, person.last, person.with_victims
    year, two_years, three_years, ever = (last(days, dv) for days in (365, 730, 1095, EVER))
    crimes_3y = last(1095, crimes)
    return {
        "victims_365": ask(year, different),
        "victims_730": ask(two_years, different),
        "victims_1095": ask(three_years, different),
        "victims_ever": ask(ever, different),
        "crime_victims_1095": ask(crimes_3y, different),
        "new_victims_365": _new(person, 365),
        "new_victims_730": _new(person, 730),
        "new_victims_reported_365": _new(person, 365, "told"),
        "serial_northumbria": ask(three_years, lambda met: different(met) >= 2 and events(met) >= 2),
        "serial_college": ask(crimes_3y, lambda met: different(met) >= 2),
        "serial_bristol": ask(ever, lambda met: different(met) >= 2),
        "named_twice_v100": ask(last(365, crimes, "told"), lambda met: events(met) >= 2),
        "same_victim_most_365": ask(year, most),
        "same_victim_most_730": ask(two_years, most),
        "same_victim_most_ever": ask(ever, most),
        "same_victim_crimes_most_730": ask(last(730, crimes), most),
        "repeat_victims_730": ask(two_years, again),
        "repeat_victims_ever": ask(ever, again),
        "one_victim_share_730": ask(two_years, lambda met: share(most(met), len(met))),
        "repeat_bristol": ask(year, lambda met: most(met) >= 2),
        "potential_escalation": ask(year, lambda met: most(met) >= 3),
    }
